// Package cli is the cladopt command. It is re-entrant: it uses no global state and
// never exits, so that tests run it in process and a user's own program can be a
// cladopt with more dialects and passes.
//
//	os.Exit(cli.Main(cli.Config{Dialects: mine, Passes: more}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
//
// See examples/out-of-tree for such a program.
//
// Exit status: 0 done, 1 the input is bad or a check fails, 2 wrong usage, 3 the
// graph is well-formed but unsupported.
package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/alecthomas/kong"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/inspect"
	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/ir/rewrite"
	"github.com/cladopt/cladopt/passes"
)

// The exit statuses.
const (
	ExitOK          = 0
	ExitFailure     = 1
	ExitUsage       = 2
	ExitUnsupported = 3
)

// Config adds to the command what a user's own program brings.
type Config struct {
	Name     string // of the command; cladopt if empty
	Dialects []*ir.Dialect
	Passes   []*passes.Pass
	// Rules are laws for canonicalize, which it tries after its own.
	Rules []rewrite.Rule
	// Pipelines are named pipelines; one named as one of cladopt's replaces it, for run,
	// compile and all other commands too.
	Pipelines map[string]string
	// Prepare is a pipeline that comes before each of cladopt's: what brings a user's own
	// ops to those that cladopt's passes know.
	Prepare string
	Hooks   []*inspect.Hook // of cladopt inspect

	mutate        func(*passes.Pass) *passes.Pass // of each pass of cladopt's; mutation tests set it
	noReproducers bool                            // but where they are asked for; reduce fails over and over
}

// commands is the command line.
type commands struct {
	Opt     optCmd     `cmd:"" help:"Run passes on IR text or an observed graph."`
	Compile compileCmd `cmd:"" help:"Compile an observed graph and emit a stage of it."`
	Run     runCmd     `cmd:"" help:"Run a graph on the tensors of a data file."`
	Check   checkCmd   `cmd:"" help:"Compare a graph's outputs and gradients with the recorded ones."`
	Explain explainCmd `cmd:"" help:"Tell what was recognised, fused, guarded and copied, and what is unsupported."`
	Inspect inspectCmd `cmd:"" help:"Tell what the compiler made of each kernel: LLVM IR, and facts about its loops."`
	Doctor  doctorCmd  `cmd:"" help:"Tell which compilers and tools are there and what is missing."`
	Bench   benchCmd   `cmd:"" help:"Time a graph with each engine."`
	Reduce  reduceCmd  `cmd:"" help:"Shrink an input for which a command fails."`
	Lit     litCmd     `cmd:"" help:"Run lit tests."`
	Doc     docCmd     `cmd:"" help:"Write the reference pages, or check that they are fresh."`

	FileCheck fileCheckCmd `cmd:"" name:"filecheck" help:"Match text against CHECK lines, as LLVM's FileCheck."`
}

// env is what a command works with.
type env struct {
	config   Config
	ctx      *ir.Context
	registry *passes.Registry
	hooks    []*inspect.Hook
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
}

// exit ends a command with a status whose message has been written.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a misuse of the command line.
type usageError struct{ error }

// Main runs the command and returns its exit status.
func Main(config Config, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "%s: internal error: %v\nThis is a bug; please report it with the input and this text.\n%s", config.Name, p, debug.Stack())
			status = ExitFailure
		}
	}()
	config.Name = cmp.Or(config.Name, "cladopt")
	ctx, err := config.context()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", config.Name, err)
		return ExitUsage
	}
	registry, err := config.registry()
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", config.Name, err)
		return ExitUsage
	}
	hooks := append(inspect.Hooks(), config.Hooks...)
	for _, h := range hooks {
		if err := h.Validate(); err != nil {
			fmt.Fprintf(stderr, "cladopt: %v\n", err)
			return ExitUsage
		}
	}
	e := &env{config, ctx, registry, hooks, stdin, stdout, stderr}

	line := newCommandLine(config.Name)
	line.parser.Stdout, line.parser.Stderr, line.exited = stdout, stderr, -1
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := line.parser.Parse(args)
	if line.exited >= 0 {
		return line.exited // --help
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", config.Name, err)
		return ExitUsage
	}
	status = e.report(kctx.Run(e), asksJSON(args))
	commandLines.Put(line)
	return status
}

