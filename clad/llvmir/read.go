package llvmir

import (
	"fmt"
	"strconv"
	"strings"
)

// Read reads the text of a module. It does not fail: see [Module.Notes].
func Read(text string) *Module {
	r := &reader{m: &Module{text: text, nodes: map[int]node{}, locations: map[int]*Location{}, byName: map[string]*Function{}}}
	for r.next() {
		r.top()
	}
	r.resolve()
	return r.m
}

// reader goes through the text by lines.
type reader struct {
	m     *Module
	at    int // where the next line starts
	start int // where this one starts
	line  string
	n     int     // its number
	toks  []token // of the statement, which may take several lines
	debug []debugRef
}

// debugRef is a location to be filled in once the nodes are read.
type debugRef struct {
	in   *Function
	b, i int
	node int
}

func (r *reader) note(n int, format string, args ...any) {
	r.m.Unknown++
	if len(r.m.Notes) < maxNotes {
		r.m.Notes = append(r.m.Notes, Note{n, fmt.Sprintf(format, args...)})
	}
}

// next takes the next line.
func (r *reader) next() bool {
	if r.at >= len(r.m.text) {
		return false
	}
	r.start = r.at
	rest := r.m.text[r.at:]
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		r.line, r.at = rest[:end], r.at+end+1
	} else {
		r.line, r.at = rest, len(r.m.text)
	}
	r.n++
	return true
}

// peek is the next line without taking it.
func (r *reader) peek() (string, bool) {
	if r.at >= len(r.m.text) {
		return "", false
	}
	line, _, _ := strings.Cut(r.m.text[r.at:], "\n")
	return line, true
}

// top reads what stands outside functions.
func (r *reader) top() {
	if line := strings.TrimLeft(r.line, " \t"); strings.HasPrefix(line, "!") {
		r.metadata(line)
		return
	}
	r.toks = lex(r.toks[:0], r.line)
	if len(r.toks) == 0 {
		return
	}
	first := r.toks[0]
	switch {
	case first.isWord("define"):
		r.function()
		return
	case first.isWord("declare"):
		r.join()
		if name, ok := firstGlobal(r.toks); ok {
			r.m.Declared = append(r.m.Declared, name)
		}
	case first.isWord("target"), first.isWord("source_filename"), first.isWord("module"):
	case first.isWord("attributes"), first.isWord("uselistorder"), first.isWord("uselistorder_bb"), first.kind == global, first.kind == local, first.kind == comdat:
		r.join()
	case first.kind == meta: // ^0 = a summary
		r.join()
		return
	default:
		r.note(r.n, "not a statement: %s", cut(r.line))
		return
	}
	r.words(r.n, r.toks)
}

func firstGlobal(toks []token) (string, bool) {
	for _, t := range toks {
		if t.kind == global {
			return t.text, true
		}
	}
	return "", false
}

// cut makes text short enough for a note.
func cut(s string) string {
	const most = 80
	if s = strings.TrimSpace(s); len(s) > most {
		return strconv.Quote(s[:most]) + ".."
	}
	return strconv.Quote(s)
}

func open(toks []token) int {
	depth := 0
	for _, t := range toks {
		if t.kind == punct {
			switch t.text {
			case "(", "[", "{":
				depth++
			case ")", "]", "}":
				depth--
			}
		}
	}
	return depth
}

// join takes further lines while brackets are open.
func (r *reader) join() {
	first := r.n
	for depth := open(r.toks); depth > 0; {
		line, ok := r.peek()
		if !ok || strings.TrimSpace(line) == "}" || strings.HasPrefix(line, "define ") {
			r.note(first, "a bracket is not closed")
			return
		}
		r.next()
		n := len(r.toks)
		r.toks = lex(r.toks, r.line)
		depth += open(r.toks[n:])
	}
}

// words notes the words that no LLVM up to now has in its text.
func (r *reader) words(n int, toks []token) {
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.kind == garbage:
			r.note(n, "unexpected character %q", t.text)
		case t.kind == word && !known(t.text):
			r.note(n, "unknown word %s", cut(t.text))
		case t.kind == meta && i+1 < len(toks) && toks[i+1].is("("):
			i = closing(toks, i+1) // metadata has words of its own
		}
	}
}

// closing is the place of the bracket that closes the one at i, or the last token.
func closing(toks []token, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		if toks[i].kind != punct {
			continue
		}
		switch toks[i].text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth <= 0 {
				return i
			}
		}
	}
	return len(toks) - 1
}

