package interp_test

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

func Example() {
	m, err := mlir.Parse(dialects.Context(), "square_sum.mlir", []byte(`func.func @graph(%x: tensor<3xf32>) -> tensor<f32> {
  %0 = aten.mul %x, %x : tensor<3xf32>
  %1 = aten.sum %0 : (tensor<3xf32>) -> tensor<f32>
  func.return %1 : tensor<f32>
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	x := tensor.Of([]int64{3}, []float32{1, 2, 3})
	results, err := interp.New(m).Call("graph", []*tensor.Tensor{&x})
	fmt.Println(results[0].At(0), err)
	// Output: 14 <nil>
}
