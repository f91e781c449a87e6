package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
)

type inspectCmd struct {
	Graph       string   `arg:"" help:"The observed graph, - for standard input; or LLVM IR, a file called .ll, to look at as it is compiled."`
	After       string   `default:"final" enum:"simplify,vectorize,final" help:"The IR to look at: simplify, before the loop vectoriser; vectorize, after both vectorisers; final."`
	Kernel      string   `help:"Only this kernel and its pullback." placeholder:"NAME"`
	Engine      string   `default:"auto" enum:"auto,clad,builtin,interp" help:"auto, clad or builtin."`
	Pipeline    string   `default:"grad-pairs" enum:"grad-pairs,grad-joint" help:"grad-pairs or grad-joint."`
	Generalize  string   `help:"Make sizes symbolic: INPUT:DIMENSION,..."`
	Sizes       string   `help:"Bind symbolic sizes: s0=12,s1=4"`
	Facts       bool     `help:"Print facts only, a line each, for CHECK lines."`
	JSON        bool     `name:"json" help:"Print facts and IR as JSON."`
	BeforeAfter string   `help:"Print the IR of kernels before and after this pass of LLVM." placeholder:"LLVM-PASS"`
	Hook        []string `help:"Run these checks on the facts, or all, and print what they find, which is a failure." placeholder:"NAME,..."`
	March       string   `help:"Look at what is compiled for this processor, as clang's -march names it, and not for the one here." placeholder:"CPU"`
	AsBuilt     bool     `help:"Let the compiler inline kernels, as in the library."`
	cladFlags
}

func (c *inspectCmd) Run(e *env) error {
	hooks, err := c.hooks(e)
	if err != nil {
		return err
	}
	var low subject
	var wanted []string
	if strings.HasSuffix(c.Graph, ".ll") {
		low, err = readIR(c.Graph)
		wanted = []string{c.Kernel}
	} else {
		low, wanted, err = c.lower(e)
	}
	if err != nil {
		return err
	}
	done := e.progress("compiling")
	facts, err := c.observe(low, wanted)
	if err == nil && c.BeforeAfter != "" {
		var dumps []toolchain.Dump
		dumps, err = c.around(low, facts)
		done()
		if err != nil {
			return err
		}
		return c.showAround(e, facts, dumps)
	}
	done()
	if err != nil {
		return err
	}
	return c.show(e, facts, hooks)
}

func (c *inspectCmd) hooks(e *env) ([]*inspect.Hook, error) {
	var out []*inspect.Hook
	var names []string
	for _, h := range e.hooks {
		names = append(names, h.Name)
		if slices.Contains(c.Hook, h.Name) || slices.Contains(c.Hook, "all") {
			out = append(out, h)
		}
	}
	for _, n := range c.Hook {
		if n != "all" && !slices.Contains(names, n) {
			return nil, usageError{fmt.Errorf("there is no hook %q, expected %s or all", n, strings.Join(names, ", "))}
		}
	}
	return out, nil
}

// subject is what can be looked at.
type subject interface {
	Observe(ctx context.Context, w toolchain.Watch) (*toolchain.Observation, error)
	Facts(o *toolchain.Observation, stage string) *inspect.Facts
}

// irFile is LLVM IR that somebody else made.
type irFile struct{ text string }

func readIR(path string) (subject, error) {
	text, err := os.ReadFile(path)
	return irFile{string(text)}, err
}

// Observe compiles the IR.
func (f irFile) Observe(ctx context.Context, w toolchain.Watch) (*toolchain.Observation, error) {
	cxx, err := toolchain.Find(ctx)
	if err != nil {
		return nil, err
	}
	w.IR = true
	return cxx.Observe(ctx, toolchain.Request{Source: f.text}, w)
}

