package toolchain

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Watch says what of a compilation is to be observed.
type Watch struct {
	// Before and After name passes of LLVM around which the IR is printed.
	Before, After []string
	// Functions are the symbols whose IR is printed there, all if empty.
	Functions []string
	// Metadata keeps the module's metadata with each function that is printed.
	Metadata bool
	// Machine asks for assembly as well.
	Machine bool
	// IR says that the text is LLVM IR, not C++.
	IR bool
	// March is the processor to compile for, as -march names it; this one if empty.
	March string
}

// Observation is what clang did with a text.
type Observation struct {
	Compiler string
	IR       string // LLVM IR after all passes
	Printed  []Dump // around the passes asked for
	Assembly string // "" if not asked for
	Records  string // optimisation records, YAML
}

// Observe compiles text as Compile does, with lines in its debug information, and
// keeps what LLVM says instead of a library. Only clang can.
func (c *Compiler) Observe(ctx context.Context, r Request, w Watch) (*Observation, error) {
	if !strings.Contains(c.Version, "clang") {
		return nil, fmt.Errorf("%s is not clang, which makes the LLVM IR to look into: install clang or set CLADOPT_CXX to one", c)
	}
	if r.Timeout == 0 {
		r.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "cladopt-inspect-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name, language := SourceName, "c++"
	args := append(without(Flags, "-shared"), r.Flags...)
	if w.IR {
		name, language = "source.ll", "ir"
		args = slices.DeleteFunc(args, isFrontEnd)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(r.Source), 0o600); err != nil {
		return nil, err
	}
	out := &Observation{Compiler: c.Version}
	if w.March != "" {
		args = append(args, "-march="+w.March)
	}
	args = append(args, "-gline-tables-only", "-fno-discard-value-names", "-S", "-emit-llvm", "-o", "graph.ll")
	stdout, stderr, err := c.observed(ctx, dir, "graph.opt.yaml", append(append(args, w.flags()...), "-x", language, name)...)
	if err != nil {
		return nil, err
	}
	if r.check != nil {
		if err := r.check(&Result{Derived: stdout, Warnings: stderr.said.String()}); err != nil {
			return nil, err
		}
	}
	out.Printed = stderr.dumps
	if w.Machine {
		// The IR is final: what is left is to make machine code of it.
		machine := append(without(slices.DeleteFunc(slices.Clone(Flags), isFrontEnd), "-shared"), "-S", "-Xclang", "-disable-llvm-passes", "-o", "graph.s", "-x", "ir", "graph.ll")
		if _, _, err := c.observed(ctx, dir, "graph.machine.yaml", machine...); err != nil {
			return nil, err
		}
	}
	return out, out.read(dir, w.Machine)
}

// read takes what the compiler left in dir.
func (o *Observation) read(dir string, machine bool) error {
	files := map[string]*string{"graph.ll": &o.IR, "graph.opt.yaml": &o.Records}
	codegen := ""
	if machine {
		files["graph.s"], files["graph.machine.yaml"] = &o.Assembly, &codegen
	}
	for name, to := range files {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("%s left no %s: %w", o.Compiler, name, err)
		}
		*to = string(text)
	}
	o.Records += codegen
	return nil
}

// SourceName is what the text is called in debug information and records.
const SourceName = "graph.cpp"

// isFrontEnd reports whether a flag means something for C++ only.
func isFrontEnd(flag string) bool {
	return strings.HasPrefix(flag, "-std=") || strings.HasPrefix(flag, "-fvisibility") || flag == "-fno-rtti" || flag == "-fno-exceptions"
}

func (w Watch) flags() []string {
	var out []string
	for _, p := range w.Before {
		out = append(out, "-mllvm", "-print-before="+p)
	}
	for _, p := range w.After {
		out = append(out, "-mllvm", "-print-after="+p)
	}
	if len(out) > 0 && len(w.Functions) > 0 {
		out = append(out, "-mllvm", "-filter-print-funcs="+strings.Join(w.Functions, ","))
	}
	if len(out) > 0 && w.Metadata {
		out = append(out, "-mllvm", "-print-module-scope")
	}
	return out
}

// observed runs the compiler in dir and keeps its records there.
func (c *Compiler) observed(ctx context.Context, dir, records string, args ...string) (stdout string, stderr *dumpWriter, err error) {
	cmd := prepared(ctx, c.Path, append(args, "-fsave-optimization-record", "-foptimization-record-file="+records)...)
	cmd.Dir = dir
	var o bytes.Buffer
	stderr = &dumpWriter{}
	cmd.Stdout, cmd.Stderr = &o, stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("did not end within %v", time.Since(start).Round(time.Second))
		}
		return "", nil, &CompileError{cmd.Args, stderr.said.String(), err}
	}
	stderr.end()
	return o.String(), stderr, nil
}

// Observe is Compiler.Observe of a text that asks Clad for gradients.
func (c *Clad) Observe(ctx context.Context, r Request, w Watch) (*Observation, error) {
	plain := *c
	if w.March != "" {
		plain.header = "" // it is precompiled for this processor
	}
	return c.Compiler.Observe(ctx, plain.request(r), w)
}
