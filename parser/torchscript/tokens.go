package torchscript

import (
	"fmt"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// The types of tokens. A token's value is its source text, except that of
// tokBad, which is what is wrong, and that of tokScope, which is the bare path.
const (
	tokBad lexer.TokenType = lexer.EOF - 1 - iota
	tokVar
	tokOp
	tokPyOp
	tokType
	tokSuffix
	tokBlock
	tokScope
	tokOrigin
	tokIdent
	tokString
	tokInt
	tokFloat
	tokComplex
	tokRawTensor
	tokElided
	tokPunct
)

// tokens names the types of tokens and gives their syntax. Of those, the
// grammar does not use Bad.
var tokens = []struct {
	kind         lexer.TokenType
	name, syntax string
}{
	{lexer.EOF, "EOF", ``},
	{tokBad, "Bad", ``},
	{tokVar, "Var", `"%" ( letter | digit | "_" | "." | "/" | ":" )+`},
	{tokOp, "Op", `name ( "::" name )+`},
	{tokPyOp, "PyOp", `"^" name ( "(" text ")" )?    (the text only if the operands' "(" follows)`},
	{tokType, "Type", `type    (see below; after a value's ":", after "annotate(", or as a value)`},
	{tokSuffix, "Suffix", `"?" | "[]"    (after the ")" of a tuple in an attribute)`},
	{tokBlock, "Block", `"block" digit+`},
	{tokScope, "Scope", `", scope: " text    (to " # " or the end of the line)`},
	{tokOrigin, "Origin", `"# " file ":" line ":" column    (to the end of the line; other comments are skipped, but one before the graph: "# conventions:" ( name "." name )*)`},
	{tokIdent, "Ident", `name`},
	{tokString, "String", `"\"" ( char | "\\" ( one of abfnrtv\"'?\\ | octal octal octal ) )* "\""`},
	{tokInt, "Int", `"-"? digit+`},
	{tokFloat, "Float", `"-"? ( digit+ "." digit* exponent? | digit+ exponent | "inf" | "nan" )`},
	{tokComplex, "Complex", `( ( int | float ) ( "+" | "-" ) )? ( int | float ) "j"`},
	{tokRawTensor, "RawTensor", `ATen's print of a tensor, ending in its type: [ CPUFloatType{2,3} ]`},
	{tokElided, "Elided", `"<" name ">" | "[<" name ">]" | "object(" address ")"`},
	{tokPunct, "Punct", `one of ()[]{}=:,  or "->"`},
}

// typeSyntax is the grammar inside a Type token.
const typeSyntax = `type   = base ( "?" | "[]" )* .
base   = tensor | "(" types ")" | "NamedTuple(" name ":" type ( "," name ":" type )* ")"
       | "Dict(" type "," type ")" | "Union(" types ")" | "Future[" type "]" | "RRef[" type "]" | "Await[" type "]"
       | "Enum<" name ">" | "InterfaceType<" name ">" | simple | classname
       | "List[" type "]" | "Optional[" type "]" | "Dict[" type "," type "]" | "Tuple[" types "]" | "Union[" types "]" .
types  = ( type ( "," type )* )? .
tensor = ( "Tensor" | dtype "Tensor"? ) ( "(" ( field ( "," field )* )? ")" )? "[Undefined]"? .
field  = number | "*" | "SS(-" number ")"
       | "strides=[" ( ( number | "*" ) ( "," ( number | "*" ) )* )? "]" | "requires_grad=" ( "0" | "1" ) | "device=" name ( ":" number )? .`

// definition tells participle the tokens of the language.
type definition struct{}

// Symbols implements lexer.Definition.
func (definition) Symbols() map[string]lexer.TokenType {
	symbols := map[string]lexer.TokenType{}
	for _, t := range tokens {
		symbols[t.name] = t.kind
	}
	return symbols
}

// LexString implements lexer.StringDefinition.
func (definition) LexString(file, src string) (lexer.Lexer, error) {
	return newScanner(file, src), nil
}

// describe names a token for a message.
func describe(t *lexer.Token) string {
	switch t.Type {
	case lexer.EOF:
		return "the end of the text"
	case tokScope:
		return `", scope:"`
	case tokOrigin:
		return "a comment"
	}
	v := t.Value
	if len(v) > 40 {
		v = v[:40] + "..."
	}
	if strings.HasPrefix(v, `"`) {
		return v
	}
	return fmt.Sprintf("%q", v)
}
