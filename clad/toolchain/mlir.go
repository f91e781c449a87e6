package toolchain

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
)

// MLIR is the tools of LLVM 16 that make a library of a module at the loop level.
type MLIR struct{ Opt, Translate, Clang string }

// MLIRLowering takes the loop level to the LLVM dialect by passes of mlir-opt.
var MLIRLowering = []string{
	"--convert-linalg-to-loops", "--lower-affine", "--convert-scf-to-cf", "--expand-strided-metadata", "--lower-affine", "--arith-expand",
	"--convert-math-to-llvm", "--convert-math-to-libm", "--convert-arith-to-llvm", "--convert-memref-to-llvm",
	"--convert-func-to-llvm=use-bare-ptr-memref-call-conv=1", "--convert-cf-to-llvm", "--reconcile-unrealized-casts",
}

// ErrNoMLIR says in one line which tool is missing.
var ErrNoMLIR = errors.New("a tool of the way through MLIR was not found")

// FindMLIR looks for the tools.
func FindMLIR() (*MLIR, error) {
	t := &MLIR{}
	for _, tool := range []struct {
		path           *string
		name, package_ string
	}{{&t.Opt, "mlir-opt-16", "mlir-16-tools"}, {&t.Translate, "mlir-translate-16", "mlir-16-tools"}, {&t.Clang, "clang-16", "clang-16"}} {
		path, err := exec.LookPath(tool.name)
		if err != nil {
			return nil, fmt.Errorf("%w: install %s (Debian: %s)", ErrNoMLIR, tool.name, tool.package_)
		}
		*tool.path = path
	}
	return t, nil
}

// MLIRRequest is one library to make.
type MLIRRequest struct {
	Module  string // MLIR at the loop level
	Entries string // C++ that calls its functions
	Output  string // path of the library
	Timeout time.Duration
}

// Compile makes a library, as Compiler.Compile does. What one tool makes is the next
// one's input.
func (t *MLIR) Compile(ctx context.Context, r MLIRRequest) (Result, error) {
	ctx, cancel := limited(ctx, r.Timeout)
	defer cancel()
	return whole(r.Output, func(dir, library string) (Result, error) {
		start := time.Now()
		lowered, err := step(ctx, []byte(r.Module), t.Opt, MLIRLowering...)
		if err != nil {
			return Result{}, err
		}
		text, err := step(ctx, lowered, t.Translate, "--mlir-to-llvmir")
		if err != nil {
			return Result{}, err
		}
		code, entries := filepath.Join(dir, "graph.ll"), filepath.Join(dir, "entries.cpp")
		for path, content := range map[string][]byte{code: text, entries: []byte(r.Entries)} {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				return Result{}, err
			}
		}
		args := []string{"-O3", "-march=native", "-fPIC", "-shared", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti", "-Wl,-z,defs",
			"-Wno-override-module", "-mllvm", "-unroll-threshold=150", "-o", library, "-x", "ir", code, "-x", "c++", entries, "-lm"}
		_, err = step(ctx, nil, t.Clang, args...)
		return Result{Command: append([]string{t.Clang}, args...), Elapsed: time.Since(start)}, err
	})
}

// step runs one tool on input and returns what it prints.
func step(ctx context.Context, input []byte, path string, args ...string) ([]byte, error) {
	cmd := prepared(ctx, path, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, &CompileError{cmd.Args, strings.TrimSpace(stderr.String()), timedOut(ctx, err)}
	}
	return stdout.Bytes(), nil
}
