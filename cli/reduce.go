package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/lit"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/parser/torchscript"
	"github.com/cladopt/cladopt/reduce"
)

type reduceCmd struct {
	File    string        `arg:"" help:"The input for which the command fails: IR text (.mlir), an observed graph (.graph), or any other text."`
	Test    string        `required:"" help:"The command; a copy of the input is its last argument, or stands for %s in it. cladopt itself is run in process." placeholder:"COMMAND"`
	Message string        `help:"Keep only what makes the command print this text too." placeholder:"TEXT"`
	Timeout time.Duration `default:"1m" help:"End a command that is not cladopt after this long; the candidate counts as not failing."`
	Output  string        `short:"o" help:"Where to write; standard output if absent."`
}

func (c *reduceCmd) Run(e *env) error {
	src, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	p, err := c.predicate(e)
	if err != nil {
		return err
	}
	defer os.RemoveAll(p.dir)
	first, out, err := p.run(string(src))
	switch {
	case err != nil:
		return err
	case first == 0:
		return fmt.Errorf("%s: %s exits with status 0, expected a command that fails on it:\n%s", c.File, c.Test, out)
	case !strings.Contains(out, c.Message):
		return fmt.Errorf("%s: %s does not print %q, but:\n%s", c.File, c.Test, c.Message, out)
	}
	tried := 0
	fails := func(text string) bool {
		tried++
		status, out, err := p.run(text)
		return err == nil && status == first && strings.Contains(out, c.Message)
	}
	small, from, to := c.reduce(e, string(src), fails)
	fmt.Fprintf(e.stderr, "%s: %s are left of %s; %d candidates were tried\n", c.File, to, from, tried)
	return e.write(c.Output, small)
}

// reduce picks the way for the kind of input, and says how large it was and is.
func (c *reduceCmd) reduce(e *env, src string, fails reduce.Fails) (small, from, to string) {
	if isGraph(c.File, []byte(src)) {
		// A graph that can be imported stays one: a broken graph fails for its own reason.
		importable := func(text string) bool {
			_, err := torchscript.Import(e.ctx, c.File, []byte(text), torchscript.ImportOptions{})
			return err == nil
		}
		if importable(src) {
			small = reduce.Graph(src, func(text string) bool { return importable(text) && fails(text) })
		} else {
			small = reduce.Graph(src, fails)
		}
	} else if m, err := mlir.Parse(e.ctx, c.File, []byte(src)); err == nil && fails(m.String()) {
		m2 := reduce.Module(m, fails)
		return m2.String(), opsOf(m), opsOf(m2)
	} else {
		small = reduce.Lines(src, fails) // what is wrong may be the text itself
	}
	return small, fmt.Sprintf("%d lines", strings.Count(src, "\n")), fmt.Sprintf("%d lines", strings.Count(small, "\n"))
}

// opsOf counts as people do: neither functions nor what ends them.
func opsOf(m *ir.Module) string {
	n, funcs := 0, 0
	m.Op.Walk(func(op *ir.Op) {
		switch {
		case op.Has(ir.IsolatedFromAbove) && op != m.Op:
			funcs++
		case op != m.Op:
			n++
		}
	})
	return fmt.Sprintf("%d ops in %d functions", n, funcs)
}

// predicate runs the command on candidates.
type predicate struct {
	e       *env
	words   []string
	dir     string // of the copy
	file    string
	timeout time.Duration
}

func (c *reduceCmd) predicate(e *env) (*predicate, error) {
	words, err := lit.Words(c.Test)
	if err != nil {
		return nil, usageError{fmt.Errorf("--test: %w", err)}
	}
	if len(words) == 0 {
		return nil, usageError{errors.New("--test is empty, expected a command such as 'cladopt opt -p cse'")}
	}
	dir, err := os.MkdirTemp("", "cladopt-reduce-")
	if err != nil {
		return nil, err
	}
	name := filepath.Base(c.File)
	if c.File == "-" {
		name = "input.mlir"
	}
	p := &predicate{e: e, dir: dir, file: filepath.Join(dir, name), timeout: c.Timeout}
	placed := false
	for _, w := range words {
		placed = placed || strings.Contains(w, "%s")
		p.words = append(p.words, strings.ReplaceAll(w, "%s", p.file))
	}
	if !placed {
		p.words = append(p.words, p.file)
	}
	return p, nil
}

// run is the exit status and the output of the command on text.
func (p *predicate) run(text string) (status int, out string, err error) {
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		return 0, "", err
	}
	var b bytes.Buffer
	if p.words[0] == p.e.config.Name {
		config := p.e.config
		config.noReproducers = true
		status = Main(config, p.words[1:], strings.NewReader(""), &b, &b)
		return status, b.String(), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.words[0], p.words[1:]...)
	cmd.Stdout, cmd.Stderr = &b, &b
	err = cmd.Run()
	if cmd.ProcessState == nil {
		return 0, "", err
	}
	if ctx.Err() != nil {
		return 0, "", fmt.Errorf("%s: did not end within %s", p.words[0], p.timeout)
	}
	return cmd.ProcessState.ExitCode(), b.String(), nil
}
