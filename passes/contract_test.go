package passes_test

import (
	"errors"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// stages are what must hold after a pass of a pipeline, whatever the graph.
var stages = map[string]func(t *testing.T, m *ir.Module){
	"decompose": func(t *testing.T, m *ir.Module) {
		m.Op.Walk(func(op *ir.Op) {
			require.False(t, op.Def() != nil && op.Def().Decompose != nil, "%s is left", op.Name)
		})
	},
	"differentiate": func(t *testing.T, m *ir.Module) {
		graph, back := m.Symbol(passes.GraphName), m.Symbol(passes.BackwardName)
		require.NotNil(t, back)
		gradients := back.Ints("cladopt.gradients_of")
		require.Len(t, funcs.Type(back).Results(), len(gradients))
		for k, i := range gradients {
			want := funcs.Type(graph).Inputs()[i].(*ir.TensorType).Plain()
			require.Equal(t, ir.Type(want), funcs.Type(back).Results()[k], "gradient of input %d", i)
		}
		outputs := int(graph.Int(passes.OutputsMark, -1))
		for _, i := range back.Ints("cladopt.adjoints_of") {
			require.Less(t, int(i), outputs)
		}
	},
	"outline-kernels": func(t *testing.T, m *ir.Module) {
		for op := m.Symbol(passes.GraphName).Body().First(); op != nil; op = op.Next() {
			require.True(t, op.Name == funcs.OpCall || op.Name == funcs.OpReturn || op.Has(ir.View) || op.NumOperands() == 0, "%s is in no kernel", op.Name)
		}
		for f := m.Body().First(); f != nil; f = f.Next() {
			if f.Attr(passes.KernelMark) != nil {
				f.Walk(func(op *ir.Op) { require.NotEqual(t, funcs.OpCall, op.Name, "a kernel calls another") })
			}
		}
	},
	"lower-to-loops": func(t *testing.T, m *ir.Module) {
		m.Op.Walk(func(op *ir.Op) {
			require.NotContains(t, []string{"aten", "linalg", "tensor"}, op.Name.Dialect(), "%s is left", op.Name)
			for _, v := range op.Results() {
				_, isTensor := v.Type().(*ir.TensorType)
				require.False(t, isTensor, "%s gives a tensor", op.Name)
			}
		})
	},
	"plan-memory": planned,
}

// planned wants all buffers of a function in the workspace, aligned, and no two in one
// place while both are in use.
func planned(t *testing.T, m *ir.Module) {
	size := m.Op.Int(passes.WorkspaceMark, -1)
	require.GreaterOrEqual(t, size, int64(0))
	m.Op.Walk(func(op *ir.Op) { require.NotEqual(t, memref.OpAlloc, op.Name) })
	for _, name := range []string{passes.GraphName, passes.BackwardName} {
		f := m.Symbol(name)
		if f == nil {
			continue
		}
		type buffer struct {
			from, to    int64 // bytes
			first, last int   // ops
		}
		place := map[*ir.Op]int{}
		var buffers []buffer
		for i, op := range f.Body().Ops() {
			place[op] = i
		}
		for _, op := range f.Body().Ops() {
			if op.Name != memref.OpView {
				continue
			}
			at, ok := arith.ConstantValue(op.Operand(1))
			require.True(t, ok)
			n, _ := ir.NumElements(ir.ShapeOf(op.Result(0).Type()))
			b := buffer{from: at.I, to: at.I + n*ir.ByteSize(ir.ElemType(op.Result(0).Type())), first: len(place), last: -1}
			require.Zero(t, b.from%passes.Alignment)
			require.LessOrEqual(t, b.to, size)
			for _, user := range users(op.Result(0)) {
				for user.Parent() != f {
					user = user.Parent()
				}
				b.first, b.last = min(b.first, place[user]), max(b.last, place[user])
			}
			for _, other := range buffers {
				apart := b.to <= other.from || other.to <= b.from || b.last < other.first || other.last < b.first
				require.True(t, apart, "@%s: two buffers share bytes %d to %d while both are in use\n%s", name, max(b.from, other.from), min(b.to, other.to), m)
			}
			buffers = append(buffers, b)
		}
	}
}

// users are the ops that use memory, itself or seen as another type.
func users(v *ir.Value) []*ir.Op {
	var out []*ir.Op
	for _, u := range v.Uses() {
		out = append(out, u.Owner())
		for _, r := range u.Owner().Results() {
			if _, ok := r.Type().(*ir.MemRefType); ok {
				out = append(out, users(r)...)
			}
		}
	}
	return out
}

// TestContractsOfPasses runs the pipelines on random graphs and looks at the module after
// each pass.
func TestContractsOfPasses(t *testing.T) {
	seen := map[string]int{}
	for seed := int64(0); seed < modules(t, 40); seed++ {
		m := parse(t, randomir.Aten(rand.New(rand.NewSource(seed)), 30))
		for _, pipeline := range []string{engine.GradPairs, engine.GradJoint} {
			pm := &passes.Manager{After: func(p *passes.Pass, m *ir.Module) {
				if holds := stages[p.Name]; holds != nil {
					seen[p.Name]++
					holds(t, m)
				}
			}}
			require.NoError(t, engine.RunPipeline(ir.CloneModule(m), pipeline, pm))
		}
	}
	for name := range stages {
		require.Positive(t, seen[name], name)
	}
}

// TestFusionMerges wants fused nests to be fewer, and none larger than its bound.
func TestFusionMerges(t *testing.T) {
	count := func(m *ir.Module) (nests, largest int) {
		m.Op.Walk(func(op *ir.Op) {
			if op.Name == linalg.OpGeneric {
				nests++
				largest = max(largest, op.Body().Len()-1)
			}
		})
		return nests, largest
	}
	before, bounded, after := 0, 0, 0
	for seed := int64(0); seed < modules(t, 30); seed++ {
		m := parse(t, randomir.Aten(rand.New(rand.NewSource(seed)), 30))
		require.NoError(t, engine.RunPipeline(m, "decompose,lower-to-linalg", nil))
		n, widest := count(m)
		few := ir.CloneModule(m)
		require.NoError(t, engine.RunPipeline(few, "fuse-elementwise{max=6}", nil))
		k, largest := count(few)
		require.LessOrEqual(t, largest, max(6, widest))
		require.NoError(t, engine.RunPipeline(m, "fuse-elementwise", nil))
		all, _ := count(m)
		require.NoError(t, engine.RunPipeline(m, "fuse-elementwise", nil))
		again, _ := count(m)
		require.LessOrEqual(t, again, all)
		before, bounded, after = before+n, bounded+k, after+all
	}
	require.Less(t, after, bounded)
	require.Less(t, bounded, before)
}

// TestDeadCodeGoes wants everything that dce leaves to be read by something, or to have
// an effect.
func TestDeadCodeGoes(t *testing.T) {
	for seed := int64(0); seed < modules(t, 50); seed++ {
		r := rand.New(rand.NewSource(seed))
		for _, text := range []string{randomir.Loops(r, 40, false), randomir.Aten(r, 30)} {
			m := parse(t, text)
			require.NoError(t, engine.RunPipeline(m, "dce", nil))
			m.Op.Walk(func(op *ir.Op) {
				unused := true
				for _, v := range op.Results() {
					unused = unused && v.Unused()
				}
				require.False(t, unused && op.Has(ir.Pure) && !op.Has(ir.Terminator), "%s is dead\n%s", op.Name, m)
			})
		}
	}
}

// TestManagerTellsWhichPassFailed wants errors, panics and broken modules of a pass to
// be errors that name it.
func TestManagerTellsWhichPassFailed(t *testing.T) {
	for want, run := range map[string]func(p *passes.Run) error{
		"cannot":         func(*passes.Run) error { return errors.New("it cannot") },
		"internal error": func(*passes.Run) error { panic("oh") },
		"does not verify": func(p *passes.Run) error {
			f := p.Module.Symbol(passes.GraphName)
			f.Body().Last().SetOperands(nil)
			return nil
		},
	} {
		m := parse(t, randomir.Aten(rand.New(rand.NewSource(1)), 10))
		pass := &passes.Pass{Name: "break-things", Doc: "Breaks.", Run: run}
		err := (&passes.Manager{}).Run(m, []passes.Step{{Pass: pass}})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "break-things")
		var failed *passes.PassError
		require.ErrorAs(t, err, &failed)
	}
}

