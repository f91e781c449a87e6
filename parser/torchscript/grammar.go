package torchscript

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/cladopt/cladopt/diag"
)

// The grammar. Parse uses the first four rules as they stand and reads a body by
// hand (body.go), which is five times faster; Grammar prints all of them, and the
// tests hold the two readings of a body against each other.

type fileRule struct {
	Pos   lexer.Position
	Graph *graphRule  `parser:"@@"`
	With  []*withRule `parser:"@@*"`
}

type withRule struct {
	Pos   lexer.Position
	Name  string     `parser:"'with' @Op '='"`
	Graph *graphRule `parser:"@@"`
}

type graphRule struct {
	Pos     lexer.Position
	Params  []*paramRule `parser:"'graph' '(' ( @@ ( ',' @@ )* )? ')' ':'"`
	Body    bodyRule     `parser:"@@?"`
	Results []*varRule   `parser:"'return' '(' ( @@ ( ',' @@ )* )? ')' Origin?"`
}

type paramRule struct {
	Var  *varRule  `parser:"@@"`
	Type *typeRule `parser:"( ':' @@ )?"`
}

type varRule struct {
	Pos  lexer.Position
	Name string `parser:"@Var"`
}

type typeRule struct {
	Pos  lexer.Position
	Text string `parser:"@Type"`
}

// bodyRule is a nodesRule to Grammar and a *body to Parse.
type bodyRule any

type nodesRule struct {
	Nodes []*nodeRule `parser:"@@+"`
}

type nodeRule struct {
	Outputs []*paramRule `parser:"( ( @@ ( ',' @@ )* )? '=' )?"`
	Op      string       `parser:"( @Op"`
	Attrs   []*attrRule  `parser:"( '[' ( @@ ( ',' @@ )* )? ']' )?"`
	Python  string       `parser:"| @PyOp )"`
	Inputs  []*varRule   `parser:"'(' ( @@ ( ',' @@ )* )? ')'"`
	Scope   string       `parser:"@Scope?"`
	Origin  string       `parser:"@Origin?"`
	Blocks  []*blockRule `parser:"@@*"`
}

type blockRule struct {
	Params  []*paramRule `parser:"Block '(' ( @@ ( ',' @@ )* )? ')' ':'"`
	Nodes   []*nodeRule  `parser:"@@*"`
	Results []*varRule   `parser:"'->' '(' ( @@ ( ',' @@ )* )? ')' Origin?"`
}

type attrRule struct {
	Name  string     `parser:"@Ident '='"`
	Value *valueRule `parser:"@@"`
}

type valueRule struct {
	Literal   string         `parser:"  @( String | Int | Float | Complex | RawTensor | Elided | Type )"`
	Annotated *annotatedRule `parser:"| @@"`
	Name      *nameRule      `parser:"| @@"`
	List      *listRule      `parser:"| @@"`
	Tuple     *tupleRule     `parser:"| @@"`
	Dict      *dictRule      `parser:"| @@"`
}

type annotatedRule struct {
	Type  *typeRule  `parser:"'annotate' '(' @@ ','"`
	Value *valueRule `parser:"@@ ')'"`
}

