// Package safetensors reads and writes the safetensors file format: the
// recorded inputs, outputs and gradients of an observed graph.
//
// A file is eight bytes that hold the length of the header (little-endian), the
// header, which is a JSON object, and the data, one tensor after the other:
//
//	{"input.0":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, ...}
//
// The reader trusts nothing. A length, offset or size that does not fit the
// file is an error before anything is allocated for it, and every byte of the
// data belongs to exactly one tensor. The writer leaves the whole file or none.
//
// It does not map files into memory, and does not know what the names mean.
//
// Format: https://github.com/huggingface/safetensors#format.
package safetensors

import (
	"fmt"
	"slices"

	"github.com/cladopt/cladopt/tensor"
)

// maxHeader is the longest header that the format's own library accepts.
const maxHeader = 100_000_000

// metadataKey is the one name in a header that is not a tensor's.
const metadataKey = "__metadata__"

// Entry is a named tensor.
type Entry struct {
	Name   string
	Tensor tensor.Tensor
}

// File is the content of a safetensors file. Entries stand in the order of the
// header when read; their names differ from each other.
type File struct {
	Entries  []Entry
	Metadata map[string]string // nil if there is none
}

// Add appends a tensor. That its name is new and its data well-formed is
// checked when the file is written.
func (f *File) Add(name string, t tensor.Tensor) {
	f.Entries = append(f.Entries, Entry{Name: name, Tensor: t})
}

// Lookup finds a tensor by name.
func (f *File) Lookup(name string) (tensor.Tensor, bool) {
	for _, e := range f.Entries {
		if e.Name == name {
			return e.Tensor, true
		}
	}
	return tensor.Tensor{}, false
}

// about prefixes an error's message with the tensor that it concerns.
func about(name string, err error) error { return fmt.Errorf("tensor %.200q: %w", name, err) }

// checkBools refuses a BOOL that is not 0 or 1: as a Go bool it would be
// neither true nor false.
func checkBools(t tensor.Tensor) error {
	if t.DType != tensor.Bool {
		return nil
	}
	if i := slices.IndexFunc(t.Data, func(b byte) bool { return b > 1 }); i >= 0 {
		return fmt.Errorf("element %d is %d, a BOOL is 0 or 1", i, t.Data[i])
	}
	return nil
}
