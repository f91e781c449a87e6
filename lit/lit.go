// Package lit runs tests in the manner of LLVM's lit: files whose RUN lines are
// commands, with FileCheck's CHECK lines in the same file. It knows no compiler: the
// commands that run in process are given to it.
//
//	// RUN: mytool %s | FileCheck %s
//	// CHECK: expected {{[0-9]+}}
//
// Understood: RUN with pipes, && || ;, redirections, quotes, "not" and "not --crash";
// %s %S %p %t %T %% %basename_t and %{name} of DEFINE and REDEFINE lines; REQUIRES,
// UNSUPPORTED and XFAIL over features. Commands that are not given, nor cat, count, echo,
// true or false, are started as programs. See package filecheck for the CHECK lines.
package lit

import (
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"
)

// Command runs in process and returns an exit status.
type Command func(args []string, stdin io.Reader, stdout, stderr io.Writer) int

// Config says what tests can use.
type Config struct {
	Commands map[string]Command
	Features map[string]bool
	// Suffixes of test files; ".mlir", ".graph" and ".test" if empty.
	Suffixes []string
	// Done, if set, is told of each test that ended; not from two goroutines at once.
	Done func(r Result, done, total int)
	// Workers is how many tests run at a time; as many as there are processors if zero.
	Workers int
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
	Unresolved  Status = "UNRESOLVED" // it has no RUN line, or one that cannot be read
	XFail       Status = "XFAIL"      // it failed, as it says it does
	XPass       Status = "XPASS"      // it passed, but says that it fails
)

// Bad reports whether a test with this outcome makes the run fail.
func (s Status) Bad() bool { return s == Fail || s == Unresolved || s == XPass }

// Result is one test's.
type Result struct {
	Path   string
	Status Status
	Output string // why
	Time   time.Duration
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

// RunAll runs tests, a few at a time, and returns their results in order.
func (c *Config) RunAll(files []string) []Result {
	results := make([]Result, len(files))
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	var wg sync.WaitGroup
	var told sync.Mutex
	done := 0
	slots := make(chan struct{}, workers)
	for i, f := range files {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			results[i] = c.Run(f)
			told.Lock()
			defer told.Unlock()
			done++
			if c.Done != nil {
				c.Done(results[i], done, len(files))
			}
		}()
	}
	wg.Wait()
	return results
}
