// Package passes holds the transformations, one a file, and the named pipelines.
//
// A pass is a value: its name, what it does, its options, the pass it wants to come
// after, and a function. The manager runs passes in order, verifies the module
// after each, and turns a panic inside one into an error that names it.
//
// Passes change the module in place. Analyses (files named by nouns) never do.
package passes

import (
	"fmt"
	"runtime/debug"
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

	Remarks []Remark
	Timings []Timing
}

// Timing is how long one pass took, and its verification.
type Timing struct {
	Pass   string
	Run    time.Duration
	Verify time.Duration
}

// PassError is a failure of a pass: an error it returned, a panic, or a module
// that does not verify after it.
type PassError struct {
	Pass string
	Err  error
}

func (e *PassError) Error() string { return fmt.Sprintf("pass %s: %v", e.Pass, e.Err) }

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
	for _, s := range steps {
		if s.Pass == nil {
			for _, op := range m.Body().Ops() {
				if op.Has(ir.IsolatedFromAbove) && op.NumRegions() == 1 && op.Body() != nil {
					if err := pm.run(m, op, s.Nested); err != nil {
						return err
					}
				}
			}
			continue
		}
		if err := pm.one(m, fn, s); err != nil {
			return err
		}
		if pm.Stop != nil && pm.Stop(s.Pass) {
			return errStopped
		}
	}
	return nil
}

func (pm *Manager) one(m *ir.Module, fn *ir.Op, s Step) (err error) {
	if pm.Before != nil {
		pm.Before(s.Pass, m)
	}
	r := &Run{Module: m, Func: fn, options: s.Options, notes: &pm.Remarks, pass: s.Pass, Trace: pm.Trace}
	start := time.Now()
	err = call(r)
	t := Timing{Pass: s.Pass.Name, Run: time.Since(start)}
	if err == nil && !pm.SkipVerify {
		start = time.Now()
		if verr := ir.Verify(m.Ctx, m.Op); verr != nil {
			err = fmt.Errorf("the module does not verify after it:\n%w", verr)
		}
		t.Verify = time.Since(start)
	}
	pm.Timings = append(pm.Timings, t)
	if err != nil {
		return &PassError{s.Pass.Name, err}
	}
	if pm.After != nil {
		pm.After(s.Pass, m)
	}
	return nil
}

// call runs a pass; a panic in it becomes an error with the stack.
func call(r *Run) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *ir.InternalError:
			err = fmt.Errorf("%w\n%s", p, debug.Stack())
		default:
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	return r.pass.Run(r)
}
