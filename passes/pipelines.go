package passes

import (
	"fmt"
	"sort"
	"strings"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
)

// All lists the passes of this project; more rules are for canonicalize.
func All(more ...rewrite.Rule) []*Pass {
	return []*Pass{
		Canonicalize(more...), CheckContiguity(), CSE(), DCE(), Decompose(), Differentiate(), FuseElementwise(), FuseLoops(),
		FuseReduction(), HoistScratch(), IsolateOutputs(), LowerToLinalg(), LowerToLoops(), OutlineKernels(), PlanMemory(), SpecializeShapes(),
	}
}

// Pipelines are the named pipelines, by name, as text.
//
//	default     the forward sweep alone, down to loops
//	grad-pairs  kernels first, each paired with its pullback
//	grad-clad   as grad-pairs, for Clad, which derives the scalar bodies and the chain of kernels
//	grad-plain  bare loops and no derivative: Clad derives everything
//	grad-joint  the whole graph differentiated first, forward and backward fused after
//	interp      tensors and their gradients, nothing fused: what the interpreter runs
func Pipelines() map[string]string {
	const clean = "canonicalize,cse,dce"
	simplify := clean + ",decompose," + clean + ",check-contiguity"
	kernels := "fuse-reduction,outline-kernels"
	loops := "lower-to-linalg," + clean + ",fuse-elementwise," + clean + ",lower-to-loops{products=true},fuse-loops"
	finish := loops + ",plan-memory"
	return map[string]string{
		"default":    simplify + ",lower-to-linalg{elementwise-only=true},fuse-elementwise," + kernels + "," + finish,
		"grad-pairs": simplify + ",lower-to-linalg{elementwise-only=true},fuse-elementwise," + kernels + ",differentiate," + finish,
		"grad-clad": simplify + ",isolate-outputs,lower-to-linalg{elementwise-only=true},fuse-elementwise," + kernels +
			",differentiate{bodies=outline accumulate=false}," + loops + ",hoist-scratch",
		"grad-plain": simplify + ",isolate-outputs,lower-to-linalg{elementwise-only=true},fuse-elementwise," + kernels +
			",lower-to-linalg," + clean + ",fuse-elementwise," + clean + ",lower-to-loops{share=false},hoist-scratch",
		"grad-joint": simplify + ",lower-to-linalg{elementwise-only=true},differentiate," + clean +
			",lower-to-linalg{elementwise-only=true},fuse-elementwise," + kernels + "," + finish,
		"interp": "decompose,lower-to-linalg{elementwise-only=true},differentiate",
	}
}

// Registry finds passes and pipelines by name.
type Registry struct {
	passes    map[string]*Pass
	pipelines map[string]string
}

// NewRegistry indexes passes; a name given twice, or a pass without a Doc, is an error.
func NewRegistry(all []*Pass, pipelines map[string]string) (*Registry, error) {
	r := &Registry{map[string]*Pass{}, pipelines}
	for _, p := range all {
		switch {
		case r.passes[p.Name] != nil:
			return nil, fmt.Errorf("pass %q is defined twice", p.Name)
		case p.Doc == "" || p.Run == nil:
			return nil, fmt.Errorf("pass %q has no Doc or no Run", p.Name)
		}
		r.passes[p.Name] = p
	}
	return r, nil
}

// Pass of that name, or nil.
func (r *Registry) Pass(name string) *Pass { return r.passes[name] }

// Passes in the order of their names.
func (r *Registry) Passes() []*Pass {
	var out []*Pass
	for _, p := range r.passes {
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Pipeline is the text of the named pipeline, "" if there is none.
func (r *Registry) Pipeline(name string) string { return r.pipelines[name] }

// Run runs a textual pipeline on m, in place; pm may be nil.
func (r *Registry) Run(m *ir.Module, text string, pm *Manager) error {
	steps, err := r.Parse(text)
	if err != nil {
		return err
	}
	if pm == nil {
		pm = &Manager{}
	}
	return pm.Run(m, steps)
}

// PipelineNames lists the named pipelines, sorted.
func (r *Registry) PipelineNames() []string {
	var out []string
	for name := range r.pipelines {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// checkOrder is an error if a pass stands before one that it wants to come after.
func checkOrder(steps []Step) error {
	flat := flatten(steps)
	for i, s := range flat {
		for _, after := range s.Pass.After {
			later := false
			for _, t := range flat[i+1:] {
				later = later || t.Pass.Name == after
			}
			earlier := false
			for _, t := range flat[:i] {
				earlier = earlier || t.Pass.Name == after
			}
			if later && !earlier {
				return fmt.Errorf("pass %s must come after %s", s.Pass.Name, after)
			}
		}
	}
	return nil
}

func flatten(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		if s.Pass == nil {
			out = append(out, flatten(s.Nested)...)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// suggestions lists the names that start like got, for a message.
func suggestions(got string, names []string) string {
	var close []string
	for _, n := range names {
		if len(got) >= 3 && strings.Contains(n, got[:3]) {
			close = append(close, n)
		}
	}
	if len(close) == 0 {
		close = names
	}
	return strings.Join(close, ", ")
}
