package cpp

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// The C++ that Clad differentiates, as docs/clad-form.md explains it: scalar bodies that
// Clad derives, kernels with pullbacks whose loops are ours and whose scalar
// derivatives are Clad's, and the graph as a straight line of kernel calls, which
// Clad reverses.

// EmitClad prints a library whose gradient Clad makes: m after lower-to-loops and
// hoist-scratch, with a backward function.
func EmitClad(m *ir.Module, o Options) (string, error) {
	c, err := newChain(m)
	if err != nil {
		return "", err
	}
	w := &cladWriter{writer: writer{m: m, assertions: Assertions(m), fails: MayFail(m), traced: o.Traced, apart: o.Apart, blas: o.BLAS}, c: c}
	if err := w.library(); err != nil {
		return "", err
	}
	w.lend = lends(w.b.String())
	w.entries(o)
	w.contractNames(o)
	body := w.b.String()
	derivatives, err := elementaryDerivatives(m)
	if err != nil {
		return "", err
	}
	w.b.Reset()
	w.line("// %s", clean(o.Title))
	w.line("//")
	w.line("// Clad derives the scalar bodies b0, b1, .. and reverses g::graph; the loops of the kernels and of their pullbacks")
	w.line("// are cladopt's. Values are numbered: x are inputs, y results, t scratch memory of a function.")
	w.line(`#include "clad/Differentiator/Differentiator.h"`)
	w.line("#include <stdint.h>")
	w.line("#pragma clad ON  // a precompiled header switches Clad off")
	w.line("")
	w.b.WriteString(strings.TrimSpace(o.Header))
	w.line("")
	w.line("")
	w.b.WriteString(Prelude(derivatives + body))
	w.line("")
	w.b.WriteString(derivatives)
	if strings.Contains(body, "ct::stop(") {
		w.b.WriteString(flatDerivatives("ct::stop("))
	}
	w.b.WriteString(body)
	return w.b.String(), nil
}

type cladWriter struct {
	writer
	c     *chain
	plain bool // the plain style: adjoints of inputs and outputs are locals of ct_backward
}

// library prints bodies, kernels, pullbacks and the graph.
func (w *cladWriter) library() error {
	var bodies, gradients, kernels []*ir.Op
	for f := w.m.Body().First(); f != nil; f = f.Next() {
		switch {
		case f.Name != funcs.OpFunc || f.Body() == nil:
		case f.Attr(passes.BodyMark) != nil:
			bodies = append(bodies, f)
		case f.Attr(passes.GradientMark) != nil:
			gradients = append(gradients, f)
		case f.Attr(passes.KernelMark) != nil:
			kernels = append(kernels, f)
		}
	}
	w.line("// The loops. A body returns the sum of its results times their adjoints g, so that one reverse")
	w.line("// sweep of Clad's gives the adjoints of all it reads.")
	w.line("namespace loops {")
	w.line("")
	for _, f := range bodies {
		if err := w.scalarFunction(f); err != nil {
			return err
		}
	}
	for _, f := range gradients {
		w.gradient(f)
	}
	for _, f := range kernels {
		if err := w.function(f); err != nil {
			return err
		}
	}
	w.line("}  // namespace loops")
	w.line("")
	if len(w.fails) > 0 {
		w.line("// A failure ends the computation: state[0] says whether kernels are to run, state[1] what failed.")
		w.line("static inline void ct_failed(const int *state, int code) {")
		w.line("  if (code) ((int *)state)[0] = 0, ((int *)state)[1] = code;")
		w.line("}")
		w.line("")
	}
	w.line("// What Clad differentiates. What is const has no adjoint here; tmp is memory of that kind. The forward")
	w.line("// sweep runs the kernels (state[0] is 1); in the backward sweep they have run already.")
	w.line("namespace g {")
	w.line("")
	for _, s := range w.c.sites {
		w.wrapper(s)
	}
	w.graph()
	w.line("}  // namespace g")
	w.line("")
	w.line("namespace clad { namespace custom_derivatives { namespace g {")
	w.line("")
	for _, s := range w.c.sites {
		w.wrapperPullback(s)
	}
	w.line("}}}  // namespace clad::custom_derivatives::g")
	w.line("")
	return nil
}

