package llvmir

import (
	"strconv"
	"strings"
)

// node is a node of metadata, as far as places in the source need it.
type node struct {
	kind          string // DILocation, DISubprogram, DILexicalBlock, DIFile, or "" for a tuple
	line, column  int
	scope, inline int // nodes, -1 if absent
	file          int
	name          string
	refs          []int // of a tuple
}

// places are the kinds of nodes that say where something is.
var places = set("DILocation DISubprogram DILexicalBlock DILexicalBlockFile DIFile DINamespace DICommonBlock")

// metadata reads !12 = ..., one line.
func (r *reader) metadata(line string) {
	name, rest, ok := strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	rest = strings.TrimSpace(rest)
	if !ok {
		r.note(r.n, "not a statement: %s", cut(line))
		return
	}
	n, err := strconv.Atoi(name[1:])
	if err != nil || n < 0 {
		return // a list such as !llvm.ident
	}
	rest = strings.TrimSpace(strings.TrimPrefix(rest, "distinct"))
	if strings.HasPrefix(rest, "!{") {
		r.m.nodes[n] = tuple(lex(r.toks[:0], rest))
		return
	}
	kind, _, ok := strings.Cut(strings.TrimPrefix(rest, "!"), "(")
	switch {
	case !ok || !strings.HasPrefix(rest, "!") || !strings.HasPrefix(kind, "DI") && kind != "GenericDINode":
		if !strings.HasPrefix(rest, "!\"") {
			r.note(r.n, "unknown metadata %s", cut(rest))
		}
	case places[kind]:
		r.m.nodes[n] = specialized(kind, lex(r.toks[:0], rest))
	}
}

func tuple(toks []token) node {
	n := node{scope: -1, inline: -1, file: -1}
	for _, t := range toks {
		if t.kind == meta {
			if ref, err := strconv.Atoi(t.text); err == nil {
				n.refs = append(n.refs, ref)
			}
		} else if t.kind == quoted && n.name == "" {
			n.name = t.text
		}
	}
	return n
}

// specialized reads the fields of !DILocation(line: 3, ...).
func specialized(kind string, toks []token) node {
	n := node{kind: kind, scope: -1, inline: -1, file: -1}
	for i := 2; i+2 < len(toks); i++ {
		if toks[i].kind != word || !toks[i+1].is(":") {
			continue
		}
		v := toks[i+2]
		switch toks[i].text {
		case "line":
			n.line, _ = strconv.Atoi(v.text)
		case "column":
			n.column, _ = strconv.Atoi(v.text)
		case "scope":
			n.scope = number1(toks, i+2)
		case "inlinedAt":
			n.inline = number1(toks, i+2)
		case "file":
			n.file = number1(toks, i+2)
		case "name":
			n.name = v.text
		case "filename":
			n.name = v.text
		}
	}
	return n
}

// resolve fills in the locations, now that all nodes are read.
func (r *reader) resolve() {
	for _, d := range r.debug {
		if d.b < 0 {
			if n, ok := r.m.nodes[d.node]; ok && n.kind == "DISubprogram" {
				d.in.Program = &Subprogram{Name: n.name, File: r.m.nodes[n.file].name, Line: n.line}
			}
			continue
		}
		d.in.Blocks[d.b].Instructions[d.i].Location = r.m.location(d.node)
	}
}

// maxChain bounds how far scopes and inlined calls are followed.
const maxChain = 512

// location is the place that a node says, nil if it says none.
func (m *Module) location(id int) *Location {
	// From the place itself to the outermost call; then back, so that a cycle ends.
	var chain []int
	seen := map[int]bool{}
	for id >= 0 && len(chain) < maxChain && !seen[id] && m.locations[id] == nil {
		seen[id] = true
		n, ok := m.nodes[id]
		if !ok || n.kind != "DILocation" {
			id = -1
			break
		}
		chain = append(chain, id)
		id = n.inline
	}
	at := m.locations[id]
	for i := len(chain) - 1; i >= 0; i-- {
		n := m.nodes[chain[i]]
		l := &Location{Line: n.line, Column: n.column, InlinedAt: at}
		l.File, l.Function = m.scope(n.scope)
		m.locations[chain[i]] = l
		at = l
	}
	return at
}

// scope is the file and the function that a scope is in.
func (m *Module) scope(id int) (file, function string) {
	for range maxChain {
		n, ok := m.nodes[id]
		if !ok {
			break
		}
		if file == "" && n.file >= 0 {
			file = m.nodes[n.file].name
		}
		if n.kind == "DISubprogram" {
			return file, n.name
		}
		id = n.scope
	}
	return file, ""
}

// LoopNode is what !llvm.loop says of a loop.
type LoopNode struct {
	Start, End *Location
	Attributes []string // llvm.loop.isvectorized, ...
}

// loopNode reads the node of a loop; m keeps the nodes that the text has.
func (m *Module) loopNode(id int) *LoopNode {
	n, ok := m.nodes[id]
	if !ok || n.kind != "" {
		return nil
	}
	out := &LoopNode{}
	for _, ref := range n.refs {
		if ref == id {
			continue
		}
		switch x := m.nodes[ref]; {
		case x.kind == "DILocation" && out.Start == nil:
			out.Start = m.location(ref)
		case x.kind == "DILocation":
			out.End = m.location(ref)
		case x.kind == "" && x.name != "":
			out.Attributes = append(out.Attributes, x.name)
		}
	}
	return out
}
