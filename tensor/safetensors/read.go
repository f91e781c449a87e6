package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/tensor"
)

// Read reads a whole file. Errors name the file and, where one is at fault, the tensor.
func Read(path string) (*File, error) {
	// Asked before opening: opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, diag.Errorf(diag.Pos{File: path}, "not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	return decode(path, f, info.Size())
}

// Decode reads the bytes of a file; name stands for the file in errors.
func Decode(name string, data []byte) (*File, error) {
	return decode(name, bytes.NewReader(data), int64(len(data)))
}

func decode(name string, r io.ReaderAt, size int64) (*File, error) {
	f, err := read(r, size)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: name}, "%s", err)
	}
	return f, nil
}

// info is what a header says of one tensor.
type info struct {
	name       string
	dtype      tensor.DType
	shape      []int64
	begin, end int64
}

func read(r io.ReaderAt, size int64) (*File, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("data is little-endian, this machine is not")
	}
	if size < 8 {
		return nil, fmt.Errorf("not a safetensors file: %d bytes, the header's length alone takes 8", size)
	}
	var prefix [8]byte
	if err := readAt(r, prefix[:], 0); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if rest := uint64(size - 8); length > rest {
		return nil, fmt.Errorf("the header says it is %d bytes long, %d are left in the file", length, rest)
	}
	if length > maxHeader {
		return nil, fmt.Errorf("the header says it is %d bytes long, at most %d are accepted", length, maxHeader)
	}
	header := make([]byte, length)
	if err := readAt(r, header, 8); err != nil {
		return nil, err
	}
	infos, metadata, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	start := 8 + int64(length)
	if err := checkLayout(infos, size-start); err != nil {
		return nil, err
	}
	file := &File{Metadata: metadata}
	for _, in := range infos {
		t, err := tensor.New(in.dtype, in.shape)
		if err != nil {
			return nil, about(in.name, err)
		}
		if err := readAt(r, t.Data, start+in.begin); err != nil {
			return nil, about(in.name, err)
		}
		if err := checkBools(t); err != nil {
			return nil, about(in.name, err)
		}
		file.Add(in.name, t)
	}
	return file, nil
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case err == io.EOF:
		return fmt.Errorf("the file ended at byte %d while it was read", at+int64(n))
	}
	return err
}

