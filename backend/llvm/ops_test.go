package llvm_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/backend/llvm"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/arith"
	mathops "github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/tensor"
)

// scalarOps is a module at the loop level that applies every scalar op to numbers of the
// types that it takes, a loop and an output each.
type scalarOps struct {
	inputs []tensor.Tensor
	names  []string // of inputs
	ops    []string // of outputs
	types  []string
	body   strings.Builder
}

// numbers are the inputs of each type: two of any numbers, and a third of small ones.
func (s *scalarOps) numbers() {
	nan, inf := math.NaN(), math.Inf(1)
	x := []float64{0, 1, -1, 0.5, -2.5, 3.5, nan, inf, -inf, 1e-30, 100, -0.25, 7, 2, nan, -3, 1e4}
	y := []float64{2, -1, 1, 4, -2.5, nan, 1, 3, inf, 2, 0.5, 0.75, 7, -2, nan, 5, 8}
	small := []float64{0, 1, -1, 2.5, -2.5, 3.99, 100, -100, 1e6, -1e6, 0.1, -0.1, 7, 8, 9, 10, 11}
	single := func(v []float64) []float32 {
		var out []float32
		for _, f := range v {
			out = append(out, float32(f))
		}
		return out
	}
	i := []int64{0, 1, -1, 7, -7, 12, -12, math.MaxInt64, math.MinInt64 + 1, 5, -5, 9, -9, 2, -2, 100, 3}
	j := []int64{1, 2, 3, -2, 2, 5, 5, 3, 7, -3, -3, 1, 4, 2, 6, 60, 31}
	narrow := func(v []int64) []int32 {
		var out []int32
		for _, k := range v {
			out = append(out, int32(k%1000+k%7))
		}
		return out
	}
	n := []int64{int64(len(x))}
	add := func(name string, t tensor.Tensor) {
		s.names, s.inputs = append(s.names, name), append(s.inputs, t)
	}
	add("x_f64", tensor.Of(n, x))
	add("y_f64", tensor.Of(n, y))
	add("z_f64", tensor.Of(n, small))
	add("x_f32", tensor.Of(n, single(x)))
	add("y_f32", tensor.Of(n, single(y)))
	add("z_f32", tensor.Of(n, single(small)))
	add("x_i64", tensor.Of(n, i))
	add("y_i64", tensor.Of(n, j))
	add("x_i32", tensor.Of(n, narrow(i)))
	add("y_i32", tensor.Of(n, []int32{1, 2, 3, -2, 2, 5, 5, 3, 7, -3, -3, 1, 4, 2, 6, 30, 31}))
	b := tensor.Tensor{DType: tensor.Bool, Shape: n, Data: make([]byte, n[0])}
	for k := range b.Data {
		b.Data[k] = byte(k / 2 % 2)
	}
	add("x_i1", b)
	c := b.Clone()
	for k := range c.Data {
		c.Data[k] = byte(k % 2)
	}
	add("y_i1", c)
}

// apply adds a loop that writes an op's results: text has %a, %b, %c for what is loaded of
// the named inputs.
func (s *scalarOps) apply(text, result string, inputs ...string) {
	k := len(s.ops)
	s.ops, s.types = append(s.ops, text), append(s.types, result)
	fmt.Fprintf(&s.body, "    scf.for %%i = %%zero to %%n step %%one {\n")
	for p, in := range inputs {
		_, elem, _ := strings.Cut(in, "_")
		fmt.Fprintf(&s.body, "      %%%c = memref.load %%%s[%%i] : memref<17x%s>\n", 'a'+p, in, elem)
	}
	fmt.Fprintf(&s.body, "      %%r = %s\n      memref.store %%r, %%o%d[%%i] : memref<17x%s>\n    }\n", text, k, result)
}

