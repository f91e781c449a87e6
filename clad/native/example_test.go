package native_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// A graph becomes a library, which is loaded and called. This wants a C++ compiler, so
// TestExample runs it, where there is one.
func Example() {
	if err := squareSum(os.Stdout); err != nil {
		fmt.Println(err)
	}
}

const squareSumGraph = `graph(%0 : Float(3, strides=[1], requires_grad=1, device=cpu)):
  %1 : Float(3, strides=[1], requires_grad=1, device=cpu) = aten::mul(%0, %0)
  %2 : NoneType = prim::Constant()
  %3 : Float(requires_grad=1, device=cpu) = aten::sum(%1, %2)
  return (%3)
`

func squareSum(out io.Writer) error {
	dir, err := os.MkdirTemp("", "native-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	graph, err := torchscript.Import(dialects.Context(), "square_sum.graph", []byte(squareSumGraph), torchscript.ImportOptions{})
	if err != nil {
		return err
	}
	lowered, err := engine.Lower(graph, engine.Options{Engine: engine.Builtin})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "square_sum.so")
	if err := lowered.Build(context.Background(), path); err != nil {
		return err
	}
	lib, err := native.Open(path)
	if err != nil {
		return err
	}
	meta, err := lib.Meta()
	if err != nil {
		return err
	}
	x, y := tensor.Of([]int64{3}, []float32{1, 2, 3}), tensor.Scalar(float32(0))
	dy, dx := tensor.Scalar(float32(1)), x.Clone()
	in, results, ws := []unsafe.Pointer{x.Pointer()}, []unsafe.Pointer{y.Pointer()}, native.Workspace(meta)
	if err := lib.Forward(in, results, ws); err != nil {
		return err
	}
	if err := lib.Backward(in, results, []unsafe.Pointer{dy.Pointer()}, []unsafe.Pointer{dx.Pointer()}, ws); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, tensor.Values[float32](y), tensor.Values[float32](dx))
	return err
}
