package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/llvmir"
)

// Input is what facts are made of. All but IR may be empty.
type Input struct {
	IR       string // a module, as text
	Records  string // clang's optimisation records, YAML
	Assembly string
	Source   string              // the C++, traced as cpp.Options says
	Kernels  []abi.Kernel        // of the library
	Ops      map[string][]string // the ops of each line of the graph: "mlp.graph:2"
	// SourceName is what debug information calls Source; other files are headers.
	SourceName string
}

// Collect makes facts of what a compiler left behind.
func Collect(in Input) *Facts {
	m := llvmir.Read(in.IR)
	c := &collector{Input: in, module: m, trace: cpp.ReadTrace(in.Source), lines: strings.Split(in.Source, "\n"),
		roles: map[string]string{}, code: readAssembly(in.Assembly), names: map[string]string{}}
	records, unknown := ReadRecords(in.Records)
	c.index(records)
	facts := &Facts{Unknown: m.Unknown + unknown, Notes: []string{}, Functions: []*Function{}, Absent: []string{}}
	for _, n := range m.Notes {
		facts.Notes = append(facts.Notes, fmt.Sprintf("LLVM IR, line %d: %s", n.Line, n.What))
	}
	if unknown > 0 {
		facts.Notes = append(facts.Notes, fmt.Sprintf("%d lines of the optimisation records", unknown))
	}
	for _, k := range in.Kernels {
		c.roles[k.Name] = Forward
	}
	for _, k := range in.Kernels {
		if k.Pullback != "" {
			c.roles[k.Pullback] = Pullback
		}
	}
	for _, f := range m.Functions {
		if f.Program != nil && f.Program.Name != "" {
			c.names[f.Name] = f.Program.Name
		}
	}
	for _, f := range m.Functions {
		facts.Functions = append(facts.Functions, c.function(f))
	}
	facts.helpers()
	for _, k := range in.Kernels {
		if !slices.ContainsFunc(facts.Functions, func(f *Function) bool { return f.IsKernel() && f.Name == k.Name }) {
			facts.Absent = append(facts.Absent, k.Name)
		}
	}
	return facts
}

type collector struct {
	Input
	module  *llvmir.Module
	trace   *cpp.Trace
	lines   []string
	roles   map[string]string // of kernels, by name
	names   map[string]string // of functions, by symbol
	code    map[string]*machineCode
	records map[string][]*Record        // by function
	loops   map[string]map[spot]*advice // what the loop passes said, by function and place
}

// spot is a place in the C++.
type spot struct{ line, column int }

func (s spot) compare(o spot) int {
	return cmp.Or(cmp.Compare(s.line, o.line), cmp.Compare(s.column, o.column))
}

// advice is what clang's records say of the loops that start at one place.
type advice struct {
	width, interleave int // of the widest
	scalable          bool
	unroll            int  // in full
	partly            int  // in part
	idiom             bool // became a call of memset or memcpy
	deleted           bool
	reasons           []string
	spills, reloads   int64
}

