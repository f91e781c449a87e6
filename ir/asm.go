package ir

import "github.com/cladopt/cladopt/diag"

// AsmParser is what the Parse function of an op definition reads from. The result
// names and the op name have been read; Parse reads the rest into the State it is
// given. Methods named Parse report an error if the text is something else;
// those named Optional return false and read nothing.
type AsmParser interface {
	// Pos is where the next token starts.
	Pos() diag.Pos
	// Errorf is an error at pos.
	Errorf(pos diag.Pos, format string, args ...any) error
	// Context of the module being read.
	Context() *Context

	// ParseToken and OptionalToken read punctuation: ( ) { } [ ] < > , : = -> ::
	ParseToken(tok string) error
	OptionalToken(tok string) bool
	ParseKeyword(word string) error
	OptionalKeyword(word string) bool
	// AnyKeyword reads a bare identifier.
	AnyKeyword() (string, error)

	ParseInteger() (int64, error)
	ParseString() (string, error)
	// ParseSymbolName reads @name.
	ParseSymbolName() (string, error)
	OptionalSymbolName() (string, bool)

	ParseType() (Type, error)
	// ParseTypeList reads types up to, not including, a token that cannot go on.
	ParseTypeList() ([]Type, error)
	// ParseFunctionType reads (types) -> types.
	ParseFunctionType() (*FunctionType, error)
	ParseAttr() (Attr, error)
	// ParseTypedAttr reads an attribute whose number has type t if none is written.
	ParseTypedAttr(t Type) (Attr, error)
	// OptionalAttrDict reads { k = v, .. } into s if it is there.
	OptionalAttrDict(s *State) error
	// OptionalAttrDictWithKeyword reads attributes { k = v, .. } if it is there.
	OptionalAttrDictWithKeyword(s *State) error

	// ParseOperand reads %name or %name#i; it may be a forward reference.
	ParseOperand() (UnresolvedOperand, error)
	OptionalOperand() (UnresolvedOperand, bool, error)
	// ParseOperandList reads operands separated by commas, possibly none.
	ParseOperandList() ([]UnresolvedOperand, error)
	// Resolve finds the value of an operand of known type.
	Resolve(o UnresolvedOperand, t Type) (*Value, error)
	// ResolveAll resolves operands pairwise with types into s.
	ResolveAll(os []UnresolvedOperand, types []Type, pos diag.Pos, s *State) error

	// ResolveInto resolves one operand into s.
	ResolveInto(o UnresolvedOperand, t Type, s *State) error
	// ResolveSame resolves operands that all have type t into s.
	ResolveSame(os []UnresolvedOperand, t Type, s *State) error

	// ParseRegion reads { ... }; entry gives names and types of the entry block's
	// arguments where the op spells them itself, nil where the text has a label.
	ParseRegion(entry []Argument) (*Region, error)
	// OptionalRegion is ParseRegion if a { follows.
	OptionalRegion(entry []Argument) (*Region, bool, error)
	// OptionalLoc reads loc(...) if it follows, else returns def.
	OptionalLoc(def Loc) (Loc, error)
	// ParseArgument reads %name : type {attrs} for a region's argument.
	ParseArgument() (Argument, error)
	// EnsureTerminator appends a terminator without operands to r's only block if it
	// has none.
	EnsureTerminator(r *Region, terminator OpName)
	// NumResults is how many result names stand before the op, -1 if none.
	NumResults() int
}

// UnresolvedOperand is the name of a value whose type is not known yet.
type UnresolvedOperand struct {
	Name  string // without %
	Index int    // of %name#index
	Pos   diag.Pos
}

// Argument is an argument of an entry block as an op spells it.
type Argument struct {
	Name  UnresolvedOperand
	Type  Type
	Attrs *DictAttr // nil if none
	Loc   Loc
}
