package cpp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// Functions prints the functions of m that have a body, kernels first, in an order
// in which each is defined before it is called.
func Functions(m *ir.Module) (string, error) { return functions(m, Options{}) }

func functions(m *ir.Module, o Options) (string, error) {
	w := &writer{m: m, assertions: Assertions(m), fails: MayFail(m), traced: o.Traced, apart: o.Apart, blas: o.BLAS}
	for _, kernel := range []bool{true, false} {
		for f := m.Body().First(); f != nil; f = f.Next() {
			if f.Name != funcs.OpFunc || f.Body() == nil || (f.Attr("cladopt.kernel") != nil) != kernel {
				continue
			}
			if err := w.function(f); err != nil {
				return "", err
			}
		}
	}
	return w.b.String(), nil
}

// writer prints one module.
type writer struct {
	m          *ir.Module
	assertions []string        // their place is what a failure returns
	fails      map[*ir.Op]bool // functions that return a failure
	b          strings.Builder
	indent     int
	names      map[*ir.Value]string
	// pending are expressions of values that are used once and printed where they are.
	pending map[*ir.Value]expr
	next    int // number of the next local
	depth   int // of loops, for the names of counters
	// logical writes bitwise operators of booleans as logical ones, which Clad knows.
	logical bool
	// forms are C++ forms of ops instead of their own.
	forms map[ir.OpName]string
	// unchecked leaves assertions out and writes one operation a statement: Clad, as
	// of version 2.5, takes twice from its tape what (a - b) * f(x) in a loop put there
	// once.
	unchecked bool
	parts     map[*ir.Op]*part // loops of the function that the host's threads run
	lend      string           // what an entry point does with the host's table
	// shared says that what is printed runs on the host's threads.
	shared bool
	// traced, apart and blas are as Options has them.
	traced, apart, blas bool
}

// expr is C++ text; atom says that it needs no parentheses inside another.
type expr struct {
	text string
	atom bool
}

func (w *writer) line(format string, args ...any) {
	w.b.WriteString(strings.Repeat("  ", w.indent))
	fmt.Fprintf(&w.b, format, args...)
	w.b.WriteByte('\n')
}

// FunctionName is the C++ name of a function of the module: its symbol, which
// passes choose and which holds letters, digits and underscores only, else spelled
// out in hexadecimal.
func FunctionName(f *ir.Op) string { return identifier(f.Str(ir.SymbolName)) }

func identifier(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || i > 0 && c >= '0' && c <= '9':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "_x%02X", c)
		}
	}
	return b.String()
}

func (w *writer) function(f *ir.Op) error {
	if err := w.writeParts(f); err != nil {
		return err
	}
	w.names, w.pending, w.next, w.depth = map[*ir.Value]string{}, map[*ir.Value]expr{}, 0, 0
	written := writtenArgs(f)
	var params []string
	for _, a := range f.Body().Args() {
		w.names[a] = argName(f, a)
		params = append(params, parameter(a, w.names[a], written[a]))
	}
	for _, l := range Comment("// ", f) {
		w.line("%s", l)
	}
	result := "void"
	if w.fails[f] {
		result = "int"
	}
	w.line("%sstatic %s %s(%s) {", w.separation(f), result, FunctionName(f), strings.Join(params, ", "))
	w.indent++
	if err := w.block(f.Body()); err != nil {
		return err
	}
	if result == "int" {
		w.line("return CT_OK;")
	}
	w.indent--
	w.line("}")
	w.line("")
	return nil
}

// argName is the name of an argument of f: inputs are x, results y, scratch memory t;
// "" if v is none.
func argName(f *ir.Op, v *ir.Value) string {
	if v.Def() != nil || v.Block() != f.Body() {
		return ""
	}
	inputs, results := int(f.Int("cladopt.num_inputs", 0)), int(f.Int("cladopt.num_results", 0))
	switch i := v.Index(); {
	case i < inputs:
		return fmt.Sprintf("x%d", i)
	case i < inputs+results:
		return fmt.Sprintf("y%d", i-inputs)
	default:
		return fmt.Sprintf("t%d", i-inputs-results)
	}
}