// TestNestedPipelines wants a pass in func.func(...) to leave other functions alone.
func TestNestedPipelines(t *testing.T) {
	m := parse(t, randomir.Aten(rand.New(rand.NewSource(4)), 30))
	whole, nested := ir.CloneModule(m), ir.CloneModule(m)
	require.NoError(t, engine.RunPipeline(whole, "canonicalize,cse", nil))
	require.NoError(t, engine.RunPipeline(nested, "func.func(canonicalize,cse)", nil))
	require.Equal(t, whole.String(), nested.String())
	steps, err := engine.Registry().Parse("canonicalize,func.func(fuse-elementwise{max=8})")
	require.NoError(t, err)
	require.Equal(t, "canonicalize,func.func(fuse-elementwise{max=8})", passes.FormatPipeline(steps))
}

// TestDetachedPathsNeedNoDerivative wants ops that no gradient flows through to be left
// alone by differentiate: their gradient is 0, not an error and not theirs.
func TestDetachedPathsNeedNoDerivative(t *testing.T) {
	m := parse(t, `func.func @graph(%x: tensor<3xf64> {cladopt.requires_grad}) -> tensor<3xf64> {
  %d = aten.detach %x : tensor<3xf64>
  %e = aten.exp %d : tensor<3xf64>
  %r = aten.mul %e, %x : tensor<3xf64>
  func.return %r : tensor<3xf64>
}`)
	require.NoError(t, engine.RunPipeline(m, "decompose,lower-to-linalg{elementwise-only=true},differentiate", nil))
	require.Equal(t, 1, strings.Count(ir.Print(m.Symbol(passes.BackwardName), ir.PrintOptions{}), "math.exp"), "only the forward value is computed again")
	found := false
	m.Op.Walk(func(op *ir.Op) { found = found || op.Name == aten.OpDetach })
	require.False(t, found)
}
