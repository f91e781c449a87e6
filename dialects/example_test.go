package dialects_test

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects"
)

// What is known about an op.
func ExampleContext() {
	ctx := dialects.Context()
	def := ctx.Op("aten.relu")
	fmt.Println(def.Summary)
	fmt.Println(def.Example)
	fmt.Println(def.Torch)
	fmt.Println(ctx.Refusal("aten::nonzero"))
	// Output:
	// x where positive, else 0
	// %out = aten.relu %self : tensor<4x8xf32>
	// [aten::relu(Tensor self) -> Tensor]
	// the shape of its result depends on the data
}
