// Package toolchain finds the system's C++ compiler and makes shared libraries of
// C++ text with it.
//
// The flags let loops vectorise and leave the process that loads the library as it
// is: -ffast-math and -Ofast are never among them, since linking with them switches
// the floating-point unit of the whole process to flush-to-zero.
package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Flags are what every library is compiled with.
var Flags = flags(runtime.GOARCH)

// Optimization is the part of Flags that says which code is made, on every machine.
var Optimization = []string{
	"-O3", "-fno-exceptions", "-fno-rtti",
	"-fno-math-errno", "-fno-trapping-math", "-freciprocal-math", "-fno-signed-zeros", "-ffp-contract=fast", "-fopenmp-simd",
}

// OptimizationAMD64 is what x86-64 wants besides: without it -freciprocal-math makes
// 1/sqrt(x) of f32 from an estimate, which is NaN at 0 and at infinity.
var OptimizationAMD64 = []string{"-mrecip=none"}

func flags(arch string) []string {
	out := append([]string{"-std=c++17", "-march=native", "-fPIC", "-shared", "-fvisibility=hidden"}, Optimization...)
	if arch == "amd64" {
		out = append(out, OptimizationAMD64...)
	}
	return out
}

// candidates are the compilers that are tried, in order.
var candidates = []string{"clang++-16", "clang++", "g++", "c++", "clang++-19", "clang++-15", "clang++-14"}

// DefaultTimeout bounds one compilation.
const DefaultTimeout = 5 * time.Minute

// ErrNone says that there is no C++ compiler.
var ErrNone = errors.New("no C++ compiler was found: install clang or g++, or set CLADOPT_CXX to one")

// Compiler is a C++ compiler that runs.
type Compiler struct {
	Path    string
	Version string // the first line of --version
}

// String names the compiler.
func (c *Compiler) String() string { return c.Path + ": " + c.Version }

// Find looks for a compiler: CLADOPT_CXX if it is set, else the usual names.
func Find(ctx context.Context) (*Compiler, error) {
	if name := os.Getenv("CLADOPT_CXX"); name != "" {
		c, err := try(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("CLADOPT_CXX=%s: %w", name, err)
		}
		return c, nil
	}
	for _, name := range candidates {
		if c, err := try(ctx, name); err == nil {
			return c, nil
		}
	}
	return nil, ErrNone
}

func try(ctx context.Context, name string) (*Compiler, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", path, err)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return &Compiler{path, strings.TrimSpace(line)}, nil
}

// ClangLimits keep clang from unrolling loops of some dozen turns in full, as it does from
// -O3 on: what comes out is no faster, and takes a quarter of the time to compile.
var ClangLimits = []string{"-mllvm", "-unroll-threshold=150"}

// GCCLimits keep gcc from making x / (y * z) of x / y / z, whose product may be infinite, and 0 of x * 0,
// which may be NaN.
var GCCLimits = []string{"-fno-reciprocal-math", "-fsigned-zeros"}

func (c *Compiler) limits() []string {
	if !strings.Contains(c.Version, "clang") {
		return GCCLimits
	}
	return ClangLimits
}

// Request is one library to make.
type Request struct {
	Source  string // C++ text
	Output  string // path of the library
	Flags   []string
	Timeout time.Duration // DefaultTimeout if zero
	// check, if set, looks at the result before the library appears.
	check func(*Result) error
}

// Result tells how it went.
type Result struct {
	Command  []string
	Warnings string
	Derived  string // what Clad derived, as C++
	Elapsed  time.Duration
}

// CompileError is a compilation that failed, with what the compiler said.
type CompileError struct {
	Command []string
	Output  string
	Err     error
}

// maxLines is how much of what a compiler says is repeated.
const maxLines = 20

func (e *CompileError) Error() string {
	lines := strings.Split(strings.TrimSpace(e.Output), "\n")
	if n := len(lines); n > maxLines {
		lines = append(lines[:maxLines], fmt.Sprintf("and %d more lines", n-maxLines))
	}
	return fmt.Sprintf("%s: %v\n%s", strings.Join(e.Command, " "), e.Err, strings.Join(lines, "\n"))
}

// Unwrap is how the compiler ended.
func (e *CompileError) Unwrap() error { return e.Err }

// Compile makes a library. It appears at Output whole or not at all; the compiler and
// all it started are killed when the time is up.
func (c *Compiler) Compile(ctx context.Context, r Request) (Result, error) {
	ctx, cancel := limited(ctx, r.Timeout)
	defer cancel()
	return whole(r.Output, func(dir, library string) (Result, error) {
		source := filepath.Join(dir, "graph.cpp")
		if err := os.WriteFile(source, []byte(r.Source), 0o600); err != nil {
			return Result{}, err
		}
		cmd := prepared(ctx, c.Path, slices.Concat(Flags, c.limits(), r.Flags, []string{"-o", library, source})...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		start := time.Now()
		err := cmd.Run()
		result := Result{cmd.Args, stderr.String(), stdout.String(), time.Since(start)}
		if err != nil {
			return result, &CompileError{cmd.Args, stderr.String(), timedOut(ctx, err)}
		}
		if r.check != nil {
			err = r.check(&result)
		}
		return result, err
	})
}

// whole has make write a library in a folder of its own, and moves it to output if it
// made one.
func whole(output string, make func(dir, library string) (Result, error)) (Result, error) {
	if info, err := os.Stat(output); err == nil && !info.Mode().IsRegular() {
		return Result{}, fmt.Errorf("cannot write %s: it is not a file", output)
	}
	dir, err := os.MkdirTemp(filepath.Dir(output), ".cladopt-")
	if err != nil {
		return Result{}, fmt.Errorf("cannot write %s: %w", output, err)
	}
	defer os.RemoveAll(dir)
	library := filepath.Join(dir, "graph.so")
	result, err := make(dir, library)
	if err != nil {
		return result, err
	}
	if err := os.Rename(library, output); err != nil {
		return result, fmt.Errorf("cannot write %s: %w", output, err)
	}
	return result, nil
}

// deadline is the context key of the limit that a compilation has.
type deadline struct{}

// limited is ctx with a time limit, DefaultTimeout if it is zero.
func limited(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		limit = DefaultTimeout
	}
	return context.WithTimeout(context.WithValue(ctx, deadline{}, limit), limit)
}

// timedOut is what a program's end means under ctx.
func timedOut(ctx context.Context, err error) error {
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("did not end within %v", ctx.Value(deadline{}))
	}
	return err
}

// prepared is a command that is killed with all that it started when ctx ends.
func prepared(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	return cmd
}
