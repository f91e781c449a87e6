package engine

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/tensor"
)

// A Session is a library with the memory of one run: it can be run again and again
// without allocating.
type Session struct {
	Result
	lib                       *native.Library
	in, out, adjoints, gradIn []unsafe.Pointer
	workspace                 []byte
	memory                    [][]byte // that C reads and writes
}

// Session prepares runs on inputs, with gradients if gradOut is not nil; as for Run.
func (p *Program) Session(inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Session, error) {
	if p.lib == nil {
		return nil, fmt.Errorf("engine %s has no library", p.Engine)
	}
	if err := checkData(p.Meta, inputs); err != nil {
		return nil, err
	}
	return newSession(p.lib, p.Meta, inputs, gradOut)
}

func newSession(lib *native.Library, meta abi.Meta, inputs []tensor.Tensor, gradOut []*tensor.Tensor) (*Session, error) {
	s := &Session{lib: lib, in: make([]unsafe.Pointer, len(inputs)), out: make([]unsafe.Pointer, len(meta.Outputs)), workspace: native.Workspace(meta)}
	for i, t := range inputs {
		data, err := t.Strided(meta.Inputs[i].Strides)
		if err != nil {
			return nil, fmt.Errorf("input.%d: %w", i, err)
		}
		s.in[i] = s.pointer(data)
	}
	for i, v := range meta.Outputs {
		t, err := tensor.New(v.DType, v.Shape)
		if err != nil {
			return nil, fmt.Errorf("output.%d: %w", i, err)
		}
		s.Outputs = append(s.Outputs, t)
		s.out[i] = s.pointer(t.Data)
	}
	if gradOut == nil {
		return s, nil
	}
	s.adjoints = make([]unsafe.Pointer, len(meta.Outputs))
	for i, v := range meta.Outputs {
		if !v.RequiresGrad {
			continue // an adjoint that was given reaches no input
		}
		g, err := adjoint(meta, gradOut, i)
		if err != nil {
			return nil, err
		}
		s.adjoints[i] = s.pointer(g.Data)
	}
	s.Gradients = make([]*tensor.Tensor, len(inputs))
	s.gradIn = make([]unsafe.Pointer, len(inputs))
	for i, v := range meta.Inputs {
		if !v.RequiresGrad {
			continue
		}
		t, err := tensor.New(v.DType, v.Shape)
		if err != nil {
			return nil, err
		}
		s.Gradients[i] = &t
		s.gradIn[i] = s.pointer(t.Data)
	}
	return s, nil
}

// pointer is where data starts; the session keeps it alive.
func (s *Session) pointer(data []byte) unsafe.Pointer {
	s.memory = append(s.memory, data)
	return unsafe.Pointer(unsafe.SliceData(data))
}

// Forward computes the outputs.
func (s *Session) Forward() error {
	err := s.lib.Forward(s.in, s.out, s.workspace)
	runtime.KeepAlive(s)
	return err
}

// Backward computes the gradients from what Forward left behind.
func (s *Session) Backward() error {
	err := s.lib.Backward(s.in, s.out, s.adjoints, s.gradIn, s.workspace)
	runtime.KeepAlive(s)
	return err
}