// A commandLine reads arguments into the commands. To make one takes as long as to read
// a small module, so they are used again: lit runs the command many times in a process.
type commandLine struct {
	commands
	name   string
	parser *kong.Kong
	exited int // what kong would have ended the process with, -1 if it would not
}

var commandLines sync.Pool

func newCommandLine(name string) *commandLine {
	if l, ok := commandLines.Get().(*commandLine); ok && l.name == name {
		return l
	}
	l := &commandLine{name: name}
	parser, err := kong.New(&l.commands, kong.Name(name), kong.Vars{"routes": strings.Join(engine.Routes(), ", "), "blaswork": strconv.Itoa(cpp.BLASWork)},
		kong.Description("A compiler from observed LibTorch graphs to C++ and its gradients."),
		kong.Exit(func(code int) { l.exited = code }), kong.UsageOnError())
	if err != nil {
		panic(err)
	}
	l.parser = parser
	return l
}

// known is the context of cladopt's own dialects, which nothing changes.
var known = sync.OnceValues(func() (*ir.Context, error) { return ir.NewContext(dialects.All()...) })

// context has cladopt's dialects with the user's.
func (c Config) context() (*ir.Context, error) {
	if len(c.Dialects) == 0 {
		return known()
	}
	return ir.NewContext(append(dialects.All(), c.Dialects...)...)
}

// registry has cladopt's passes and pipelines with the user's.
func (c Config) registry() (*passes.Registry, error) {
	pipelines := passes.Pipelines()
	for name, text := range pipelines {
		if c.Prepare != "" {
			pipelines[name] = c.Prepare + "," + text
		}
	}
	maps.Copy(pipelines, c.Pipelines)
	all := append(passes.All(c.Rules...), c.Passes...)
	if c.mutate != nil {
		for i, p := range all {
			all[i] = c.mutate(p)
		}
	}
	r, err := passes.NewRegistry(all, pipelines)
	if err != nil || c.Prepare == "" && c.Pipelines == nil {
		return r, err
	}
	for _, name := range r.PipelineNames() {
		if _, err := r.Parse(name); err != nil {
			return nil, fmt.Errorf("pipeline %s: %w", name, err)
		}
	}
	return r, nil
}

func asksJSON(args []string) bool {
	for _, a := range args {
		if a == "--json" {
			return true
		}
	}
	return false
}

// report writes an error for a person or a program and returns the exit status.
func (e *env) report(err error, asJSON bool) int {
	var code exit
	var usage usageError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		fmt.Fprintf(e.stderr, "%s: %v\n", e.config.Name, err)
		return ExitUsage
	}
	if asJSON {
		e.writeErrors(err)
	} else {
		fmt.Fprintln(e.stderr, strings.TrimRight(err.Error(), "\n"))
	}
	if len(located(err)) > 0 && diag.CodeOf(err) == diag.Unsupported {
		return ExitUnsupported
	}
	return ExitFailure
}

func located(err error) []*diag.Error { return diag.All(err) }

// jsonError is an error as --json prints it.
type jsonError struct {
	Code   string `json:"code"`
	Op     string `json:"op"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

func (e *env) writeErrors(err error) {
	list := []jsonError{}
	for _, d := range located(err) {
		code := string(d.Code)
		if code == "" {
			code = string(diag.Invalid)
		}
		list = append(list, jsonError{code, d.Op, d.Pos.File, d.Pos.Line, d.Message, d.Remedy})
	}
	e.writeJSON(map[string]any{"errors": list})
}

func (e *env) writeJSON(v any) {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // a closed stdout shows in the shell
}
