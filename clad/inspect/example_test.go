package inspect_test

import (
	"fmt"
	"os"

	"github.com/cladopt/cladopt/clad/inspect"
)

// A check of one's own: registered with cli.Config{Hooks: ...}, it is run by
// cladopt inspect --hook=no-gathers.
func ExampleHook() {
	noGathers := &inspect.Hook{
		Name: "no-gathers",
		Doc:  "kernels read memory in order",
		Run: func(f *inspect.Function) []inspect.Finding {
			var out []inspect.Finding
			for _, l := range f.Loops {
				if f.IsKernel() && l.Gathers > 0 {
					out = append(out, inspect.Finding{Loop: l, Message: fmt.Sprintf("has %d gathers", l.Gathers)})
				}
			}
			return out
		},
	}
	facts := &inspect.Facts{Functions: []*inspect.Function{{
		Name: "k0", Role: inspect.Forward,
		Loops: []*inspect.Loop{{Places: "mlp.graph:4", Ops: []string{"aten.gather"}, Source: "for (int64_t i = 0; i < 64; ++i) {", Counts: inspect.Counts{Gathers: 2}}},
	}}}
	for _, found := range inspect.Run(noGathers, facts) {
		fmt.Fprintln(os.Stdout, found)
	}
	// Output:
	// mlp.graph:4: k0 (aten.gather): for (int64_t i = 0; i < 64; ++i): no-gathers: has 2 gathers
}
