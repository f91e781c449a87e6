package torchscript

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/cladopt/cladopt/diag"
)

// body reads the nodes of a graph. It goes on after a fault: what is wrong in a
// node is noted and reading resumes on the next line.
type body struct {
	lex    *lexer.PeekingLexer
	prev   *lexer.Token // consumed last of the statement being read
	nodes  []*Node
	types  map[string]*Type // by text: a graph repeats few types many times
	op     string           // of the node being read, once known
	cut    bool             // a block without end has been reported
	faults []*diag.Error
}

func newBody(lex *lexer.PeekingLexer) *body {
	return &body{lex: lex, types: map[string]*Type{}}
}

// readBody is the production of bodyRule.
func readBody(lex *lexer.PeekingLexer) (bodyRule, error) {
	b := newBody(lex)
	b.nodes = b.readNodes(0)
	return b, nil
}

func (b *body) peek() *lexer.Token { return b.lex.Peek() }

func (b *body) next() *lexer.Token {
	b.prev = b.lex.Next()
	return b.prev
}

// is reports whether punctuation or a keyword comes next.
func (b *body) is(s string) bool {
	t := b.lex.Peek()
	return (t.Type == tokPunct || t.Type == tokIdent) && t.Value == s
}

func (b *body) accept(s string) bool {
	if b.is(s) {
		b.next()
		return true
	}
	return false
}

func (b *body) expect(s string) *diag.Error {
	if b.accept(s) {
		return nil
	}
	return b.unexpected(strconv.Quote(s))
}

// unexpected reports that the next token is not what is due.
func (b *body) unexpected(want string) *diag.Error {
	t := b.peek()
	e := unexpectedToken(t, want)
	if p := b.prev; p != nil && t.Type != tokBad && t.Pos.Line > p.Pos.Line {
		// What is missing belongs on the line before.
		e = diag.Errorf(position(p.Pos), "got the end of the line, expected %s", want)
		e.Pos.Col += len(p.Value)
		if p.Type == tokScope {
			e.Pos.Col = p.Pos.Column
		}
	}
	e.Op = b.op
	return e
}

// faultAt notes a fault that does not disturb the reading.
func (b *body) faultAt(p diag.Pos, format string, args ...any) {
	e := diag.Errorf(p, format, args...)
	e.Op = b.op
	b.faults = append(b.faults, e)
}

// resume notes a fault and skips the rest of its line. Reading has moved on from
// start, or does so now.
func (b *body) resume(e *diag.Error, start int) {
	b.faults = append(b.faults, e)
	b.op = ""
	line := b.peek().Pos.Line
	if b.lex.Cursor() != start {
		line = b.prev.Pos.Line
	}
	for t := b.peek(); !t.EOF() && t.Pos.Line <= line && !b.is("return"); t = b.peek() {
		b.next()
	}
}

// readNodes reads nodes up to the return or -> behind them, inside of depth blocks.
func (b *body) readNodes(depth int) []*Node {
	var nodes []*Node
	for {
		if len(b.faults) > maxErrors {
			for !b.peek().EOF() {
				b.next()
			}
		}
		t := b.peek()
		if t.EOF() || b.is("return") || b.is("with") || b.is("graph") || depth > 0 && b.is("->") {
			return nodes
		}
		start := b.lex.Cursor()
		n := &Node{Pos: position(t.Pos)}
		b.prev = nil
		if err := b.node(n); err != nil {
			b.resume(err, start)
		}
		b.op = ""
		for b.peek().Type == tokBlock {
			n.Blocks = append(n.Blocks, b.block(n, depth+1))
		}
		nodes = append(nodes, n)
	}
}

// node reads a node up to its blocks.
func (b *body) node(n *Node) (err *diag.Error) {
	if b.peek().Type == tokVar {
		if n.Outputs, err = b.params(); err != nil {
			return err
		}
		if !b.is("=") {
			return b.unexpected(`"," or "="`)
		}
	}
	assigned := b.accept("=")
	t := b.peek()
	switch t.Type {
	case tokOp:
		n.Op = t.Value
	case tokPyOp:
		n.Op, n.Scalars, _ = strings.Cut(t.Value, "(")
		n.Scalars = strings.TrimSuffix(n.Scalars, ")")
	default:
		if assigned {
			return b.unexpected("an op such as aten::mul")
		}
		return b.unexpected("a node or return")
	}
	b.next()
	b.op, n.OpPos = n.Op, position(t.Pos)
	if t.Type == tokOp && b.accept("[") {
		if n.Attrs, err = b.attrs(); err != nil {
			return err
		}
	}
	if n.Inputs, err = b.vars(); err != nil {
		return err
	}
	if b.peek().Type == tokScope {
		n.Scope = b.next().Value
	}
	n.Origin = b.origin()
	return nil
}