// parameter declares an argument; memory that the function does not write is const.
func parameter(a *ir.Value, name string, written bool) string {
	t, ok := a.Type().(*ir.MemRefType)
	if !ok {
		return arith.CppType(a.Type()) + " " + name
	}
	elem := arith.CppType(t.Elem())
	if isWorkspace(a) {
		elem = "char" // bytes of any type may be reached through char
	}
	if written {
		return elem + " *__restrict " + name
	}
	return "const " + elem + " *__restrict " + name
}

// isWorkspace reports whether v is the argument that plan-memory added.
func isWorkspace(v *ir.Value) bool {
	if v.Def() != nil {
		return false
	}
	f := v.Block().Owner()
	return f.Name == funcs.OpFunc && funcs.ArgAttrs(f, v.Index()).Get(passes.WorkspaceMark) != nil
}

// writtenArgs finds the arguments that f stores to, itself or by passing them on.
func writtenArgs(f *ir.Op) map[*ir.Value]bool {
	written := map[*ir.Value]bool{}
	inputs := int(f.Int("cladopt.num_inputs", 0))
	args := f.Body().Args()
	if f.Attr("cladopt.num_inputs") != nil {
		for _, a := range args[min(inputs, len(args)):] {
			written[a] = true
		}
	} else {
		for _, a := range args {
			written[a] = true
		}
	}
	return written
}

// title says what a function computes and which lines of the graph it came from.
func title(f *ir.Op) string {
	title := FunctionName(f)
	if ops := f.Str("cladopt.ops"); ops != "" {
		title += ": " + ops
	}
	if at := Places(f.Loc); at != "" {
		title += " (" + at + ")"
	}
	return title
}

// Places lists the lines of a location by file, "mlp.graph:2,4-6".
func Places(l ir.Loc) string {
	var out strings.Builder
	file := ""
	start, last := 0, 0
	flush := func() {
		switch {
		case start == 0:
		case start == last:
			fmt.Fprintf(&out, "%d", start)
		default:
			fmt.Fprintf(&out, "%d-%d", start, last)
		}
		start = 0
	}
	for _, p := range l.Positions() {
		switch {
		case p.File != file:
			flush()
			if out.Len() > 0 {
				out.WriteString(", ")
			}
			file = p.File
			out.WriteString(baseName(file) + ":")
			start, last = p.Line, p.Line
		case p.Line == last:
		case p.Line == last+1:
			last = p.Line
		default:
			flush()
			out.WriteByte(',')
			start, last = p.Line, p.Line
		}
	}
	flush()
	return out.String()
}

func baseName(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[i+1:]
	}
	return path
}

// clean makes foreign text harmless inside a line comment: no line ends, no
// backslash that would join lines, ASCII only.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f || r == '\\' || r == '?' {
			return '_'
		}
		return r
	}, s)
}

// wrap breaks text at spaces into lines with a prefix.
func wrap(prefix, text string, width int) []string {
	var lines []string
	current := prefix
	for _, word := range strings.Fields(text) {
		if len(current) > len(prefix) && len(current)+1+len(word) > width {
			lines = append(lines, current)
			current = prefix + "  "
		}
		if len(current) > len(prefix) && !strings.HasSuffix(current, " ") {
			current += " "
		}
		current += word
	}
	return append(lines, current)
}

