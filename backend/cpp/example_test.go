package cpp_test

import (
	"fmt"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/parser/mlir"
)

// Functions prints functions at the loop level, without what a library has around them.
func ExampleFunctions() {
	m, err := mlir.Parse(dialects.Context(), "k.mlir", []byte(`func.func @k(%x: memref<4xf32>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    %0 = memref.load %x[%i] : memref<4xf32>
    %1 = arith.mulf %0, %0 : f32
    memref.store %1, %y[%i] : memref<4xf32>
  }
  func.return
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := cpp.Functions(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(text)
	// Output:
	// // k (k.mlir:1)
	// static void k(float *__restrict t0, float *__restrict t1) {
	//   for (int64_t i = 0; i < 4; ++i) {
	//     const float v0 = t0[i];
	//     t1[i] = v0 * v0;
	//   }
	// }
}
