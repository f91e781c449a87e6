package llvm

import (
	"fmt"
	"strings"

	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/backend/cpp"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
)

// firstOpaque is the first version of LLVM that is given opaque pointers. 15 and 16 read
// either form.
const firstOpaque = 17

// DefaultVersion is the version of LLVM that text is written for if none is asked for.
const DefaultVersion = 16

// The versions of LLVM that text is written for.
const (
	OldestVersion = 14
	NewestVersion = 22
)

// Options for Emit.
type Options struct {
	// Title is the first line of the text, one line.
	Title string
	// Version is the major version of LLVM that reads the text.
	Version int
	// Meta is the JSON document that ct_meta returns.
	Meta string
	// Layout is the workspace that ct_meta promised.
	Layout cpp.Layout
	// Name begins the names of the entry points in the place of ct, which stands for them too.
	Name string
}

// Emit prints a whole library: the functions of m and the entry points of the contract.
func Emit(m *ir.Module, o Options) (string, error) {
	if o.Version < OldestVersion || o.Version > NewestVersion {
		return "", fmt.Errorf("LLVM %d: text is written for versions %d to %d", o.Version, OldestVersion, NewestVersion)
	}
	w := &writer{
		m: m, options: o, out: lir.NewModule(), functions: map[*ir.Op]*lir.Func{}, declared: map[string]*lir.Func{},
		assertions: cpp.Assertions(m), fails: cpp.MayFail(m), aligned: alignments(m), comments: map[string][]string{},
	}
	w.attributes()
	var bodies []*ir.Op
	for _, kernel := range []bool{true, false} {
		for f := m.Body().First(); f != nil; f = f.Next() {
			if f.Name == funcs.OpFunc && f.Body() != nil && (f.Attr("cladopt.kernel") != nil) == kernel {
				if err := w.declare(f); err != nil {
					return "", err
				}
				bodies = append(bodies, f)
			}
		}
	}
	for _, f := range bodies {
		if err := w.define(f); err != nil {
			return "", err
		}
	}
	w.entries()
	return w.text() + w.contractNames(), nil
}

// writer builds one module.
type writer struct {
	m         *ir.Module
	options   Options
	out       *lir.Module
	functions map[*ir.Op]*lir.Func
	declared  map[string]*lir.Func // functions from elsewhere, by name
	comments  map[string][]string  // before functions, by name

	assertions []string
	fails      map[*ir.Op]bool // functions that return a failure
	aligned    map[*ir.Value]int64

	own, pure     *lir.AttrGroupDef
	mustProgress  *metadata.Tuple
	fn            *lir.Func
	block         *lir.Block
	values        map[*ir.Value]value.Value
	rows          []lir.Instruction // memory on the stack, which the first block makes
	blocks, loops int               // numbers of the next
}

// attributes makes the groups of attributes: those of functions here say what the flags
// of package toolchain say, those of functions from elsewhere that they only compute.
func (w *writer) attributes() {
	w.own = &lir.AttrGroupDef{ID: 0, FuncAttrs: []lir.FuncAttribute{
		enum.FuncAttrNoUnwind,
		lir.AttrPair{Key: "min-legal-vector-width", Value: "0"},
		lir.AttrPair{Key: "no-signed-zeros-fp-math", Value: "true"},
		lir.AttrPair{Key: "no-trapping-math", Value: "true"},
		// 1/sqrt(x) of f32 from an estimate is NaN at 0 and at infinity.
		lir.AttrPair{Key: "reciprocal-estimates", Value: "none"},
	}}
	w.pure = &lir.AttrGroupDef{ID: 1, FuncAttrs: []lir.FuncAttribute{enum.FuncAttrNoUnwind, enum.FuncAttrReadNone, enum.FuncAttrWillReturn}}
	w.out.AttrGroupDefs = append(w.out.AttrGroupDefs, w.own)
	w.mustProgress = &metadata.Tuple{MetadataID: -1, Fields: []metadata.Field{&metadata.String{Value: "llvm.loop.mustprogress"}}}
}

// flags are what float operations may become: as the C++ is compiled, and as there never
// that there is no NaN or infinity. The additions of a sum may be reordered besides.
var (
	flags    = []enum.FastMathFlag{enum.FastMathFlagNSZ, enum.FastMathFlagARcp, enum.FastMathFlagContract}
	sumFlags = append([]enum.FastMathFlag{enum.FastMathFlagReassoc}, flags...)
)

