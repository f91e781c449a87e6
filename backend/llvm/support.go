package llvm

import (
	"fmt"
	"sort"
	"strings"

	lir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/enum"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/ir"
)

// The functions that package cpp has the text of are called by names of C: ct_exp_f32 of
// math.exp, ct_gemm_f32_16_64 of products with 16 rows and 64 columns.

// inlined begins the definition of such a function, which is to leave no call.
const inlined = `extern "C" __attribute__((always_inline)) `

// Support is C++ text of functions that the LLVM IR of m calls: the elementary functions,
// which is the same text for every module, then the products, each if any is called.
func Support(m *ir.Module) []string {
	calls := false
	var products []*linalg.Gemm
	m.Op.Walk(func(op *ir.Op) {
		if isElementary(op.Def()) {
			calls = true
		}
		if g := linalg.AsGemm(op); g != nil {
			products = append(products, g)
		}
	})
	var out []string
	if calls {
		out = append(out, supportText(elementaryText()))
	}
	if len(products) > 0 {
		out = append(out, supportText(productText(products)))
	}
	return out
}

// supportText puts what body needs before it.
func supportText(body string) string {
	return "#include <stdint.h>\n" + cpp.Prelude(body) + body
}

// isElementary reports whether ops of def become calls.
func isElementary(def *ir.OpDef) bool {
	return def != nil && strings.HasPrefix(string(def.Name), "math.") && def.Cpp != ""
}

var floats = []ir.Type{ir.F32, ir.F64}

// elementaryText defines every elementary function for both precisions, as the C++ form of
// its op says.
func elementaryText() string {
	var b strings.Builder
	for _, def := range math.Dialect().Ops {
		if !isElementary(def) {
			continue
		}
		for _, t := range floats {
			c := arith.CppType(t)
			var params []string
			text := def.Cpp
			for i := range def.Operands {
				params = append(params, fmt.Sprintf("%s x%d", c, i))
				text = strings.Replace(text, fmt.Sprintf("$%d", i), fmt.Sprintf("x%d", i), 1)
			}
			fmt.Fprintf(&b, "%s%s %s(%s) { return %s; }\n", inlined, c, elementaryName(def.Name, t), strings.Join(params, ", "), text)
		}
	}
	return b.String()
}

func elementaryName(name ir.OpName, t ir.Type) string {
	_, short, _ := strings.Cut(string(name), ".")
	return fmt.Sprintf("ct_%s_%s", short, t)
}

// elementary calls the function of op.
func (w *writer) elementary(op *ir.Op, args []value.Value) (value.Value, error) {
	if !isElementary(op.Def()) {
		return nil, noForm(op)
	}
	t := args[0].Type()
	if !types.IsFloat(t) {
		return nil, noForm(op)
	}
	var params []*lir.Param
	for range args {
		params = append(params, lir.NewParam("", t))
	}
	f := w.external(elementaryName(op.Name, op.Result(0).Type()), t, params...)
	if len(f.FuncAttrs) == 0 {
		f.FuncAttrs = []lir.FuncAttribute{w.pure}
		if len(w.out.AttrGroupDefs) == 1 {
			w.out.AttrGroupDefs = append(w.out.AttrGroupDefs, w.pure)
		}
	}
	return w.call(f, args...), nil
}

func productName(g *linalg.Gemm) string {
	return fmt.Sprintf("ct_gemm_%s_%d_%d", ir.ElemType(g.C.Type()), g.M, g.N)
}

// productText defines a function for each number of rows and columns.
func productText(products []*linalg.Gemm) string {
	byName := map[string]*linalg.Gemm{}
	var names []string
	for _, g := range products {
		n := productName(g)
		if byName[n] == nil {
			names = append(names, n)
		}
		byName[n] = g
	}
	sort.Strings(names)
	var b strings.Builder
	for _, n := range names {
		g := byName[n]
		c := arith.CppType(ir.ElemType(g.C.Type()))
		fmt.Fprintf(&b, "%svoid %s(int64_t k, const %s *a, int64_t ai, int64_t ak, const %s *b, int64_t bk, int64_t bj, %s *c, int64_t ci, bool add) {\n"+
			"  ct::gemm<%s, %d, %d>(k, a, ai, ak, b, bk, bj, c, ci, add);\n}\n", inlined, n, c, c, c, c, g.M, g.N)
	}
	return b.String()
}

