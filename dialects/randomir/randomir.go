// Package randomir writes random modules as text, for tests: functions at the loop
// level and at the aten level that verify, that mlir-opt accepts (the former), and that
// run without error on any input, so that what a pass does to them can be held against
// the interpreter. It knows the ops by their syntax only and imports no dialect.
package randomir

import (
	"fmt"
	"math/rand"
	"strings"
)

// writer writes one function; values are kept by type, the innermost scope last.
type writer struct {
	r      *rand.Rand
	out    strings.Builder
	indent string
	next   int
	scopes []map[string][]string
	depth  int
	left   int // ops that may still be written
	marks  bool
	exact  bool // only what every implementation computes to the last bit, and no tensors
}

func newWriter(r *rand.Rand, ops int) *writer {
	return &writer{r: r, indent: "  ", left: ops, scopes: []map[string][]string{{}}}
}

func (w *writer) name() string {
	w.next++
	return fmt.Sprintf("%%v%d", w.next)
}

// line writes one line; an op may get an attribute of no dialect's by {ATTR}.
func (w *writer) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	mark := ""
	if w.marks && w.r.Intn(8) == 0 {
		mark = " {" + attributes[w.r.Intn(len(attributes))] + "}"
	}
	w.out.WriteString(w.indent + strings.ReplaceAll(text, "{ATTR}", mark) + "\n")
}

// attributes are of every kind.
var attributes = []string{
	"test.unit", "test.flag = true", "test.n = -7 : i32", "test.x = 2.500000e-01 : f32", `test.s = "a \22quoted\22 \C3\A9 text"`,
	"test.list = [1, [2 : i8], \"three\", unit]", "test.map = affine_map<(d0, d1)[s0] -> (d1, d0 + s0 * 2)>", "test.type = tensor<?x3xf32>",
	"test.ints = array<i64: 1, -2>", "test.dict = {a = 1 : i64, b = {c}}", "test.symbol = @f0::@g", "test.dense = dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>",
	"test.splat = dense<1.000000e+00> : tensor<4xf32>", "test.big = 9223372036854775807 : i64", "test.none = array<f32>",
}

// define notes a new value and returns its name.
func (w *writer) define(typ string) string {
	n := w.name()
	w.note(n, typ)
	return n
}

func (w *writer) note(name, typ string) {
	top := w.scopes[len(w.scopes)-1]
	top[typ] = append(top[typ], name)
}

// have is a random value of that type in sight, "" if there is none.
func (w *writer) have(typ string) string {
	var all []string
	for _, s := range w.scopes {
		all = append(all, s[typ]...)
	}
	if len(all) == 0 {
		return ""
	}
	// The latest are taken more often, so that chains form.
	if w.r.Intn(2) == 0 {
		return all[len(all)-1-w.r.Intn(min(3, len(all)))]
	}
	return all[w.r.Intn(len(all))]
}

// types lists the types of the values in sight that hold, in a fixed order.
func (w *writer) types(holds func(string) bool) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range w.scopes {
		for t := range s {
			if holds(t) && !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	sortStrings(out)
	return out
}

func sortStrings(s []string) {
	for i := range s {
		for j := i; j > 0 && s[j] < s[j-1]; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

func (w *writer) pick(list ...string) string { return list[w.r.Intn(len(list))] }

// nested writes f one level deeper, its values out of sight afterwards.
func (w *writer) nested(f func()) {
	indent := w.indent
	w.indent += "  "
	w.scopes = append(w.scopes, map[string][]string{})
	w.depth++
	f()
	w.depth--
	w.scopes = w.scopes[:len(w.scopes)-1]
	w.indent = indent
}

func join[T any](list []T, sep string) string {
	var out []string
	for _, x := range list {
		out = append(out, fmt.Sprint(x))
	}
	return strings.Join(out, sep)
}
