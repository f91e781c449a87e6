// Package funcs is MLIR's func dialect, version 16: functions, calls and returns.
//
//	func.func private @sum(memref<4xf32>) -> f32
//	func.func @twice(%x: memref<4xf32> {cladopt.name = "x"}) -> f32 attributes {cladopt.kernel} {
//	  %s = func.call @sum(%x) : (memref<4xf32>) -> f32
//	  %t = arith.addf %s, %s : f32
//	  func.return %t : f32
//	}
//
// A private function without a body is a declaration. Attributes of arguments,
// results and functions that are not MLIR's have a prefix, as cladopt.kernel.
package funcs

import (
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// The ops.
const (
	OpFunc   ir.OpName = "func.func"
	OpCall   ir.OpName = "func.call"
	OpReturn ir.OpName = "func.return"
)

// The attributes of a function besides its name.
const (
	functionType = "function_type"
	visibility   = "sym_visibility"
	argAttrs     = "arg_attrs"
	resultAttrs  = "res_attrs"
)

// Dialect lists the ops.
func Dialect() *ir.Dialect {
	return &ir.Dialect{Name: "func", Summary: "MLIR's functions and calls", Ops: []*ir.OpDef{&funcDef, &callDef, &returnDef}}
}

// NewFunc appends a function with an empty entry block to the module.
func NewFunc(m *ir.Module, name string, t *ir.FunctionType) *ir.Op {
	b := ir.NewBuilder(m.Ctx, m.Body())
	return b.Insert(ir.State{Name: OpFunc, Results: []ir.Type{}, Regions: []*ir.Region{ir.NewRegion(ir.NewBlock(t.Inputs()...))},
		Attrs: []ir.NamedAttr{{Name: functionType, Attr: ir.TypeAttr{Type: t}}, {Name: ir.SymbolName, Attr: ir.StringAttr(name)}}})
}

// Declare appends a private function without a body to the module.
func Declare(m *ir.Module, name string, t *ir.FunctionType) *ir.Op {
	return ir.NewBuilder(m.Ctx, m.Body()).Insert(ir.State{Name: OpFunc, Results: []ir.Type{}, Regions: []*ir.Region{ir.NewRegion()},
		Attrs: []ir.NamedAttr{{Name: functionType, Attr: ir.TypeAttr{Type: t}}, {Name: ir.SymbolName, Attr: ir.StringAttr(name)},
			{Name: visibility, Attr: ir.StringAttr("private")}}})
}

// Call calls a function.
func Call(b *ir.Builder, callee *ir.Op, operands ...*ir.Value) *ir.Op {
	return b.Insert(ir.State{Name: OpCall, Operands: operands, Results: Type(callee).Results(),
		Attrs: []ir.NamedAttr{{Name: "callee", Attr: ir.SymbolRefAttr{Path: callee.Str(ir.SymbolName)}}}})
}

// Return ends a function.
func Return(b *ir.Builder, values ...*ir.Value) *ir.Op {
	return b.Insert(ir.State{Name: OpReturn, Operands: values, Results: []ir.Type{}})
}

// Type is the type of a function; one without a type has none of inputs and results.
func Type(f *ir.Op) *ir.FunctionType {
	if a, ok := f.Attr(functionType).(ir.TypeAttr); ok {
		if t, ok := a.Type.(*ir.FunctionType); ok {
			return t
		}
	}
	return ir.Func(nil, nil)
}

// SetType changes the type of a function. Attributes of arguments and results are
// kept where their number stays the same and dropped where it does not.
func SetType(f *ir.Op, t *ir.FunctionType) {
	f.SetAttr(functionType, ir.TypeAttr{Type: t})
	for name, n := range map[string]int{argAttrs: len(t.Inputs()), resultAttrs: len(t.Results())} {
		if a, ok := f.Attr(name).(*ir.ArrayAttr); ok && len(a.Elems) != n {
			f.SetAttr(name, nil)
		}
	}
}

// ArgAttrs is the attributes of argument i; never nil.
func ArgAttrs(f *ir.Op, i int) *ir.DictAttr { return listed(f, argAttrs, i) }

// ResultAttrs is the attributes of result i; never nil.
func ResultAttrs(f *ir.Op, i int) *ir.DictAttr { return listed(f, resultAttrs, i) }

// SetArgAttr sets an attribute of argument i; nil removes it.
func SetArgAttr(f *ir.Op, i int, name string, attr ir.Attr) {
	setListed(f, argAttrs, len(Type(f).Inputs()), i, name, attr)
}

// SetResultAttr sets an attribute of result i; nil removes it.
func SetResultAttr(f *ir.Op, i int, name string, attr ir.Attr) {
	setListed(f, resultAttrs, len(Type(f).Results()), i, name, attr)
}

func setListed(f *ir.Op, list string, n, i int, name string, attr ir.Attr) {
	elems := make([]ir.Attr, n)
	empty := true
	for j := range elems {
		d := listed(f, list, j)
		if j == i {
			d = d.With(name, attr)
		}
		elems[j] = d
		empty = empty && len(d.Entries) == 0
	}
	if empty {
		f.SetAttr(list, nil) // as the text leaves it out
		return
	}
	f.SetAttr(list, ir.Array(elems...))
}

func listed(f *ir.Op, name string, i int) *ir.DictAttr {
	if a, ok := f.Attr(name).(*ir.ArrayAttr); ok && i < len(a.Elems) {
		if d, ok := a.Elems[i].(*ir.DictAttr); ok {
			return d
		}
	}
	return ir.Dict()
}

var (
	aString = ir.AttrKind{Name: "a string", Holds: func(a ir.Attr) bool { _, ok := a.(ir.StringAttr); return ok }}
	aSymbol = ir.AttrKind{Name: "a symbol", Holds: func(a ir.Attr) bool { _, ok := a.(ir.SymbolRefAttr); return ok }}
	// prefixed are dictionaries of attributes that all have a dialect's prefix.
	prefixed = ir.AttrKind{Name: "an array of dictionaries of attributes with a dialect's prefix", Holds: func(a ir.Attr) bool {
		l, ok := a.(*ir.ArrayAttr)
		if !ok {
			return false
		}
		for _, e := range l.Elems {
			d, ok := e.(*ir.DictAttr)
			if !ok {
				return false
			}
			for _, n := range d.Entries {
				if !strings.Contains(n.Name, ".") {
					return false
				}
			}
		}
		return true
	}}
)

var funcDef = ir.OpDef{
	Name: OpFunc, Summary: "a function",
	Example: "func.func @f(%x: f32) -> f32 {\n  func.return %x : f32\n}",
	Regions: 1, Traits: ir.IsolatedFromAbove,
	Attrs: []ir.AttrParam{
		{Name: ir.SymbolName, Required: true, Kind: aString, Doc: "the name"},
		{Name: functionType, Required: true, Doc: "the types of arguments and results",
			Kind: ir.AttrKind{Name: "a function type", Holds: func(a ir.Attr) bool {
				t, ok := a.(ir.TypeAttr)
				if ok {
					_, ok = t.Type.(*ir.FunctionType)
				}
				return ok
			}}},
		{Name: visibility, Doc: "who may refer to it; absent means public",
			Kind: ir.AttrKind{Name: `"public", "private" or "nested"`, Holds: func(a ir.Attr) bool {
				return a == ir.StringAttr("public") || a == ir.StringAttr("private") || a == ir.StringAttr("nested")
			}}},
		{Name: argAttrs, Kind: prefixed, Doc: "attributes of each argument"},
		{Name: resultAttrs, Kind: prefixed, Doc: "attributes of each result"},
	},
	Verify: verifyFunc,
	Print:  printFunc, Parse: parseFunc,
}

func verifyFunc(op *ir.Op) error {
	t := Type(op)
	for _, l := range []struct {
		name string
		n    int
	}{{argAttrs, len(t.Inputs())}, {resultAttrs, len(t.Results())}} {
		if a, ok := op.Attr(l.name).(*ir.ArrayAttr); ok && len(a.Elems) != l.n {
			return op.Errorf("%s has %d entries, expected %d", l.name, len(a.Elems), l.n)
		}
	}
	if op.Body() == nil {
		if v := op.Str(visibility); v != "private" && v != "nested" {
			return op.Errorf("has no body and must be private")
		}
		return nil
	}
	args, want := op.Body().Args(), t.Inputs()
	if len(args) != len(want) {
		return op.Errorf("entry block has %d arguments, the function type has %d", len(args), len(want))
	}
	for i, a := range args {
		if a.Type() != want[i] {
			return op.Errorf("entry block argument %d has type %s, the function type says %s", i, a.Type(), want[i])
		}
	}
	return nil
}

var callDef = ir.OpDef{
	Name: OpCall, Summary: "a call of a function",
	Example:  "%r = func.call @f(%x) : (f32) -> f32",
	Operands: ir.Params(ir.Var("operands", ir.AnyType)),
	Results:  ir.Params(ir.Var("results", ir.AnyType)),
	Attrs:    []ir.AttrParam{{Name: "callee", Required: true, Kind: aSymbol, Doc: "the function"}},
	Verify: func(op *ir.Op) error {
		f, err := ir.CheckSymbol(op, "callee", OpFunc)
		if err != nil {
			return err
		}
		want := ir.Func(ir.TypesOf(op.Operands()), ir.TypesOf(op.Results()))
		if got := Type(f); got != want {
			return op.Errorf("calls @%s with type %s, which has type %s (V8)", f.Str(ir.SymbolName), want, got)
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
		p.Write("func.call ", ref.String(), "(")
		p.Operands(op.Operands())
		p.Write(")")
		p.AttrDict(op, "callee")
		p.Write(" : ")
		p.FunctionType(op)
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		name, err := p.ParseSymbolName()
		if err != nil {
			return err
		}
		s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "callee", Attr: ir.SymbolRefAttr{Path: name}})
		if err := p.ParseToken("("); err != nil {
			return err
		}
		operands, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		pos := p.Pos()
		t, err := p.ParseFunctionType()
		if err != nil {
			return err
		}
		s.Results = t.Results()
		return p.ResolveAll(operands, t.Inputs(), pos, s)
	},
}