// all applies every op of arith and math that is no constant.
func (s *scalarOps) all(t *testing.T) {
	done := map[ir.OpName]bool{arith.OpConstant: true}
	apply := func(name ir.OpName, text, result string, inputs ...string) {
		done[name] = true
		s.apply(string(name)+" "+text, result, inputs...)
	}
	for _, f := range []string{"f32", "f64"} {
		for _, def := range append(arith.Dialect().Ops, mathops.Dialect().Ops...) {
			isFloat := strings.HasSuffix(def.Example, " : f32") && !strings.Contains(def.Example, "cmpf") && len(def.Attrs) == 0
			switch {
			case isFloat && len(def.Operands) == 1:
				apply(def.Name, "%a : "+f, f, "x_"+f)
			case isFloat && len(def.Operands) == 2:
				apply(def.Name, "%a, %b : "+f, f, "x_"+f, "y_"+f)
			}
		}
		for _, p := range []string{"false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true"} {
			apply(arith.OpCmpF, p+", %a, %b : "+f, "i1", "x_"+f, "y_"+f)
		}
		apply(arith.OpSelect, "%c, %a, %b : "+f, f, "x_"+f, "y_"+f, "x_i1")
		for _, i := range []string{"i32", "i64"} {
			apply(arith.OpFPToSI, "%a : "+f+" to "+i, i, "z_"+f)
			apply(arith.OpSIToFP, "%a : "+i+" to "+f, f, "x_"+i)
		}
		apply(arith.OpSIToFP, "%a : i1 to "+f, f, "x_i1")
		apply(arith.OpUIToFP, "%a : i1 to "+f, f, "x_i1")
	}
	for _, i := range []string{"i32", "i64"} {
		for _, def := range arith.Dialect().Ops {
			if strings.HasSuffix(def.Example, "%x, %y : i64") && len(def.Attrs) == 0 {
				x := "x_" + i
				if strings.Contains(string(def.Name), "sh") {
					x = "y_" + i // what is shifted is small; so is by how much, below
				}
				apply(def.Name, "%a, %b : "+i, i, x, map[bool]string{true: "s_", false: "y_"}[x[0] == 'y']+i)
			}
		}
		for _, p := range []string{"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"} {
			apply(arith.OpCmpI, p+", %a, %b : "+i, "i1", "x_"+i, "y_"+i)
		}
		apply(arith.OpExtUI, "%a : i1 to "+i, i, "x_i1")
		apply(arith.OpExtSI, "%a : i1 to "+i, i, "x_i1")
	}
	apply(arith.OpAndI, "%a, %b : i1", "i1", "x_i1", "y_i1")
	apply(arith.OpOrI, "%a, %b : i1", "i1", "x_i1", "y_i1")
	apply(arith.OpXOrI, "%a, %b : i1", "i1", "x_i1", "y_i1")
	apply(arith.OpSelect, "%c, %a, %b : i1", "i1", "x_i1", "y_i1", "x_i1")
	apply(arith.OpExtSI, "%a : i32 to i64", "i64", "x_i32")
	apply(arith.OpTruncI, "%a : i64 to i32", "i32", "x_i64")
	apply(arith.OpExtF, "%a : f32 to f64", "f64", "x_f32")
	apply(arith.OpTruncF, "%a : f64 to f32", "f32", "x_f64")
	apply(arith.OpBitcast, "%a : f32 to i32", "i32", "z_f32")
	apply(arith.OpBitcast, "%a : f64 to i64", "i64", "z_f64")
	apply(arith.OpBitcast, "%a : i32 to f32", "f32", "y_i32")
	s.body.WriteString("    // places\n")
	done[arith.OpIndexCast] = true
	k := len(s.ops)
	s.ops, s.types = append(s.ops, "arith.index_cast there and back"), append(s.types, "i64")
	fmt.Fprintf(&s.body, "    scf.for %%i = %%zero to %%n step %%one {\n      %%a = arith.index_cast %%i : index to i64\n"+
		"      %%b = arith.index_cast %%a : i64 to index\n      memref.store %%a, %%o%d[%%b] : memref<17xi64>\n    }\n", k)
	for _, def := range append(arith.Dialect().Ops, mathops.Dialect().Ops...) {
		if def.Cpp != "" || def.CppFunc != nil {
			require.True(t, done[def.Name], "%s is not tried: add it", def.Name)
		}
	}
}

// text is the module.
func (s *scalarOps) text() string {
	var params []string
	for k, in := range s.names {
		params = append(params, fmt.Sprintf("%%%s: memref<17x%s>", in, s.inputs[k].DType))
	}
	for k, t := range s.types {
		params = append(params, fmt.Sprintf("%%o%d: memref<17x%s>", k, t))
	}
	params = append(params, "%ws: memref<0xi8> {cladopt.workspace}")
	return fmt.Sprintf("module attributes {cladopt.workspace = 0 : i64} {\n"+
		"  func.func @graph(%s) attributes {cladopt.num_inputs = %d : i64, cladopt.num_results = %d : i64, cladopt.outputs = %d : i64} {\n"+
		"    %%zero = arith.constant 0 : index\n    %%one = arith.constant 1 : index\n    %%n = arith.constant 17 : index\n%s    func.return\n  }\n}\n",
		strings.Join(params, ", "), len(s.names), len(s.ops), len(s.ops), s.body.String())
}

// outputs is memory for what the ops give.
func (s *scalarOps) outputs(t *testing.T) []tensor.Tensor {
	var out []tensor.Tensor
	for _, elem := range s.types {
		d := map[string]tensor.DType{"f32": tensor.F32, "f64": tensor.F64, "i32": tensor.I32, "i64": tensor.I64, "i1": tensor.Bool}[elem]
		x, err := tensor.New(d, []int64{17})
		require.NoError(t, err)
		out = append(out, x)
	}
	return out
}

