package cpp

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// Options for Emit.
type Options struct {
	// Title is the first line of the text, one line.
	Title string
	// Header is the C text of the contract with the caller, which declares ct_host.
	Header string
	// Meta is the JSON document that ct_meta returns.
	Meta string
	// Layout is the workspace that ct_meta promised.
	Layout Layout
	// Traced has each loop say which lines of the graph it computes: see ReadTrace.
	Traced bool
	// Apart keeps the compiler from inlining kernels.
	Apart bool
	// BLAS leaves large products to the host's BLAS, where it lends one.
	BLAS bool
	// Name begins the names of the entry points in the place of ct, so that a program can
	// have several libraries; those of the contract then stand for them. Header has to
	// declare both.
	Name string
}

// entryPoint is the name of one.
func (o Options) entryPoint(what string) string { return cmp.Or(o.Name, "ct") + "_" + what }

// Layout is the workspace of a library: what plan-memory planned, then room for
// what a caller of ct_backward leaves out.
type Layout struct {
	Planned int64 // bytes
	Zeros   int64 // bytes of zeros, standing for adjoints that are not given
	Sink    int64 // bytes written and never read, for gradients that are not wanted
}

// Total is the number of bytes of the workspace.
func (l Layout) Total() int64 { return l.Planned + l.Zeros + l.Sink }

const cacheLine = 64

func bytesOf(t ir.Type) int64 {
	n, _ := ir.NumElements(ir.ShapeOf(t))
	return align(n * ir.ByteSize(ir.ElemType(t)))
}

func align(n int64) int64 { return (n + cacheLine - 1) / cacheLine * cacheLine }

// LayoutOf is the workspace that m, after plan-memory, needs.
func LayoutOf(m *ir.Module) Layout {
	l := Layout{Planned: m.Op.Int("cladopt.workspace", 0)}
	if b := backwardArgs(m); b != nil {
		for _, v := range b.adjoints {
			l.Zeros = max(l.Zeros, bytesOf(v.Type()))
		}
		for _, v := range b.gradients {
			l.Sink = max(l.Sink, bytesOf(v.Type()))
		}
	}
	return l
}

// sweep is the arguments of a lowered sweep by what they are.
type sweep struct {
	fn                  *ir.Op
	inputs              []*ir.Value
	outputs             []*ir.Value // as arguments, written forward and read backward
	outputIndex         []int64     // which outputs these are
	adjoints, gradients []*ir.Value
	adjointOf           []int64 // outputs
	gradientOf          []int64 // inputs
}

func forwardArgs(m *ir.Module) *sweep {
	f := m.Symbol("graph")
	if f == nil {
		return nil
	}
	args := f.Body().Args()
	n := int(f.Int("cladopt.num_inputs", 0))
	s := &sweep{fn: f, inputs: args[:n], outputs: args[n : len(args)-1]}
	for i := range s.outputs {
		s.outputIndex = append(s.outputIndex, int64(i))
	}
	return s
}

func backwardArgs(m *ir.Module) *sweep {
	f := m.Symbol("graph_backward")
	if f == nil {
		return nil
	}
	outputs := m.Symbol("graph").Int("cladopt.outputs", 0)
	args := f.Body().Args()
	n := int(f.Int("cladopt.inputs", 0))
	s := &sweep{fn: f, inputs: args[:n], adjointOf: f.Ints("cladopt.adjoints_of"), gradientOf: f.Ints("cladopt.gradients_of")}
	for _, r := range f.Ints("cladopt.reads_results") {
		if r < outputs {
			s.outputs = append(s.outputs, args[n])
			s.outputIndex = append(s.outputIndex, r)
			n++
		}
	}
	s.adjoints = args[n : n+len(s.adjointOf)]
	n += len(s.adjointOf)
	s.gradients = args[n : n+len(s.gradientOf)]
	return s
}