// function reads a definition, from its define to its brace.
func (r *reader) function() {
	f := &Function{Line: r.n}
	start := r.start
	for !r.toks[len(r.toks)-1].is("{") {
		line, ok := r.peek()
		if !ok || strings.HasPrefix(line, "define ") || strings.TrimSpace(line) == "}" {
			r.note(f.Line, "a definition without a body")
			return
		}
		r.next()
		r.toks = lex(r.toks, r.line)
	}
	r.words(f.Line, r.toks)
	f.Name, _ = firstGlobal(r.toks)
	b := &body{reader: r, f: f, unnamed: -1}
	for i, t := range r.toks {
		if t.kind == local {
			b.saw(t.text)
		}
		f.Internal = f.Internal || t.isWord("internal") || t.isWord("private")
		if t.kind == meta && t.text == "dbg" {
			f.Program, b.program = nil, number1(r.toks, i+1)
		}
	}
	closed := false
	for !closed && r.next() {
		closed = b.statement()
	}
	if !closed {
		r.note(f.Line, "the body of @%s is not closed", f.Name)
	}
	b.finish()
	f.Text = strings.TrimRight(r.m.text[start:r.at], "\n")
	r.m.Functions = append(r.m.Functions, f)
	r.m.byName[f.Name] = f
	if b.program >= 0 {
		r.debug = append(r.debug, debugRef{in: f, b: -1, node: b.program})
	}
}

// number1 is the number of the metadata node at place i, -1 if there is none.
func number1(toks []token, i int) int {
	if i < len(toks) && toks[i].kind == meta {
		if n, err := strconv.Atoi(toks[i].text); err == nil && n >= 0 {
			return n
		}
	}
	return -1
}

// body reads the statements of one function.
type body struct {
	*reader
	f       *Function
	block   *Block
	ended   bool // the block has its terminator
	unnamed int  // the last number that a value, argument or block without a name has
	program int
}

func init() {
	for w := range terminators {
		if !opcodes[w] {
			panic("llvmir: terminator " + w + " is no opcode")
		}
	}
}

// saw notes the number of a value without a name.
func (b *body) saw(name string) {
	if n, err := strconv.Atoi(name); err == nil {
		b.unnamed = max(b.unnamed, n)
	}
}

// label is the label that a line starts with, and the place after its colon.
func label(line string) (name string, end int, ok bool) {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	start := i
	if i < len(line) && line[i] == '"' {
		i = stringEnd(line, i)
		name = unquoted(line[start:i])
	} else {
		for i < len(line) && (labelByte(line[i]) || line[i] == '\\') {
			i++
		}
		name = line[start:i]
	}
	return name, i + 1, i > start && i < len(line) && line[i] == ':'
}

// Label is the label that a line of a function starts with.
func Label(line string) (name string, ok bool) {
	name, _, ok = label(line)
	return name, ok
}

// statement reads one line and those that continue it; it reports the end of the body.
func (b *body) statement() (closed bool) {
	rest := b.line
	if name, end, ok := label(rest); ok {
		b.begin(name)
		b.saw(name)
		rest = rest[end:]
	}
	b.toks = lex(b.toks[:0], rest)
	if len(b.toks) == 0 {
		return false
	}
	first := b.toks[0]
	switch {
	case first.is("}"):
		return true
	case first.kind == group && records[first.text]:
		return false
	case first.kind == group:
		b.note(b.n, "unknown record #%s", first.text)
		return false
	case first.isWord("uselistorder"), first.isWord("uselistorder_bb"):
		return false
	}
	line := b.n
	b.join()
	for {
		following, ok := b.peek()
		if !ok || !continues(following) {
			break
		}
		b.next()
		b.toks = lex(b.toks, b.line)
		b.join()
	}
	b.instruction(line, b.toks)
	return false
}

// continues reports whether a line belongs to the instruction before it: the targets
// of an invoke, the clauses of a landing pad.
func continues(line string) bool {
	line = strings.TrimLeft(line, " \t")
	for _, w := range []string{"to label ", "unwind label ", "unwind to ", "catch ", "filter ", "cleanup"} {
		if strings.HasPrefix(line, w) {
			return w != "cleanup" || len(line) == len(w) || !labelByte(line[len(w)])
		}
	}
	return false
}

// begin starts a block.
func (b *body) begin(name string) {
	if b.block != nil && !b.ended {
		b.note(b.n, "block %s has no terminator", cut(b.block.Label))
	}
	b.block = &Block{Label: name, Index: len(b.f.Blocks)}
	b.f.Blocks = append(b.f.Blocks, b.block)
	b.ended = false
}

// finish links the blocks.
func (b *body) finish() {
	if b.block != nil && !b.ended {
		b.note(b.n, "block %s has no terminator", cut(b.block.Label))
	}
	byLabel := map[string]*Block{}
	for _, x := range b.f.Blocks {
		if byLabel[x.Label] != nil {
			b.note(b.f.Line, "two blocks are called %s", cut(x.Label))
			continue
		}
		byLabel[x.Label] = x
	}
	for _, x := range b.f.Blocks {
		done := map[*Block]bool{}
		for _, t := range x.targets {
			to := byLabel[t]
			if to == nil {
				b.note(b.f.Line, "there is no block %s", cut(t))
			} else if !done[to] {
				done[to] = true
				x.Succs = append(x.Succs, to)
				to.Preds = append(to.Preds, x)
			}
		}
		x.targets = nil
	}
}
