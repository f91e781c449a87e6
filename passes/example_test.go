package passes_test

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/passes"
)

// A pass of one's own beside those of the project.
func Example() {
	count := &passes.Pass{
		Name: "count-ops",
		Doc:  "Remarks how many ops of each function are of a dialect.",
		Options: []passes.Option{
			{Name: "dialect", Default: "aten", Doc: "which ops to count"},
		},
		Run: func(p *passes.Run) error {
			n := 0
			p.Root().Walk(func(op *ir.Op) {
				if op.Name.Dialect() == p.Str("dialect") {
					n++
				}
			})
			p.Remark(p.Root().Loc, "%d ops of %s", n, p.Str("dialect"))
			return nil
		},
	}
	registry, err := passes.NewRegistry(append(passes.All(), count), passes.Pipelines())
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := mlir.Parse(dialects.Context(), "f.mlir", []byte(`func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.neg %x : tensor<4xf32>
  %1 = aten.neg %0 : tensor<4xf32>
  %2 = aten.exp %1 : tensor<4xf32>
  func.return %2 : tensor<4xf32>
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	pm := &passes.Manager{}
	if err := registry.Run(m, "func.func(count-ops,canonicalize,count-ops{dialect=aten})", pm); err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range pm.Remarks {
		fmt.Printf("%s: %s: %s\n", r.Loc.Pos, r.Pass, r.Message)
	}
	fmt.Println(registry.Run(m, "count-ops{dialct=arith}", pm))
	// Output:
	// f.mlir:1:1: count-ops: 3 ops of aten
	// f.mlir:1:1: count-ops: 1 ops of aten
	// pipeline:1:1: pass count-ops has no option "dialct", expected one of [dialect]
}
