// Package lit runs tests in the manner of LLVM's lit: files whose RUN lines are
// commands, with FileCheck's CHECK lines in the same file. It knows no compiler: the
// commands that run in process are given to it.
//
//	// RUN: mytool %s | FileCheck %s
//	// CHECK: expected {{[0-9]+}}
//
// Understood: RUN with pipes, &&, "not", "2>&1", "> file", quotes, %s %S %t %T %%;
// REQUIRES and UNSUPPORTED over features; commands that are not given are started as
// programs. See package filecheck for the CHECK lines.
package lit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/cladopt/cladopt/lit/filecheck"
)

// Command runs in process and returns an exit status.
type Command func(args []string, stdin io.Reader, stdout, stderr io.Writer) int

// Config says what tests can use.
type Config struct {
	Commands map[string]Command
	Features map[string]bool
	// Suffixes of test files; ".mlir", ".graph" and ".test" if empty.
	Suffixes []string
	// Timeout bounds a program that is started; a minute if zero.
	Timeout time.Duration
}

// Status is the outcome of a test.
type Status string

// The outcomes.
const (
	Pass        Status = "PASS"
	Fail        Status = "FAIL"
	Unsupported Status = "UNSUPPORTED"
	Unresolved  Status = "UNRESOLVED" // it has no RUN line
)

// Result is one test's.
type Result struct {
	Path   string
	Status Status
	Output string // why
}