var returnDef = ir.OpDef{
	Name: OpReturn, Summary: "the end of a function, with its results",
	Example:  "func.return %x : f32",
	Operands: ir.Params(ir.Var("operands", ir.AnyType)),
	Traits:   ir.Terminator | ir.Pure,
	Verify: func(op *ir.Op) error {
		f := op.Parent()
		if f == nil || f.Name != OpFunc {
			return op.Errorf("must stand in a %s", OpFunc)
		}
		want, got := Type(f).Results(), ir.TypesOf(op.Operands())
		if len(want) != len(got) {
			return op.Errorf("returns %d values, @%s has %d results", len(got), f.Str(ir.SymbolName), len(want))
		}
		for i := range want {
			if want[i] != got[i] {
				return op.Errorf("returns value %d of type %s, @%s has %s", i, got[i], f.Str(ir.SymbolName), want[i])
			}
		}
		return nil
	},
	Print: func(p *ir.Printer, op *ir.Op) {
		p.Write("func.return")
		p.AttrDict(op)
		if op.NumOperands() > 0 {
			p.Write(" ")
			p.Operands(op.Operands())
			p.Write(" : ")
			p.Types(ir.TypesOf(op.Operands()))
		}
	},
	Parse: func(p ir.AsmParser, s *ir.State) error {
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
		s.Results = []ir.Type{}
		pos := p.Pos()
		operands, err := p.ParseOperandList()
		if err != nil || len(operands) == 0 {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		types, err := p.ParseTypeList()
		if err != nil {
			return err
		}
		return p.ResolveAll(operands, types, pos, s)
	},
}
