package llvm_test

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/backend/llvm"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/parser/mlir"
)

// Emit writes pointers as the version of LLVM that reads the text knows them.
func ExampleEmit() {
	const text = `module attributes {cladopt.workspace = 0 : i64} {
  func.func @graph(%x: memref<f32>, %y: memref<f32>, %ws: memref<0xi8> {cladopt.workspace}) attributes {cladopt.num_inputs = 1 : i64, cladopt.num_results = 1 : i64, cladopt.outputs = 1 : i64} {
    %0 = memref.load %x[] : memref<f32>
    %1 = arith.mulf %0, %0 : f32
    memref.store %1, %y[] : memref<f32>
    func.return
  }
}`
	m, err := mlir.Parse(dialects.Context(), "square.mlir", []byte(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, version := range []int{14, 19} {
		ir, err := llvm.Emit(m, llvm.Options{Version: version})
		if err != nil {
			fmt.Println(err)
			return
		}
		for line := range strings.Lines(ir) {
			if strings.Contains(line, " load float") {
				fmt.Print(strings.TrimSpace(line), "\n")
			}
		}
	}
	// Output:
	// %0 = load float, float* %x0, align 4
	// %0 = load float, ptr %x0, align 4
}
