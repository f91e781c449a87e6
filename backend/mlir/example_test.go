package mlir_test

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/backend/mlir"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	parser "github.com/cladopt/cladopt/parser/mlir"
)

// An assertion would end the process that loads the library: it becomes a status that
// the function returns.
func ExamplePrepare() {
	const text = `func.func @graph(%ok: i1) {
  cf.assert %ok, "index out of range"
  func.return
}`
	m, err := parser.Parse(dialects.Context(), "checked.mlir", []byte(text))
	if err != nil {
		panic(err)
	}
	prepared, err := mlir.Prepare(m)
	if err != nil {
		panic(err)
	}
	out := ir.Print(prepared.Op, ir.PrintOptions{})
	fmt.Println(strings.Contains(out, "cf.assert"), strings.Contains(out, "-> i32"))
	// Output: false true
}