// index sorts the records. What stopped the vectoriser has the place of an instruction
// and comes before the record that has the place of the loop.
func (c *collector) index(records []*Record) {
	c.records, c.loops = map[string][]*Record{}, map[string]map[spot]*advice{}
	var pending []string
	function := ""
	for _, r := range records {
		if r.Function != function {
			function, pending = r.Function, nil
		}
		c.records[r.Function] = append(c.records[r.Function], r)
		at := spot{r.Line, r.Column}
		switch {
		case r.Pass == "loop-vectorize" && r.Kind == "Passed" && r.Name == "Vectorized":
			a := c.advice(r.Function, at)
			width := r.Arg("VectorizationFactor")
			if rest, ok := strings.CutPrefix(width, "vscale x "); ok {
				a.scalable, width = true, rest
			}
			var n int
			fmt.Sscan(width, &n)
			if n >= a.width {
				a.width, a.interleave = n, int(r.Int("InterleaveCount"))
			}
			pending = nil
		case r.Pass == "loop-vectorize" && r.Kind == "Passed": // interleaved only
			c.advice(r.Function, at).interleave = int(r.Int("InterleaveCount"))
			pending = nil
		case r.Pass == "loop-vectorize" && strings.HasPrefix(r.Kind, "Analysis"):
			// Others are advice about loops that are vectorised.
			if message, ok := strings.CutPrefix(r.Message(), "loop not vectorized: "); ok {
				pending = append(pending, c.sentence(message, r))
			}
		case r.Pass == "loop-vectorize" && r.Kind == "Missed":
			a := c.advice(r.Function, at)
			if r.Name != "MissedDetails" && r.Name != "InterleavingNotBeneficial" {
				pending = append(pending, r.Message())
			}
			for _, p := range pending {
				if !slices.Contains(a.reasons, p) {
					a.reasons = append(a.reasons, p)
				}
			}
			pending = nil
		case r.Pass == "loop-unroll" && r.Name == "FullyUnrolled":
			a := c.advice(r.Function, at)
			a.unroll = max(a.unroll, int(r.Int("UnrollCount")))
		case r.Pass == "loop-unroll" && r.Name == "PartialUnrolled":
			a := c.advice(r.Function, at)
			a.partly = max(a.partly, int(r.Int("UnrollCount")))
		case r.Pass == "loop-idiom" && r.Kind == "Passed":
			if line := c.enclosingLoop(r.Line); line > 0 {
				c.advice(r.Function, spot{line, c.column(line)}).idiom = true
			}
		case r.Pass == "loop-delete" && r.Kind == "Passed":
			c.advice(r.Function, at).deleted = true
		case r.Pass == "regalloc" && r.Name == "LoopSpillReloadCopies":
			a := c.advice(r.Function, at)
			s, l := spillsOf(r)
			a.spills, a.reloads = a.spills+s, a.reloads+l
		}
	}
}

// sentence is why the vectoriser stopped, with the text of the line where it did.
func (c *collector) sentence(message string, r *Record) string {
	message, _, _ = strings.Cut(message, ". Use #pragma")
	message = strings.TrimSpace(message)
	if text := c.text(r.Line); text != "" && !strings.HasPrefix(text, "for (") {
		message += ": " + text
	}
	return message
}

func spillsOf(r *Record) (spills, reloads int64) {
	return r.Int("NumSpills") + r.Int("NumFoldedSpills"), r.Int("NumReloads") + r.Int("NumFoldedReloads") + r.Int("NumZeroCostFoldedReloads")
}

func (c *collector) advice(function string, at spot) *advice {
	if c.loops[function] == nil {
		c.loops[function] = map[spot]*advice{}
	}
	if c.loops[function][at] == nil {
		c.loops[function][at] = &advice{}
	}
	return c.loops[function][at]
}

// text is a line of the C++ without its comment.
func (c *collector) text(line int) string {
	if line < 1 || line > len(c.lines) {
		return ""
	}
	text, _, _ := strings.Cut(c.lines[line-1], "//")
	return strings.TrimSpace(text)
}

func (c *collector) indent(line int) int {
	if line < 1 || line > len(c.lines) || strings.TrimSpace(c.lines[line-1]) == "" {
		return -1
	}
	return len(c.lines[line-1]) - len(strings.TrimLeft(c.lines[line-1], " "))
}

func (c *collector) column(line int) int { return c.indent(line) + 1 }

// isLoop reports whether a line of the C++ starts a loop.
func (c *collector) isLoop(line int) bool {
	text := c.text(line)
	return strings.HasPrefix(text, "for (") || strings.HasPrefix(text, "while (")
}

// enclosingLoop is the line of the innermost loop that a line of the C++ is in, 0 if
// none: the text is indented as it is nested.
func (c *collector) enclosingLoop(line int) int {
	within := c.indent(line)
	if c.isLoop(line) {
		return line
	}
	for l := line - 1; l > 0 && within > 0; l-- {
		n := c.indent(l)
		if n < 0 || n >= within {
			continue
		}
		if c.isLoop(l) {
			return l
		}
		within = n
	}
	return 0
}

// lastLine is where the loop that starts at a line ends.
func (c *collector) lastLine(line int) int {
	if line < 1 {
		return line
	}
	for l := line + 1; l <= len(c.lines); l++ {
		if n := c.indent(l); n >= 0 && n <= c.indent(line) {
			return l - 1
		}
	}
	return len(c.lines)
}

// hasInner reports whether the loop that starts at a line has a loop inside.
func (c *collector) hasInner(line int) bool {
	for l := line + 1; l <= c.lastLine(line); l++ {
		if c.isLoop(l) {
			return true
		}
	}
	return false
}

