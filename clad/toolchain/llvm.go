package toolchain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// LLVM is a clang that makes libraries of LLVM IR, and the llvm-link of its version.
type LLVM struct {
	Clang   *Compiler
	Version int    // of LLVM, the major one
	Link    string // llvm-link; "" if there is none: then no functions can be put in
}

// String names the compiler.
func (l *LLVM) String() string { return l.Clang.String() }

// ErrNoLLVM says that there is no clang.
var ErrNoLLVM = errors.New("no clang was found, which makes libraries of LLVM IR: install clang 14 or later, or set CLADOPT_CLANG to one")

// oldestLLVM is the first version that the text is written for.
const oldestLLVM = 14

var clangVersion = regexp.MustCompile(`clang version (\d+)\.`)

// FindLLVM looks for clang: CLADOPT_CLANG if it is set, else the usual names.
func FindLLVM(ctx context.Context) (*LLVM, error) {
	if name := os.Getenv("CLADOPT_CLANG"); name != "" {
		l, err := tryLLVM(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("CLADOPT_CLANG=%s: %w", name, err)
		}
		return l, nil
	}
	for _, name := range []string{"clang-16", "clang", "clang-19", "clang-18", "clang-17", "clang-15", "clang-14"} {
		if l, err := tryLLVM(ctx, name); err == nil {
			return l, nil
		}
	}
	return nil, ErrNoLLVM
}

func tryLLVM(ctx context.Context, name string) (*LLVM, error) {
	c, err := try(ctx, name)
	if err != nil {
		return nil, err
	}
	m := clangVersion.FindStringSubmatch(c.Version)
	if m == nil {
		return nil, fmt.Errorf("%s is no clang: its --version says %q", c.Path, c.Version)
	}
	version, _ := strconv.Atoi(m[1])
	if version < oldestLLVM {
		return nil, fmt.Errorf("%s is clang %d, expected %d or later", c.Path, version, oldestLLVM)
	}
	return &LLVM{c, version, findLink(ctx, c, version)}, nil
}

var linkVersion = regexp.MustCompile(`LLVM version (\d+)\.`)

// findLink is an llvm-link of clang's version: by its name, or installed with clang.
func findLink(ctx context.Context, c *Compiler, version int) string {
	names := []string{fmt.Sprintf("llvm-link-%d", version), "llvm-link"}
	if out, err := exec.CommandContext(ctx, c.Path, "-print-prog-name=llvm-link").Output(); err == nil {
		names = append(names, strings.TrimSpace(string(out)))
	}
	if out, err := exec.CommandContext(ctx, c.Path, "-print-resource-dir").Output(); err == nil { // PREFIX/lib/clang/16
		names = append(names, filepath.Join(strings.TrimSpace(string(out)), "..", "..", "..", "bin", "llvm-link"))
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if m := linkVersion.FindSubmatch(out); err == nil && m != nil && string(m[1]) == strconv.Itoa(version) {
			return path
		}
	}
	return ""
}

// LLVMRequest is one library to make of LLVM IR.
type LLVMRequest struct {
	Source string // LLVM IR
	// Support is C++ text of functions that Source calls: it is compiled to LLVM IR once,
	// and what is called of it put into the library.
	Support []string
	Output  string // path of the library
	Timeout time.Duration
}

// Compile makes a library. It appears at Output whole or not at all.
func (l *LLVM) Compile(ctx context.Context, r LLVMRequest) (Result, error) {
	if r.Timeout == 0 {
		r.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	dir, err := os.MkdirTemp(filepath.Dir(r.Output), ".cladopt-")
	if err != nil {
		return Result{}, fmt.Errorf("cannot write %s: %w", r.Output, err)
	}
	defer os.RemoveAll(dir)
	start := time.Now()
	source, library := filepath.Join(dir, "graph.ll"), filepath.Join(dir, "graph.so")
	if err := os.WriteFile(source, []byte(r.Source), 0o600); err != nil {
		return Result{}, err
	}
	input := source
	if len(r.Support) > 0 {
		input = filepath.Join(dir, "linked.bc")
		if err := l.linkSupport(ctx, r, source, input); err != nil {
			return Result{}, err
		}
	}
	args := slices.Concat(irFlags(), l.Clang.limits(), []string{"-shared", "-x", "ir", "-o", library, input, "-lm"})
	result := Result{Command: append([]string{l.Clang.Path}, args...)}
	result.Warnings, err = run(ctx, r.Timeout, l.Clang.Path, args...)
	result.Elapsed = time.Since(start)
	if err != nil {
		return result, err
	}
	if err := os.Rename(library, r.Output); err != nil {
		return result, fmt.Errorf("cannot write %s: %w", r.Output, err)
	}
	return result, nil
}

// irFlags are Flags but for those that only a front end reads.
func irFlags() []string {
	return append(slices.DeleteFunc(slices.Clone(Flags), func(f string) bool { return f == "-shared" || strings.HasPrefix(f, "-std=") }),
		"-Wno-unused-command-line-argument", "-Wno-override-module")
}

// linkSupport puts into the module of source what it calls of the support.
func (l *LLVM) linkSupport(ctx context.Context, r LLVMRequest, source, output string) error {
	if l.Link == "" {
		return fmt.Errorf("no llvm-link of LLVM %d was found, which puts elementary functions and products into a library: install llvm-%d", l.Version, l.Version)
	}
	// The first file is taken whole, of the others what is needed, for itself only.
	args := []string{"--only-needed", "--internalize", "-o", output, source}
	for _, text := range r.Support {
		path, err := l.support(ctx, r.Timeout, text)
		if err != nil {
			return err
		}
		args = append(args, path)
	}
	_, err := run(ctx, r.Timeout, l.Link, args...)
	return err
}

// support compiles C++ text to LLVM IR that is not yet optimised, and keeps it for the
// next time, by its text, the compiler and the flags.
func (l *LLVM) support(ctx context.Context, limit time.Duration, text string) (string, error) {
	flags := append(without(Flags, "-shared"), "-x", "c++", "-c", "-emit-llvm", "-Xclang", "-disable-llvm-passes")
	if l.Version == 15 {
		// Its llvm-link wants all files to have the pointers of the first; 16 reads both forms.
		flags = append(flags, "-Xclang", "-no-opaque-pointers")
	}
	key := sha256.New()
	fmt.Fprintln(key, l.Clang.Path, l.Clang.Version, flags)
	fmt.Fprint(key, text)
	dir := filepath.Join(cacheFolder(), "llvm")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("%x.bc", key.Sum(nil)[:16]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, replace(path, func(file string) error {
		source, err := os.CreateTemp(dir, ".support-*.cpp")
		if err != nil {
			return err
		}
		defer os.Remove(source.Name())
		_, err = source.WriteString(text)
		if err := errors.Join(err, source.Close()); err != nil {
			return err
		}
		_, err = run(ctx, limit, l.Clang.Path, append(flags, "-o", file, source.Name())...)
		return err
	})
}

// run runs a program to its end and gives what it said.
func run(ctx context.Context, limit time.Duration, path string, args ...string) (string, error) {
	cmd := prepared(ctx, path, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if err == nil {
		return stderr.String(), nil
	}
	if ctx.Err() == context.DeadlineExceeded {
		err = fmt.Errorf("did not end within %v", limit)
	}
	return stderr.String(), &CompileError{cmd.Args, stderr.String(), err}
}
