package reduce

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Lines reduces a text that must fail, line by line.
func Lines(text string, fails Fails) string {
	lines := slices.Collect(strings.Lines(text))
	fixpoint(func() bool { return dropStrings(&lines, func(c []string) bool { return fails(strings.Join(c, "")) }) })
	return strings.Join(lines, "")
}

// dropStrings drops what it can of list while keep holds.
func dropStrings(list *[]string, keep func(candidate []string) bool) bool {
	return chunks(func() int { return len(*list) }, func(from, to int) bool {
		candidate := slices.Delete(slices.Clone(*list), from, to)
		if !keep(candidate) {
			return false
		}
		*list = candidate
		return true
	})
}

// Graph reduces the text of an observed graph that must fail: its nodes, the values it
// returns, and its parameters. Uses of a value whose node goes become uses of a parameter
// of the same type, a new one if need be. A text that is not laid out as LibTorch prints
// graphs is reduced as Lines are.
func Graph(text string, fails Fails) string {
	g, ok := splitGraph(text)
	if !ok {
		return Lines(text, fails)
	}
	try := func(candidate graph) bool {
		if !candidate.smaller(g) || !fails(candidate.String()) {
			return false
		}
		g = candidate
		return true
	}
	fixpoint(
		func() bool {
			return chunks(func() int { return len(g.nodes) }, func(from, to int) bool { return try(g.without(from, to)) })
		},
		func() bool {
			return chunks(func() int { return len(g.returns) }, func(from, to int) bool {
				c := g
				c.returns = slices.Delete(slices.Clone(g.returns), from, to)
				return try(c)
			})
		},
		func() bool {
			return chunks(func() int { return len(g.params) }, func(from, to int) bool {
				c := g
				c.params = slices.Delete(slices.Clone(g.params), from, to)
				return try(c)
			})
		},
	)
	return g.String()
}

// graph is the text of an observed graph in parts.
type graph struct {
	params  []string // "%0 : Float(4, ...)"
	nodes   []string // lines; one that opens a block comes with all lines of the block
	returns []string // "%5"
}

func (g graph) String() string {
	return "graph(" + strings.Join(g.params, ",\n      ") + "):\n" + strings.Join(g.nodes, "") + "  return (" + strings.Join(g.returns, ", ") + ")\n"
}

func (g graph) smaller(h graph) bool {
	if len(g.nodes) != len(h.nodes) {
		return len(g.nodes) < len(h.nodes)
	}
	return len(g.params)+len(g.returns) < len(h.params)+len(h.returns)
}

var (
	graphText = regexp.MustCompile(`(?s)^\s*graph\((.*?)\):[^\n]*\n(.*\n)?  return \(([^\n]*)\)\s*$`)
	valueName = regexp.MustCompile(`%[\w.]+`)
	nodeStart = regexp.MustCompile(`^  %[\w.]+ :|^  = |^  [a-z]\w*::`)
)

func splitGraph(text string) (graph, bool) {
	part := graphText.FindStringSubmatch(text)
	if part == nil {
		return graph{}, false
	}
	var g graph
	for _, p := range regexp.MustCompile(`,\s*%`).Split(part[1], -1) {
		if p = strings.TrimSpace(p); p != "" {
			g.params = append(g.params, "%"+strings.TrimPrefix(p, "%"))
		}
	}
	for line := range strings.Lines(part[2]) {
		if len(g.nodes) == 0 || nodeStart.MatchString(line) {
			g.nodes = append(g.nodes, line)
		} else {
			g.nodes[len(g.nodes)-1] += line
		}
	}
	g.returns = valueName.FindAllString(part[3], -1)
	return g, true
}

// without is g less nodes from..to-1.
func (g graph) without(from, to int) graph {
	c := graph{params: slices.Clone(g.params), nodes: slices.Delete(slices.Clone(g.nodes), from, to), returns: slices.Clone(g.returns)}
	used := map[string]bool{}
	for _, name := range valueName.FindAllString(strings.Join(c.nodes, "")+strings.Join(c.returns, " "), -1) {
		used[name] = true
	}
	instead := map[string]string{}
	for _, node := range g.nodes[from:to] {
		head, _, _ := strings.Cut(node, "\n")
		for _, v := range outputs(head) {
			if used[v.name] {
				instead[v.name] = c.param(v)
			}
		}
	}
	rename := func(s string) string {
		return valueName.ReplaceAllStringFunc(s, func(name string) string {
			if w, ok := instead[name]; ok {
				return w
			}
			return name
		})
	}
	for i := range c.nodes {
		c.nodes[i] = rename(c.nodes[i])
	}
	for i := range c.returns {
		c.returns[i] = rename(c.returns[i])
	}
	return c
}

type typed struct{ name, typ string }

// outputs are what a node defines.
func outputs(line string) []typed {
	left, _, ok := strings.Cut(line, " = ")
	if !ok {
		return nil
	}
	var out []typed
	for _, part := range regexp.MustCompile(`,\s*%`).Split(strings.TrimSpace(left), -1) {
		if name, typ, ok := strings.Cut(part, " : "); ok {
			out = append(out, typed{"%" + strings.TrimPrefix(name, "%"), typ})
		}
	}
	return out
}

// param is a parameter of the type of v; it is made if there is none.
func (g *graph) param(v typed) string {
	for _, p := range g.params {
		if name, typ, _ := strings.Cut(p, " : "); typ == v.typ {
			return name
		}
	}
	g.params = append(g.params, fmt.Sprintf("%s : %s", v.name, v.typ))
	return v.name
}