// scalarFunction prints a function of scalars with one result.
func (w *cladWriter) scalarFunction(f *ir.Op) error {
	w.names, w.pending, w.next, w.depth = map[*ir.Value]string{}, map[*ir.Value]expr{}, 0, 0
	var params []string
	for i, a := range f.Body().Args() {
		w.names[a] = fmt.Sprintf("x%d", i)
		params = append(params, fmt.Sprintf("%s x%d", arith.CppType(a.Type()), i))
	}
	for _, l := range Comment("// ", f) {
		w.line("%s", l)
	}
	for op := f.Body().First(); op != nil; op = op.Next() {
		if why := notForClad(op); why != "" {
			e := op.Errorf("%s, which Clad does not differentiate", why)
			e.Code, e.Remedy = diag.Unsupported, "use --engine=builtin"
			return e
		}
	}
	ret := f.Body().Last()
	w.line("__attribute__((always_inline)) static inline %s %s(%s) {", arith.CppType(ret.Operand(0).Type()), FunctionName(f), strings.Join(params, ", "))
	w.indent++
	w.logical, w.forms = true, formsForClad
	err := w.block(f.Body())
	w.logical, w.forms = false, nil
	if err != nil {
		return err
	}
	w.line("return %s;", w.use(ret.Operand(0)).text)
	w.indent--
	w.line("}")
	w.line("")
	return nil
}

// notForClad says what in a scalar body Clad would warn about or crash on, "" if nothing.
func notForClad(op *ir.Op) string {
	switch op.Name {
	case arith.OpAndI, arith.OpOrI, arith.OpXOrI, arith.OpShLI, arith.OpShRSI:
		if !ir.IsBool(op.Result(0).Type()) {
			return "computes with the bits of integers"
		}
	case arith.OpBitcast:
		step := op.Result(0).HasOneUse() && stopped(op.Result(0).Uses()[0].Owner()) != nil
		if stopped(op) == nil && !step {
			return "reads the bits of a number"
		}
	}
	return ""
}

// gradient prints a function that has Clad derive a body.
func (w *cladWriter) gradient(f *ir.Op) {
	ref := f.Attr(passes.GradientMark).(ir.SymbolRefAttr)
	var params, args, names []string
	for i, a := range f.Body().Args() {
		params = append(params, fmt.Sprintf("%s x%d", arith.CppType(a.Type()), i))
		args = append(args, fmt.Sprintf("x%d", i))
	}
	by := f.Ints(passes.WrtMark)
	if len(by) == 0 {
		return
	}
	for _, i := range by {
		params = append(params, fmt.Sprintf("%s *d_x%d", arith.CppType(f.Body().Arg(int(i)).Type()), i))
		names = append(names, fmt.Sprintf("x%d", i))
		args = append(args, fmt.Sprintf("d_x%d", i))
	}
	w.line("__attribute__((always_inline)) static inline void %s(%s) {", FunctionName(f), strings.Join(params, ", "))
	w.indent++
	for _, i := range by {
		w.line("*d_x%d = 0;", i)
	}
	w.line("auto d = clad::gradient(%s, \"%s\");", identifier(ref.Path), strings.Join(names, ", "))
	n := len(f.Body().Args())
	w.line("d.getFunctionPtr()(%s);", strings.Join(withAbsent(args, 2*n), ", "))
	w.indent--
	w.line("}")
	w.line("")
}

// param is one parameter of a wrapper.
type param struct {
	text   string // its declaration
	name   string
	place  *place
	active bool // has an adjoint parameter
}

// params are the parameters of the wrapper of s, and what stands for each argument of
// the kernel inside it.
func (w *cladWriter) params(s *site) (params []param, inside []string) {
	tmp := w.c.pullbackHasScratch(s)
	results := 0
	for i, p := range s.args {
		elem := arith.CppType(p.elem)
		name := fmt.Sprintf("x%d", i)
		isResult := i >= s.inputs()
		if isResult {
			name = fmt.Sprintf("y%d", results)
			results++
		}
		switch {
		case s.isScratch(i):
			tmp = true
			inside = append(inside, fmt.Sprintf("(%s *)(tmp + %d)", elem, s.scratch[i-s.inputs()-int(s.kernel.Int(passes.ResultCount, 0))]))
		case p.kind == aSlot && !p.active:
			tmp = true
			inside = append(inside, fmt.Sprintf("(%s *)(tmp + %d)", elem, p.offset))
		case !p.active:
			params = append(params, param{fmt.Sprintf("const %s *%s", elem, name), name, p, false})
			inside = append(inside, fmt.Sprintf("(%s *)%s", elem, name))
		case isResult:
			params = append(params, param{fmt.Sprintf("%s *%s", elem, name), name, p, true})
			inside = append(inside, name)
		default:
			params = append(params, param{fmt.Sprintf("const %s *%s", elem, name), name, p, true})
			inside = append(inside, name)
		}
	}
	if tmp {
		params = append(params, param{text: "const char *tmp", name: "tmp"})
	}
	return params, inside
}

func declare(params []param) string {
	parts := []string{"const int *state"}
	for _, p := range params {
		parts = append(parts, p.text)
	}
	return strings.Join(parts, ", ")
}

