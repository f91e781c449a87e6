package ir_test

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// Build a function, look at it, change it.
func Example() {
	ctx := dialects.Context()
	m := ir.NewModule(ctx)
	t := ir.Tensor([]int64{4, 8}, ir.F32)
	f := funcs.NewFunc(m, "f", ir.Func([]ir.Type{t, t}, []ir.Type{t}))
	b := ir.NewBuilder(ctx, f.Body())
	difference := aten.Sub(b, f.Body().Arg(0), f.Body().Arg(1))
	funcs.Return(b, aten.Neg(b, difference))
	fmt.Println(m)

	op := f.Body().Last().Operand(0).Def() // the aten.neg
	swapped := aten.Sub(ir.BuilderBefore(ctx, op), f.Body().Arg(1), f.Body().Arg(0))
	op.Replace(swapped)
	fmt.Println(difference.Unused(), len(swapped.Uses()))
	fmt.Println(m)
	fmt.Println(ir.Verify(ctx, m.Op))
	// Output:
	// module {
	//   func.func @f(%arg0: tensor<4x8xf32>, %arg1: tensor<4x8xf32>) -> tensor<4x8xf32> {
	//     %0 = aten.sub %arg0, %arg1 : tensor<4x8xf32>
	//     %1 = aten.neg %0 : tensor<4x8xf32>
	//     func.return %1 : tensor<4x8xf32>
	//   }
	// }
	//
	// true 1
	// module {
	//   func.func @f(%arg0: tensor<4x8xf32>, %arg1: tensor<4x8xf32>) -> tensor<4x8xf32> {
	//     %0 = aten.sub %arg0, %arg1 : tensor<4x8xf32>
	//     %1 = aten.sub %arg1, %arg0 : tensor<4x8xf32>
	//     func.return %1 : tensor<4x8xf32>
	//   }
	// }
	//
	// <nil>
}

// A definition that contradicts itself is refused when a context is made.
func ExampleNewContext() {
	_, err := ir.NewContext(&ir.Dialect{Name: "my", Summary: "an op", Ops: []*ir.OpDef{
		{Name: "my.exp", Summary: "exponential", Traits: ir.Pure | ir.Elementwise},
	}})
	fmt.Println(err)
	// Output: definition of my.exp: an elementwise op needs a Scalar body
}
