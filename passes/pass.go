// Package passes holds the transformations, one a file, and the named pipelines.
//
// A pass is a value: its name, what it does, its options, the pass it wants to come
// after, and a function. The manager runs passes in order, verifies the module
// after each, and turns a panic inside one into an error that names it.
//
// Passes change the module in place. Analyses (files named by nouns) never do.
package passes

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/cladopt/cladopt/ir"
)

// A Pass is one transformation of a module.
type Pass struct {
	Name string // verb-noun; the file is verb_noun.go
	Doc  string // what it does and what it needs; the first sentence is the summary
	// After lists passes that, where they occur in a pipeline too, must come earlier.
	After   []string
	Options []Option
	Run     func(p *Run) error
}

// Option describes a parameter of a pass.
type Option struct {
	Name    string
	Default string // also fixes the kind: "true"/"false", an integer, or text
	Doc     string
}

// Run is one execution of a pass.
type Run struct {
	Module *ir.Module
	// Func restricts the pass to one function; nil means all of the module.
	Func    *ir.Op
	options map[string]string
	// Note records something to tell, for explain and statistics.
	notes *[]Remark
	pass  *Pass
	// Trace gets a line for each rewrite, if set.
	Trace func(line string)
}

// Remark is something a pass has to tell about an op: what it decided and why.
type Remark struct {
	Pass    string
	Loc     ir.Loc
	Message string
}

// Remark records a decision.
func (r *Run) Remark(loc ir.Loc, format string, args ...any) {
	if r.notes != nil {
		*r.notes = append(*r.notes, Remark{r.pass.Name, loc, fmt.Sprintf(format, args...)})
	}
}

// Root is the op that the pass works on: the function, or the whole module.
func (r *Run) Root() *ir.Op {
	if r.Func != nil {
		return r.Func
	}
	return r.Module.Op
}

// Int is the value of an integer option.
func (r *Run) Int(name string) int {
	n, _ := strconv.Atoi(r.Str(name)) // checked when the pipeline was made
	return n
}

// Bool is the value of a boolean option.
func (r *Run) Bool(name string) bool { return r.Str(name) == "true" }

// Str is the value of an option.
func (r *Run) Str(name string) string {
	if v, ok := r.options[name]; ok {
		return v
	}
	for _, o := range r.pass.Options {
		if o.Name == name {
			return o.Default
		}
	}
	return ""
}

// Step is a pass in a pipeline with its options; a Step without Pass groups the
// steps in Nested, run on every function.
type Step struct {
	Pass    *Pass
	Options map[string]string
	Nested  []Step // of func.func(...)
}

// String prints the step as in a textual pipeline.
func (s Step) String() string {
	if s.Pass == nil {
		return "func.func(" + FormatPipeline(s.Nested) + ")"
	}
	text := s.Pass.Name
	if len(s.Options) > 0 {
		var parts []string
		for k, v := range s.Options {
			parts = append(parts, k+"="+v)
		}
		sort.Strings(parts)
		text += "{" + strings.Join(parts, " ") + "}"
	}
	return text
}

// FormatPipeline prints steps separated by commas.
func FormatPipeline(steps []Step) string {
	parts := make([]string, len(steps))
	for i, s := range steps {
		parts[i] = s.String()
	}
	return strings.Join(parts, ",")
}

// Without is steps but for the passes of these names.
func Without(steps []Step, names []string) []Step {
	var out []Step
	for _, s := range steps {
		switch {
		case s.Pass == nil:
			out = append(out, Step{Nested: Without(s.Nested, names)})
		case !slices.Contains(names, s.Pass.Name):
			out = append(out, s)
		}
	}
	return out
}

// CheckOptions is an error if options are not what the pass takes.
func (p *Pass) CheckOptions(options map[string]string) error {
	names := make([]string, 0, len(options))
	for k := range options {
		names = append(names, k)
	}
	sort.Strings(names)
next:
	for _, k := range names {
		var known []string
		for _, o := range p.Options {
			known = append(known, o.Name)
			if o.Name != k {
				continue
			}
			v := options[k]
			_, intErr := strconv.Atoi(v)
			_, wantsInt := strconv.Atoi(o.Default)
			switch {
			case (o.Default == "true" || o.Default == "false") && v != "true" && v != "false":
				return fmt.Errorf("pass %s: option %s is %q, expected true or false", p.Name, k, v)
			case wantsInt == nil && intErr != nil:
				return fmt.Errorf("pass %s: option %s is %q, expected an integer", p.Name, k, v)
			}
			continue next
		}
		return fmt.Errorf("pass %s has no option %q, expected one of [%s]", p.Name, k, strings.Join(known, " "))
	}
	return nil
}

// Manager runs pipelines.
type Manager struct {
	// Before and After are called around every pass, if set.
	Before, After func(p *Pass, m *ir.Module)
	// Trace gets a line for each rewrite, if set.
	Trace func(line string)
	// SkipVerify leaves out the verification after each pass.
	SkipVerify bool
	// Stop, if set, ends the pipeline after a pass for which it holds.
	Stop func(p *Pass) bool
	// Keep copies the module before each pass, so that a PassError holds what failed and
	// names the function.
	Keep bool

	Remarks []Remark
	Timings []Timing
	nests   int // how many func.func(...) were run
}

// Timing is how long one pass took, and its verification.
type Timing struct {
	Pass   string
	Func   string // the function it was run on, "" for the module
	Nest   int    // which func.func(...) of the pipeline it is in, from 1; 0 if in none
	Run    time.Duration
	Verify time.Duration
}