// Find lists the test files in paths, sorted.
func (c *Config) Find(paths ...string) ([]string, error) {
	suffixes := c.Suffixes
	if len(suffixes) == 0 {
		suffixes = []string{".mlir", ".graph", ".test"}
	}
	var out []string
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "Inputs" {
				return fs.SkipDir
			}
			if !d.IsDir() && (path == p || slices.Contains(suffixes, filepath.Ext(path))) {
				out = append(out, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Strings(out)
	return out, nil
}

// Main is the command: paths, -v for the output of failures, --filter=TEXT.
func (c *Config) Main(args []string, stdout, stderr io.Writer) int {
	filter := ""
	verbose := false
	var paths []string
	for _, a := range args {
		switch {
		case a == "-v" || a == "--verbose":
			verbose = true
		case strings.HasPrefix(a, "--filter="):
			filter = strings.TrimPrefix(a, "--filter=")
		case strings.HasPrefix(a, "-"):
			fmt.Fprintf(stderr, "lit: unknown option %s, expected -v, --filter=TEXT or paths\n", a)
			return 2
		default:
			paths = append(paths, a)
		}
	}
	files, err := c.Find(paths...)
	if err != nil {
		fmt.Fprintf(stderr, "lit: %v\n", err)
		return 2
	}
	files = slices.DeleteFunc(files, func(f string) bool { return !strings.Contains(f, filter) })
	if len(files) == 0 {
		fmt.Fprintln(stderr, "lit: no tests were found")
		return 2
	}
	results := c.RunAll(files)
	count := map[Status]int{}
	for _, r := range results {
		count[r.Status]++
		if r.Status == Pass {
			continue
		}
		fmt.Fprintf(stdout, "%s: %s\n", r.Status, r.Path)
		if verbose || r.Status != Fail {
			fmt.Fprintln(stdout, r.Output)
		}
	}
	fmt.Fprintf(stdout, "%d tests: %d passed, %d failed, %d unsupported, %d unresolved\n", len(results),
		count[Pass], count[Fail], count[Unsupported], count[Unresolved])
	if count[Fail]+count[Unresolved] > 0 {
		return 1
	}
	return 0
}

// RunAll runs tests, a few at a time, and returns their results in order.
func (c *Config) RunAll(files []string) []Result {
	results := make([]Result, len(files))
	var wg sync.WaitGroup
	slots := make(chan struct{}, runtime.NumCPU())
	for i, f := range files {
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = c.Run(f)
		}()
	}
	wg.Wait()
	return results
}

// Run runs one test.
func (c *Config) Run(path string) Result {
	text, err := os.ReadFile(path)
	if err != nil {
		return Result{path, Unresolved, err.Error()}
	}
	var runs []string
	continued := false
	for _, line := range strings.Split(string(text), "\n") {
		for _, key := range []string{"REQUIRES:", "UNSUPPORTED:"} {
			if _, list, ok := strings.Cut(line, key); ok {
				for _, f := range strings.Split(list, ",") {
					if f = strings.TrimSpace(f); c.Features[f] != (key == "REQUIRES:") {
						return Result{path, Unsupported, key + " " + f}
					}
				}
			}
		}
		if _, run, ok := strings.Cut(line, "RUN:"); ok {
			run = strings.TrimSpace(run)
			if continued {
				runs[len(runs)-1] += " " + strings.TrimSuffix(run, "\\")
			} else {
				runs = append(runs, strings.TrimSuffix(run, "\\"))
			}
			continued = strings.HasSuffix(run, "\\")
		}
	}
	if len(runs) == 0 {
		return Result{path, Unresolved, "the file has no RUN line"}
	}
	dir, err := os.MkdirTemp("", "lit-")
	if err != nil {
		return Result{path, Unresolved, err.Error()}
	}
	defer os.RemoveAll(dir)
	replace := strings.NewReplacer("%%", "%", "%s", path, "%S", filepath.Dir(path), "%t", filepath.Join(dir, "tmp"), "%T", dir)
	for _, run := range runs {
		if why := c.line(replace.Replace(run)); why != "" {
			return Result{path, Fail, fmt.Sprintf("RUN: %s\n%s", run, why)}
		}
	}
	return Result{path, Pass, ""}
}

// line runs the commands of one RUN line; the result is "" if all went well.
func (c *Config) line(text string) string {
	words, err := split(text)
	if err != nil {
		return err.Error()
	}
	for len(words) > 0 {
		end := slices.Index(words, "&&")
		step := words
		words = nil
		if end >= 0 {
			step, words = step[:end], append([]string{}, step[end+1:]...)
		}
		if why := c.pipeline(step); why != "" {
			return why
		}
	}
	return ""
}

// pipeline runs commands one after the other, each on the output of the one before.
func (c *Config) pipeline(words []string) string {
	var input []byte
	for len(words) > 0 {
		end := slices.Index(words, "|")
		cmd := words
		words = nil
		if end >= 0 {
			cmd, words = cmd[:end], append([]string{}, cmd[end+1:]...)
		}
		var stdout, stderr bytes.Buffer
		status, err := c.command(cmd, bytes.NewReader(input), &stdout, &stderr)
		if err != nil {
			return err.Error()
		}
		if status != 0 {
			return fmt.Sprintf("%s: exit status %d\n%s%s", strings.Join(cmd, " "), status, stdout.String(), stderr.String())
		}
		input = stdout.Bytes()
	}
	return ""
}

// command runs one command with its redirections.
func (c *Config) command(words []string, stdin io.Reader, stdout, stderr *bytes.Buffer) (status int, err error) {
	negate := false
	var args []string
	file := ""
	var errTo io.Writer = stderr
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "not" && len(args) == 0:
			negate = !negate
		case w == "2>&1":
			errTo = stdout
		case w == ">" && i+1 < len(words):
			i++
			file = words[i]
		case w == "<" && i+1 < len(words):
			i++
			text, err := os.ReadFile(words[i])
			if err != nil {
				return 0, err
			}
			stdin = bytes.NewReader(text)
		default:
			args = append(args, w)
		}
	}
	if len(args) == 0 {
		return 0, fmt.Errorf("a RUN line has an empty command")
	}
	if run := c.Commands[args[0]]; run != nil {
		status = inProcess(run, args[1:], stdin, stdout, errTo)
	} else if args[0] == "FileCheck" {
		status = filecheck.Main(args[1:], stdin, stdout, errTo)
	} else {
		timeout := c.Timeout
		if timeout == 0 {
			timeout = time.Minute
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, errTo
		if err := cmd.Run(); err != nil {
			if cmd.ProcessState == nil {
				return 0, err
			}
			status = 1
		}
	}
	if file != "" {
		if err := os.WriteFile(file, stdout.Bytes(), 0o600); err != nil {
			return 0, err
		}
		stdout.Reset()
	}
	if negate {
		if status == 0 {
			return 1, nil
		}
		return 0, nil
	}
	return status, nil
}

// inProcess runs a command; a panic in it is a failure of the test, not of the run.
func inProcess(run Command, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "panic: %v\n", p)
			status = 134
		}
	}()
	return run(args, stdin, stdout, stderr)
}

// Words takes a command line apart as a RUN line is.
func Words(text string) ([]string, error) { return split(text) }

// split takes a command line apart as a shell does: quotes, and | && > < by
// themselves.
func split(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	flush := func() {
		if inWord {
			words = append(words, word.String())
			word.Reset()
			inWord = false
		}
	}
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == ' ' || ch == '\t':
			flush()
		case ch == '\'' || ch == '"':
			end := strings.IndexByte(text[i+1:], ch)
			if end < 0 {
				return nil, fmt.Errorf("a quote is not closed in: %s", text)
			}
			word.WriteString(text[i+1 : i+1+end])
			inWord = true
			i += end + 1
		case strings.HasPrefix(text[i:], "2>&1"):
			flush()
			words = append(words, "2>&1")
			i += 3
		case strings.HasPrefix(text[i:], "&&"):
			flush()
			words = append(words, "&&")
			i++
		case ch == '|' || ch == '>' || ch == '<':
			flush()
			words = append(words, string(ch))
		default:
			word.WriteByte(ch)
			inWord = true
		}
	}
	flush()
	return words, nil
}
