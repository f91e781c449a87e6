package interp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
	"github.com/cladopt/cladopt/tensor/safetensors"
)

const observed = "../testdata/observed"

// TestObservedGraphsAtTheLoopLevel runs every observed graph as loops over memory,
// laid out and planned as compiled code has it, in every pipeline, and holds outputs
// and gradients against those that LibTorch recorded. It tells a mistake of the
// passes from one of a back end.
func TestObservedGraphsAtTheLoopLevel(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(observed, "*.safetensors"))
	require.NoError(t, err)
	ran := 0
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".safetensors")
		if strings.HasPrefix(name, "unsupported_") || name == "dropout_train" {
			continue
		}
		ran++
		for _, pipeline := range []string{"default", "grad-pairs", "grad-joint"} {
			t.Run(name+"/"+pipeline, func(t *testing.T) {
				t.Parallel()
				runLoops(t, name, pipeline)
			})
		}
	}
	require.Greater(t, ran, 40)
}

// recorded is a data file by name.
func recorded(t *testing.T, name string) func(kind string, i int) (tensor.Tensor, bool) {
	t.Helper()
	f, err := safetensors.Read(filepath.Join(observed, name+".safetensors"))
	require.NoError(t, err)
	return func(kind string, i int) (tensor.Tensor, bool) { return f.Lookup(fmt.Sprintf("%s.%d", kind, i)) }
}

func runLoops(t *testing.T, name, pipeline string) {
	path := filepath.Join(observed, name+".graph")
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := torchscript.Import(dialects.Context(), path, src, torchscript.ImportOptions{})
	require.NoError(t, err)
	types := funcs.Type(m.Symbol(passes.GraphName))
	differentiable := false
	for i := range types.Inputs() {
		differentiable = differentiable || funcs.ArgAttrs(m.Symbol(passes.GraphName), i).Get(passes.RequiresGrad) != nil
	}
	if !differentiable && pipeline != "default" {
		return
	}
	registry, err := passes.NewRegistry(passes.All(), passes.Pipelines())
	require.NoError(t, err)
	steps, err := registry.Parse(pipeline)
	require.NoError(t, err)
	require.NoError(t, (&passes.Manager{}).Run(m, steps))

	data := recorded(t, name)
	var inputs, outputs []interp.Memory
	f32 := false
	for i, x := range types.Inputs() {
		in, ok := data("input", i)
		require.True(t, ok)
		strides, ok := x.(*ir.TensorType).Strides()
		require.True(t, ok)
		memory, err := in.Strided(strides)
		require.NoError(t, err)
		inputs = append(inputs, memory)
		f32 = f32 || in.DType == tensor.F32
	}
	for _, x := range types.Results() {
		n, _ := ir.NumElements(ir.ShapeOf(x))
		outputs = append(outputs, make(interp.Memory, n*ir.ByteSize(ir.ElemType(x))))
		f32 = f32 || ir.ElemType(x) == ir.Type(ir.F32)
	}
	compare := func(kind string, i int, got interp.Memory) {
		want, ok := data(kind, i)
		if !ok {
			return
		}
		worst, ok := tensor.Agree(tensor.Tensor{DType: want.DType, Shape: want.Shape, Data: got}, want, tensor.ToleranceOf(want.DType, f32))
		require.True(t, ok, "%s.%d: %s", kind, i, worst)
	}

	x := interp.New(m)
	workspace := make(interp.Memory, m.Op.Int(passes.WorkspaceMark, 0))
	require.NoError(t, x.CallLoops(passes.GraphName, append(append(append([]interp.Memory{}, inputs...), outputs...), workspace)))
	for i, got := range outputs {
		compare("output", i, got)
	}
	backward := m.Symbol(passes.BackwardName)
	if backward == nil {
		return
	}
	args := append([]interp.Memory{}, inputs...)
	for _, r := range backward.Ints("cladopt.reads_results") {
		if r < int64(len(outputs)) {
			args = append(args, outputs[r]) // what is not an output lies in the workspace
		}
	}
	for _, i := range backward.Ints("cladopt.adjoints_of") {
		d, ok := data("grad_output", int(i))
		if !ok {
			d = tensor.Tensor{Data: make([]byte, len(outputs[i]))}
		}
		args = append(args, d.Data)
	}
	gradients := backward.Ints("cladopt.gradients_of")
	first := len(args)
	for _, i := range gradients {
		in, _ := data("input", int(i))
		args = append(args, make(interp.Memory, len(in.Data)))
	}
	require.NoError(t, x.CallLoops(passes.BackwardName, append(args, workspace)))
	for k, i := range gradients {
		compare("grad_input", int(i), args[first+k])
	}
}
