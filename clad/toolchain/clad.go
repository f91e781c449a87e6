package toolchain

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// Clad is a clang with the Clad plugin, of one version.
type Clad struct {
	Compiler *Compiler
	Plugin   string // the plugin's library
	Include  string // the folder that holds clad/Differentiator/Differentiator.h
	header   string // a precompiled header of it, "" if none could be made
}

// CladPaths say where Clad is; what is empty is looked for.
type CladPaths struct{ Plugin, Include string }

// String names compiler and plugin.
func (c *Clad) String() string { return c.Compiler.String() + ", " + c.Plugin }

const cladHeader = "clad/Differentiator/Differentiator.h"

// ErrNoClad says in one line what is missing for the engine clad.
var ErrNoClad = errors.New("Clad was not found")

func noClad(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNoClad, fmt.Sprintf(format, args...))
}

// FindClad looks for the plugin and its headers, by paths, by CLADOPT_CLAD_PLUGIN and
// CLADOPT_CLAD_INCLUDE, then in the usual prefixes, and for a clang of its version:
// the first that loads it.
func FindClad(ctx context.Context, paths CladPaths) (*Clad, error) {
	c := &Clad{Plugin: first(paths.Plugin, os.Getenv("CLADOPT_CLAD_PLUGIN")), Include: first(paths.Include, os.Getenv("CLADOPT_CLAD_INCLUDE"))}
	if c.Plugin == "" {
		c.Plugin = search([]string{"lib", "lib64", "lib/clad", "lib/x86_64-linux-gnu"}, "clad"+pluginSuffix())
	}
	if c.Plugin == "" {
		return nil, noClad("no plugin clad%s in the usual places; set CLADOPT_CLAD_PLUGIN or pass --clad-plugin", pluginSuffix())
	}
	if _, err := os.Stat(c.Plugin); err != nil {
		return nil, noClad("the plugin cannot be read: %v", err)
	}
	if c.Include == "" {
		beside := filepath.Join(filepath.Dir(filepath.Dir(c.Plugin)), "include")
		if _, err := os.Stat(filepath.Join(beside, cladHeader)); err == nil {
			c.Include = beside
		} else if found := search([]string{"include"}, cladHeader); found != "" {
			c.Include = strings.TrimSuffix(found, string(filepath.Separator)+filepath.FromSlash(cladHeader))
		}
	}
	if c.Include == "" {
		return nil, noClad("no header %s in the usual places; set CLADOPT_CLAD_INCLUDE or pass --clad-include", cladHeader)
	}
	if _, err := os.Stat(filepath.Join(c.Include, cladHeader)); err != nil {
		return nil, noClad("the headers cannot be read: %v", err)
	}
	names := []string{"clang++-16", "clang++"}
	for v := 22; v >= 12; v-- {
		if v != 16 {
			names = append(names, fmt.Sprintf("clang++-%d", v))
		}
	}
	if name := os.Getenv("CLADOPT_CXX"); name != "" {
		names = []string{name}
	}
	problem := "no clang++ was found: install the clang that Clad was built for, or set CLADOPT_CXX to it"
	for _, name := range names {
		compiler, err := try(ctx, name)
		if err != nil {
			continue
		}
		c.Compiler = compiler
		if err := c.precompile(ctx); err != nil {
			problem = fmt.Sprintf("%s does not load %s: %v", name, c.Plugin, err)
			continue
		}
		return c, nil
	}
	return nil, noClad("%s", problem)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func pluginSuffix() string {
	if runtime.GOOS == "darwin" {
		return ".dylib"
	}
	return ".so"
}

// search looks for a file below the usual installation prefixes.
func search(folders []string, name string) string {
	prefixes := []string{os.Getenv("CLAD_PREFIX"), os.Getenv("CONDA_PREFIX"), os.Getenv("VIRTUAL_ENV"), "/usr/local", "/usr", "/opt/clad", "/opt/local", "/opt/homebrew"}
	if llvm, err := filepath.Glob("/usr/lib/llvm-*"); err == nil {
		prefixes = append(prefixes, llvm...)
	}
	for _, p := range prefixes {
		for _, f := range folders {
			if p == "" {
				continue
			}
			path := filepath.Join(p, f, filepath.FromSlash(name))
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	return ""
}

// arguments load the plugin and have it print what it derives, which is the proof
// that it derived something.
func (c *Clad) arguments() []string {
	return []string{"-I" + c.Include, "-fplugin=" + c.Plugin}
}

var printDerived = []string{"-Xclang", "-plugin-arg-clad", "-Xclang", "-fdump-derived-fn"}

// precompile makes the precompiled header of this clang, Clad and flags, if it is not
// there yet. That also shows that clang loads the plugin: one of another version is
// an error of clang's.
func (c *Clad) precompile(ctx context.Context) error {
	flags := append(without(Flags, "-shared"), c.arguments()...)
	key := sha256.New()
	fmt.Fprintln(key, c.Compiler.Path, c.Compiler.Version, flags)
	for _, path := range []string{c.Compiler.Path, c.Plugin, filepath.Join(c.Include, cladHeader)} {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		fmt.Fprintln(key, path, info.Size(), info.ModTime().UnixNano())
	}
	dir := filepath.Join(cacheFolder(), fmt.Sprintf("clad-%x", key.Sum(nil)[:12]))
	path := filepath.Join(dir, "clad.pch")
	if _, statErr := os.Stat(path); statErr == nil {
		c.header = path
		return nil
	}
	if mkErr := os.MkdirAll(dir, 0o700); mkErr != nil {
		return mkErr
	}
	// clang wants the header's text to stay where it was.
	source := filepath.Join(dir, "clad.h")
	if err := replace(source, func(f string) error {
		return os.WriteFile(f, []byte("#include \""+cladHeader+"\"\n#include <stdint.h>\n"), 0o600)
	}); err != nil {
		return err
	}
	if err := replace(path, func(f string) error {
		cmd, cancel := command(ctx, DefaultTimeout, c.Compiler.Path, append(flags, "-x", "c++-header", "-Xclang", "-fno-pch-timestamp", "-o", f, source)...)
		defer cancel()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s (plugin and clang must be of one version)", firstLine(string(out), err))
		}
		return nil
	}); err != nil {
		return err
	}
	c.header = path
	return nil
}

// cacheFolder holds what is made once: the user's folder for that, else a temporary one.
func cacheFolder() string {
	cache, err := os.UserCacheDir()
	if err == nil {
		cache = filepath.Join(cache, "cladopt")
		err = os.MkdirAll(cache, 0o700)
	}
	if err != nil {
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("cladopt-%d", os.Getuid()))
	}
	return cache
}

// replace has write make a file beside path, and moves it there when it is whole.
func replace(path string, write func(file string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	f.Close()
	defer os.Remove(f.Name())
	if err := write(f.Name()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func firstLine(out string, err error) string {
	for _, line := range strings.Split(out, "\n") {
		if strings.Contains(line, "error:") {
			return strings.TrimSpace(line)
		}
	}
	return err.Error()
}

func without(list []string, drop string) []string {
	var out []string
	for _, v := range list {
		if v != drop {
			out = append(out, v)
		}
	}
	return out
}

// NotDerivedError says that Clad did not derive what the text asks for.
type NotDerivedError struct {
	Function string // of the text, whose gradient is missing
	Output   string // what the compiler said
}

func (e *NotDerivedError) Error() string {
	return fmt.Sprintf("Clad derived no gradient of %s: the library would hold a gradient of zero\n%s", e.Function, strings.TrimSpace(e.Output))
}

// WarningError is a warning of Clad's, such as of a derivative it did not find, which
// is an error here.
type WarningError struct{ Output string }

func (e *WarningError) Error() string {
	return "Clad warned, and what it leaves out would be a wrong gradient:\n" + strings.TrimSpace(e.Output)
}

var requested = regexp.MustCompile(`clad::gradient\((\w+(?:::\w+)*)`)

// Compile makes a library of text that asks Clad for gradients. Result.Derived is the
// code that Clad derived.
func (c *Clad) Compile(ctx context.Context, r Request) (Result, error) {
	return c.Compiler.Compile(ctx, c.request(r))
}

// request adds the plugin to r, and the proof that it did what was asked.
func (c *Clad) request(r Request) Request {
	flags := c.arguments()
	if c.header != "" {
		flags = append(flags, "-include-pch", c.header)
	}
	// Warnings are errors here, but for those of clang about code that a program wrote.
	r.Flags = append(append(append(flags, printDerived...), "-Wno-everything"), r.Flags...)
	r.check = func(result *Result) error {
		for _, m := range requested.FindAllStringSubmatch(r.Source, -1) {
			name := m[1][strings.LastIndexByte(m[1], ':')+1:]
			if !regexp.MustCompile(`\b` + name + `_grad\w*\(`).MatchString(result.Derived) {
				return &NotDerivedError{m[1], result.Warnings}
			}
		}
		if strings.Contains(result.Warnings, "warning:") {
			return &WarningError{result.Warnings}
		}
		return nil
	}
	return r
}

func command(ctx context.Context, limit time.Duration, path string, args ...string) (*exec.Cmd, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	return prepared(ctx, path, args...), cancel
}
