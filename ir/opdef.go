package ir

import (
	"fmt"
	"strings"
)

// Trait is a set of facts about every op of a kind.
type Trait uint32

// The traits.
const (
	// Pure ops have no side effect and may be removed or merged when equal.
	Pure Trait = 1 << iota
	// Commutative ops of two operands may swap them.
	Commutative
	// Elementwise ops compute each element of their results from the elements of the
	// operands at the same place, after ATen's broadcasting; they have a Scalar body.
	Elementwise
	// Terminator ops end a block.
	Terminator
	// IsolatedFromAbove ops have regions that use no value from outside.
	IsolatedFromAbove
	// SymbolTable ops hold ops that have symbol names.
	SymbolTable
	// NoTerminator ops have regions whose blocks need no terminator.
	NoTerminator
	// ConstantLike ops have no operand and a value known at compile time.
	ConstantLike
	// View ops only rename the elements of their operand; the importer tracks writes
	// through them.
	View
	// NotDifferentiable ops have results that carry no gradient (comparisons, detach).
	NotDifferentiable
	// Contraction ops read each element of an operand many times (matmul, convolution):
	// nothing is fused into their operands, and they are never computed twice.
	Contraction
	// PureOnTensors ops are Pure where no operand is memory: loop nests that compute
	// tensors or, with the same name, write to memrefs.
	PureOnTensors
)

// A Param describes an operand or a result.
type Param struct {
	Name string
	Type Constraint
	Kind ParamKind
}

// ParamKind says how many values a Param stands for.
type ParamKind int

// The kinds of Param.
const (
	One ParamKind = iota
	Optional
	Variadic
)

// A Constraint is a named set of types.
type Constraint struct {
	Name  string // as in "must be NAME"
	Holds func(Type) bool
}

// Params makes a parameter list.
func Params(ps ...Param) []Param { return ps }

// P is a single parameter.
func P(name string, c Constraint) Param { return Param{name, c, One} }

// Opt is an optional parameter, absent or one value. Only the last operands may be.
func Opt(name string, c Constraint) Param { return Param{name, c, Optional} }

// Var is a parameter of any number of values. At most one is, and then all others are single.
func Var(name string, c Constraint) Param { return Param{name, c, Variadic} }

// AnyType holds for every type.
var AnyType = Constraint{"any type", func(Type) bool { return true }}

// An AttrParam describes an attribute.
type AttrParam struct {
	Name string
	Kind AttrKind
	// Default is the value meant when the attribute is absent; nil with Required
	// false means absence has a meaning of its own, which Doc tells.
	Default  Attr
	Required bool
	// Convention marks an attribute that no argument of a node gives: it stands for
	// what some versions of LibTorch do, and the importer sets it for the graphs
	// that declare it.
	Convention bool
	Doc        string
}

// AttrKind is a named set of attributes.
type AttrKind struct {
	Name  string
	Holds func(Attr) bool
}

// An OpDef says everything about an op; nothing about an op is said elsewhere.
// Fields that do not apply stay nil.
type OpDef struct {
	Name        OpName
	Summary     string // one line
	Description string // more, if it needs more: semantics, formula, source
	Example     string // an op in pretty form, used in docs and tests
	// Torch lists the ATen schemas that import as this op, as native_functions.yaml
	// spells them: "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1)".
	// See [Signature] for how their arguments become operands and attributes.
	Torch []string

	Operands []Param
	Results  []Param
	Attrs    []AttrParam
	Regions  int
	Traits   Trait

	// Infer computes the result types. Nil: they are given with the op.
	Infer func(in *Inference) ([]Type, error)
	// Verify checks what the parameters cannot say.
	Verify func(op *Op) error

	// Scalar builds one lane of an elementwise op from arith and math ops: args are
	// scalars of the operands' element types, the result one scalar for each result.
	Scalar func(b *Builder, op *Op, args []*Value) []*Value
	// Lower replaces a structured op on tensors by simpler ones (linalg.generic, other
	// ops of its own dialect) and returns the values for its results.
	Lower func(b *Builder, op *Op) []*Value
	// Loops writes a structured op as loops over memory: args are memrefs for the
	// operands, outs for the results. An op has Scalar, Lower or Loops, not two of them.
	Loops func(b *Builder, op *Op, args, outs []*Value)
	// Decompose rewrites a composite op into ops of its own dialect that no later pass
	// wants whole; the decompose pass calls it.
	Decompose func(b *Builder, op *Op) []*Value
	// VJP builds the adjoint of each operand, nil where there is none, from those of
	// the results (nil: no adjoint arrived). Adjoints have the operand's shape; for
	// elementwise ops on tensors it is derived from Scalar and stays nil.
	VJP func(b *Builder, op *Op, douts []*Value) []*Value

	// Differentiable says why VJP does not hold for the operands marked in wrt; nil
	// where it always does. Passes ask before they call VJP.
	Differentiable func(op *Op, wrt []bool) error

	// Sample is the range that random tests draw operand i from; nil means -2 to 2 for
	// floats, 0 to 2 for integers.
	Sample func(op *Op, i int) (lo, hi float64)

	// Eval computes a scalar op; constant folding and the interpreter use it. Floats
	// come and go as float64 and are rounded to the result type by the caller.
	Eval func(op *Op, in []Scalar) (Scalar, error)
	// Cpp is the C++ expression of a scalar op, $0, $1.. standing for the operands. For
	// ops whose expression depends on attributes or types there is CppFunc.
	Cpp     string
	CppFunc func(op *Op, args []string) string

	// Print and Parse give a custom assembly form. Nil: generic form, except that ops
	// of a dialect with uniform pretty form (see Printer) print in that.
	Print func(p *Printer, op *Op)
	Parse func(p AsmParser, s *State) error

	uniform bool // set by NewContext from the dialect
}

