package diag_test

import (
	"fmt"

	"github.com/cladopt/cladopt/diag"
)

func ExampleErrorf() {
	err := diag.Errorf(diag.Pos{File: "mlp.graph", Line: 7, Col: 3}, "element types differ: got f32 and i64")
	err.Op = "aten.mul"
	fmt.Println(err)
	// Output: mlp.graph:7:3: error: aten.mul: element types differ: got f32 and i64
}
