package cpp

import (
	"regexp"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// traceMark starts a comment that says which lines of the graph a loop computes.
const traceMark = "  //@ "

// trace is that comment for op, "" in a text that is not traced.
func (w *writer) trace(op *ir.Op) string {
	if !w.traced {
		return ""
	}
	locs := []ir.Loc{op.Loc}
	op.Walk(func(inner *ir.Op) {
		if inner.Name != arith.OpConstant { // these are shared by all that is in the function
			locs = append(locs, inner.Loc)
		}
	})
	return traceMark + clean(Places(ir.Fuse(locs...)))
}

// separation keeps a compiler from inlining a kernel.
func (w *writer) separation(f *ir.Op) string {
	if !w.apart || f.Attr(passes.KernelMark) == nil {
		return ""
	}
	return "__attribute__((noinline)) "
}

// Trace tells which function and which lines of the graph a line of emitted text
// belongs to.
type Trace struct{ Functions []TracedFunction }

// TracedFunction is a function of emitted text.
type TracedFunction struct {
	Name        string
	First, Last int    // lines of the text, from 1
	Places      string // "mlp.graph:2,4-6", "" if it came from no line in particular
	loops       map[int]string
}

var (
	titleLine  = regexp.MustCompile(`^// (\w+)(?:: .*?)? \(([^()]+:\d[^()]*)\)$`)
	headLine   = regexp.MustCompile(`^(?:__attribute__\(\(\w+\)\) )*(?:CT_EXPORT |static |inline |template <.*> )*[\w:<> ]*?[ *]([A-Za-z_]\w*)\(.*$`)
	traceLines = regexp.MustCompile(regexp.QuoteMeta(traceMark) + `(.+)$`)
)

// ReadTrace reads the comments of emitted text.
func ReadTrace(source string) *Trace {
	t := &Trace{}
	title, places := "", ""
	var at *TracedFunction
	for i, line := range strings.Split(source, "\n") {
		n := i + 1
		if at != nil {
			if m := traceLines.FindStringSubmatch(line); m != nil {
				at.loops[n] = m[1]
			}
			if strings.HasPrefix(line, "}") {
				at.Last = n
				t.Functions = append(t.Functions, *at)
				at, title, places = nil, "", ""
			}
			continue
		}
		switch {
		case strings.HasPrefix(line, "//   "): // a title that goes on
			title += line[4:]
		case strings.HasPrefix(line, "// "):
			title = line
		}
		if m := titleLine.FindStringSubmatch(title); m != nil {
			places = m[2]
		}
		if m := headLine.FindStringSubmatch(line); m != nil && !strings.HasSuffix(line, ";") {
			f := TracedFunction{Name: m[1], First: n, Places: places, loops: map[int]string{}}
			if strings.HasSuffix(line, "}") { // on one line
				f.Last = n
				t.Functions = append(t.Functions, f)
				title, places = "", ""
				continue
			}
			at = &f
		}
	}
	return t
}

// wrapper is the name of what calls a kernel for Clad, or of what Clad derives of one: k0,
// k0_pullback, k0_call1_pullback.
var wrapper = regexp.MustCompile(`^(\w+?)(?:_call\d+)?(?:_pullback|_reverse_forw)?$`)

// Called is the lines of the graph that belong to the kernel after which a function is
// named that has none of its own; "" if there is none.
func (t *Trace) Called(function string) string {
	m := wrapper.FindStringSubmatch(function)
	for _, k := range t.Functions {
		if m != nil && k.Name == m[1] && k.Places != "" {
			return k.Places
		}
	}
	return ""
}

// At is the function that line n belongs to, nil if to none, and the lines of the
// graph that are computed there.
func (t *Trace) At(n int) (f *TracedFunction, places string) {
	for i := range t.Functions {
		f := &t.Functions[i]
		if n < f.First || n > f.Last {
			continue
		}
		for l := n; l >= f.First; l-- {
			if p, ok := f.loops[l]; ok {
				return f, p
			}
		}
		return f, f.Places
	}
	return nil, ""
}