// TestScalarOps holds the LLVM IR of every scalar op against its C++ in every bit, NaN being
// NaN, and against the interpreter: exact but for what is an elementary function.
func TestScalarOps(t *testing.T) {
	ctx := context.Background()
	clang, err := toolchain.FindLLVM(ctx)
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	cxx, err := toolchain.Find(ctx)
	if err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	s := &scalarOps{}
	s.numbers()
	n := []int64{17}
	shift := make([]int64, 17)
	narrow := make([]int32, 17)
	for k := range shift {
		shift[k], narrow[k] = int64(k), int32(k)
	}
	s.names = append(s.names, "s_i64", "s_i32")
	s.inputs = append(s.inputs, tensor.Of(n, shift), tensor.Of(n, narrow))
	s.all(t)
	m, err := mlir.Parse(dialects.Context(), "ops.mlir", []byte(s.text()))
	require.NoError(t, err)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))

	interpreted := s.outputs(t)
	var args []interp.Memory
	for _, x := range append(append([]tensor.Tensor{}, s.inputs...), interpreted...) {
		args = append(args, x.Data)
	}
	require.NoError(t, interp.New(m).CallLoops("graph", append(args, nil)))

	meta := abi.Meta{ABI: abi.Version, Alignment: 64, Engine: "builtin", Pipeline: "default"}
	for _, x := range s.inputs {
		meta.Inputs = append(meta.Inputs, abi.Value{DType: x.DType, Shape: n, Strides: []int64{1}})
	}
	for _, x := range interpreted {
		meta.Outputs = append(meta.Outputs, abi.Value{DType: x.DType, Shape: n})
	}
	said, err := meta.Encode()
	require.NoError(t, err)
	dir := t.TempDir()
	text, err := cpp.Emit(m, cpp.Options{Title: "ops", Header: abi.Header, Meta: said})
	require.NoError(t, err)
	_, err = cxx.Compile(ctx, toolchain.Request{Source: text, Output: filepath.Join(dir, "cpp.so")})
	require.NoError(t, err)
	text, err = llvm.Emit(m, llvm.Options{Title: "ops", Version: min(clang.Version, llvm.NewestVersion), Meta: said})
	require.NoError(t, err)
	_, err = clang.Compile(ctx, toolchain.LLVMRequest{Source: text, Support: llvm.Support(m), Output: filepath.Join(dir, "llvm.so")})
	require.NoError(t, err)

	results := map[string][]tensor.Tensor{}
	for _, name := range []string{"cpp", "llvm"} {
		lib, err := native.Open(filepath.Join(dir, name+".so"))
		require.NoError(t, err)
		results[name] = s.outputs(t)
		var in, out []unsafe.Pointer
		for k := range s.inputs {
			in = append(in, s.inputs[k].Pointer())
		}
		for k := range results[name] {
			out = append(out, results[name][k].Pointer())
		}
		require.NoError(t, lib.Forward(in, out, native.Workspace(meta)))
	}
	for k, op := range s.ops {
		got, fromCPP, want := results["llvm"][k], results["cpp"][k], interpreted[k]
		for i := range 17 {
			x, y, z := number(got, i), number(fromCPP, i), number(want, i)
			if x != y && !(isNaN(x) && isNaN(y)) {
				t.Errorf("%s at %d: LLVM IR gives %v, C++ %v", op, i, x, y)
			}
			if !near(x, z, strings.HasPrefix(op, "math."), got.DType) {
				t.Errorf("%s at %d: LLVM IR gives %v, the interpreter %v", op, i, x, z)
			}
		}
	}
}

// number is an element as a number that compares equal if and only if it is the same one.
func number(x tensor.Tensor, i int) any {
	switch x.DType {
	case tensor.F32:
		return float64(tensor.Values[float32](x)[i])
	case tensor.F64:
		return tensor.Values[float64](x)[i]
	case tensor.I32:
		return tensor.Values[int32](x)[i]
	case tensor.I64:
		return tensor.Values[int64](x)[i]
	}
	return x.Data[i]
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

// near compares a float with what the interpreter gives; elementary functions may be off by
// some units in the last place.
func near(x, z any, elementary bool, d tensor.DType) bool {
	f, ok := x.(float64)
	if !ok || !elementary {
		return x == z || isNaN(x) && isNaN(z)
	}
	g := z.(float64)
	unit := 0x1p-52
	if d == tensor.F32 {
		unit = 0x1p-23
	}
	return f == g || isNaN(f) && isNaN(g) || math.Abs(f-g) <= 8*unit*math.Abs(g)
}
