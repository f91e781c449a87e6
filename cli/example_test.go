package cli_test

import (
	"os"
	"strings"

	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir/rewrite"
)

// A program of one's own: cladopt with a law more.
func ExampleMain() {
	x := rewrite.Var("x")
	config := cli.Config{Name: "my-opt", Rules: []rewrite.Rule{
		{Law: "relu(exp(x)) => exp(x)", From: rewrite.Op(aten.OpRelu, rewrite.Op(aten.OpExp, x)), To: rewrite.Op(aten.OpExp, x)},
	}}
	input := strings.NewReader(`func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.exp %x : tensor<4xf32>
  %1 = aten.relu %0 : tensor<4xf32>
  func.return %1 : tensor<4xf32>
}`)
	cli.Main(config, []string{"opt", "-", "-p", "canonicalize"}, input, os.Stdout, os.Stdout)
	// Output:
	// module {
	//   func.func @f(%arg0: tensor<4xf32>) -> tensor<4xf32> {
	//     %0 = aten.exp %arg0 : tensor<4xf32>
	//     func.return %0 : tensor<4xf32>
	//   }
	// }
}
