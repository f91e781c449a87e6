package torchscript

import (
	"slices"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/ir"
)

// conventionsMark begins a comment before the graph that says what its LibTorch does
// and its nodes do not show.
const conventionsMark = "# conventions:"

// Convention is an attribute of an op of the aten dialect that the importer sets on
// all ops of this name (ir.AttrParam.Convention), written clamp.through_bounds.
type Convention struct {
	Pos      diag.Pos
	Op, Attr string
}

func (c Convention) String() string { return c.Op + "." + c.Attr }

// conventions reads the comments at the top of a text.
func conventions(file, text string) []Convention {
	var all []Convention
	for line := 1; ; line++ {
		row, rest, more := strings.Cut(text, "\n")
		if t := strings.TrimSpace(row); t != "" && !strings.HasPrefix(t, "#") {
			return all
		}
		if at := strings.Index(row, conventionsMark); at >= 0 && strings.TrimSpace(row[:at]) == "" {
			at += len(conventionsMark)
			for _, name := range strings.Fields(row[at:]) {
				at += strings.Index(row[at:], name)
				op, attr, _ := strings.Cut(name, ".")
				all = append(all, Convention{diag.Pos{File: file, Line: line, Col: at + 1}, op, attr})
				at += len(name)
			}
		}
		if !more {
			return all
		}
		text = rest
	}
}

// follow takes the conventions of the graph.
func (im *importer) follow(all []Convention) {
	im.conventions = map[ir.OpName][]string{}
	for _, c := range all {
		name := ir.OpName("aten." + c.Op)
		if def := im.ctx.Op(name); def == nil || !slices.ContainsFunc(def.Attrs, func(p ir.AttrParam) bool { return p.Convention && p.Name == c.Attr }) {
			im.fail(c.Pos, diag.Unsupported, "", "convention %q is not known; known are %s", c, strings.Join(knownConventions(im.ctx), ", "))
			continue
		}
		im.conventions[name] = append(im.conventions[name], c.Attr)
	}
}

func knownConventions(ctx *ir.Context) []string {
	var all []string
	for _, def := range ctx.Dialect("aten").Ops {
		for _, p := range def.Attrs {
			if p.Convention {
				all = append(all, strings.TrimPrefix(string(def.Name), "aten.")+"."+p.Name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// mark sets the attributes of conventions on the ops after last.
func (im *importer) mark(last *ir.Op) {
	op := im.b.Block().First()
	if last != nil {
		op = last.Next()
	}
	for ; op != nil; op = op.Next() {
		for _, attr := range im.conventions[op.Name] {
			op.SetAttr(attr, ir.BoolAttr(true))
		}
	}
}