// wrapper prints a kernel as the graph calls it.
func (w *cladWriter) wrapper(s *site) {
	params, inside := w.params(s)
	mark := ""
	if s.pullback == nil {
		mark = "__attribute__((annotate(\"non_differentiable\"))) " // nothing flows back through it
	}
	w.line("%sstatic inline void %s(%s) {", mark, s.name, declare(params))
	w.indent++
	call := fmt.Sprintf("::loops::%s(%s)", FunctionName(s.kernel), strings.Join(inside, ", "))
	if w.fails[s.kernel] {
		call = "ct_failed(state, " + call + ")"
	}
	w.line("if (state[0]) %s;", call)
	w.indent--
	w.line("}")
	w.line("")
}

// wrapperPullback prints what Clad calls in the backward sweep.
func (w *cladWriter) wrapperPullback(s *site) {
	if s.pullback == nil {
		return
	}
	params, inside := w.params(s)
	declared := declare(params)
	adjointOf := map[*place]string{}
	for _, p := range params {
		if p.active {
			declared += fmt.Sprintf(", %s *d_%s", arith.CppType(p.place.elem), p.name)
			adjointOf[p.place] = "d_" + p.name
		}
	}
	w.line("__attribute__((flatten)) static inline void %s_pullback(%s) {", s.name, declared)
	w.indent++
	w.pullbackBody(s, inside, adjointOf)
	w.indent--
	w.line("}")
	w.line("")
}

func (w *cladWriter) pullbackBody(s *site, inside []string, adjointOf map[*place]string) {
	reads, adjoints, gradients, scratch := s.pullbackArgs()
	args := append([]string{}, inside[:s.inputs()]...)
	for k := range reads {
		args = append(args, inside[s.inputs()+int(s.pullback.Ints(passes.ReadsMark)[k])])
	}
	for k := range adjoints {
		args = append(args, adjointOf[s.result(s.pullback.Ints(passes.AdjointsMark)[k])])
	}
	taken := room{}
	place := func(a *ir.Value) string {
		t := ir.ElemType(a.Type())
		return fmt.Sprintf("(%s *)(tmp + %d)", elemType(a), w.c.scratch[t]+taken.take(t, bytesOf(a.Type())))
	}
	var sums []string
	for k, a := range gradients {
		p := s.args[s.pullback.Ints(passes.GradientsMark)[k]]
		if s.stores[k] {
			args = append(args, adjointOf[p])
			continue
		}
		n, _ := ir.NumElements(ir.ShapeOf(a.Type()))
		part := fmt.Sprintf("s%d", k)
		w.line("%s *%s = %s;", elemType(a), part, place(a))
		args = append(args, part)
		sums = append(sums, fmt.Sprintf("for (int64_t i = 0; i < %d; ++i) %s[i] += %s[i];", n, adjointOf[p], part))
	}
	for _, a := range scratch {
		args = append(args, place(a))
	}
	call := fmt.Sprintf("::loops::%s(%s)", FunctionName(s.pullback), strings.Join(args, ", "))
	if w.fails[s.pullback] {
		w.line("if (state[1]) return;")
		call = "ct_failed(state, " + call + ")"
	}
	w.line("%s;", call)
	for _, l := range sums {
		w.line("%s", l)
	}
}

// graphParam is a parameter of the graph.
type graphParam struct {
	decl, name string
	active     bool
	value      string // what the entry points pass
	adjoint    string
}

func (w *cladWriter) graphParams() []graphParam {
	var out []graphParam
	l := w.c.layout
	for i, p := range w.c.inputs {
		elem := arith.CppType(p.elem)
		g := graphParam{decl: fmt.Sprintf("const %s *x%d", elem, i), name: fmt.Sprintf("x%d", i), active: p.active,
			value: fmt.Sprintf("(const %s *)in[%d]", elem, i)}
		if p.active && w.plain {
			g.adjoint = fmt.Sprintf("(%s *)d_x%d", elem, i)
		} else if p.active {
			g.adjoint = fmt.Sprintf("(%s *)(grad_in[%d] ? grad_in[%d] : sink)", elem, i, i)
		}
		out = append(out, g)
	}
	at := int64(0)
	mirror := l.Floats + l.Doubles
	for _, arena := range []struct {
		name, elem string
		size       int64
	}{{"wf", "float", l.Floats}, {"wd", "double", l.Doubles}} {
		if arena.size > 0 {
			out = append(out, graphParam{arena.elem + " *" + arena.name, arena.name, true,
				fmt.Sprintf("(%s *)((char *)ws + %d)", arena.elem, at), fmt.Sprintf("(%s *)((char *)ws + %d)", arena.elem, mirror+at)})
		}
		at += arena.size
	}
	for i, p := range w.c.outputs {
		elem := arith.CppType(p.elem)
		g := graphParam{decl: fmt.Sprintf("const %s *y%d", elem, i), name: fmt.Sprintf("y%d", i), active: p.active,
			value: fmt.Sprintf("(%s *)out[%d]", elem, i)}
		if p.active {
			g.decl = fmt.Sprintf("%s *y%d", elem, i)
			g.adjoint = fmt.Sprintf("(%s *)(grad_out[%d] ? grad_out[%d] : zeros)", elem, i, i)
			if w.plain {
				g.adjoint = fmt.Sprintf("(%s *)d_y%d", elem, i)
			}
		}
		out = append(out, g)
	}
	return append(out, graphParam{decl: "const char *tmp", name: "tmp", value: fmt.Sprintf("(const char *)ws + %d", 2*mirror)})
}