// Facts take every function for a kernel; of no graph, so that places and ops are
// missing.
func (f irFile) Facts(o *toolchain.Observation, stage string) *inspect.Facts {
	facts := inspect.Collect(inspect.Input{IR: o.IR, Records: o.Records, Assembly: o.Assembly})
	facts.Engine, facts.Compiler, facts.Stage = "none", o.Compiler, stage
	for _, x := range facts.Functions {
		x.Role = inspect.Forward
	}
	return facts
}

// lower makes C++ of the graph, and finds the kernels to show.
func (c *inspectCmd) lower(e *env) (*engine.Lowered, []string, error) {
	if c.Engine == engine.Interp {
		return nil, nil, usageError{fmt.Errorf("--engine=interp makes no LLVM IR; it only runs graphs")}
	}
	m, err := e.loadSized(c.Graph, c.Generalize, c.Sizes)
	if err != nil {
		return nil, nil, err
	}
	if c.Engine == engine.Auto {
		c.Engine = engine.Builtin
		if _, err := toolchain.FindClad(context.Background(), c.paths()); err == nil {
			c.Engine = engine.Clad
		}
	}
	low, err := engine.Lower(m, engine.Options{Engine: c.Engine, Pipeline: c.Pipeline, Sources: []string{base(c.Graph)}, Clad: c.paths(),
		CladStyle: c.CladStyle, Traced: true, Apart: !c.AsBuilt})
	if err != nil {
		return nil, nil, err
	}
	wanted, err := c.wanted(low)
	return low, wanted, err
}

// wanted are the names of the kernels to show.
func (c *inspectCmd) wanted(low *engine.Lowered) ([]string, error) {
	var all, out []string
	for _, k := range low.Meta.Kernels {
		all = append(all, k.Name)
		if c.Kernel == k.Name {
			out = append(out, k.Name)
			if k.Pullback != "" {
				out = append(out, k.Pullback)
			}
		}
	}
	if c.Kernel == "" {
		return all, nil
	}
	if out == nil {
		return nil, fmt.Errorf("%s: there is no kernel %q, expected one of %s", c.Graph, c.Kernel, strings.Join(all, ", "))
	}
	return out, nil
}

// observe makes the facts of the functions to show.
func (c *inspectCmd) observe(low subject, wanted []string) (*inspect.Facts, error) {
	o, err := low.Observe(context.Background(), toolchain.Watch{Machine: c.After == "final", March: c.March})
	if err != nil {
		return nil, err
	}
	facts := low.Facts(o, "final")
	if c.Kernel != "" {
		facts.Functions = slices.DeleteFunc(facts.Functions, func(f *inspect.Function) bool {
			return !slices.Contains(wanted, cpp.KernelOf(f.Name)) && !slices.ContainsFunc(f.For, func(k string) bool { return slices.Contains(wanted, k) })
		})
	}
	if len(facts.Functions) == 0 {
		return nil, fmt.Errorf("%s: nothing is left to look at: there is no function %s, or it was inlined or has no effect", c.Graph, strings.Join(wanted, " and no "))
	}
	facts.Absent = slices.DeleteFunc(facts.Absent, func(k string) bool { return !slices.Contains(wanted, k) })
	if c.After == "final" {
		return facts, nil
	}
	return c.earlier(low, facts)
}

// stages say where in LLVM's pipeline IR is looked at.
var stages = map[string]toolchain.Watch{
	"simplify":  {Before: []string{"loop-vectorize"}, Metadata: true},
	"vectorize": {After: []string{"slp-vectorizer"}, Metadata: true},
}