// declare makes the function of f without its body, so that others can call it.
func (w *writer) declare(f *ir.Op) error {
	var params []*lir.Param
	for _, a := range f.Body().Args() {
		p := lir.NewParam(cpp.ArgName(f, a), nil)
		if t, ok := a.Type().(*ir.MemRefType); ok {
			elem, err := w.memory(f, t.Elem())
			if err != nil {
				return err
			}
			p.Typ = w.pointer(elem)
			p.Attrs = []lir.ParamAttribute{enum.ParamAttrNoAlias, lir.Align(max(w.aligned[a], byteSize(elem)))}
		} else {
			t, err := scalarType(f, a.Type())
			if err != nil {
				return err
			}
			p.Typ = t
		}
		params = append(params, p)
	}
	result := types.Type(types.Void)
	if w.fails[f] {
		result = types.I32
	}
	name := cpp.FunctionName(f)
	fn := lir.NewFunc(name, result, params...)
	fn.Linkage = enum.LinkageInternal
	fn.FuncAttrs = []lir.FuncAttribute{w.own}
	w.functions[f] = fn
	w.comments[name] = cpp.Comment("; ", f)
	w.out.Funcs = append(w.out.Funcs, fn)
	return nil
}

// define writes the body of f.
func (w *writer) define(f *ir.Op) error {
	w.begin(w.functions[f])
	for i, a := range f.Body().Args() {
		w.values[a] = w.fn.Params[i]
	}
	if err := w.ops(f.Body()); err != nil {
		return err
	}
	if w.fails[f] {
		w.ret(constant.NewInt(types.I32, 0))
	} else {
		w.ret(nil)
	}
	w.end()
	return nil
}

// begin starts the body of fn.
func (w *writer) begin(fn *lir.Func) {
	w.fn, w.values, w.rows, w.blocks, w.loops = fn, map[*ir.Value]value.Value{}, nil, 0, 0
	w.enter(w.newBlock("entry"))
}

// end completes the body: rows are made once, in the first block.
func (w *writer) end() {
	first := w.fn.Blocks[0]
	first.Insts = append(w.rows, first.Insts...)
}

// newBlock is a block that is not yet placed.
func (w *writer) newBlock(name string) *lir.Block { return lir.NewBlock(name) }

// enter places a block and goes on in it.
func (w *writer) enter(b *lir.Block) {
	b.Parent = w.fn
	w.fn.Blocks = append(w.fn.Blocks, b)
	w.block = b
}

// instruction is an instruction with a result.
type instruction interface {
	lir.Instruction
	value.Value
}

func (w *writer) emit(i instruction) value.Value {
	w.block.Insts = append(w.block.Insts, i)
	return i
}

func (w *writer) ret(v value.Value)                      { w.block.Term = lir.NewRet(v) }
func (w *writer) jump(to *lir.Block)                     { w.block.Term = lir.NewBr(to) }
func i64(v int64) *constant.Int                          { return constant.NewInt(types.I64, v) }
func (w *writer) fork(c value.Value, yes, no *lir.Block) { w.block.Term = lir.NewCondBr(c, yes, no) }

// call calls a function and gives its result, nil if it has none.
func (w *writer) call(f *lir.Func, args ...value.Value) value.Value {
	c := lir.NewCall(f, args...)
	if types.IsFloat(f.Sig.RetType) {
		c.FastMathFlags = flags
	}
	w.block.Insts = append(w.block.Insts, c)
	if f.Sig.RetType.Equal(types.Void) {
		return nil
	}
	return c
}

// external declares a function from elsewhere, once.
func (w *writer) external(name string, result types.Type, params ...*lir.Param) *lir.Func {
	if f := w.declared[name]; f != nil {
		return f
	}
	f := lir.NewFunc(name, result, params...)
	w.declared[name] = f
	w.out.Funcs = append(w.out.Funcs, f)
	return f
}

// text is the module, with comments before its functions.
func (w *writer) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "; %s\n;\n; Values are numbered: x are inputs, y results, t scratch memory of a function.\n", cpp.Clean(w.options.Title))
	for line := range strings.Lines(w.out.String()) {
		if strings.HasPrefix(line, "define ") {
			_, rest, _ := strings.Cut(line, "@")
			name, _, _ := strings.Cut(rest, "(")
			for _, c := range w.comments[name] {
				b.WriteString(c + "\n")
			}
		}
		b.WriteString(line)
	}
	return b.String()
}
