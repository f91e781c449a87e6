package cpp

import (
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
}

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
	w := &writer{m: m, fails: mayFail(m)}
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
	w.entries(m, o)
	return w.b.String(), nil
}

func (w *writer) entries(m *ir.Module, o Options) {
	w.line("CT_EXPORT int32_t ct_abi(void) { return CLADOPT_ABI_VERSION; }")
	w.line("")
	w.line("CT_EXPORT const char *ct_meta(void) {")
	w.line("  return %s;", cString(o.Meta))
	w.line("}")
	w.line("")
	w.line("CT_EXPORT int ct_forward(const ct_host *host, void *const *in, void *const *out, void *ws) {")
	w.indent++
	w.line("if (host && host->version != CLADOPT_ABI_VERSION) return CT_ERROR_HOST;")
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
	w.line("CT_EXPORT int ct_backward(const ct_host *host, void *const *in, void *const *out, void *const *grad_out,")
	w.line("                          void *const *grad_in, void *ws) {")
	w.indent++
	w.line("if (host && host->version != CLADOPT_ABI_VERSION) return CT_ERROR_HOST;")
	if b := backwardArgs(m); b != nil {
		w.backwardBody(b, o.Layout)
	} else {
		w.line("return CT_ERROR_GRADIENT;")
	}
	w.indent--
	w.line("}")
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
