package cli

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"

	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

type benchCmd struct {
	Graph      string        `arg:"" help:"The observed graph."`
	Engines    string        `default:"builtin" help:"Engines to run in turn, by comma; builtin/grad-joint names a pipeline, builtin@llvm a way from loops to a library."`
	Generalize string        `help:"Make sizes symbolic: INPUT:DIMENSION,..."`
	Sizes      string        `help:"Bind symbolic sizes: s0=12,s1=4"`
	Seed       int64         `default:"1" help:"Of the generated inputs."`
	Time       time.Duration `default:"2s" help:"How long to measure, all engines together."`
	JSON       bool          `name:"json" help:"Print as JSON."`
	cladFlags
	blasFlags
}

// timed is one engine under measurement.
type timed struct {
	name              string
	session           *engine.Session
	forward, backward []float64 // seconds; backward is of forward and backward together
}

func (c *benchCmd) Run(e *env) error {
	var all []*timed
	for _, name := range strings.Split(c.Engines, ",") {
		t, err := c.prepare(e, name)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	end := time.Now().Add(c.Time)
	for round := 0; round < 3 || time.Now().Before(end); round++ {
		for _, t := range all {
			if err := t.measure(); err != nil {
				return err
			}
		}
	}
	var rows []map[string]any
	for _, t := range all {
		f, b := median(t.forward), median(t.backward)
		ratio := b / median(all[0].backward)
		if c.JSON {
			rows = append(rows, map[string]any{"engine": t.name, "forward_s": f, "forward_backward_s": b, "runs": len(t.forward), "ratio": ratio})
			continue
		}
		fmt.Fprintf(e.stdout, "%-20s forward %12s   forward+backward %12s   %.2f of %s   median of %d\n", t.name, seconds(f), seconds(b), ratio, all[0].name, len(t.forward))
	}
	if c.JSON {
		e.writeJSON(map[string]any{"graph": c.Graph, "seed": c.Seed, "engines": rows})
	}
	return nil
}

func seconds(s float64) string { return fmt.Sprintf("%.1f us", 1e6*s) }

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func (t *timed) measure() error {
	start := time.Now()
	if err := t.session.Forward(); err != nil {
		return err
	}
	t.forward = append(t.forward, time.Since(start).Seconds())
	if t.session.Gradients == nil {
		t.backward = append(t.backward, time.Since(start).Seconds())
		return nil
	}
	if err := t.session.Backward(); err != nil {
		return err
	}
	t.backward = append(t.backward, time.Since(start).Seconds())
	return nil
}

func (c *benchCmd) prepare(e *env, name string) (*timed, error) {
	which, pipeline, _ := strings.Cut(name, "/")
	which, via, _ := strings.Cut(which, "@")
	m, err := e.loadSized(c.Graph, c.Generalize, c.Sizes)
	if err != nil {
		return nil, err
	}
	o := engine.Options{Engine: which, Pipeline: pipeline, Via: via, Sources: []string{base(c.Graph)}, Registry: e.registry, Clad: c.paths(), CladStyle: c.CladStyle, GEMM: c.GEMM}
	if err := c.check(o); err != nil {
		return nil, err
	}
	p, err := engine.Compile(context.Background(), m, o)
	if err != nil {
		return nil, err
	}
	if err := c.lend(e, p); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewSource(c.Seed))
	var inputs []tensor.Tensor
	for i, v := range p.Meta.Inputs {
		lo, hi := sampleRange(m.Symbol(passes.GraphName), i)
		x, err := tensor.New(v.DType, v.Shape)
		if err != nil {
			return nil, err
		}
		fill(x, r, lo, hi)
		inputs = append(inputs, x)
	}
	var adjoints []*tensor.Tensor
	if engine.NeedsGradient(p.Meta) {
		for _, v := range p.Meta.Outputs {
			if !v.RequiresGrad {
				adjoints = append(adjoints, nil)
				continue
			}
			g, err := tensor.New(v.DType, v.Shape)
			if err != nil {
				return nil, err
			}
			fill(g, r, -1, 1)
			adjoints = append(adjoints, &g)
		}
	}
	s, err := p.Session(inputs, adjoints)
	if err != nil {
		return nil, err
	}
	t := &timed{name: p.Engine, session: s}
	if via != "" {
		t.name += "@" + via
	}
	if pipeline != "" {
		t.name += "/" + pipeline
	}
	if err := t.measure(); err != nil { // the first run touches the memory
		return nil, err
	}
	t.forward, t.backward = nil, nil
	return t, nil
}

// sampleRange is the range that the ops which read input i ask for.
func sampleRange(graph *ir.Op, i int) (lo, hi float64) {
	v := graph.Body().Arg(i)
	for _, u := range v.Uses() {
		if def := u.Owner().Def(); def != nil && def.Sample != nil {
			return def.Sample(u.Owner(), u.Index())
		}
	}
	if ir.IsFloat(v.Type()) {
		return -1, 1
	}
	return 0, 1
}

func fill(x tensor.Tensor, r *rand.Rand, lo, hi float64) {
	switch x.DType {
	case tensor.F32:
		for k := range tensor.Values[float32](x) {
			tensor.Values[float32](x)[k] = float32(lo + (hi-lo)*r.Float64())
		}
	case tensor.F64:
		for k := range tensor.Values[float64](x) {
			tensor.Values[float64](x)[k] = lo + (hi-lo)*r.Float64()
		}
	case tensor.I64:
		for k := range tensor.Values[int64](x) {
			tensor.Values[int64](x)[k] = int64(lo) + r.Int63n(int64(hi)-int64(lo)+1)
		}
	case tensor.I32:
		for k := range tensor.Values[int32](x) {
			tensor.Values[int32](x)[k] = int32(int64(lo) + r.Int63n(int64(hi)-int64(lo)+1))
		}
	default:
		for k := range x.Data {
			x.Data[k] = byte(r.Intn(2))
		}
	}
}