// graph prints the straight line that Clad reverses.
func (w *cladWriter) graph() {
	parts := []string{"const int *state"}
	for _, p := range w.graphParams() {
		parts = append(parts, p.decl)
	}
	w.line("static inline void graph(%s) {", strings.Join(parts, ", "))
	w.indent++
	for _, s := range w.c.sites {
		params, _ := w.params(s)
		args := []string{"state"}
		for _, p := range params {
			args = append(args, w.argument(p))
		}
		w.line("%s(%s);", s.name, strings.Join(args, ", "))
	}
	w.indent--
	w.line("}")
	w.line("")
}

// argument is what the graph passes for a parameter of a wrapper.
func (w *cladWriter) argument(p param) string {
	if p.place == nil {
		return "tmp"
	}
	switch p.place.kind {
	case anInput:
		return fmt.Sprintf("x%d", p.place.index)
	case anOutput:
		return fmt.Sprintf("y%d", p.place.index)
	}
	arena := "wf"
	if p.place.elem == ir.Type(ir.F64) {
		arena = "wd"
	}
	if n := p.place.offset / ir.ByteSize(p.place.elem); n > 0 {
		return fmt.Sprintf("%s + %d", arena, n)
	}
	return arena
}

func (w *cladWriter) entries(o Options) {
	w.description(o)
	params := w.graphParams()
	values, adjoints, names := []string{"state"}, []string{}, []string{}
	for _, p := range params {
		values = append(values, p.value)
		if p.active {
			adjoints = append(adjoints, p.adjoint)
			names = append(names, p.name)
		}
	}
	w.beginForward(o)
	w.indent++
	w.acceptHost()
	w.line("int state[2] = {1, CT_OK};")
	w.list("g::graph(", values)
	w.line("return state[1];")
	w.indent--
	w.line("}")
	w.line("")
	w.beginBackward(o)
	w.indent++
	w.acceptHost()
	l := w.c.layout
	at := 2*(l.Floats+l.Doubles) + l.Plain
	w.line("char *zeros = (char *)ws + %d;  // stands for adjoints that are not given", at)
	var missing []string
	for i, p := range w.c.outputs {
		if p.active {
			missing = append(missing, fmt.Sprintf("!grad_out[%d]", i))
		}
	}
	if l.Zeros > 0 {
		w.line("if (%s) __builtin_memset(zeros, 0, %d);", strings.Join(missing, " || "), l.Zeros)
	}
	w.line("char *sink = (char *)ws + %d;  // takes gradients that are not wanted", at+l.Zeros)
	for _, p := range w.c.zeroed {
		if p.kind == aSlot {
			offset := l.Floats + l.Doubles + p.offset
			if p.elem == ir.Type(ir.F64) {
				offset += l.Floats
			}
			w.line("__builtin_memset((char *)ws + %d, 0, %d);  // an adjoint that nothing adds to", offset, p.size)
		}
	}
	for _, i := range w.c.absent {
		w.line("if (grad_in[%d]) __builtin_memset(grad_in[%d], 0, %d);  // nothing depends on it", i, i, w.c.gradientBytes(i))
	}
	w.line("(void)zeros, (void)sink;")
	w.line("int state[2] = {0, CT_OK};")
	w.line("auto d = clad::gradient(g::graph, \"%s\");", strings.Join(names, ", "))
	w.list("d.getFunctionPtr()(", withAbsent(append(values, adjoints...), 2*len(values)))
	w.line("return state[1];")
	w.indent--
	w.line("}")
}

// withAbsent fills up the arguments of a derivative, which takes those of its function
// and an adjoint for each, with null for the adjoints that are not asked for. CladFunction's
// execute does so too, by templates that clang takes 15 s to instantiate for 160 arguments.
func withAbsent(args []string, n int) []string {
	for len(args) < n {
		args = append(args, "nullptr")
	}
	return args
}

// list prints a call with one argument a line.
func (w *cladWriter) list(head string, args []string) {
	w.line("%s", head)
	for i, a := range args {
		end := ","
		if i == len(args)-1 {
			end = ");"
		}
		w.line("    %s%s", a, end)
	}
}
