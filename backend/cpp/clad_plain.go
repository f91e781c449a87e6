package cpp

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// The plain style: the same graph as bare loops, of which Clad derives everything by
// itself, with the derivatives of elementary functions that Clad has. It is slow, and
// shares no derivative with this project.

// plainChain reads a graph without a backward function: every float has an adjoint
// but those inputs that want none.
func plainChain(m *ir.Module, wanted []bool) (*chain, error) {
	c := &chain{m: m, forward: m.Symbol(passes.GraphName), places: map[*ir.Value]*place{}}
	if err := c.read(func(i int) bool { return wanted[i] }, func(i int) bool { return true }); err != nil {
		return nil, err
	}
	for _, p := range c.places {
		if p.kind == aSlot && ir.IsFloat(p.elem) {
			p.active = true
		}
		if p.kind == anOutput && !ir.IsFloat(p.elem) {
			p.active = false
		}
	}
	for _, s := range c.sites {
		for i := range s.args {
			if s.isScratch(i) {
				s.ownScratch = true // it has an adjoint, so it is a slot like others
			}
		}
	}
	c.assign()
	return c, nil
}

// CladPlainLayout is the workspace of EmitCladPlain's library.
func CladPlainLayout(m *ir.Module, wanted []bool) (CladLayout, error) {
	c, err := plainChain(m, wanted)
	if err != nil {
		return CladLayout{}, err
	}
	return c.layout, nil
}

// EmitCladPlain prints a library whose gradient Clad derives from bare loops: m after
// lower-to-loops and hoist-scratch, without a backward function; wanted says which
// inputs want a gradient.
func EmitCladPlain(m *ir.Module, wanted []bool, o Options) (string, error) {
	c, err := plainChain(m, wanted)
	if err != nil {
		return "", err
	}
	w := &cladWriter{writer: writer{m: m, assertions: Assertions(m), fails: MayFail(m), traced: o.Traced, apart: o.Apart}, c: c, plain: true}
	for _, differentiable := range []bool{false, true} {
		name := "loops"
		if differentiable {
			name = "bare"
			w.line("// The same loops without their checks, which the forward sweep has made: Clad derives these.")
			w.fails = nil
			w.unchecked, w.logical = true, true
		}
		w.line("namespace %s {", name)
		w.line("")
		for f := m.Body().First(); f != nil; f = f.Next() {
			if f.Name == funcs.OpFunc && f.Body() != nil && f.Attr(passes.KernelMark) != nil {
				if err := w.function(f); err != nil {
					return "", err
				}
			}
		}
		w.plainGraph()
		w.line("}  // namespace %s", name)
		w.line("")
	}
	w.plainEntries(o)
	w.contractNames(o)
	body := w.b.String()
	w.b.Reset()
	w.line("// %s", clean(o.Title))
	w.line("//")
	w.line("// Clad derives all of it: no derivative here is cladopt's.")
	w.line(`#include "clad/Differentiator/Differentiator.h"`)
	w.line("#include <cmath>")
	w.line("#include <stdint.h>")
	w.line("#pragma clad ON  // a precompiled header switches Clad off")
	w.line("")
	w.b.WriteString(strings.TrimSpace(o.Header))
	w.line("")
	w.line("")
	w.b.WriteString(standardPrelude(body))
	w.line("")
	w.b.WriteString(flatDerivatives(body))
	w.b.WriteString(body)
	return w.b.String(), nil
}

// plainGraph prints the calls of the kernels.
func (w *cladWriter) plainGraph() {
	result := "void"
	fails := false
	for _, s := range w.c.sites {
		fails = fails || w.fails[s.kernel]
	}
	if fails {
		result = "int"
	}
	var params []string
	for _, p := range w.graphParams() {
		params = append(params, p.decl)
	}
	w.line("static inline %s graph(%s) {", result, strings.Join(params, ", "))
	w.indent++
	for _, s := range w.c.sites {
		var args []string
		for _, p := range s.args {
			text := w.argument(param{place: p})
			if p.kind == aSlot && !p.active {
				text = fmt.Sprintf("(%s *)(tmp + %d)", arith.CppType(p.elem), p.offset)
			} else if p.kind != aSlot && !p.active {
				text = fmt.Sprintf("(%s *)%s", arith.CppType(p.elem), text)
			}
			args = append(args, text)
		}
		call := fmt.Sprintf("%s(%s)", FunctionName(s.kernel), strings.Join(args, ", "))
		if w.fails[s.kernel] {
			w.line("if (int failed = %s) return failed;", call)
			continue
		}
		w.line("%s;", call)
	}
	if fails {
		w.line("return CT_OK;")
	}
	w.indent--
	w.line("}")
	w.line("")
}

