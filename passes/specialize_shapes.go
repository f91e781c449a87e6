package passes

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/diag"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

const (
	// GuardsMark lists, on the graph, the relations between sizes that it relies on.
	GuardsMark = "cladopt.guards"
	// SizesMark names, on an argument of the graph, its symbolic sizes.
	SizesMark = "cladopt.sizes"
)

// SpecializeShapes binds symbolic sizes.
func SpecializeShapes() *Pass {
	return &Pass{
		Name: "specialize-shapes",
		Doc: "Binds the symbolic sizes of the graph's arguments to numbers and infers all shapes anew. Writes out, as " +
			"cladopt.guards, the numbers and every relation that the shapes rely on: s1 == s0, s0 % 16 == 0. Without " +
			"sizes it only writes the relations. A size that is tied to a bound one need not be given.",
		Options: []Option{{Name: "sizes", Default: "", Doc: "s0=12,s1=4; in a textual pipeline s0:12+s1:4"}},
		Run: func(p *Run) error {
			f := p.Module.Symbol(GraphName)
			if f == nil || f.Body() == nil {
				return nil
			}
			sizes, err := ParseSizes(p.Str("sizes"))
			if err != nil {
				return err
			}
			s := &specializer{f: f, table: newSymbolTable(), sizes: sizes}
			return s.run()
		},
	}
}

// ParseSizes reads s0=12,s1=4 or s0:12+s1:4.
func ParseSizes(text string) (map[string]int64, error) {
	out := map[string]int64{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '+' }) {
		name, value, ok := strings.Cut(strings.Replace(part, ":", "=", 1), "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if !ok || name == "" || err != nil || n < 0 {
			return nil, fmt.Errorf("sizes: got %q, expected NAME=NUMBER such as s0=12", part)
		}
		out[name] = n
	}
	return out, nil
}

// ArgSizes lists the names of the symbolic sizes of argument i, "" where a size is
// known; nil if none is symbolic.
func ArgSizes(f *ir.Op, i int) []string {
	a, ok := funcs.ArgAttrs(f, i).Get(SizesMark).(*ir.ArrayAttr)
	if !ok {
		return nil
	}
	out := make([]string, len(a.Elems))
	for d, e := range a.Elems {
		s, _ := e.(ir.StringAttr)
		out[d] = string(s)
	}
	return out
}

type specializer struct {
	f       *ir.Op
	table   *symbolTable
	sizes   map[string]int64
	symbols []string
}

func (s *specializer) run() error {
	known := map[string]bool{}
	types := map[*ir.Value]ir.Type{}
	for i, a := range s.f.Body().Args() {
		t, ok := a.Type().(*ir.TensorType)
		if !ok {
			continue
		}
		names := ArgSizes(s.f, i)
		shape := append([]int64{}, t.Shape()...)
		for d, name := range names {
			if name == "" || d >= len(shape) {
				continue
			}
			if !known[name] {
				known[name] = true
				s.symbols = append(s.symbols, name)
			}
			shape[d] = s.table.symbol(name)
		}
		types[a] = ir.SymbolicTensor(shape, t.Elem())
	}
	if len(s.symbols) == 0 && len(s.sizes) == 0 {
		return nil
	}
	for name := range s.sizes {
		if !known[name] {
			return s.f.Errorf("size %s is given, but the graph has the symbolic sizes %v", name, s.symbols)
		}
	}
	if err := s.infer(types); err != nil {
		return err
	}
	if err := s.tie(); err != nil {
		return err
	}
	var guards []ir.Attr
	for _, name := range s.symbols {
		if n, ok := s.sizes[name]; ok {
			guards = append(guards, ir.StringAttr(fmt.Sprintf("%s == %d", name, n)))
		}
	}
	for _, g := range s.table.guards {
		guards = append(guards, ir.StringAttr(g.text))
		if !g.holds(s.sizes) {
			return s.f.Errorf("the sizes %s break %s, which the graph relies on", s.format(), g.text)
		}
	}
	s.f.SetAttr(GuardsMark, ir.Array(guards...))
	if len(s.sizes) == 0 {
		return nil
	}
	return s.bind()
}

