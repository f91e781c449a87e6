package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/ir"
)

// Observe compiles the C++ as Build does, but keeps what clang says of it. Lower it
// with Options.Traced, so that loops are told apart.
func (l *Lowered) Observe(ctx context.Context, w toolchain.Watch) (*toolchain.Observation, error) {
	request := toolchain.Request{Source: l.Source, Timeout: l.options.Timeout}
	if l.Meta.Pipeline == gradClad || l.Meta.Pipeline == gradPlain {
		c, err := toolchain.FindClad(ctx, l.options.Clad)
		if err != nil {
			return nil, err
		}
		out, err := c.Observe(ctx, request, w)
		return out, l.placed(err)
	}
	c, err := toolchain.Find(ctx)
	if err != nil {
		return nil, err
	}
	out, err := c.Observe(ctx, request, w)
	return out, l.placed(err)
}

// Facts makes facts of what was observed.
func (l *Lowered) Facts(o *toolchain.Observation, stage string) *inspect.Facts {
	f := inspect.Collect(inspect.Input{IR: o.IR, Records: o.Records, Assembly: o.Assembly, Source: l.Source, Kernels: l.Meta.Kernels, Ops: l.Ops, SourceName: toolchain.SourceName})
	f.Engine, f.Compiler, f.Stage = l.Meta.Engine, o.Compiler, stage
	return f
}

// opsByLine lists the ops that each line of the graph became, as comments name lines.
func opsByLine(graph *ir.Module) map[string][]string {
	out := map[string][]string{}
	graph.Op.Walk(func(op *ir.Op) {
		if op.Name.Dialect() != "aten" {
			return
		}
		for _, p := range op.Loc.Positions() {
			key := fmt.Sprintf("%s:%d", filepath.Base(p.File), p.Line)
			if !slices.Contains(out[key], string(op.Name)) {
				out[key] = append(out[key], string(op.Name))
			}
		}
	})
	return out
}
