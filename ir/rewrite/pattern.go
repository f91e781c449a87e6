// Package rewrite has patterns over IR and the one greedy driver that applies them.
//
// A rule is a line of data: its law, what it matches, what it becomes.
//
//	x := rewrite.Var("x")
//	rewrite.Rule{Law: "x * 1 => x", From: rewrite.Op(aten.OpMul, x, rewrite.Splat(1)), To: x}
//
// The driver indexes rules by the root op, tries commuted operands of commutative
// ops, refuses a replacement whose type differs from what it replaces, and goes on
// until nothing matches. Rules must make programs simpler by some measure, or the
// driver, which bounds its steps, reports that they do not come to an end.
package rewrite

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// Match is what a pattern has bound.
type Match struct {
	Root *ir.Op
	vars []binding // in the order of binding, cut back where a match fails
}

type binding struct {
	name  string
	value *ir.Value
}

// Value bound to a variable, nil if it is not bound.
func (m *Match) Value(name string) *ir.Value {
	for _, b := range m.vars {
		if b.name == name {
			return b.value
		}
	}
	return nil
}

// A Pattern matches a value.
type Pattern interface {
	match(v *ir.Value, m *Match) bool
	// build makes the value that the pattern stands for on the right of a rule.
	build(b *ir.Builder, m *Match) (*ir.Value, error)
	String() string
}

type varPattern string

// Var matches any value, and the same value wherever it occurs again.
func Var(name string) Pattern { return varPattern(name) }

func (p varPattern) String() string { return string(p) }

func (p varPattern) match(v *ir.Value, m *Match) bool {
	if bound := m.Value(string(p)); bound != nil {
		return bound == v
	}
	m.vars = append(m.vars, binding{string(p), v})
	return true
}

func (p varPattern) build(_ *ir.Builder, m *Match) (*ir.Value, error) {
	if v := m.Value(string(p)); v != nil {
		return v, nil
	}
	return nil, fmt.Errorf("variable %s is not bound on the left", string(p))
}

type opPattern struct {
	name ir.OpName
	args []Pattern
	when func(op *ir.Op) bool
}

// Op matches the single result of an op of that name whose operands match args.
func Op(name ir.OpName, args ...Pattern) Pattern { return &opPattern{name: name, args: args} }

// OpWhen is Op with a further condition on the op, such as on its attributes.
func OpWhen(name ir.OpName, when func(op *ir.Op) bool, args ...Pattern) Pattern {
	return &opPattern{name, args, when}
}

func (p *opPattern) String() string {
	text := string(p.name) + "("
	for i, a := range p.args {
		if i > 0 {
			text += ", "
		}
		text += a.String()
	}
	return text + ")"
}

func (p *opPattern) match(v *ir.Value, m *Match) bool {
	op := v.Def()
	if op == nil || op.Name != p.name || op.NumResults() != 1 || op.NumOperands() != len(p.args) {
		return false
	}
	if p.when != nil && !p.when(op) {
		return false
	}
	if p.matchArgs(op, m, false) {
		return true
	}
	return len(p.args) == 2 && op.Has(ir.Commutative) && p.matchArgs(op, m, true)
}

// matchArgs matches the operands, swapped or not, and unbinds on failure.
func (p *opPattern) matchArgs(op *ir.Op, m *Match, swapped bool) bool {
	bound := len(m.vars)
	for i, a := range p.args {
		j := i
		if swapped {
			j = 1 - i
		}
		if !a.match(op.Operand(j), m) {
			m.vars = m.vars[:bound]
			return false
		}
	}
	return true
}

func (p *opPattern) build(b *ir.Builder, m *Match) (*ir.Value, error) {
	var operands []*ir.Value
	for _, a := range p.args {
		v, err := a.build(b, m)
		if err != nil {
			return nil, err
		}
		operands = append(operands, v)
	}
	op, err := b.Try(ir.State{Name: p.name, Operands: operands})
	if err != nil {
		return nil, err
	}
	return op.Result(0), nil
}

type splatPattern float64

// Splat matches a constant all of whose elements are v.
func Splat(v float64) Pattern { return splatPattern(v) }

func (p splatPattern) String() string { return fmt.Sprint(float64(p)) }

func (p splatPattern) match(v *ir.Value, _ *Match) bool {
	got, ok := SplatValue(v)
	if !ok {
		return false
	}
	if ir.IsFloat(v.Type()) {
		return got.F == float64(p)
	}
	return float64(got.I) == float64(p)
}

func (p splatPattern) build(*ir.Builder, *Match) (*ir.Value, error) {
	return nil, fmt.Errorf("a constant on the right needs a type: build it with Do")
}

// SplatValue is the number that all elements of v are, if v comes from a constant
// op with a number in its attribute "value".
func SplatValue(v *ir.Value) (ir.Scalar, bool) {
	op := v.Def()
	if op == nil || !op.Has(ir.ConstantLike) {
		return ir.Scalar{}, false
	}
	switch a := op.Attr("value").(type) {
	case ir.FloatAttr:
		return ir.Scalar{F: a.Value}, true
	case ir.IntegerAttr:
		return ir.Scalar{I: a.Value, F: float64(a.Value)}, true
	}
	return ir.Scalar{}, false
}

type doPattern struct {
	text string
	make func(b *ir.Builder, m *Match) *ir.Value
}

// Do builds the right side of a rule in Go; a nil result means the rule does not
// apply after all. text says what it builds.
func Do(text string, make func(b *ir.Builder, m *Match) *ir.Value) Pattern {
	return &doPattern{text, make}
}

func (p *doPattern) String() string { return p.text }

func (p *doPattern) match(*ir.Value, *Match) bool { return false }

func (p *doPattern) build(b *ir.Builder, m *Match) (*ir.Value, error) { return p.make(b, m), nil }

// A Rule replaces what From matches by what To builds.
type Rule struct {
	Law  string // as a person would write it: "x * 1 => x"
	From Pattern
	To   Pattern
	When func(m *Match) bool // a further condition, nil for none
	// FastMath marks laws of real numbers that floats break (x * 0 => 0 drops a NaN);
	// they fire on integers only, unless the driver is told otherwise.
	FastMath bool
}

// Root is the op that the rule starts at; "" if From does not start with an op.
func (r *Rule) Root() ir.OpName {
	if p, ok := r.From.(*opPattern); ok {
		return p.name
	}
	return ""
}
