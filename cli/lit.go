package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"

	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/lit"
	"github.com/cladopt/cladopt/lit/filecheck"
)

type litCmd struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"Test files or folders, and options: -v, -a, -jN, --filter=REGEX, --filter-out=REGEX, --update, --time-tests, --features."`
}

func (c *litCmd) Run(e *env) error {
	config := LitConfig(e.config)
	if isTerminal(e.stderr) {
		config.Done = func(_ lit.Result, done, total int) {
			fmt.Fprintf(e.stderr, "\r[%d/%d]", done, total)
			if done == total {
				fmt.Fprint(e.stderr, "\r\x1b[K") // clears the line for the summary
			}
		}
	}
	if status := config.Main(c.Args, e.stdout, e.stderr); status != 0 {
		return exit(status)
	}
	return nil
}

type fileCheckCmd struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"The file with CHECK lines; the text comes from standard input."`
}

func (c *fileCheckCmd) Run(e *env) error {
	if status := filecheck.Main(c.Args, e.stdin, e.stdout, e.stderr); status != 0 {
		return exit(status)
	}
	return nil
}

// LitConfig runs lit tests with this command in process, by its name; features are the tools that
// are there.
func LitConfig(config Config) *lit.Config {
	c := &lit.Config{
		Commands: map[string]lit.Command{
			cmp.Or(config.Name, "cladopt"): func(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
				return Main(config, args, stdin, stdout, stderr)
			},
		},
		Features: map[string]bool{},
	}
	if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err == nil {
		c.Features["clad"] = true
	}
	for feature, tool := range map[string]string{"mlir-opt": "mlir-opt-16", "filecheck-16": "FileCheck-16",
		"clang-14": "clang++-14", "clang-16": "clang++-16", "clang-19": "clang++-19"} {
		_, err := exec.LookPath(tool)
		c.Features[feature] = err == nil
	}
	tools, err := toolchain.FindLLVM(context.Background())
	c.Features["llvm"] = err == nil && tools.Link != ""
	_, err = exec.LookPath("opt-16")
	c.Features["opt"] = err == nil
	_, err = toolchain.Find(context.Background())
	c.Features["cxx"] = err == nil
	_, err = toolchain.FindMLIR()
	c.Features["via-mlir"] = err == nil
	return c
}