// product writes a matrix product as calls, and the zeros it starts from as an argument.
func (w *writer) product(op *ir.Op) error {
	if op.Name == linalg.OpFill {
		if next := op.Next(); next != nil && cpp.StartsFrom(next, op) {
			return nil // the product writes instead of adding
		}
		return w.fill(op)
	}
	g := linalg.AsGemm(op)
	if g == nil {
		e := op.Errorf("is not a product of matrices, the only nest with an LLVM IR form")
		e.Remedy = "lower it to loops first"
		return e
	}
	elem, err := scalarType(op, ir.ElemType(g.C.Type()))
	if err != nil {
		return err
	}
	var places [3]value.Value
	for i, m := range []*ir.Value{g.A, g.B, g.C} {
		if places[i], err = w.use(op, m); err != nil {
			return err
		}
	}
	pointer := w.pointer(elem)
	var params []*lir.Param
	for _, t := range []types.Type{types.I64, pointer, types.I64, types.I64, pointer, types.I64, types.I64, pointer, types.I64} {
		params = append(params, lir.NewParam("", t))
	}
	add := lir.NewParam("", types.I1)
	add.Attrs = []lir.ParamAttribute{enum.ParamAttrZeroExt}
	f := w.external(productName(g), types.Void, append(params, add)...)
	before := op.Prev()
	adds := value.Value(constant.NewBool(before == nil || !cpp.StartsFrom(op, before)))
	return w.products(f, elem, g, g.Outer, places, adds)
}

// products calls f for each turn of the outer loops.
func (w *writer) products(f *lir.Func, elem types.Type, g *linalg.Gemm, outer []linalg.GemmLoop, places [3]value.Value, add value.Value) error {
	if len(outer) == 0 {
		w.call(f, i64(g.K), places[0], i64(g.AI), i64(g.AK), places[1], i64(g.BK), i64(g.BJ), places[2], i64(g.CI), add)
		return nil
	}
	l := outer[0]
	_, err := w.repeat([3]value.Value{i64(0), i64(l.Extent), i64(1)}, nil, 0, func(counter value.Value, _ []value.Value) ([]value.Value, error) {
		inner, adds := places, add
		for i, stride := range [3]int64{l.A, l.B, l.C} {
			if stride != 0 {
				inner[i] = w.offset(elem, places[i], w.mul(counter, i64(stride)))
			}
		}
		if l.C == 0 { // a further loop over k
			adds = w.emit(lir.NewOr(add, w.emit(lir.NewICmp(enum.IPredSGT, counter, i64(0)))))
		}
		return nil, w.products(f, elem, g, outer[1:], inner, adds)
	})
	return err
}

// fill writes one value to all of a memory.
func (w *writer) fill(op *ir.Op) error {
	t := op.Operand(1).Type().(*ir.MemRefType)
	n, ok := ir.NumElements(t.Shape())
	if !ok || t.Layout() != nil {
		return op.Errorf("has no LLVM IR form for %s", t)
	}
	args, err := w.operands(op)
	if err != nil {
		return err
	}
	elem, err := w.memory(op, t.Elem())
	if err != nil {
		return err
	}
	v := args[0]
	if ir.IsBool(t.Elem()) {
		v = w.emit(lir.NewZExt(v, types.I8))
	}
	_, err = w.repeat([3]value.Value{i64(0), i64(n), i64(1)}, nil, 0, func(counter value.Value, _ []value.Value) ([]value.Value, error) {
		w.store(v, w.offset(elem, args[1], counter))
		return nil, nil
	})
	return err
}
