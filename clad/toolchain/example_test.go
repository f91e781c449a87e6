package toolchain_test

import (
	"context"
	"fmt"

	"github.com/cladopt/cladopt/clad/toolchain"
)

// C++ text becomes a shared library, whole or not at all. This wants a compiler, so
// TestCompileMakesOneFile does the same, where there is one.
func Example() {
	compiler, err := toolchain.Find(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = compiler.Compile(context.Background(), toolchain.Request{
		Source: "extern \"C\" int f() { return 1; }\n",
		Output: "f.so",
	})
	fmt.Println(err)
}