func (c *collector) function(f *llvmir.Function) *Function {
	out := &Function{Name: f.Name, Symbol: f.Name, Role: Helper, Loops: []*Loop{}, Ops: []string{}, IR: f.Text, headers: map[string]*Loop{}}
	if !f.Internal {
		out.Role = Entry
	}
	if f.Program != nil {
		if f.Program.Name != "" {
			out.Name = f.Program.Name
		}
		if tf, places := c.trace.At(f.Program.Line); tf != nil {
			out.Places, out.Ops = places, c.opsOf(places)
			if c.isKernel(tf) && tf.Name == out.Name {
				out.Role = c.roles[cpp.KernelOf(tf.Name)]
			}
		}
	}
	if out.Places == "" {
		out.Places = c.trace.Called(out.Name)
		out.Ops = c.opsOf(out.Places)
	}
	loops := c.module.FindLoops(f)
	out.Counts = c.count(f.Blocks)
	out.Blocks, out.AllLoops = len(f.Blocks), len(loops.All)
	for _, l := range loops.All {
		out.MaxDepth = max(out.MaxDepth, l.Depth)
	}
	for _, b := range f.Blocks {
		for _, in := range b.Instructions {
			if in.Op == "alloca" {
				out.Allocas++
				out.AllocaBytes += in.Type.Bytes
			}
		}
	}
	c.machine(out)
	c.sourceLoops(out, f, loops)
	return out
}

func (c *collector) opsOf(places string) []string {
	out := []string{}
	for _, p := range eachPlace(places) {
		for _, op := range c.Ops[p] {
			if !slices.Contains(out, op) {
				out = append(out, op)
			}
		}
	}
	return out
}

// eachPlace cuts "a.graph:2,4-6, b.graph:1" into "a.graph:2" and so on.
func eachPlace(places string) []string {
	var out []string
	file := ""
	for _, part := range strings.Split(places, ",") {
		part = strings.TrimSpace(part)
		if at := strings.LastIndexByte(part, ':'); at >= 0 {
			file, part = part[:at], part[at+1:]
		}
		var from, to int
		if n, _ := fmt.Sscanf(part, "%d-%d", &from, &to); n == 1 {
			to = from
		}
		for l := from; l <= to && from > 0; l++ {
			out = append(out, fmt.Sprintf("%s:%d", file, l))
		}
	}
	return out
}

// machine fills in what is known of the machine code of a function.
func (c *collector) machine(f *Function) {
	code := c.code[f.Symbol]
	if code == nil {
		return
	}
	f.Machine = &Machine{FMA: code.fma, Instructions: int64(code.instructions), Calls: map[string]int{}}
	for name, n := range code.calls {
		f.Machine.Calls[c.called(name)] += n
	}
	for _, r := range c.records[f.Symbol] {
		switch {
		case r.Pass == "prologepilog" && r.Name == "StackSize":
			f.Machine.Stack = r.Int("NumStackBytes")
		case r.Pass == "asm-printer" && r.Name == "InstructionCount":
			f.Machine.Instructions = r.Int("NumInstructions")
		case r.Pass == "regalloc" && r.Name == "SpillReloadCopies":
			s, l := spillsOf(r)
			f.Machine.Spills, f.Machine.Reloads = f.Machine.Spills+s, f.Machine.Reloads+l
		}
	}
}

// called is the name of a callee as the source has it.
func (c *collector) called(symbol string) string {
	if name := c.names[symbol]; name != "" {
		return name
	}
	return symbol
}

// helpers finds for which kernels the functions work that kernels call.
func (f *Facts) helpers() {
	byName := map[string][]*Function{}
	for _, x := range f.Functions {
		byName[x.Name] = append(byName[x.Name], x)
	}
	for _, k := range f.Functions {
		if k.Role != Forward && k.Role != Pullback {
			continue
		}
		seen := map[*Function]bool{k: true}
		for work := []*Function{k}; len(work) > 0; {
			at := work[0]
			work = work[1:]
			for callee := range at.Calls {
				for _, x := range byName[callee] {
					if seen[x] || x.Role != Helper {
						continue
					}
					seen[x] = true
					x.For = append(x.For, k.Name)
					work = append(work, x)
				}
			}
		}
	}
}