// PassError is a failure of a pass: an error it returned, a panic, or a module
// that does not verify after it.
type PassError struct {
	Pass string
	Func string // where it failed, "" if that is not known
	Err  error
	// Internal says that the compiler is at fault: a panic, or a module that does not
	// verify.
	Internal bool
	// Before is the module the pass was given, and Rest the pipeline from this pass on; both
	// only if the manager keeps modules.
	Before *ir.Module
	Rest   []Step
}

func (e *PassError) Error() string {
	if e.Func == "" {
		return fmt.Sprintf("pass %s: %v", e.Pass, e.Err)
	}
	return fmt.Sprintf("pass %s: function @%s: %v", e.Pass, e.Func, e.Err)
}

// Unwrap is what went wrong.
func (e *PassError) Unwrap() error { return e.Err }

// errStopped ends a pipeline early without being an error.
var errStopped = fmt.Errorf("stopped")

// Run runs the steps on m, in order.
func (pm *Manager) Run(m *ir.Module, steps []Step) error {
	err := pm.run(m, nil, steps)
	if err == errStopped {
		return nil
	}
	return err
}

func (pm *Manager) run(m *ir.Module, fn *ir.Op, steps []Step) error {
	for i, s := range steps {
		err := pm.step(m, fn, s)
		var failed *PassError
		if errors.As(err, &failed) && pm.Keep {
			failed.Rest = append(failed.Rest, steps[i+1:]...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (pm *Manager) step(m *ir.Module, fn *ir.Op, s Step) error {
	if s.Pass == nil {
		return pm.nest(m, s)
	}
	if err := pm.one(m, fn, s); err != nil {
		return err
	}
	if pm.Stop != nil && pm.Stop(s.Pass) {
		return errStopped
	}
	return nil
}

// nest runs func.func(...).
func (pm *Manager) nest(m *ir.Module, s Step) error {
	pm.nests++
	for _, op := range functions(m) {
		err := pm.run(m, op, s.Nested)
		var failed *PassError
		if errors.As(err, &failed) && pm.Keep {
			failed.Rest = []Step{{Nested: failed.Rest}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// functions are the ops at the top of the module that a nested pipeline is run on.
func functions(m *ir.Module) []*ir.Op {
	return slices.DeleteFunc(m.Body().Ops(), func(op *ir.Op) bool {
		return !op.Has(ir.IsolatedFromAbove) || op.NumRegions() != 1 || op.Body() == nil
	})
}

func (pm *Manager) one(m *ir.Module, fn *ir.Op, s Step) error {
	if pm.Before != nil {
		pm.Before(s.Pass, m)
	}
	var before *ir.Module
	if pm.Keep {
		before = ir.CloneModule(m)
	}
	r := &Run{Module: m, Func: fn, options: s.Options, notes: &pm.Remarks, pass: s.Pass, Trace: pm.Trace}
	t := Timing{Pass: s.Pass.Name}
	if fn != nil {
		t.Func, t.Nest = fn.Str(ir.SymbolName), pm.nests
	}
	start := time.Now()
	failed := call(r)
	t.Run = time.Since(start)
	if failed == nil && !pm.SkipVerify {
		start = time.Now()
		failed = verify(m)
		t.Verify = time.Since(start)
	}
	pm.Timings = append(pm.Timings, t)
	if failed != nil {
		failed.Pass = s.Pass.Name
		if fn != nil && failed.Func == "" {
			failed.Func = t.Func
		}
		if pm.Keep {
			failed.Before, failed.Rest = before, []Step{s}
			if failed.Func == "" {
				failed.Func = culprit(before, s, failed)
			}
		}
		return failed
	}
	if pm.After != nil {
		pm.After(s.Pass, m)
	}
	return nil
}

// verify is the failure of the module to verify, which names the first function that
// does not.
func verify(m *ir.Module) *PassError {
	err := ir.Verify(m.Ctx, m.Op)
	if err == nil {
		return nil
	}
	failed := &PassError{Err: fmt.Errorf("the module does not verify after it:\n%w", err), Internal: true}
	for _, f := range functions(m) {
		if ir.Verify(m.Ctx, f) != nil {
			failed.Func = f.Str(ir.SymbolName)
			break
		}
	}
	return failed
}

// culprit is the function on which the step fails alike when the module holds it alone,
// "" if there is none.
func culprit(before *ir.Module, s Step, failed *PassError) string {
	for _, f := range functions(before) {
		name := f.Str(ir.SymbolName)
		alone := ir.CloneModule(before)
		for _, other := range functions(alone) {
			if other.Str(ir.SymbolName) != name {
				other.Erase()
			}
		}
		again := call(&Run{Module: alone, options: s.Options, notes: &[]Remark{}, pass: s.Pass})
		if again != nil && again.Internal == failed.Internal && firstLine(again.Err) == firstLine(failed.Err) {
			return name
		}
	}
	return ""
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// call runs a pass; a panic in it becomes an error with the stack.
func call(r *Run) (failed *PassError) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *ir.InternalError:
			failed = &PassError{Err: fmt.Errorf("%w\n%s", p, debug.Stack()), Internal: true}
		default:
			failed = &PassError{Err: fmt.Errorf("internal error: %v\n%s", p, debug.Stack()), Internal: true}
		}
	}()
	if err := r.pass.Run(r); err != nil {
		return &PassError{Err: err}
	}
	return nil
}
