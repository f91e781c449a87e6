package engine

import (
	"fmt"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/tensor"
	"github.com/cladopt/cladopt/tensor/safetensors"
)

// Data is the tensors of a data file by what they are.
type Data struct {
	Inputs  []tensor.Tensor
	GradOut []*tensor.Tensor // an entry for each output, nil where the file has none
	// Outputs and GradIn are what was recorded, nil where the file has none.
	Outputs []*tensor.Tensor
	GradIn  []*tensor.Tensor
}

// ReadData reads a data file for a graph: input.I for every input, and
// grad_output.I, output.I, grad_input.I where it has them. A tensor of another name,
// or of another type or shape than the graph's, is an error.
func ReadData(path string, meta abi.Meta) (*Data, error) {
	f, err := safetensors.Read(path)
	if err != nil {
		return nil, err
	}
	d := &Data{
		Inputs:  make([]tensor.Tensor, len(meta.Inputs)),
		GradOut: make([]*tensor.Tensor, len(meta.Outputs)),
		Outputs: make([]*tensor.Tensor, len(meta.Outputs)),
		GradIn:  make([]*tensor.Tensor, len(meta.Inputs)),
	}
	have := make([]bool, len(meta.Inputs))
	for _, e := range f.Entries {
		kind, i, ok := splitName(e.Name)
		values, n := meta.Outputs, len(meta.Outputs)
		if kind == "input" || kind == "grad_input" {
			values, n = meta.Inputs, len(meta.Inputs)
		}
		if !ok || i >= n {
			return nil, fmt.Errorf("%s: tensor %.100q does not belong to this graph: it has inputs 0 to %d and outputs 0 to %d",
				path, e.Name, len(meta.Inputs)-1, len(meta.Outputs)-1)
		}
		t := e.Tensor
		if want := values[i]; t.DType != want.DType || !sameShape(t.Shape, want.Shape) {
			return nil, fmt.Errorf("%s: %s is %s%v, expected %s%v", path, e.Name, t.DType, t.Shape, want.DType, want.Shape)
		}
		switch kind {
		case "input":
			d.Inputs[i], have[i] = t, true
		case "grad_output":
			d.GradOut[i] = &t
		case "output":
			d.Outputs[i] = &t
		case "grad_input":
			d.GradIn[i] = &t
		}
	}
	for i, ok := range have {
		if !ok {
			return nil, fmt.Errorf("%s: input.%d is missing", path, i)
		}
	}
	return d, nil
}

// splitName takes "grad_input.3" apart.
func splitName(name string) (kind string, i int, ok bool) {
	for _, k := range []string{"input", "output", "grad_input", "grad_output"} {
		if n, err := fmt.Sscanf(name, k+".%d", &i); err == nil && n == 1 && i >= 0 && name == fmt.Sprintf("%s.%d", k, i) {
			return k, i, true
		}
	}
	return "", 0, false
}

// Comparison is the verdict on one tensor.
type Comparison struct {
	Name     string
	Mismatch tensor.Mismatch
	OK       bool
}

// Compare holds a result against what was recorded. A recorded tensor that was not
// computed fails.
func Compare(meta abi.Meta, d *Data, r *Result) []Comparison {
	f32 := HasF32(meta)
	var out []Comparison
	one := func(name string, got *tensor.Tensor, want *tensor.Tensor) {
		if want == nil {
			return
		}
		if got == nil {
			out = append(out, Comparison{Name: name, Mismatch: tensor.Mismatch{Reason: "recorded, but not computed"}})
			return
		}
		worst, ok := tensor.Agree(*got, *want, tensor.ToleranceOf(want.DType, f32))
		out = append(out, Comparison{name, worst, ok})
	}
	for i := range d.Outputs {
		one(fmt.Sprintf("output.%d", i), &r.Outputs[i], d.Outputs[i])
	}
	for i := range d.GradIn {
		var got *tensor.Tensor
		if r.Gradients != nil {
			got = r.Gradients[i]
		}
		one(fmt.Sprintf("grad_input.%d", i), got, d.GradIn[i])
	}
	return out
}

// HasF32 reports whether any input or output is f32, which sets the tolerance of
// the whole graph.
func HasF32(meta abi.Meta) bool {
	for _, v := range append(append([]abi.Value{}, meta.Inputs...), meta.Outputs...) {
		if v.DType == tensor.F32 {
			return true
		}
	}
	return false
}

// File is a result as a data file: outputs, and gradients where there are any.
func (r *Result) File() *safetensors.File {
	f := &safetensors.File{}
	for i, t := range r.Outputs {
		f.Add(fmt.Sprintf("output.%d", i), t)
	}
	for i, t := range r.Gradients {
		if t != nil {
			f.Add(fmt.Sprintf("grad_input.%d", i), *t)
		}
	}
	return f
}

// With is data that records the results of a run, for another engine to agree with.
func (d *Data) With(r *Result) *Data {
	so := *d
	so.Outputs, so.GradIn = nil, nil
	for i := range r.Outputs {
		so.Outputs = append(so.Outputs, &r.Outputs[i])
	}
	so.GradIn = append(so.GradIn, r.Gradients...)
	return &so
}
