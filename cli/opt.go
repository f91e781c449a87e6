package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

type optCmd struct {
	File string `arg:"" help:"IR text (.mlir) or an observed graph (.graph), - for standard input."`

	Pipeline   string   `short:"p" help:"Passes to run: 'canonicalize,cse,func.func(fuse-elementwise{max=8})', or a pipeline by name."`
	Disable    []string `help:"Leave these passes out of the pipeline." placeholder:"PASS,..."`
	StopAfter  string   `help:"End the pipeline after this pass."`
	VerifyEach bool     `default:"true" negatable:"" help:"Verify the module after each pass."`
	Generalize string   `help:"Make sizes of an observed graph symbolic: INPUT:DIMENSION,..."`
	Output     string   `short:"o" help:"Where to write; standard output if absent."`

	CrashReproducer string `help:"Where a pass fails, write the module before it and the rest of the pipeline to this file."`
	RunReproducer   bool   `help:"Run the pipeline that the file, a reproducer, names."`

	SplitInputFile    bool `help:"Take the parts of the file between lines // ----- each for a module."`
	VerifyDiagnostics bool `help:"Hold errors, and remarks if asked for, against // expected-error@+1 {{text}} comments instead of printing them."`

	printFlags   `embed:""`
	inspectFlags `embed:""`
}

// printFlags say how IR is printed.
type printFlags struct {
	Generic   bool `help:"Print ops in generic form."`
	Locations bool `name:"mlir-print-debuginfo" help:"Print locations."`
}

func (f printFlags) print(m *ir.Module) string {
	return ir.Print(m.Op, ir.PrintOptions{Generic: f.Generic, Locations: f.Locations})
}

func (c *optCmd) Run(e *env) error {
	if c.RunReproducer {
		if err := c.readReproducer(e); err != nil {
			return err
		}
	}
	steps, err := e.registry.Parse(c.Pipeline)
	if err != nil {
		return usageError{err}
	}
	for _, name := range slices.Concat([]string{c.StopAfter}, c.Disable, c.PrintIRAfter, c.PrintIRBefore) {
		if name != "" && name != "all" && e.registry.Pass(name) == nil {
			return usageError{fmt.Errorf("no pass is named %q", name)}
		}
	}
	src, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	parts := [][]byte{src}
	if c.SplitInputFile {
		if isGraph(c.File, src) {
			return usageError{fmt.Errorf("--split-input-file is for IR text; %s is an observed graph", displayName(c.File))}
		}
		parts = splitInput(src)
	}
	var texts []string
	var failures []error
	for _, part := range parts {
		text, remarks, err := c.part(e, part, passes.Without(steps, c.Disable))
		if c.VerifyDiagnostics {
			err = verifyDiagnostics(displayName(c.File), part, err, remarks)
		}
		if err != nil {
			failures = append(failures, err)
		} else {
			texts = append(texts, text)
		}
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	return e.write(c.Output, strings.Join(texts, "// -----\n"))
}

// part runs the pipeline on one module, whose text it returns.
func (c *optCmd) part(e *env, src []byte, steps []passes.Step) (string, []passes.Remark, error) {
	m, err := e.parse(c.File, src, c.Generalize)
	if err != nil {
		return "", nil, err
	}
	pm := &passes.Manager{SkipVerify: !c.VerifyEach, Keep: true}
	if c.StopAfter != "" {
		pm.Stop = func(p *passes.Pass) bool { return p.Name == c.StopAfter }
	}
	flags := c.inspectFlags
	flags.Remarks = c.Remarks && !c.VerifyDiagnostics // else they are compared, not printed
	finish := flags.watch(e, pm, c.printFlags)
	err = pm.Run(m, steps)
	finish()
	var told []passes.Remark
	if c.Remarks {
		told = pm.Remarks
	}
	if err != nil {
		if c.VerifyDiagnostics && c.CrashReproducer == "" {
			return "", told, err // it is expected
		}
		return "", told, c.reproduce(e, err)
	}
	return c.print(m), told, nil
}

// pipelineMark is what the line of a reproducer begins with that names the pipeline;
// unverifiedMark is added where passes were not followed by verification.
const (
	pipelineMark   = "// pipeline: "
	unverifiedMark = "// --no-verify-each"
)

// reproduce writes what is needed to see a failure again, and returns the failure. A
// pass that refuses its input writes only where it is told to; a fault of the compiler
// always writes, to a temporary file if need be, unless it is a replay.
func (c *optCmd) reproduce(e *env, err error) error {
	var failed *passes.PassError
	if !errors.As(err, &failed) || failed.Before == nil || c.CrashReproducer == "" && (!failed.Internal || c.RunReproducer || e.config.noReproducers) {
		return err
	}
	path := c.CrashReproducer
	if path == "" {
		f, ferr := os.CreateTemp("", "cladopt-reproducer-*.mlir")
		if ferr != nil {
			return errors.Join(err, fmt.Errorf("cannot write a reproducer: %w", ferr))
		}
		path = f.Name()
		f.Close() // nothing was written to it
	}
	head := []string{"// RUN: cladopt opt %s --run-reproducer", pipelineMark + passes.FormatPipeline(failed.Rest)}
	if !c.VerifyEach {
		head = append(head, unverifiedMark)
	}
	reason, _, _ := strings.Cut(err.Error(), "\n")
	head = append(head, "// "+reason)
	if werr := writeAtomically(path, []byte(strings.Join(head, "\n")+"\n"+failed.Before.String())); werr != nil {
		return errors.Join(err, werr)
	}
	fmt.Fprintf(e.stderr, "wrote %s; replay it with: cladopt opt %s --run-reproducer\n", path, path)
	return err
}

// readReproducer takes the pipeline from the file.
func (c *optCmd) readReproducer(e *env) error {
	if c.Pipeline != "" {
		return usageError{errors.New("--run-reproducer takes the pipeline from the file: give no -p")}
	}
	if c.File == "-" {
		return usageError{errors.New("--run-reproducer needs a file, not standard input")}
	}
	src, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	found := false
	for line := range strings.Lines(string(src)) {
		line = strings.TrimRight(line, "\r\n")
		if !strings.HasPrefix(line, "//") {
			break
		}
		if text, ok := strings.CutPrefix(line, pipelineMark); ok {
			c.Pipeline, found = text, true
		}
		if line == unverifiedMark {
			c.VerifyEach = false
		}
	}
	if !found {
		return fmt.Errorf("%s: is no reproducer: expected a line %qPASSES among its first comments; --crash-reproducer writes one", c.File, pipelineMark)
	}
	return nil
}