// origin reads the comment behind a node, if there is one.
func (b *body) origin() diag.Pos {
	if b.peek().Type != tokOrigin {
		return diag.Pos{}
	}
	p, _ := parseOrigin(b.next().Value)
	return p
}

// parseOrigin reads "# file:line:col".
func parseOrigin(comment string) (diag.Pos, bool) {
	rest, col, ok := cutLast(strings.TrimLeft(comment, "# \t"), ":")
	file, line, ok2 := cutLast(rest, ":")
	l, err := strconv.Atoi(line)
	c, err2 := strconv.Atoi(col)
	if !ok || !ok2 || err != nil || err2 != nil || l <= 0 || c < 0 {
		return diag.Pos{}, false
	}
	return diag.Pos{File: file, Line: l, Col: c}, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// block reads a block of n, at a Block token.
func (b *body) block(n *Node, depth int) *Block {
	t := b.next()
	blk := &Block{Pos: position(t.Pos)}
	if depth > maxDepth {
		b.faultAt(blk.Pos, "blocks nest deeper than %d", maxDepth)
		b.skipBlock()
		return blk
	}
	if want := fmt.Sprintf("block%d", len(n.Blocks)); t.Value != want && n.Op != "" {
		b.faultAt(blk.Pos, "got %s, expected %s of %s", t.Value, want, n.Op)
	}
	if err := b.blockHeader(blk); err != nil {
		b.resume(err, -1)
	}
	blk.Nodes = b.readNodes(depth)
	if b.cut {
		return blk // its end is missing, too
	}
	if !b.is("->") {
		b.cut = true
		b.faultAt(blk.Pos, "%s does not end in a line -> (...)", t.Value)
		return blk
	}
	b.next()
	var err *diag.Error
	if blk.Results, err = b.vars(); err != nil {
		b.resume(err, -1)
	}
	b.origin()
	return blk
}

func (b *body) blockHeader(blk *Block) (err *diag.Error) {
	if err = b.expect("("); err != nil {
		return err
	}
	if !b.is(")") {
		if blk.Params, err = b.params(); err != nil {
			return err
		}
	}
	if err = b.expect(")"); err != nil {
		return err
	}
	return b.expect(":")
}

// skipBlock passes over a block whose first token has been read, up to the line
// of its end.
func (b *body) skipBlock() {
	for open := 1; open > 0 && !b.peek().EOF() && !b.is("return"); {
		if t := b.next(); t.Type == tokBlock {
			open++
		} else if t.Type == tokPunct && t.Value == "->" {
			open--
		}
	}
	if b.is("(") {
		_, _ = b.vars()
	}
}

// params reads one parameter or more.
func (b *body) params() ([]Param, *diag.Error) {
	params := make([]Param, 0, 1)
	for {
		t := b.peek()
		if t.Type != tokVar {
			return params, b.unexpected("a value such as %1")
		}
		b.next()
		p := Param{Pos: position(t.Pos), Name: t.Value[1:]}
		if b.accept(":") {
			t := b.peek()
			if t.Type != tokType {
				return params, b.unexpected("a type")
			}
			b.next()
			p.Type, p.TypePos = b.typ(t.Value, t.Pos), position(t.Pos)
		}
		params = append(params, p)
		if !b.accept(",") {
			return params, nil
		}
	}
}

// vars reads a list of values in parentheses.
func (b *body) vars() ([]Var, *diag.Error) {
	if err := b.expect("("); err != nil {
		return nil, err
	}
	if b.accept(")") {
		return nil, nil
	}
	vars := make([]Var, 0, 4)
	for {
		t := b.peek()
		if t.Type != tokVar {
			return vars, b.unexpected("a value such as %1")
		}
		b.next()
		vars = append(vars, Var{position(t.Pos), t.Value[1:]})
		if b.accept(")") {
			return vars, nil
		}
		if !b.accept(",") {
			return vars, b.unexpected(`"," or ")"`)
		}
	}
}

// typ reads the text of a type that stands at p, once for equal texts. A fault
// is noted and gives nil.
func (b *body) typ(text string, p lexer.Position) *Type {
	if t, ok := b.types[text]; ok {
		return t
	}
	t, err := parseType(text)
	if err != nil {
		at := position(p)
		at.Col += err.offset
		b.faultAt(at, "%s", err.message)
		return nil
	}
	b.types[text] = t
	return t
}
