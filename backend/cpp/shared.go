package cpp

import (
	"slices"

	"github.com/cladopt/cladopt/ir"
)

// What the back ends that print other languages share with this one: the contract with
// the caller, and what a function says of itself.

// A Table is an argument of an entry point that holds a pointer for each tensor.
type Table int

// The tables. Adjoints and Gradients may hold null: zeros, or memory that nobody reads,
// of Layout stand in.
const (
	Inputs Table = iota
	Outputs
	Adjoints
	Gradients
)

// A Slot is where an entry point finds an argument of its sweep.
type Slot struct {
	Table Table
	Index int64
	Elem  ir.Type
}

// An Entry is what an entry point calls: the sweep takes the slots, then the workspace.
type Entry struct {
	Sweep *ir.Op
	Slots []Slot
}

// ForwardEntry is what ct_forward calls.
func ForwardEntry(m *ir.Module) Entry { return entry(forwardArgs(m)) }

// BackwardEntry is what ct_backward calls; false if m has no gradient.
func BackwardEntry(m *ir.Module) (Entry, bool) {
	b := backwardArgs(m)
	if b == nil {
		return Entry{}, false
	}
	return entry(b), true
}

func entry(s *sweep) Entry {
	e := Entry{Sweep: s.fn}
	add := func(t Table, values []*ir.Value, index func(k int) int64) {
		for k, v := range values {
			e.Slots = append(e.Slots, Slot{t, index(k), ir.ElemType(v.Type())})
		}
	}
	add(Inputs, s.inputs, func(k int) int64 { return int64(k) })
	add(Outputs, s.outputs, func(k int) int64 { return s.outputIndex[k] })
	add(Adjoints, s.adjoints, func(k int) int64 { return s.adjointOf[k] })
	add(Gradients, s.gradients, func(k int) int64 { return s.gradientOf[k] })
	return e
}

// AssertionIndex is the place of an assertion in what Assertions listed.
func AssertionIndex(assertions []string, op *ir.Op) int {
	return slices.Index(assertions, assertion(op))
}

// ArgName is the name of an argument of f: inputs are x, results y, scratch memory t.
func ArgName(f *ir.Op, v *ir.Value) string { return argName(f, v) }

// Comment says what a function computes and which lines of the graph it came from, in
// lines that begin with prefix.
func Comment(prefix string, f *ir.Op) []string {
	return wrap(prefix, clean(title(f)), 96)
}

// Clean makes foreign text harmless in a comment of one line.
func Clean(s string) string { return clean(s) }

// StartsFrom reports whether product adds to what fill has just set to zero.
func StartsFrom(product, fill *ir.Op) bool { return startsFrom(product, fill) }
