package mlir_test

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/parser/mlir"
)

// Pretty and generic forms may be mixed.
func ExampleParse() {
	m, err := mlir.Parse(dialects.Context(), "f.mlir", []byte(`func.func @f(%x: f32) -> f32 {
  %y = arith.mulf %x, %x : f32
  %z = "math.sqrt"(%y) : (f32) -> f32
  func.return %z : f32
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	// Output:
	// module {
	//   func.func @f(%arg0: f32) -> f32 {
	//     %0 = arith.mulf %arg0, %arg0 : f32
	//     %1 = math.sqrt %0 : f32
	//     func.return %1 : f32
	//   }
	// }
}

func ExampleParse_malformed() {
	_, err := mlir.Parse(dialects.Context(), "f.mlir", []byte("func.func @f(%x: f32) -> f32 {\n  %y = arith.mulf %x, %z : f32\n  func.return %y : f32\n}"))
	fmt.Println(err)
	// Output:
	// f.mlir:2:23: error: %z is used before it is defined
	//     %y = arith.mulf %x, %z : f32
	//                         ^
}