// infer runs shape inference on symbols, which writes down what it relies on.
func (s *specializer) infer(types map[*ir.Value]ir.Type) error {
	sizes := ir.NewSizes(s.table)
	for op := s.f.Body().First(); op != nil; op = op.Next() {
		def := op.Def()
		if def == nil || def.Infer == nil {
			for _, r := range op.Results() {
				types[r] = r.Type()
			}
			continue
		}
		in := &ir.Inference{Name: op.Name, Attrs: op.Attrs(), Sizes: sizes}
		for _, v := range op.Operands() {
			in.Operands = append(in.Operands, types[v])
		}
		out, err := def.Infer(in)
		if err != nil {
			return op.Errorf("with symbolic sizes: %v", err)
		}
		for i, t := range out {
			types[op.Result(i)] = t
		}
	}
	return nil
}

// tie gives symbols the size of those they must equal.
func (s *specializer) tie() error {
	if len(s.sizes) == 0 {
		return nil
	}
	for range s.symbols {
		for _, g := range s.table.guards {
			left, right, ok := strings.Cut(g.text, " == ")
			if !ok || strings.Contains(left, "%") {
				continue
			}
			for _, pair := range [][2]string{{left, right}, {right, left}} {
				if _, bound := s.sizes[pair[0]]; bound || !isSymbol(pair[0], s.symbols) {
					continue
				}
				if n, err := strconv.ParseInt(pair[1], 10, 64); err == nil {
					s.sizes[pair[0]] = n
				} else if n, ok := s.sizes[pair[1]]; ok {
					s.sizes[pair[0]] = n
				}
			}
		}
	}
	var missing []string
	for _, name := range s.symbols {
		if _, ok := s.sizes[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		e := s.f.Errorf("the sizes %s are not given", strings.Join(missing, ", "))
		e.Remedy = "bind them: --sizes=" + strings.Join(missing, "=N,") + "=N"
		return e
	}
	return nil
}

func isSymbol(name string, symbols []string) bool {
	for _, s := range symbols {
		if s == name {
			return true
		}
	}
	return false
}

func (s *specializer) format() string {
	var parts []string
	for _, name := range s.symbols {
		parts = append(parts, fmt.Sprintf("%s=%d", name, s.sizes[name]))
	}
	return strings.Join(parts, ",")
}

// bind writes the numbers into the types and infers all others from them.
func (s *specializer) bind() error {
	var errs diag.List
	for i, a := range s.f.Body().Args() {
		names := ArgSizes(s.f, i)
		if names == nil {
			continue
		}
		t := a.Type().(*ir.TensorType)
		shape := append([]int64{}, t.Shape()...)
		for d, name := range names {
			if name != "" {
				shape[d] = s.sizes[name]
			}
		}
		if _, ok := ir.NumElements(shape); !ok {
			return s.f.Errorf("the sizes %s give argument %d the shape %v, which does not fit in memory", s.format(), i, shape)
		}
		a.SetType(ir.Tensor(shape, t.Elem()))
		funcs.SetArgAttr(s.f, i, SizesMark, nil)
	}
	for op := s.f.Body().First(); op != nil; op = op.Next() {
		def := op.Def()
		if def == nil || def.Infer == nil {
			continue
		}
		types, err := def.InferResults(op.Operands(), op.Attrs())
		if err != nil {
			errs.Add(op.Errorf("at the sizes %s: %v", s.format(), err))
			break
		}
		for i, t := range types {
			op.Result(i).SetType(t)
		}
	}
	ret := s.f.Body().Last()
	funcs.SetType(s.f, ir.Func(ir.TypesOf(s.f.Body().Args()), ir.TypesOf(ret.Operands())))
	return errs.Err()
}
