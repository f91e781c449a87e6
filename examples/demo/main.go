// Command demo takes one observed MLP through every level: the graph LibTorch saw,
// the aten level, kernels, loops, C++, the loss and the gradients, and how they agree
// with those that LibTorch's autograd computed.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/passes"
)

const name = "testdata/observed/linear_relu_linear_mse"

func main() {
	if err := demo(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func demo() error {
	text, err := os.ReadFile(name + ".graph")
	if err != nil {
		return fmt.Errorf("run the demo from the project's folder: %w", err)
	}
	section("1. What LibTorch observed", string(text))
	graph, err := torchscript.Import(dialects.Context(), name+".graph", text, torchscript.ImportOptions{})
	if err != nil {
		return err
	}
	section("2. The aten level: values, no aliasing, attributes instead of constants", graph.String())

	var kernels string
	pm := &passes.Manager{Before: func(p *passes.Pass, m *ir.Module) {
		if p.Name == "lower-to-loops" {
			kernels = m.String()
		}
	}}
	low, err := engine.Lower(graph, engine.Options{Pipeline: engine.GradPairs, Sources: []string{"linear_relu_linear_mse.graph"}, Manager: pm})
	if err != nil {
		return err
	}
	section("3. The kernel level: each kernel paired with its pullback", kernels)
	section("4. The loop level: MLIR's own dialects", low.Module.String())
	section("5. C++", low.Source)

	p, err := engine.Compile(context.Background(), graph, engine.Options{Engine: engine.Auto, Pipeline: engine.GradPairs})
	if err != nil {
		return err
	}
	d, err := engine.ReadData(name+".safetensors", p.Meta)
	if err != nil {
		return err
	}
	r, err := p.Run(d.Inputs, d.GradOut)
	if err != nil {
		return err
	}
	section("6. Run by engine "+p.Engine, p.Reason)
	fmt.Printf("loss %v\n", r.Outputs[0].At(0))
	for i, g := range r.Gradients {
		if g != nil {
			fmt.Printf("gradient of input %d %v: %v %v ...\n", i, g.Shape, g.At(0), g.At(1))
		}
	}
	section("7. Agreement with LibTorch", "")
	failed := 0
	for _, c := range engine.Compare(p.Meta, d, r) {
		verdict := "ok  "
		if !c.OK {
			verdict = "FAIL"
			failed++
		}
		fmt.Printf("%s %s: %s\n", verdict, c.Name, c.Mismatch)
	}
	if failed > 0 {
		return fmt.Errorf("%d tensors differ from LibTorch's", failed)
	}
	return nil
}

func section(title, body string) {
	fmt.Printf("\n=== %s %s\n%s", title, strings.Repeat("=", max(3, 90-len(title))), body)
	if !strings.HasSuffix(body, "\n") {
		fmt.Println()
	}
}
