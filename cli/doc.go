package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/passes"
)

type docCmd struct {
	Dir   string `arg:"" optional:"" default:"docs" help:"Where to write ops.md, passes.md, rules.md and grammar.md."`
	Check bool   `help:"Write nothing; fail if a page is not fresh."`
}

func (c *docCmd) Run(e *env) error {
	stale := false
	for _, page := range []struct{ name, text string }{
		{"ops.md", opsPage(e.ctx)}, {"passes.md", passesPage(e.registry)}, {"rules.md", rulesPage(e.config.Rules)}, {"grammar.md", grammarPage()},
	} {
		path := filepath.Join(c.Dir, page.name)
		if !c.Check {
			if err := writeAtomically(path, []byte(page.text)); err != nil {
				return err
			}
			continue
		}
		if so, err := os.ReadFile(path); err != nil || string(so) != page.text {
			fmt.Fprintf(e.stderr, "%s is not fresh: run cladopt doc\n", path)
			stale = true
		}
	}
	if stale {
		return exit(ExitFailure)
	}
	return nil
}

const generated = "<!-- Written by cladopt doc; do not edit. -->\n"

// cell makes text fit into a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
}

// opsPage lists every op of every dialect.
func opsPage(ctx *ir.Context) string {
	var b strings.Builder
	b.WriteString(generated + "# Ops\n\n")
	for _, d := range ctx.Dialects() {
		fmt.Fprintf(&b, "- [%s](#%s): %s, %d ops\n", d.Name, d.Name, d.Summary, len(d.Ops))
	}
	for _, d := range ctx.Dialects() {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n", d.Name, d.Summary)
		for _, def := range d.Ops {
			opEntry(&b, def)
		}
		if len(d.Imports) > 0 {
			fmt.Fprintf(&b, "\n### Built from others\n\nImports that have no op of their own:\n\n")
			for _, imp := range d.Imports {
				fmt.Fprintf(&b, "- `%s`\n", imp.Schema)
			}
		}
		if len(d.Refusals) > 0 {
			fmt.Fprintf(&b, "\n### Refused\n\n| op | reason |\n|---|---|\n")
			for _, name := range sortedKeys(d.Refusals) {
				fmt.Fprintf(&b, "| `%s` | %s |\n", name, cell(d.Refusals[name]))
			}
		}
	}
	return b.String()
}

func opEntry(b *strings.Builder, def *ir.OpDef) {
	fmt.Fprintf(b, "\n### %s\n\n%s.", def.Name, strings.ToUpper(def.Summary[:1])+def.Summary[1:])
	if def.Description != "" {
		fmt.Fprintf(b, " %s", def.Description)
	}
	b.WriteString("\n")
	if def.Example != "" {
		fmt.Fprintf(b, "\n```mlir\n%s\n```\n", def.Example)
	}
	if len(def.Operands)+len(def.Results)+len(def.Attrs) > 0 {
		b.WriteString("\n| | name | type | |\n|---|---|---|---|\n")
	}
	for _, p := range def.Operands {
		fmt.Fprintf(b, "| operand | `%s` | %s | %s |\n", p.Name, cell(p.Type.Name), [...]string{"", "optional", "any number"}[p.Kind])
	}
	for _, a := range def.Attrs {
		text := a.Doc
		if a.Required {
			text += "; required"
		} else if a.Default != nil {
			text += "; default " + a.Default.String()
		}
		fmt.Fprintf(b, "| attribute | `%s` | %s | %s |\n", a.Name, cell(a.Kind.Name), cell(text))
	}
	for _, p := range def.Results {
		fmt.Fprintf(b, "| result | `%s` | %s | %s |\n", p.Name, cell(p.Type.Name), [...]string{"", "optional", "any number"}[p.Kind])
	}
	if len(def.Torch) > 0 {
		b.WriteString("\nImports as: ")
		for i, t := range def.Torch {
			fmt.Fprintf(b, "%s`%s`", [...]string{"", ", "}[min(i, 1)], t)
		}
		b.WriteString("\n")
	}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// passesPage lists passes with their options, and the named pipelines.
func passesPage(r *passes.Registry) string {
	var b strings.Builder
	b.WriteString(generated + "# Passes\n\nEach runs by name: `cladopt opt FILE -p 'NAME{option=value}'`.\n")
	for _, p := range r.Passes() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", p.Name, p.Doc)
		if len(p.After) > 0 {
			fmt.Fprintf(&b, "\nRuns after `%s`.\n", strings.Join(p.After, "`, `"))
		}
		if len(p.Options) > 0 {
			b.WriteString("\n| option | default | |\n|---|---|---|\n")
		}
		for _, o := range p.Options {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", o.Name, o.Default, cell(o.Doc))
		}
	}
	b.WriteString("\n# Pipelines\n")
	for _, name := range r.PipelineNames() {
		fmt.Fprintf(&b, "\n## %s\n\n```\n%s\n```\n", name, r.Pipeline(name))
	}
	return b.String()
}

// rulesPage lists the laws of canonicalize, and more.
func rulesPage(more []rewrite.Rule) string {
	var b strings.Builder
	b.WriteString(generated + "# Rules of canonicalize\n\nConstants are folded first. Laws marked *reals* break on floats (a NaN or a signed zero would " +
		"be lost), so they fire on integers only.\n\n| law | starts at | |\n|---|---|---|\n")
	for _, r := range append(passes.Rules(), more...) {
		notes := ""
		if r.FastMath {
			notes = "*reals*"
		}
		if r.When != nil {
			notes = strings.TrimSpace(notes + " under a condition")
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", r.Law, r.Root(), notes)
	}
	return b.String()
}

// grammarPage prints the grammars that the parsers are built from.
func grammarPage() string {
	return generated + "# Grammars\n\nOf what participle reads, in its notation. IR text is MLIR's and is read by hand: `parser/mlir`.\n\n" +
		"## Observed graphs\n\n```ebnf\n" + strings.TrimSpace(torchscript.Grammar()) + "\n```\n\n" +
		"## Pipelines\n\n```ebnf\n" + strings.TrimSpace(passes.PipelineGrammar()) + "\n```\n"
}