// checkLayout verifies that the tensors cover the data, each byte once, and
// that each has the size of its shape.
func checkLayout(infos []info, data int64) error {
	for _, in := range infos {
		size, err := tensor.Bytes(in.dtype, in.shape)
		switch {
		case err != nil:
			return about(in.name, err)
		case in.begin > in.end || in.end > data:
			return about(in.name, fmt.Errorf("data_offsets [%d, %d] lie outside the %d bytes of data", in.begin, in.end, data))
		case in.end-in.begin != size:
			return about(in.name, fmt.Errorf("%s of shape %v is %d bytes, data_offsets [%d, %d] hold %d",
				in.dtype.FileName(), in.shape, size, in.begin, in.end, in.end-in.begin))
		}
	}
	sorted := slices.Clone(infos)
	slices.SortStableFunc(sorted, func(a, b info) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	end, last := int64(0), ""
	for _, in := range sorted {
		switch {
		case in.begin < end:
			return about(in.name, fmt.Errorf("data_offsets [%d, %d] overlap those of %q, which end at %d", in.begin, in.end, last, end))
		case in.begin > end:
			return about(in.name, fmt.Errorf("data_offsets [%d, %d] leave %d bytes before them to no tensor", in.begin, in.end, in.begin-end))
		}
		end, last = in.end, in.name
	}
	if end != data {
		return fmt.Errorf("the last %d of %d bytes of data belong to no tensor", data-end, data)
	}
	return nil
}

// parser reads the header. The format has a fixed depth, so it never recurses.
type parser struct{ dec *json.Decoder }

func parseHeader(header []byte) (infos []info, metadata map[string]string, err error) {
	if !utf8.Valid(header) {
		return nil, nil, errors.New("the header is not UTF-8")
	}
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("not a safetensors file: the header does not begin with {")
	}
	p := &parser{json.NewDecoder(bytes.NewReader(header))}
	p.dec.UseNumber()
	err = p.object(func(name string) error {
		if name == metadataKey {
			metadata = map[string]string{}
			err := p.object(func(key string) (err error) {
				metadata[key], err = p.text()
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", metadataKey, err)
			}
			return nil
		}
		in, err := p.info(name)
		if err != nil {
			return about(name, err)
		}
		infos = append(infos, in)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if rest := bytes.TrimRight(header[p.dec.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, fmt.Errorf("header: byte %d: something other than spaces after the object", p.dec.InputOffset())
	}
	return infos, metadata, nil
}

func (p *parser) info(name string) (info, error) {
	in := info{name: name}
	var dtype, shape, offsets bool
	err := p.object(func(key string) error {
		switch key {
		case "dtype":
			dtype = true
			s, err := p.text()
			if err != nil {
				return fmt.Errorf("dtype: %w", err)
			}
			in.dtype, err = tensor.ParseFileName(s)
			return err
		case "shape":
			shape = true
			var err error
			if in.shape, err = p.numbers(tensor.MaxRank); err != nil {
				return fmt.Errorf("shape: %w", err)
			}
		case "data_offsets":
			offsets = true
			pair, err := p.numbers(2)
			if err != nil {
				return fmt.Errorf("data_offsets: %w", err)
			}
			if len(pair) != 2 {
				return fmt.Errorf("data_offsets: want 2 numbers, got %d", len(pair))
			}
			in.begin, in.end = pair[0], pair[1]
		default:
			return fmt.Errorf("unknown key %.200q", key)
		}
		return nil
	})
	switch {
	case err != nil:
		return info{}, err
	case !dtype:
		return info{}, errors.New("dtype is missing")
	case !shape:
		return info{}, errors.New("shape is missing")
	case !offsets:
		return info{}, errors.New("data_offsets is missing")
	}
	return in, nil
}

// object reads an object and calls f with every key; f reads the value.
func (p *parser) object(f func(key string) error) error {
	if err := p.open('{', "an object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.dec.More() {
		key, err := p.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("the key %.200q stands twice", key)
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := p.token()
	return err
}

// numbers reads an array of at most limit non-negative integers.
func (p *parser) numbers(limit int) ([]int64, error) {
	if err := p.open('[', "an array"); err != nil {
		return nil, err
	}
	numbers := []int64{}
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return nil, err
		}
		number, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("want a number, got %s", show(tok))
		}
		n, err := strconv.ParseUint(string(number), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%.40s is not an integer from 0 to 2^63-1", number)
		}
		if len(numbers) == limit {
			return nil, fmt.Errorf("more than %d numbers", limit)
		}
		numbers = append(numbers, int64(n))
	}
	_, err := p.token()
	return numbers, err
}

func (p *parser) text() (string, error) {
	tok, err := p.token()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("want a string, got %s", show(tok))
	}
	return s, nil
}

func (p *parser) open(delim json.Delim, what string) error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	if tok != delim {
		return fmt.Errorf("want %s, got %s", what, show(tok))
	}
	return nil
}

func (p *parser) token() (json.Token, error) {
	tok, err := p.dec.Token()
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("byte %d: the JSON text ends too early", p.dec.InputOffset())
	case err != nil:
		return nil, fmt.Errorf("byte %d: %w", p.dec.InputOffset(), err)
	}
	return tok, nil
}

func show(tok json.Token) string {
	switch tok := tok.(type) {
	case json.Delim:
		return tok.String()
	case string:
		return fmt.Sprintf("%.40q", tok)
	case nil:
		return "null"
	}
	return fmt.Sprintf("%.40s", fmt.Sprint(tok))
}
