package filecheck_test

import (
	"fmt"

	"github.com/cladopt/cladopt/lit/filecheck"
)

func ExampleParse() {
	checks, err := filecheck.Parse("add.mlir", "// CHECK: %[[S:.*]] = add\n// CHECK-NEXT: return %[[S]]\n", filecheck.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(checks.Match("<stdin>", "%sum = add %a, %b\nreturn %sum\n").Err())
	fmt.Println(checks.Match("<stdin>", "%sum = add %a, %b\nreturn %a\n").Err() != nil)
	// Output:
	// <nil>
	// true
}
