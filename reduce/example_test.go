package reduce_test

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/reduce"
)

// What is left is what it takes for the predicate to hold.
func ExampleModule() {
	m, err := mlir.Parse(dialects.Context(), "f.mlir", []byte(`func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.exp %x : tensor<4xf32>
  %1 = aten.mul %0, %y : tensor<4xf32>
  %2 = aten.log %1 : tensor<4xf32>
  %3 = aten.add %2, %0 : tensor<4xf32>
  func.return %3 : tensor<4xf32>
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(reduce.Module(m, func(text string) bool { return strings.Contains(text, "aten.log") }))
	// Output:
	// module {
	//   func.func @f(%arg0: tensor<4xf32>) {
	//     %0 = aten.log %arg0 : tensor<4xf32>
	//     func.return
	//   }
	// }
}

func ExampleLines() {
	fmt.Println(reduce.Lines("a\nb\nc\nd\n", func(text string) bool {
		return strings.Contains(text, "b") && strings.Contains(text, "d")
	}))
	// Output:
	// b
	// d
}
