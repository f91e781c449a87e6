package rewrite_test

import (
	"fmt"
	"os"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir/rewrite"
	"github.com/cladopt/cladopt/parser/mlir"
)

func Example() {
	m, err := mlir.Parse(dialects.Context(), "f.mlir", []byte(`func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.exp %x : tensor<4xf32>
  %1 = aten.log %0 : tensor<4xf32>
  func.return %1 : tensor<4xf32>
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	x := rewrite.Var("x")
	rules, err := rewrite.NewSet([]rewrite.Rule{
		{Law: "log(exp(x)) => x", From: rewrite.Op(aten.OpLog, rewrite.Op(aten.OpExp, x)), To: x, FastMath: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	rules.FastMath = true // exp may overflow: a law of the reals
	rules.Trace = os.Stdout
	if _, err := rules.Apply(m.Ctx, m.Op); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	// Output:
	// f.mlir:3:8: aten.log: log(exp(x)) => x
	// module {
	//   func.func @f(%arg0: tensor<4xf32>) -> tensor<4xf32> {
	//     func.return %arg0 : tensor<4xf32>
	//   }
	// }
}