// checkOperandCount is an error if n operands cannot match the parameters.
func (d *OpDef) checkOperandCount(n int) error {
	least, most := 0, 0
	for _, p := range d.Operands {
		switch p.Kind {
		case One:
			least++
			most++
		case Optional:
			most++
		case Variadic:
			most = 1 << 30
		}
	}
	switch {
	case n >= least && n <= most:
		return nil
	case least == most:
		return fmt.Errorf("got %d operands, expected %d", n, least)
	case most == 1<<30:
		return fmt.Errorf("got %d operands, expected at least %d", n, least)
	}
	return fmt.Errorf("got %d operands, expected %d to %d", n, least, most)
}

// fits reports whether op has the numbers of operands, results and regions that the
// definition lists, so that its Print function may rely on them; an op that does not
// fit prints in generic form.
func (d *OpDef) fits(op *Op) bool {
	least, variadic := 0, false
	for _, p := range d.Results {
		if p.Kind == Variadic {
			variadic = true
		} else {
			least++
		}
	}
	n := len(op.results)
	return d.checkOperandCount(len(op.operands)) == nil && n >= least && (variadic || n == least) &&
		len(op.regions) == d.Regions
}

// ParamOf is the parameter that value i of n stands for in params, with the
// variadic one taking what the single ones leave; nil if more than one is variadic,
// when the op itself says which is which.
func ParamOf(params []Param, i, n int) *Param {
	variadic := -1
	for j, p := range params {
		if p.Kind == Variadic {
			if variadic >= 0 {
				return nil
			}
			variadic = j
		}
	}
	if variadic >= 0 {
		extra := n - len(params)
		switch {
		case i >= variadic && i <= variadic+extra:
			i = variadic
		case i > variadic+extra:
			i -= extra
		}
	}
	if i >= len(params) {
		return nil
	}
	return &params[i]
}

// validate reports a definition that contradicts itself.
func (d *OpDef) validate(dialect string) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("definition of %s: %s", d.Name, fmt.Sprintf(format, args...))
	}
	if !strings.HasPrefix(string(d.Name), dialect+".") {
		return bad("name does not start with the dialect's, %q", dialect)
	}
	if d.Summary == "" || strings.Contains(d.Summary, "\n") {
		return bad("Summary must be one line")
	}
	if d.Traits&Elementwise != 0 && d.Scalar == nil {
		return bad("an elementwise op needs a Scalar body")
	}
	ways := 0
	for _, has := range []bool{d.Scalar != nil, d.Lower != nil, d.Loops != nil} {
		if has {
			ways++
		}
	}
	if ways > 1 {
		return bad("has more than one of Scalar, Lower, Loops")
	}
	for i, p := range d.Operands {
		if p.Kind == Optional && i < len(d.Operands)-1 && d.Operands[i+1].Kind == One {
			return bad("operand %s is optional but %s after it is not", p.Name, d.Operands[i+1].Name)
		}
	}
	seen := map[string]bool{}
	for _, a := range d.Attrs {
		if seen[a.Name] {
			return bad("attribute %s is listed twice", a.Name)
		}
		seen[a.Name] = true
	}
	return nil
}

// Uniform reports whether ops of this kind print in the uniform pretty form.
func (d *OpDef) Uniform() bool { return d.uniform && d.Print == nil }

// Attr is the attribute parameter of that name, or nil.
func (d *OpDef) Attr(name string) *AttrParam {
	for i := range d.Attrs {
		if d.Attrs[i].Name == name {
			return &d.Attrs[i]
		}
	}
	return nil
}
