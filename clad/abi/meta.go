package abi

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/tensor"
)

// maxAlignment of a workspace is a page.
const maxAlignment = 4096

// Meta is what a library says of itself: the JSON document of ct_meta.
type Meta struct {
	ABI            int        `json:"abi"`
	Inputs         []Value    `json:"inputs"`
	Outputs        []Value    `json:"outputs"`
	Mutated        []Mutation `json:"mutated"`
	WorkspaceBytes int64      `json:"workspace_bytes"`
	Alignment      int64      `json:"alignment"`      // of the workspace, in bytes: a power of two
	Engine         string     `json:"engine"`         // clad, builtin
	Pipeline       string     `json:"pipeline"`       // grad-pairs, grad-joint
	GEMM           string     `json:"gemm,omitempty"` // "blas": large products go to the host's BLAS
	Guards         []string   `json:"guards"`         // beyond those that Inputs imply: "s0 % 16 == 0"
	Sources        []string   `json:"sources"`        // the files that the library was made from
	Kernels        []Kernel   `json:"kernels"`
	Assertions     []string   `json:"assertions,omitempty"` // what results from ErrorData up say
}

// Value describes one input or output.
type Value struct {
	DType tensor.DType `json:"dtype"`
	Shape []int64      `json:"shape"`
	// Strides, in elements, are those of an input; nil for an output, which is contiguous.
	Strides []int64 `json:"strides,omitzero"`
	// RequiresGrad of an input: it has a gradient. Of an output: it takes an adjoint.
	RequiresGrad bool `json:"requires_grad"`
	// Unread of an input: backward does not read it, so that it may have changed since
	// forward.
	Unread bool `json:"unread,omitempty"`
}

// Mutation says that the graph writes to an input: the caller copies the output
// back to it.
type Mutation struct {
	Input  int `json:"input"`
	Output int `json:"output"`
}

// Kernel says what became of a part of the graph and who derived it.
type Kernel struct {
	Name      string   `json:"name"`
	Pullback  string   `json:"pullback"`   // "" if it needs none
	DerivedBy string   `json:"derived_by"` // clad, builtin, rule; "" without a pullback
	Ops       []string `json:"ops"`        // aten.mul, ... in order
	Lines     []int    `json:"lines"`      // of the graph's text
}

// Len is the number of elements of a value of a valid Meta.
func (v Value) Len() int64 {
	n, err := tensor.Count(v.Shape)
	if err != nil {
		panic(err) // Validate has accepted the shape
	}
	return n
}

// Validate reports the first thing in m that no library may say.
func (m Meta) Validate() error {
	if m.ABI != Version {
		return fmt.Errorf("abi is %d, want %d", m.ABI, Version)
	}
	for i, v := range m.Inputs {
		if err := v.validate(true); err != nil {
			return fmt.Errorf("inputs[%d]: %w", i, err)
		}
	}
	for i, v := range m.Outputs {
		if err := v.validate(false); err != nil {
			return fmt.Errorf("outputs[%d]: %w", i, err)
		}
	}
	for i, w := range m.Mutated {
		if w.Input < 0 || w.Input >= len(m.Inputs) || w.Output < 0 || w.Output >= len(m.Outputs) {
			return fmt.Errorf("mutated[%d]: input %d of %d, output %d of %d", i, w.Input, len(m.Inputs), w.Output, len(m.Outputs))
		}
		in, out := m.Inputs[w.Input], m.Outputs[w.Output]
		if in.DType != out.DType || fmt.Sprint(in.Shape) != fmt.Sprint(out.Shape) {
			return fmt.Errorf("mutated[%d]: input %d is %s of shape %v, output %d %s of shape %v",
				i, w.Input, in.DType, in.Shape, w.Output, out.DType, out.Shape)
		}
	}
	if m.WorkspaceBytes < 0 || m.WorkspaceBytes > tensor.MaxBytes {
		return fmt.Errorf("workspace_bytes is %d", m.WorkspaceBytes)
	}
	if a := m.Alignment; a <= 0 || a&(a-1) != 0 || a > maxAlignment {
		return fmt.Errorf("alignment is %d, want a power of two up to %d", a, maxAlignment)
	}
	if m.Engine == "" {
		return errors.New("engine is missing")
	}
	return nil
}

func (v Value) validate(strided bool) error {
	if _, err := tensor.Bytes(v.DType, v.Shape); err != nil {
		return err
	}
	if strided {
		if _, err := tensor.Extent(v.Shape, v.Strides); err != nil {
			return err
		}
	} else if v.Strides != nil {
		return errors.New("an output is contiguous and has no strides")
	}
	if v.RequiresGrad && !v.DType.IsFloat() {
		return fmt.Errorf("%s cannot have a gradient", v.DType)
	}
	return nil
}

// Encode writes m on one line; the same m always gives the same text.
func (m Meta) Encode() (string, error) {
	if err := m.Validate(); err != nil {
		return "", err
	}
	m.Inputs, m.Outputs = list(m.Inputs), list(m.Outputs)
	for i, v := range m.Inputs {
		m.Inputs[i].Shape, m.Inputs[i].Strides = list(v.Shape), list(v.Strides)
	}
	for i, v := range m.Outputs {
		m.Outputs[i].Shape = list(v.Shape)
	}
	m.Mutated, m.Guards, m.Sources = list(m.Mutated), list(m.Guards), list(m.Sources)
	m.Kernels = list(m.Kernels)
	for i, k := range m.Kernels {
		m.Kernels[i].Ops, m.Kernels[i].Lines = list(k.Ops), list(k.Lines)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // guards have < and >
	err := enc.Encode(m)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// list copies s; no list of the document is null.
func list[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }

// ParseMeta reads what Encode wrote. Fields that it does not know are left
// out: a library may say more than its caller asks.
func ParseMeta(text string) (Meta, error) {
	var m Meta
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return Meta{}, err
	}
	if err := m.Validate(); err != nil {
		return Meta{}, err
	}
	return m, nil
}