// earlier makes facts of the same functions as they were before LLVM was done.
func (c *inspectCmd) earlier(low subject, final *inspect.Facts) (*inspect.Facts, error) {
	w := stages[c.After]
	final.Functions = slices.DeleteFunc(final.Functions, func(f *inspect.Function) bool { return !f.Computes() })
	w.Functions, w.March = symbols(final), c.March
	o, err := low.Observe(context.Background(), w)
	if err != nil {
		return nil, err
	}
	out := &inspect.Facts{Engine: final.Engine, Compiler: final.Compiler, Stage: c.After, Absent: final.Absent, Notes: []string{}, Functions: []*inspect.Function{}}
	for _, d := range o.Printed {
		part := *o
		part.IR = d.IR
		if c.After == "simplify" {
			part.Records = "" // of what has not happened yet
		}
		f := low.Facts(&part, c.After)
		out.Unknown += f.Unknown
		out.Notes = append(out.Notes, f.Notes...)
		for _, x := range f.Functions {
			for _, y := range final.Functions {
				if x.Symbol == y.Symbol { // which kernels call it is seen in the whole module only
					x.Role, x.For = y.Role, y.For
					if c.After == "simplify" {
						x.Unvectorised()
					}
					out.Functions = append(out.Functions, x)
				}
			}
		}
	}
	return out, nil
}

// symbols are the functions that the linker would know.
func symbols(facts *inspect.Facts) []string {
	var out []string
	for _, f := range facts.Functions {
		out = append(out, f.Symbol)
	}
	return out
}

// around is the IR of kernels before and after a pass of LLVM.
func (c *inspectCmd) around(low subject, facts *inspect.Facts) ([]toolchain.Dump, error) {
	shown := *facts
	shown.Functions = slices.DeleteFunc(slices.Clone(facts.Functions), func(f *inspect.Function) bool {
		return !f.Computes()
	})
	o, err := low.Observe(context.Background(), toolchain.Watch{Before: []string{c.BeforeAfter}, After: []string{c.BeforeAfter}, Functions: symbols(&shown), March: c.March})
	if err != nil {
		return nil, err
	}
	if len(o.Printed) == 0 {
		return nil, fmt.Errorf("clang printed no IR around %q: it has no pass of that name, or runs it on no kernel; names are those of opt -print-passes, such as loop-vectorize, slp-vectorizer, licm", c.BeforeAfter)
	}
	return o.Printed, nil
}

// showAround prints pairs of IR; what a pass left as it was is said, not repeated.
func (c *inspectCmd) showAround(e *env, facts *inspect.Facts, dumps []toolchain.Dump) error {
	names := map[string]string{}
	for _, f := range facts.Functions {
		names[f.Symbol] = f.Name
	}
	before := ""
	for _, d := range dumps {
		on := d.On
		if names[on] != "" {
			on = names[on]
		}
		text := strings.TrimSpace(inspect.WithoutDebug(d.IR))
		switch {
		case !d.After:
			before = text
			fmt.Fprintf(e.stdout, "; before %s: %s\n%s\n\n", d.Pass, on, text)
		case text == before:
			fmt.Fprintf(e.stdout, "; after %s: %s, as it was\n\n", d.Pass, on)
		default:
			fmt.Fprintf(e.stdout, "; after %s: %s\n%s\n\n", d.Pass, on, text)
		}
	}
	return nil
}

func (c *inspectCmd) show(e *env, facts *inspect.Facts, hooks []*inspect.Hook) error {
	findings := []inspect.Finding{}
	for _, h := range hooks {
		findings = append(findings, inspect.Run(h, facts)...)
	}
	switch {
	case c.JSON:
		e.writeJSON(struct {
			*inspect.Facts
			Findings []inspect.Finding `json:"findings"`
		}{facts, findings})
	case c.Facts:
		facts.WriteFacts(e.stdout)
	case len(hooks) > 0:
		if len(findings) == 0 {
			fmt.Fprintf(e.stdout, "%s: %d functions, no findings\n", base(c.Graph), len(facts.Functions))
		}
	default:
		for _, f := range facts.Functions {
			if f.Computes() {
				f.WriteIR(e.stdout)
			}
		}
		facts.WriteTable(e.stdout)
	}
	for _, f := range findings {
		if !c.JSON {
			fmt.Fprintln(e.stdout, f)
		}
	}
	if len(findings) > 0 {
		return exit(ExitFailure)
	}
	return nil
}