func (w *writer) block(b *ir.Block) error {
	for op := b.First(); op != nil; op = op.Next() {
		if err := w.op(op); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) op(op *ir.Op) error {
	switch op.Name {
	case scf.OpFor:
		return w.loop(op)
	case scf.OpIf:
		return w.conditional(op)
	case scf.OpYield, funcs.OpReturn:
		return nil // written by what encloses them
	case memref.OpStore:
		m := op.Operand(1)
		at := w.element(m, op.Operands()[2:])
		w.line("%s = %s;", at, w.use(op.Operand(0)).text)
		return nil
	case memref.OpLoad:
		w.define(op, expr{w.element(op.Operand(0), op.Operands()[1:]), true})
		return nil
	case memref.OpAlloca:
		return w.local(op)
	case memref.OpView:
		t := op.Result(0).Type().(*ir.MemRefType)
		name := w.fresh("b")
		w.names[op.Result(0)] = name
		elem := arith.CppType(t.Elem())
		w.line("%s *%s = (%s *)(%s + %s);", elem, name, elem, w.use(op.Operand(0)).text, w.use(op.Operand(1)).text)
		return nil
	case memref.OpReinterpretCast:
		w.names[op.Result(0)] = w.use(op.Operand(0)).text
		return nil
	case funcs.OpCall:
		var args []string
		for _, v := range op.Operands() {
			args = append(args, w.use(v).text)
		}
		ref := op.Attr("callee").(ir.SymbolRefAttr)
		for _, r := range op.Results() { // scalars: the callee writes them
			name := w.fresh("v")
			w.names[r] = name
			w.line("%s %s;", arith.CppType(r.Type()), name)
			args = append(args, "&"+name)
		}
		if callee := w.m.Symbol(ref.Path); callee != nil && w.fails[callee] {
			w.line("if (int failed = %s(%s)) return failed;", identifier(ref.Path), strings.Join(args, ", "))
			return nil
		}
		w.line("%s(%s);", identifier(ref.Path), strings.Join(args, ", "))
		return nil
	case linalg.OpFill, linalg.OpGeneric:
		return w.product(op)
	case cf.OpAssert:
		if w.unchecked {
			return nil
		}
		w.line("if (!(%s)) return CT_ERROR_DATA + %d;", w.use(op.Operand(0)).text, slices.Index(w.assertions, assertion(op)))
		return nil
	}
	if w.logical && op.Name == arith.OpBitcast {
		if x := stopped(op); x != nil {
			w.define(op, expr{"ct::stop(" + w.use(x).text + ")", true})
			return nil
		}
		if ir.IsFloat(op.Operand(0).Type()) && op.Result(0).HasOneUse() && stopped(op.Result(0).Uses()[0].Owner()) != nil {
			return nil // the bits on their way
		}
	}
	if w.logical && op.Name == arith.OpFPToSI { // Clad takes the derivative of a conversion for 1, to integers too
		w.define(op, expr{"(" + arith.CppType(op.Result(0).Type()) + ")(ct::stop(" + w.use(op.Operand(0)).text + "))", true})
		return nil
	}
	def := op.Def()
	if def == nil || def.Cpp == "" && def.CppFunc == nil {
		e := op.Errorf("has no C++ form")
		e.Remedy = "lower it to loops first"
		return e
	}
	w.define(op, w.scalar(op))
	return nil
}

// stopped is the x of arith.Stop of which op is the last step, nil if it is not.
func stopped(op *ir.Op) *ir.Value {
	if op.Name != arith.OpBitcast || !ir.IsFloat(op.Result(0).Type()) {
		return nil
	}
	bits := op.Operand(0).Def()
	if bits == nil || bits.Name != arith.OpBitcast || bits.Operand(0).Type() != op.Result(0).Type() {
		return nil
	}
	return bits.Operand(0)
}

var logicalOperators = map[ir.OpName]string{arith.OpAndI: " && ", arith.OpOrI: " || ", arith.OpXOrI: " != "}

// scalar is the C++ expression of a scalar op.
func (w *writer) scalar(op *ir.Op) expr {
	def := op.Def()
	if op.Name == arith.OpConstant {
		text := def.CppFunc(op, nil)
		return expr{text, !strings.HasPrefix(text, "-")}
	}
	form := def.Cpp
	if other := w.forms[op.Name]; other != "" {
		form = other
	}
	args := make([]string, op.NumOperands())
	call := strings.HasSuffix(form, ")") // operands of a call need no parentheses
	for i := range args {
		x := w.use(op.Operand(i))
		args[i] = x.text
		if !x.atom && !call {
			args[i] = "(" + x.text + ")"
		}
	}
	if text := w.sum(op); text != "" {
		return expr{text, true}
	}
	var text string
	if sign := logicalOperators[op.Name]; w.logical && sign != "" && ir.IsBool(op.Result(0).Type()) {
		return expr{args[0] + sign + args[1], false}
	}
	if def.CppFunc != nil {
		text = def.CppFunc(op, args)
		if w.logical && op.Name == arith.OpCmpF { // comparisons with NaN are made of several
			text = strings.NewReplacer(" | ", " || ", " & ", " && ").Replace(text)
		}
	} else {
		text = form
		for i, a := range args {
			text = strings.Replace(text, fmt.Sprintf("$%d", i), a, 1)
		}
	}
	if t, ok := op.Result(0).Type().(*ir.IntegerType); ok && t.Bits() > 1 && t.Bits() < 32 {
		return expr{fmt.Sprintf("(%s)(%s)", arith.CppType(t), text), true} // C++ computes in int: wrap around
	}
	return expr{text, call}
}

// maxExpr bounds the length of an expression that is written inside another.
const maxExpr = 60

// define gives the result of op a name, or keeps its expression for its only use.
func (w *writer) define(op *ir.Op, x expr) {
	v := op.Result(0)
	if v.Unused() {
		return
	}
	if op.Name == arith.OpConstant || v.HasOneUse() && len(x.text) <= maxExpr && !w.unchecked && w.mayMove(op) {
		w.pending[v] = x
		return
	}
	name := w.fresh("v")
	w.names[v] = name
	w.line("const %s %s = %s;", arith.CppType(v.Type()), name, x.text)
}

// mayMove reports whether op can be computed where its only use is: in the same
// block with nothing between that writes memory.
func (w *writer) mayMove(op *ir.Op) bool {
	use := op.Result(0).Uses()[0]
	user := use.Owner()
	if user.Block() != op.Block() {
		return false
	}
	if user.Name == arith.OpSelect && use.Index() > 0 && w.reads(op) {
		return false // C++ would read under a condition, which vectors do badly; GCC 12 makes wrong ones
	}
	if user.Name == scf.OpFor || user.Name == scf.OpIf {
		return user.Name == scf.OpIf && onlyReads(op, user)
	}
	return onlyReads(op, user)
}

// reads reports whether the expression of op reads memory.
func (w *writer) reads(op *ir.Op) bool {
	if op.Name == memref.OpLoad {
		return true
	}
	return slices.ContainsFunc(op.Operands(), func(v *ir.Value) bool {
		_, inside := w.pending[v]
		return inside && w.reads(v.Def())
	})
}

func onlyReads(from, to *ir.Op) bool {
	for op := from.Next(); op != nil && op != to; op = op.Next() {
		switch op.Name {
		case memref.OpStore, funcs.OpCall, scf.OpFor, scf.OpIf, linalg.OpFill, linalg.OpGeneric:
			return false
		}
	}
	return true
}

// use is the expression for a value.
func (w *writer) use(v *ir.Value) expr {
	if x, ok := w.pending[v]; ok {
		return x
	}
	if name, ok := w.names[v]; ok {
		return expr{name, true}
	}
	return expr{"/* undefined */ 0", true}
}

func (w *writer) fresh(prefix string) string {
	w.next++
	return fmt.Sprintf("%s%d", prefix, w.next-1)
}

// element is an lvalue of memory m.
func (w *writer) element(m *ir.Value, indices []*ir.Value) string {
	t := m.Type().(*ir.MemRefType)
	strides, _ := ir.RowMajor(t.Shape())
	offset := int64(0)
	if s, ok := t.Layout().(*ir.StridedAttr); ok {
		strides, offset = s.Strides, s.Offset
	}
	var terms []string
	for k, iv := range indices {
		if c, ok := arith.ConstantValue(iv); ok {
			offset += c.I * strides[k]
			continue
		}
		x := w.use(iv)
		switch {
		case strides[k] == 0:
		case strides[k] == 1:
			terms = append(terms, x.text)
		case x.atom:
			terms = append(terms, fmt.Sprintf("%s * %d", x.text, strides[k]))
		default:
			terms = append(terms, fmt.Sprintf("(%s) * %d", x.text, strides[k]))
		}
	}
	if offset != 0 || len(terms) == 0 {
		terms = append(terms, fmt.Sprint(offset))
	}
	return w.use(m).text + "[" + strings.Join(terms, " + ") + "]"
}

// local declares a row on the stack.
func (w *writer) local(op *ir.Op) error {
	for loop := range w.parts {
		if within(op.Result(0), loop) {
			return nil // a row of the loop's function
		}
	}
	t := op.Result(0).Type().(*ir.MemRefType)
	n, ok := ir.NumElements(t.Shape())
	if !ok || t.Layout() != nil {
		return op.Errorf("type %s has no C++ form on the stack", t)
	}
	name := w.fresh("row")
	w.names[op.Result(0)] = name
	w.line("%s %s[%d];", arith.CppType(t.Elem()), name, max(n, 1))
	return nil
}

// counters names the counters of nested loops.
const counters = "ijklmnpqrs"

func (w *writer) loop(op *ir.Op) error {
	if p := w.parts[op]; p != nil {
		w.callPart(p)
		return nil
	}
	return w.loopOver(op, w.use(op.Operand(0)).text, w.use(op.Operand(1)).text, w.use(op.Operand(2)).text)
}

// loopOver writes a loop with the given bounds.
func (w *writer) loopOver(op *ir.Op, lo, hi, step string) error {
	body := op.Body()
	yield := body.Last()
	name := fmt.Sprintf("i%d", w.depth)
	if w.depth < len(counters) {
		name = counters[w.depth : w.depth+1]
	}
	w.names[body.Arg(0)] = name
	for i := 0; i < op.NumResults(); i++ {
		acc := w.fresh("acc")
		w.line("%s %s = %s;", arith.CppType(op.Result(i).Type()), acc, w.use(op.Operand(3+i)).text)
		w.names[op.Result(i)] = acc
		w.names[body.Arg(1+i)] = acc
	}
	increment := "++" + name
	if step != "1" {
		increment = name + " += " + step
	}
	if accs := w.sums(op); accs != "" {
		w.line("%s(%s)", sumMacro, accs)
	}
	if n := Together(w.m, op); n > 0 && !w.unchecked { // Clad differentiates no loop with a pragma
		w.line("%s(%d)", togetherMacro, n)
	}
	w.line("for (int64_t %s = %s; %s < %s; %s) {%s", name, lo, name, hi, increment, w.trace(op))
	w.indent++
	w.depth++
	if err := w.block(body); err != nil {
		return err
	}
	w.assign(op, yield)
	w.depth--
	w.indent--
	w.line("}")
	return nil
}

// assign gives the results of a loop or branch what its terminator yields: all
// values are read before the first is written.
func (w *writer) assign(op, yield *ir.Op) {
	n := op.NumResults()
	values := make([]string, n)
	for i := range values {
		values[i] = w.use(yield.Operand(i)).text
		if n > 1 {
			name := w.fresh("v")
			w.line("const %s %s = %s;", arith.CppType(op.Result(i).Type()), name, values[i])
			values[i] = name
		}
	}
	for i, v := range values {
		if name := w.names[op.Result(i)]; name != v {
			w.line("%s = %s;", name, v)
		}
	}
}

func (w *writer) conditional(op *ir.Op) error {
	for i := 0; i < op.NumResults(); i++ {
		name := w.fresh("r")
		w.names[op.Result(i)] = name
		w.line("%s %s;", arith.CppType(op.Result(i).Type()), name)
	}
	w.line("if (%s) {", w.use(op.Operand(0)).text)
	for i := 0; i < op.NumRegions(); i++ {
		blocks := op.Region(i).Blocks()
		if len(blocks) == 0 {
			continue
		}
		if i == 1 {
			w.line("} else {")
		}
		w.indent++
		if err := w.block(blocks[0]); err != nil {
			return err
		}
		w.assign(op, blocks[0].Last())
		w.indent--
	}
	w.line("}")
	return nil
}