// Emit prints a whole library: the functions of m and the entry points of the
// contract.
func Emit(m *ir.Module, o Options) (string, error) {
	body, err := functions(m, o)
	if err != nil {
		return "", err
	}
	w := &writer{m: m, fails: MayFail(m)}
	w.line("// %s", clean(o.Title))
	w.line("//")
	w.line("// Values are numbered: x are inputs, y results, t scratch memory of a function.")
	w.line("#include <stdint.h>")
	w.line("")
	w.b.WriteString(strings.TrimSpace(o.Header))
	w.line("")
	w.line("")
	w.b.WriteString(Prelude(body))
	w.line("")
	w.b.WriteString(body)
	w.lend = lends(body)
	w.entries(m, o)
	w.contractNames(o)
	return w.b.String(), nil
}

// Entries prints the entry points of the contract for sweeps that another tool compiles:
// C functions of the module's names, for the library only, that take a pointer for each
// memory and return an int if MayFail says so.
func Entries(m *ir.Module, o Options) string {
	w := &writer{m: m, fails: MayFail(m)}
	w.line("// %s", clean(o.Title))
	w.line("#include <stdint.h>")
	w.line("")
	w.b.WriteString(strings.TrimSpace(o.Header))
	w.line("")
	w.line("")
	for f := m.Body().First(); f != nil; f = f.Next() {
		if IsSweep(f) {
			w.declare(f)
		}
	}
	w.line("")
	w.entries(m, o)
	w.contractNames(o)
	return w.b.String()
}

// IsSweep reports whether f is a function that an entry point calls.
func IsSweep(f *ir.Op) bool {
	name := f.Str(ir.SymbolName)
	return name == "graph" || name == "graph_backward"
}

// declare prints a sweep that is compiled elsewhere.
func (w *writer) declare(f *ir.Op) {
	result := "void"
	if w.fails[f] {
		result = "int"
	}
	var params []string
	args := f.Body().Args()
	for i, a := range args {
		t := elemType(a)
		if i == len(args)-1 {
			t = "char" // the workspace
		}
		params = append(params, t+" *")
	}
	w.line("extern \"C\" __attribute__((visibility(\"hidden\"))) %s %s(%s);", result, FunctionName(f), strings.Join(params, ", "))
}

func (w *writer) entries(m *ir.Module, o Options) {
	w.description(o)
	w.beginForward(o)
	w.indent++
	w.acceptHost()
	f := forwardArgs(m)
	var args []string
	for i, v := range f.inputs {
		args = append(args, fmt.Sprintf("(%s *)in[%d]", elemType(v), i))
	}
	for i, v := range f.outputs {
		args = append(args, fmt.Sprintf("(%s *)out[%d]", elemType(v), i))
	}
	args = append(args, "(char *)ws")
	w.sweep(f.fn, args)
	w.indent--
	w.line("}")
	w.line("")
	w.beginBackward(o)
	w.indent++
	w.acceptHost()
	if b := backwardArgs(m); b != nil {
		w.backwardBody(b, o.Layout)
	} else {
		w.line("return CT_ERROR_GRADIENT;")
	}
	w.indent--
	w.line("}")
}

// description prints the entry points that say what the library is.
func (w *writer) description(o Options) {
	w.line("CT_EXPORT int32_t %s(void) { return CLADOPT_ABI_VERSION; }", o.entryPoint("abi"))
	w.line("")
	w.line("CT_EXPORT const char *%s(void) {", o.entryPoint("meta"))
	w.line("  return %s;", cString(o.Meta))
	w.line("}")
	w.line("")
}

func (w *writer) beginForward(o Options) {
	w.line("CT_EXPORT int %s(const ct_host *host, void *const *in, void *const *out, void *ws) {", o.entryPoint("forward"))
}

func (w *writer) beginBackward(o Options) {
	name := o.entryPoint("backward")
	w.line("CT_EXPORT int %s(const ct_host *host, void *const *in, void *const *out, void *const *grad_out,", name)
	w.line("%*s void *const *grad_in, void *ws) {", len("CT_EXPORT int (")+len(name)-1, "")
}

