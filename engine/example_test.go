package engine_test

import (
	"context"
	"fmt"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/tensor"
)

// An observed graph, its value and its gradient.
func Example() {
	graph, err := torchscript.Import(dialects.Context(), "square_sum.graph", []byte(`graph(%0 : Float(3, strides=[1], requires_grad=1, device=cpu)):
  %1 : Float(3, strides=[1], requires_grad=1, device=cpu) = aten::mul(%0, %0)
  %2 : NoneType = prim::Constant()
  %3 : Float(requires_grad=1, device=cpu) = aten::sum(%1, %2)
  return (%3)
`), torchscript.ImportOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := engine.Compile(context.Background(), graph, engine.Options{Engine: engine.Interp})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, one := tensor.Of([]int64{3}, []float32{1, 2, 3}), tensor.Scalar(float32(1))
	result, err := program.Run([]tensor.Tensor{x}, []*tensor.Tensor{&one})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tensor.Values[float32](result.Outputs[0]), tensor.Values[float32](*result.Gradients[0]))
	// Output: [14] [2 4 6]
}
