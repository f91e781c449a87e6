package safetensors

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/tensor"
)

// Write makes path hold f. It writes a temporary file in the same directory and
// renames it, so that path holds either what it held before or all of f.
func Write(path string, f *File) (err error) {
	header, order, err := f.layout()
	if err != nil {
		return diag.Errorf(diag.Pos{File: path}, "%s", err)
	}
	dir, base := filepath.Split(path)
	// Not os.CreateTemp: its files are private, a result is as the umask says.
	temp := filepath.Join(dir, fmt.Sprintf(".%s.%016x.tmp", base, rand.Uint64()))
	out, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
		}
	}()
	err = cmp.Or(encode(out, header, order), out.Sync())
	if err := cmp.Or(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// Encode writes the bytes of a file to w.
func (f *File) Encode(w io.Writer) error {
	header, order, err := f.layout()
	if err != nil {
		return err
	}
	return encode(w, header, order)
}

func encode(w io.Writer, header []byte, order []Entry) error {
	b := bufio.NewWriterSize(w, 1<<16)
	b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header))))
	b.Write(header)
	for _, e := range order {
		b.Write(e.Tensor.Data)
	}
	return b.Flush() // the first error of all
}

// layout checks f and decides where its tensors lie. The widest element types
// come first, as the format's own library writes them: then every tensor is
// aligned in the file.
func (f *File) layout() (header []byte, order []Entry, err error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, nil, errors.New("data is little-endian, this machine is not")
	}
	seen := map[string]bool{}
	for _, e := range f.Entries {
		switch {
		case e.Name == metadataKey || !utf8.ValidString(e.Name):
			return nil, nil, about(e.Name, errors.New("a tensor cannot have this name"))
		case seen[e.Name]:
			return nil, nil, about(e.Name, errors.New("the name stands twice"))
		}
		seen[e.Name] = true
		if err := cmp.Or(e.Tensor.Validate(), checkBools(e.Tensor)); err != nil {
			return nil, nil, about(e.Name, err)
		}
	}
	order = slices.Clone(f.Entries)
	slices.SortStableFunc(order, func(a, b Entry) int {
		return cmp.Compare(b.Tensor.DType.Size(), a.Tensor.DType.Size())
	})
	fields := make([]string, 0, len(order)+1)
	if f.Metadata != nil {
		var pairs []string
		for _, key := range slices.Sorted(maps.Keys(f.Metadata)) {
			value := f.Metadata[key]
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, nil, fmt.Errorf("metadata %q is not UTF-8", key)
			}
			pairs = append(pairs, quote(key)+":"+quote(value))
		}
		fields = append(fields, quote(metadataKey)+":{"+strings.Join(pairs, ",")+"}")
	}
	offset := int64(0)
	for _, e := range order {
		end := offset + int64(len(e.Tensor.Data))
		fields = append(fields, fmt.Sprintf(`%s:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`,
			quote(e.Name), e.Tensor.DType.FileName(), numbers(e.Tensor), offset, end))
		offset = end
	}
	text := "{" + strings.Join(fields, ",") + "}"
	text += strings.Repeat(" ", -len(text)&7) // so that the data is aligned to 8 bytes
	if len(text) > maxHeader {
		return nil, nil, fmt.Errorf("the header would be %d bytes long, at most %d are accepted", len(text), maxHeader)
	}
	return []byte(text), order, nil
}

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string and a Builder: neither fails
	return strings.TrimSuffix(b.String(), "\n")
}

func numbers(t tensor.Tensor) string {
	return strings.ReplaceAll(fmt.Sprint(t.Shape), " ", ",")
}