// contractNames prints the names of the contract for entry points that have others. They are
// weak: of several libraries whose text one program compiles, it keeps those of the first.
func (w *writer) contractNames(o Options) {
	if o.Name == "" {
		return
	}
	w.line("")
	w.line("// The names of the contract, for callers that load a library and look them up.")
	w.line("#ifdef __ELF__")
	for _, f := range []struct{ result, what, params string }{
		{"int32_t ", "abi", "void"},
		{"const char *", "meta", "void"},
		{"int ", "forward", "const ct_host *, void *const *, void *const *, void *"},
		{"int ", "backward", "const ct_host *, void *const *, void *const *, void *const *, void *const *, void *"},
	} {
		w.line("extern \"C\" CT_EXPORT __attribute__((weak, alias(%q))) %sct_%s(%s);", o.entryPoint(f.what), f.result, f.what, f.params)
	}
	w.line("#endif")
}

// acceptHost begins an entry point.
func (w *writer) acceptHost() {
	w.line("if (host && host->version != CLADOPT_ABI_VERSION) return CT_ERROR_HOST;")
	if w.lend != "" {
		w.line("%s", w.lend)
	}
}

func (w *writer) backwardBody(b *sweep, l Layout) {
	if l.Zeros > 0 {
		w.line("char *zeros = (char *)ws + %d;  // stands for adjoints that are not given", l.Planned)
		var missing []string
		for _, i := range b.adjointOf {
			missing = append(missing, fmt.Sprintf("!grad_out[%d]", i))
		}
		w.line("if (%s) __builtin_memset(zeros, 0, %d);", strings.Join(missing, " || "), l.Zeros)
	}
	if l.Sink > 0 {
		w.line("char *sink = (char *)ws + %d;  // takes gradients that are not wanted", l.Planned+l.Zeros)
	}
	var args []string
	for i, v := range b.inputs {
		args = append(args, fmt.Sprintf("(%s *)in[%d]", elemType(v), i))
	}
	for k, v := range b.outputs {
		args = append(args, fmt.Sprintf("(%s *)out[%d]", elemType(v), b.outputIndex[k]))
	}
	for k, v := range b.adjoints {
		i := b.adjointOf[k]
		fallback := "zeros"
		if l.Zeros == 0 {
			fallback = "ws"
		}
		args = append(args, fmt.Sprintf("(%s *)(grad_out[%d] ? grad_out[%d] : %s)", elemType(v), i, i, fallback))
	}
	for k, v := range b.gradients {
		i := b.gradientOf[k]
		fallback := "sink"
		if l.Sink == 0 {
			fallback = "ws"
		}
		args = append(args, fmt.Sprintf("(%s *)(grad_in[%d] ? grad_in[%d] : %s)", elemType(v), i, i, fallback))
	}
	args = append(args, "(char *)ws")
	w.sweep(b.fn, args)
}

// sweep calls a sweep and returns what it does.
func (w *writer) sweep(f *ir.Op, args []string) {
	if w.fails[f] {
		w.call("return "+FunctionName(f), args)
		return
	}
	w.call(FunctionName(f), args)
	w.line("return 0;")
}

// call writes a call with one argument a line where one line is not enough.
func (w *writer) call(name string, args []string) {
	text := name + "(" + strings.Join(args, ", ") + ");"
	if len(text) <= 96 {
		w.line("%s", text)
		return
	}
	w.line("%s(", name)
	for i, a := range args {
		end := ","
		if i == len(args)-1 {
			end = ");"
		}
		w.line("    %s%s", a, end)
	}
}

func elemType(v *ir.Value) string { return arith.CppType(ir.ElemType(v.Type())) }

// cString is text as string literals, broken into lines.
func cString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	column := 0
	for i := 0; i < len(text); i++ {
		if column > 90 {
			b.WriteString("\"\n         \"")
			column = 0
		}
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
			column += 2
		case c < 0x20 || c >= 0x7f || c == '?':
			fmt.Fprintf(&b, "\\%03o", c)
			column += 4
		default:
			b.WriteByte(c)
			column++
		}
	}
	b.WriteByte('"')
	return b.String()
}
