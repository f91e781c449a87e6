package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/tensor"
	"github.com/cladopt/cladopt/tensor/safetensors"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "x.safetensors")

	var out safetensors.File
	out.Add("input.0", tensor.Of([]int64{2}, []float32{1, 2}))
	if err := safetensors.Write(path, &out); err != nil {
		panic(err)
	}
	in, err := safetensors.Read(path)
	if err != nil {
		panic(err)
	}
	x, ok := in.Lookup("input.0")
	fmt.Println(ok, x.DType, x.Shape, tensor.Values[float32](x))
	// Output: true f32 [2] [1 2]
}

// raw builds a file from a header and a number of data bytes.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func entry(name, dtype, shape string, begin, end int) string {
	return fmt.Sprintf(`%q:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, begin, end)
}

func lengthSays(n uint64) []byte {
	b := raw(`{}`, 0)
	binary.LittleEndian.PutUint64(b, n)
	return b
}

var bad = []struct {
	name, want string
	data       []byte
}{
	{"empty", "0 bytes", nil},
	{"short", "7 bytes", make([]byte, 7)},
	{"header of 0 bytes", "does not begin with {", make([]byte, 8)},
	{"header longer than the file", "the header says it is 3 bytes long, 2 are left", lengthSays(3)},
	{"header length wraps", "18446744073709551615 bytes long", lengthSays(math.MaxUint64)},
	{"header shorter than its text", "ends too early", lengthSays(1)},
	{"no object", "does not begin with {", raw(`[]`, 0)},
	{"leading space", "does not begin with {", raw(` {}`, 0)},
	{"not UTF-8", "not UTF-8", raw("{\"\xff\":1}", 0)},
	{"not JSON", "header: byte 1", raw(`{a}`, 0)},
	{"trailing comma", "header:", raw(`{`+entry("a", "F32", "[1]", 0, 4)+`,}`, 4)},
	{"text after the object", "something other than spaces", raw(`{}x`, 0)},
	{"zeros after the object", "something other than spaces", raw("{}\x00", 0)},
	{"a number for a tensor", `tensor "a": want an object, got 1`, raw(`{"a":1}`, 0)},
	{"deep nesting for a tensor", `tensor "a": want an object, got [`, raw(`{"a":`+strings.Repeat("[", 100000), 0)},
	{"deep nesting in metadata", "__metadata__: want a string, got {", raw(`{"__metadata__":{"a":`+strings.Repeat(`{"a":`, 100000), 0)},
	{"metadata of numbers", "__metadata__: want a string, got 1", raw(`{"__metadata__":{"a":1}}`, 0)},
	{"metadata twice", `"__metadata__" stands twice`, raw(`{"__metadata__":{},"__metadata__":{}}`, 0)},
	{"metadata key twice", `"k" stands twice`, raw(`{"__metadata__":{"k":"","k":""}}`, 0)},
	{"tensor twice", `the key "a" stands twice`, raw(`{`+entry("a", "F32", "[1]", 0, 4)+`,`+entry("a", "F32", "[1]", 4, 8)+`}`, 8)},
	{"tensor twice, escaped", `the key "a" stands twice`, raw(`{`+entry("a", "F32", "[1]", 0, 4)+`,`+strings.Replace(entry("a", "F32", "[1]", 4, 8), `"a"`, `"\u0061"`, 1)+`}`, 8)},
	{"field twice", `tensor "a": the key "shape" stands twice`, raw(`{"a":{"shape":[],"shape":[]}}`, 0)},
	{"unknown field", `tensor "a": unknown key "strides"`, raw(`{"a":{"strides":[]}}`, 0)},
	{"no dtype", `tensor "a": dtype is missing`, raw(`{"a":{"shape":[0],"data_offsets":[0,0]}}`, 0)},
	{"no shape", `tensor "a": shape is missing`, raw(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4)},
	{"no offsets", `tensor "a": data_offsets is missing`, raw(`{"a":{"dtype":"F32","shape":[]}}`, 4)},
	{"unknown dtype", `tensor "a": unknown element type "F8_E4M3"`, raw(`{`+entry("a", "F8_E4M3", "[1]", 0, 1)+`}`, 1)},
	{"name of the IR for a dtype", `unknown element type "f32"`, raw(`{`+entry("a", "f32", "[1]", 0, 4)+`}`, 4)},
	{"negative dimension", `tensor "a": shape: -1 is not an integer`, raw(`{`+entry("a", "F32", "[-1]", 0, 4)+`}`, 4)},
	{"fractional dimension", `1.0 is not an integer`, raw(`{`+entry("a", "F32", "[1.0]", 0, 4)+`}`, 4)},
	{"exponent", `1e0 is not an integer`, raw(`{`+entry("a", "F32", "[1e0]", 0, 4)+`}`, 4)},
	{"dimension beyond int64", `9223372036854775808 is not`, raw(`{`+entry("a", "F32", "[9223372036854775808]", 0, 4)+`}`, 4)},
	{"shape of strings", `shape: want a number, got "1"`, raw(`{`+entry("a", "F32", `["1"]`, 0, 4)+`}`, 4)},
	{"shape null", `shape: want an array, got null`, raw(`{`+entry("a", "F32", `null`, 0, 4)+`}`, 4)},
	{"nested shape", `shape: want a number, got [`, raw(`{`+entry("a", "F32", strings.Repeat("[", 9999), 0, 4)+`}`, 4)},
	{"many dimensions", `more than 64 numbers`, raw(`{`+entry("a", "F32", "[1"+strings.Repeat(",1", 64)+"]", 0, 4)+`}`, 4)},
	{"elements overflow", `overflows int64`, raw(`{`+entry("a", "F32", "[4294967296,4294967296]", 0, 0)+`}`, 0)},
	{"bytes overflow", `tensor "a"`, raw(`{`+entry("a", "F64", "[2305843009213693952]", 0, 0)+`}`, 0)},
	{"a terabyte", `hold 0`, raw(`{`+entry("a", "U8", "[1099511627776]", 0, 0)+`}`, 0)},
	{"one offset", `want 2 numbers, got 1`, raw(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0]}}`, 4)},
	{"three offsets", `more than 2 numbers`, raw(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}}`, 4)},
	{"negative offset", `-4 is not`, raw(`{`+entry("a", "F32", "[1]", -4, 0)+`}`, 4)},
	{"offsets swapped", `lie outside`, raw(`{`+entry("a", "F32", "[1]", 4, 0)+`}`, 4)},
	{"beyond the data", `tensor "a": data_offsets [0, 8] lie outside the 4 bytes`, raw(`{`+entry("a", "F32", "[2]", 0, 8)+`}`, 4)},
	{"size and shape disagree", `tensor "a": F32 of shape [3] is 12 bytes, data_offsets [0, 8] hold 8`, raw(`{`+entry("a", "F32", "[3]", 0, 8)+`}`, 8)},
	{"overlap", `tensor "b": data_offsets [4, 12] overlap those of "a", which end at 8`, raw(`{`+entry("b", "F64", "[1]", 4, 12)+`,`+entry("a", "F64", "[1]", 0, 8)+`}`, 12)},
	{"the same place", `overlap`, raw(`{`+entry("b", "F64", "[1]", 0, 8)+`,`+entry("a", "F64", "[1]", 0, 8)+`}`, 8)},
	{"empty tensor inside another", `overlap`, raw(`{`+entry("a", "F64", "[1]", 0, 8)+`,`+entry("b", "F64", "[0]", 4, 4)+`}`, 8)},
	{"gap", `tensor "b": data_offsets [8, 12] leave 4 bytes`, raw(`{`+entry("a", "F32", "[1]", 0, 4)+`,`+entry("b", "F32", "[1]", 8, 12)+`}`, 12)},
	{"gap at the start", `tensor "a": data_offsets [4, 8] leave 4 bytes`, raw(`{`+entry("a", "F32", "[1]", 4, 8)+`}`, 8)},
	{"data left over", `the last 1 of 5 bytes`, raw(`{`+entry("a", "F32", "[1]", 0, 4)+`}`, 5)},
	{"data and no tensor", `the last 1 of 1 bytes`, raw(`{}`, 1)},
	{"bool of 2", `tensor "a": element 1 is 2, a BOOL is 0 or 1`, append(raw(`{`+entry("a", "BOOL", "[2]", 0, 2)+`}`, 1), 2)},
}

func TestBadFiles(t *testing.T) {
	for _, c := range bad {
		t.Run(c.name, func(t *testing.T) {
			f, err := safetensors.Decode("bad.safetensors", c.data)
			assert.Nil(t, f)
			require.ErrorContains(t, err, c.want)
			assert.True(t, strings.HasPrefix(err.Error(), "bad.safetensors: error: "), err.Error())
			assert.Less(t, len(err.Error()), 600)
		})
	}
}

func TestGoodFiles(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want int
	}{
		{"no tensor", raw(`{}`, 0), 0},
		{"padded", raw(`{}      `, 0), 0},
		{"scalar and empties", raw(`{`+entry("z", "F32", "[0]", 4, 4)+`,`+entry("a", "F32", "[]", 0, 4)+`,`+entry("e", "I64", "[2,0]", 0, 0)+`}`, 4), 3},
		{"names", raw(`{"__metadata__":{"ключ":"значение"},`+entry("", "U8", "[1]", 0, 1)+`,`+entry("変数", "I8", "[1]", 1, 2)+`}`, 2), 2},
		{"fields in another order", raw(`{"a": {"data_offsets": [0, 2], "shape": [1], "dtype": "BF16"}}`, 2), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := safetensors.Decode(c.name, c.data)
			require.NoError(t, err)
			assert.Len(t, f.Entries, c.want)
		})
	}
}

func TestObservedFiles(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/observed/*.safetensors")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := safetensors.Read(path)
		require.NoError(t, err)
		require.NotEmpty(t, f.Entries, path)
		total := 0
		for _, e := range f.Entries {
			require.NoError(t, e.Tensor.Validate())
			total += len(e.Tensor.Data)
		}
		header := 8 + binary.LittleEndian.Uint64(data)
		require.Equal(t, len(data), int(header)+total, path)
		roundTrip(t, f)
	}
}

// roundTrip writes f, reads it back and compares.
func roundTrip(t testing.TB, f *safetensors.File) {
	var b bytes.Buffer
	require.NoError(t, f.Encode(&b))
	again, err := safetensors.Decode("again", b.Bytes())
	require.NoError(t, err)
	require.Equal(t, f.Metadata, again.Metadata)
	require.Len(t, again.Entries, len(f.Entries))
	for _, e := range f.Entries {
		got, ok := again.Lookup(e.Name)
		require.True(t, ok, e.Name)
		require.Equal(t, e.Tensor.DType, got.DType)
		require.Equal(t, len(e.Tensor.Shape), len(got.Shape))
		for i := range got.Shape {
			require.Equal(t, e.Tensor.Shape[i], got.Shape[i])
		}
		require.True(t, bytes.Equal(e.Tensor.Data, got.Data))
	}
	// What was read was already in the order of writing.
	var c bytes.Buffer
	require.NoError(t, again.Encode(&c))
	require.True(t, bytes.Equal(b.Bytes(), c.Bytes()))
}

func sample() *safetensors.File {
	f := &safetensors.File{Metadata: map[string]string{"b": "<&>\"", "a": "\u2028é"}}
	f.Add("mask", tensor.Of([]int64{3}, []bool{true, false, true}))
	f.Add("input.0", tensor.Of([]int64{2, 1}, []float32{1, float32(math.NaN())}))
	f.Add("変数\n", tensor.Of([]int64{0, 4}, []float64{}))
	f.Add("scalar", tensor.Scalar(int64(math.MinInt64)))
	return f
}

func TestRoundTrip(t *testing.T) {
	f := sample()
	roundTrip(t, f)
	var b bytes.Buffer
	require.NoError(t, f.Encode(&b))
	assert.Zero(t, binary.LittleEndian.Uint64(b.Bytes())%8)
	again, err := safetensors.Decode("again", b.Bytes())
	require.NoError(t, err)
	assert.Equal(t, "mask", again.Entries[3].Name, "the narrowest type comes last")
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.safetensors")
	require.NoError(t, safetensors.Write(path, sample()))
	require.NoError(t, safetensors.Write(path, sample()), "over an older one")
	f, err := safetensors.Read(path)
	require.NoError(t, err)
	assert.Len(t, f.Entries, 4)
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	for name, spoil := range map[string]func(*safetensors.File){
		"stands twice":                func(f *safetensors.File) { f.Add("mask", tensor.Scalar(true)) },
		"cannot have this name":       func(f *safetensors.File) { f.Add("__metadata__", tensor.Scalar(true)) },
		`"\xff": a tensor cannot`:     func(f *safetensors.File) { f.Add("\xff", tensor.Scalar(true)) },
		"12 bytes, got 3":             func(f *safetensors.File) { f.Entries[0].Tensor.DType = tensor.F32 },
		"a BOOL is 0 or 1":            func(f *safetensors.File) { f.Entries[0].Tensor.Data[1] = 255 },
		"invalid(0) is no element":    func(f *safetensors.File) { f.Add("x", tensor.Tensor{}) },
		`metadata "\xff" is not UTF-`: func(f *safetensors.File) { f.Metadata["\xff"] = "" },
	} {
		f := sample()
		spoil(f)
		err := safetensors.Write(path, f)
		require.ErrorContains(t, err, name)
		assert.ErrorContains(t, err, path)
	}
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)

	// A target that cannot be replaced: the temporary file goes.
	require.NoError(t, os.Mkdir(filepath.Join(dir, "taken"), 0o777))
	require.Error(t, safetensors.Write(filepath.Join(dir, "taken"), sample()))
	require.ErrorIs(t, safetensors.Write(filepath.Join(dir, "absent", "x"), sample()), os.ErrNotExist)
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, names, 2)
}

func TestWriteWhenTheDiskIsFull(t *testing.T) {
	f := &safetensors.File{}
	f.Add("x", tensor.Of([]int64{1 << 15}, make([]float32, 1<<15)))
	err := f.Encode(failAfter(1000))
	require.ErrorIs(t, err, syscall.ENOSPC)
}

type failAfter int

func (n failAfter) Write(p []byte) (int, error) {
	return min(int(n), len(p)), syscall.ENOSPC
}

func TestReadOddPaths(t *testing.T) {
	dir := t.TempDir()
	_, err := safetensors.Read(filepath.Join(dir, "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = safetensors.Read(dir)
	require.ErrorContains(t, err, "not a regular file")
	pipe := filepath.Join(dir, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	_, err = safetensors.Read(pipe)
	require.ErrorContains(t, err, "not a regular file")

	// A header that lies does not cost its length, however large the file says it is.
	path := filepath.Join(dir, "sparse")
	require.NoError(t, os.WriteFile(path, lengthSays(1<<33), 0o666))
	require.NoError(t, os.Truncate(path, 1<<34))
	_, err = safetensors.Read(path)
	require.ErrorContains(t, err, "at most 100000000 are accepted")
}

func FuzzRead(f *testing.F) {
	for _, c := range bad {
		f.Add(c.data)
	}
	var b bytes.Buffer
	require.NoError(f, sample().Encode(&b))
	f.Add(b.Bytes())
	f.Add(raw(`{`+entry("z", "F32", "[0]", 4, 4)+`,`+entry("a", "F32", "[]", 0, 4)+`}`, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := safetensors.Decode("fuzz", data)
		if err != nil {
			if file != nil {
				t.Fatal("a file and an error")
			}
			return
		}
		size := 0
		for _, e := range file.Entries {
			size += len(e.Tensor.Data)
		}
		if size > len(data) {
			t.Fatalf("%d bytes of tensors from %d bytes", size, len(data))
		}
		roundTrip(t, file)
	})
}