type nameRule struct {
	Name string     `parser:"(?! 'annotate' '(' ) @Ident"`
	Args []*argRule `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
}

type argRule struct {
	Named *attrRule  `parser:"  (?= Ident '=' ) @@"`
	Value *valueRule `parser:"| @@"`
}

type listRule struct {
	Elems []*valueRule `parser:"'[' ( @@ ( ',' @@ )* )? ']'"`
}

type tupleRule struct {
	Elems []*valueRule `parser:"'(' ( @@ ( ',' @@ )* ','? )? ')' Suffix*"`
}

// dictRule is a dict, or with one value alone a tensor of one element.
type dictRule struct {
	Key   *valueRule   `parser:"'{' ( @@"`
	Value *valueRule   `parser:"( ':' @@"`
	Rest  []*entryRule `parser:"( ',' @@ )* )? )? '}'"`
}

type entryRule struct {
	Key   *valueRule `parser:"@@ ':'"`
	Value *valueRule `parser:"@@"`
}

// fileParser is the grammar with the body read by hand. Without lookahead it
// decides on one token and reports the first that does not fit.
var fileParser = sync.OnceValue(func() *participle.Parser[fileRule] {
	return participle.MustBuild[fileRule](participle.Lexer(definition{}), participle.UseLookahead(0),
		participle.ParseTypeWith(readBody))
})

// grammarParser is the grammar and nothing else.
var grammarParser = sync.OnceValue(func() *participle.Parser[fileRule] {
	return participle.MustBuild[fileRule](participle.Lexer(definition{}), participle.UseLookahead(participle.MaxLookahead),
		participle.Union[bodyRule](nodesRule{}))
})

// Grammar is the syntax that Parse reads, in EBNF: the rules, then the tokens
// (in angle brackets in the rules), then what stands inside a Type token.
func Grammar() string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(grammarParser().String(), "Rule", ""))
	b.WriteString("\n\n")
	for _, t := range tokens {
		if t.syntax != "" {
			fmt.Fprintf(&b, "<%s> = %s .\n", strings.ToLower(t.name), t.syntax)
		}
	}
	b.WriteString("\n" + typeSyntax + "\n")
	return b.String()
}

// Parse reads src, the text of the named file. The error is a *diag.List that
// holds every fault found, each with its line of source.
func Parse(file string, src []byte) (*File, error) {
	text := string(src)
	tokens, err := lexer.Upgrade(newScanner(file, text))
	if err != nil { // the scanner never fails
		return nil, located(file, text, []*diag.Error{diag.Errorf(diag.Pos{File: file}, "%s", err)})
	}
	rule, err := fileParser().ParseFromLexer(tokens)
	f, faults := fileFrom(rule)
	if err != nil {
		faults = append(faults, headerFault(err, f.Graph == nil))
	}
	if len(faults) > 0 {
		return nil, located(file, text, faults)
	}
	f.Conventions = conventions(file, text)
	return f, nil
}

// headerFault turns participle's error into ours. At the start nothing has been
// read yet.
func headerFault(err error, start bool) *diag.Error {
	var unexpected *participle.UnexpectedTokenError
	if errors.As(err, &unexpected) {
		// The message ends in the rest of the rule, which begins with what is due.
		_, rest, _ := strings.Cut(unexpected.Message(), "(expected ")
		want, err := strconv.QuotedPrefix(rest)
		switch {
		case err == nil:
		case strings.HasPrefix(rest, "Type"):
			want = "a type"
		case strings.HasPrefix(rest, "Graph"):
			want = `"graph"`
		case strings.HasPrefix(rest, "<op>"):
			want = "an op such as prim::DifferentiableGraph_0"
		case rest == "" && start:
			e := unexpectedToken(&unexpected.Unexpected, `"graph"`)
			e.Remedy = "give the text that torch::jit::Graph::toString() returns"
			return e
		case rest == "":
			want = `"with" or the end of the text`
		default:
			want = "a value such as %1"
		}
		return unexpectedToken(&unexpected.Unexpected, want)
	}
	var fault participle.Error
	if errors.As(err, &fault) {
		return diag.Errorf(position(fault.Position()), "%s", fault.Message())
	}
	return diag.Errorf(diag.Pos{}, "%s", err)
}

// unexpectedToken reports got where want is due.
func unexpectedToken(got *lexer.Token, want string) *diag.Error {
	if got.Type == tokBad {
		return diag.Errorf(position(got.Pos), "%s", got.Value)
	}
	return diag.Errorf(position(got.Pos), "got %s, expected %s", describe(got), want)
}

func position(p lexer.Position) diag.Pos {
	return diag.Pos{File: p.Filename, Line: p.Line, Col: p.Column}
}

// maxErrors bounds how many errors are listed; a graph with more is not read to
// its end.
const maxErrors = 50

// located sorts faults by position, gives each its line of text and lists them.
func located(file, text string, faults []*diag.Error) error {
	sort.SliceStable(faults, func(i, j int) bool {
		a, b := faults[i].Pos, faults[j].Pos
		return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
	})
	var list diag.List
	line := 1
	for i, e := range faults {
		if i == maxErrors {
			list.Add(diag.Errorf(diag.Pos{File: file}, "more than %d errors, the others are not shown", maxErrors))
			break
		}
		for ; line < e.Pos.Line; line++ {
			_, text, _ = strings.Cut(text, "\n")
		}
		if e.Pos.Known() {
			e.Source, _, _ = strings.Cut(text, "\n")
		}
		list.Add(e)
	}
	return list.Err()
}

// fileFrom makes the tree of what the grammar read; r may be cut short by an
// error.
func fileFrom(r *fileRule) (*File, []*diag.Error) {
	if r == nil {
		return nil, nil
	}
	f := &File{Pos: position(r.Pos)}
	var faults []*diag.Error
	f.Graph, faults = graphFrom(r.Graph, faults)
	for _, w := range r.With {
		sub := &Subgraph{Pos: position(w.Pos), Name: w.Name}
		sub.Graph, faults = graphFrom(w.Graph, faults)
		f.Subgraphs = append(f.Subgraphs, sub)
	}
	return f, faults
}

func graphFrom(r *graphRule, faults []*diag.Error) (*Graph, []*diag.Error) {
	if r == nil {
		return nil, faults
	}
	b, ok := r.Body.(*body)
	if !ok {
		b = newBody(nil)
	}
	g := &Graph{Pos: position(r.Pos), Nodes: b.nodes}
	for _, p := range r.Params {
		param := Param{Pos: position(p.Var.Pos), Name: p.Var.Name[1:]}
		if p.Type != nil {
			param.Type, param.TypePos = b.typ(p.Type.Text, p.Type.Pos), position(p.Type.Pos)
		}
		g.Params = append(g.Params, param)
	}
	for _, v := range r.Results {
		g.Results = append(g.Results, Var{position(v.Pos), v.Name[1:]})
	}
	return g, append(faults, b.faults...)
}