func (w *cladWriter) plainEntries(o Options) {
	w.description(o)
	var values, adjoints, names []string
	for _, p := range w.graphParams() {
		values = append(values, p.value)
		if p.active {
			adjoints, names = append(adjoints, p.adjoint), append(names, p.name)
		}
	}
	fails := false
	for _, s := range w.c.sites {
		fails = fails || MayFail(w.m)[s.kernel]
	}
	w.beginForward(o)
	w.indent++
	w.acceptHost()
	if fails {
		w.list("return loops::graph(", values)
	} else {
		w.list("loops::graph(", values)
		w.line("return CT_OK;")
	}
	w.indent--
	w.line("}")
	w.line("")
	w.beginBackward(o)
	w.indent++
	w.acceptHost()
	l := w.c.layout
	w.line("__builtin_memset((char *)ws + %d, 0, %d);  // adjoints: Clad adds to them", l.Floats+l.Doubles, l.Floats+l.Doubles)
	at := 2*(l.Floats+l.Doubles) + l.Plain
	// Clad clears the adjoints of outputs as it goes, so they are copies.
	for i, p := range w.c.outputs {
		if !p.active {
			continue
		}
		n, _ := ir.NumElements(ir.ShapeOf(w.c.forward.Body().Arg(len(w.c.inputs) + i).Type()))
		w.line("char *d_y%d = (char *)ws + %d;", i, at)
		w.line("if (grad_out[%d]) __builtin_memcpy(d_y%d, grad_out[%d], %d);", i, i, i, n*ir.ByteSize(p.elem))
		w.line("else __builtin_memset(d_y%d, 0, %d);", i, n*ir.ByteSize(p.elem))
		at += p.size
	}
	var gathers []func()
	for i, p := range w.c.inputs {
		if !p.active {
			continue
		}
		t := w.c.forward.Body().Arg(i).Type().(*ir.MemRefType)
		n, strided := span(t)
		w.line("char *d_x%d = (char *)ws + %d;", i, at)
		at += p.size
		if strided { // the adjoint is laid out as the input is
			gathers = append(gathers, func() { w.gather(i, t) })
		} else {
			w.line("if (grad_in[%d]) d_x%d = (char *)grad_in[%d];", i, i, i)
		}
		w.line("__builtin_memset(d_x%d, 0, %d);", i, n*ir.ByteSize(p.elem))
	}
	w.line("auto d = clad::gradient(bare::graph, \"%s\");", strings.Join(names, ", "))
	w.list("d.getFunctionPtr()(", withAbsent(append(values, adjoints...), 2*len(values)))
	for _, gather := range gathers {
		gather()
	}
	w.line("return CT_OK;")
	w.indent--
	w.line("}")
}

// span is how many elements an input reaches over, and whether it is strided.
func span(t *ir.MemRefType) (n int64, strided bool) {
	n, _ = ir.NumElements(t.Shape())
	layout, strided := t.Layout().(*ir.StridedAttr)
	if !strided || n == 0 {
		return n, strided
	}
	n = 1
	for d, size := range t.Shape() {
		n += (size - 1) * layout.Strides[d]
	}
	return n, true
}

// gather copies the adjoint of a strided input to the gradient, in row-major order.
func (w *cladWriter) gather(i int, t *ir.MemRefType) {
	elem := arith.CppType(t.Elem())
	strides := t.Layout().(*ir.StridedAttr).Strides
	place := "0"
	w.line("if (%s *to = (%s *)grad_in[%d]) {", elem, elem, i)
	w.indent++
	for d, size := range t.Shape() {
		w.line("for (int64_t i%d = 0; i%d < %d; ++i%d)", d, d, size, d)
		w.indent++
		place += fmt.Sprintf(" + i%d * %d", d, strides[d])
	}
	w.line("*to++ = ((%s *)d_x%d)[%s];", elem, i, place)
	w.indent -= 1 + len(t.Shape())
	w.line("}")
}

// standardPrelude defines the functions of namespace ct by those of std, whose
// derivatives Clad has.
func standardPrelude(text string) string {
	var b strings.Builder
	b.WriteString(macros(text))
	b.WriteString("// Elementary functions by the standard library's, whose derivatives Clad knows.\nnamespace ct {\n")
	for _, name := range usedFunctions(text) {
		switch name {
		case "max":
			b.WriteString("template <class T> static inline T max(T x, T y) { return x > y || x != x ? x : y; }\n" +
				"static inline int64_t max(int64_t x, int64_t y) { return x > y ? x : y; }\n")
			continue
		case "min":
			b.WriteString("template <class T> static inline T min(T x, T y) { return x < y || x != x ? x : y; }\n" +
				"static inline int64_t min(int64_t x, int64_t y) { return x < y ? x : y; }\n")
			continue
		case "floordiv", "stop", "sum":
			b.WriteString(special[name])
			continue
		}
		for _, t := range []string{"float", "double"} {
			switch {
			case name == "abs": // Clad's derivative of std::abs is 1 at 0 and at NaN; LibTorch's is 0 there
				fmt.Fprintf(&b, "static inline %s abs(%s x) { return x > 0 ? x : x < 0 ? -x : x == 0 ? %s(0) : %s(__builtin_nan(\"\")); }\n", t, t, t, t)
			case flat[name]:
				fmt.Fprintf(&b, "static inline %s %s(%s x) { return __builtin_%s(x); }\n", t, name, t, builtinName(name))
			case name == "rsqrt":
				fmt.Fprintf(&b, "static inline %s rsqrt(%s x) { return 1 / std::sqrt(x); }\n", t, t)
			case binaryFunctions[name]:
				fmt.Fprintf(&b, "static inline %s %s(%s x, %s y) { return std::%s(x, y); }\n", t, name, t, t, name)
			default:
				fmt.Fprintf(&b, "static inline %s %s(%s x) { return std::%s(x); }\n", t, name, t, name)
			}
		}
	}
	b.WriteString("}  // namespace ct\n")
	return b.String()
}
