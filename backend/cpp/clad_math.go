package cpp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// ctCall is the C++ form of an op that is a function of namespace ct.
var ctCall = regexp.MustCompile(`^ct::(\w+)\(`)

// formsForClad are the forms in bodies of ops whose derivative is to be the op's own rule. Clad's
// of a quotient divides once more, by the square of the denominator, which takes as long as all else.
var formsForClad = map[ir.OpName]string{arith.OpDivF: "ct::quotient($0, $1)"}

// functionForClad is the function of namespace ct that op is in a body, or "".
func functionForClad(op *ir.Op) string {
	if op.Def() == nil {
		return ""
	}
	form := op.Def().Cpp
	if other := formsForClad[op.Name]; other != "" {
		form = other
	}
	if m := ctCall.FindStringSubmatch(form); m != nil {
		return m[1]
	}
	return ""
}

var bareCt = regexp.MustCompile(`(^|[^:\w])ct::`)

// elementaryDerivatives prints the derivatives of the functions of namespace ct that
// the bodies of m use, as Clad looks for them. They come from the ops' own rules.
func elementaryDerivatives(m *ir.Module) (string, error) {
	type use struct {
		name ir.OpName
		elem ir.Type
	}
	seen := map[use]*ir.Op{}
	var uses []use
	for f := m.Body().First(); f != nil; f = f.Next() {
		if f.Attr(passes.BodyMark) == nil {
			continue
		}
		f.Walk(func(op *ir.Op) {
			if op.NumResults() != 1 || functionForClad(op) == "" || !ir.IsFloat(op.Result(0).Type()) {
				return
			}
			u := use{op.Name, op.Result(0).Type()}
			if seen[u] == nil {
				seen[u] = op
				uses = append(uses, u)
			}
		})
	}
	if len(uses) == 0 {
		return "", nil
	}
	slices.SortFunc(uses, func(a, b use) int {
		return strings.Compare(string(a.name)+a.elem.String(), string(b.name)+b.elem.String())
	})
	w := &writer{m: m}
	w.line("// Derivatives of the elementary functions, where Clad looks for them.")
	w.line("namespace clad { namespace custom_derivatives { namespace ct {")
	for _, u := range uses {
		if err := w.derivative(seen[u], functionForClad(seen[u]), u.elem); err != nil {
			return "", err
		}
	}
	w.line("}}}  // namespace clad::custom_derivatives::ct")
	w.line("")
	// A bare ct:: would be looked up in clad::custom_derivatives::ct here.
	return bareCt.ReplaceAllString(w.b.String(), "${1}::ct::"), nil
}

// derivative prints the pushforward of a function of one argument, the pullback of
// one of several.
func (w *writer) derivative(op *ir.Op, name string, elem ir.Type) error {
	scratch := ir.NewModule(w.m.Ctx)
	n := op.NumOperands()
	types := make([]ir.Type, n+1)
	for i := range types {
		types[i] = elem
	}
	f := funcs.NewFunc(scratch, "f", ir.Func(types, nil))
	b := ir.NewBuilder(w.m.Ctx, f.Body())
	args := f.Body().Args()
	y := b.Emit(op.Name, args[:n]...)
	var grads []*ir.Value
	if op.Def().VJP != nil {
		grads = op.Def().VJP(b, y.Def(), args[n:])
	}
	zero := arith.ConstantF(b, 0, elem)
	results := []*ir.Value{y}
	for i := 0; i < n; i++ {
		if i < len(grads) && grads[i] != nil {
			results = append(results, grads[i])
		} else {
			results = append(results, zero)
		}
	}
	funcs.Return(b, results...)

	w.names, w.pending, w.next, w.depth = map[*ir.Value]string{}, map[*ir.Value]expr{}, 0, 0
	t := arith.CppType(elem)
	var params []string
	for i, a := range args {
		w.names[a] = fmt.Sprintf("x%d", i)
		if i == n {
			w.names[a] = "d"
		}
		params = append(params, t+" "+w.names[a])
	}
	if n == 1 {
		w.line("static inline ValueAndPushforward<%s, %s> %s_pushforward(%s) {", t, t, name, strings.Join(params, ", "))
	} else {
		for i := 0; i < n; i++ {
			params = append(params, fmt.Sprintf("%s *d_x%d", t, i))
		}
		w.line("static inline void %s_pullback(%s) {", name, strings.Join(params, ", "))
	}
	w.indent++
	if err := w.block(f.Body()); err != nil {
		return err
	}
	if n == 1 {
		w.line("return {%s, %s};", w.use(y).text, w.use(results[1]).text)
	} else {
		for i := 0; i < n; i++ {
			w.line("*d_x%d += %s;", i, w.use(results[1+i]).text)
		}
	}
	w.indent--
	w.line("}")
	return nil
}

// flat are the functions of namespace ct whose derivative is zero wherever they have one.
var flat = map[string]bool{"stop": true, "trunc": true, "floor": true, "ceil": true, "roundeven": true}

// flatDerivatives says so to Clad, for those that text calls.
func flatDerivatives(text string) string {
	var b strings.Builder
	for _, name := range usedFunctions(text) {
		if flat[name] {
			fmt.Fprintf(&b, "template <class T> static inline ValueAndPushforward<T, T> %s_pushforward(T x, T) { return {::ct::%s(x), 0}; }\n", name, name)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "namespace clad { namespace custom_derivatives { namespace ct {\n" + b.String() + "}}}  // namespace clad::custom_derivatives::ct\n\n"
}
