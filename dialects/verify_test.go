package dialects_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
)

// refusal is IR that must not verify. MLIR refuses it too, unless stricter says that
// the rule is ours.
type refusal struct {
	text, want string
	stricter   bool
}

// given wraps ops in a function with arguments to use.
func given(ops string) string {
	return "func.func @f(%m: memref<4x8xf32>, %t: tensor<4x8xf32>, %u: tensor<?x8xf32>, %v: f32, %d: f64, %i: index, %n: i64, %c: i1, %bytes: memref<256xi8>) {\n" +
		ops + "\nfunc.return\n}\nfunc.func private @g(f32) -> f32"
}

// nest is a generic that yields its first body argument, f32.
func nest(maps, iterators, operands string) string {
	return given("%r = linalg.generic {indexing_maps = [" + maps + "], iterator_types = [" + iterators + "]} " + operands +
		" {\n^bb0(%a: f32, %b: f32):\nlinalg.yield %a : f32\n} -> tensor<4x8xf32>")
}

const (
	identity2 = "affine_map<(d0, d1) -> (d0, d1)>"
	parallel2 = `"parallel", "parallel"`
	onTensors = "ins(%t : tensor<4x8xf32>) outs(%t : tensor<4x8xf32>)"
)

var refusals = []refusal{
	// func
	{text: "func.func @f()", want: "has no body and must be private"},
	{text: `"func.func"() ({
}) {function_type = () -> (), sym_name = "f", sym_visibility = "hidden"} : () -> ()`, want: `"public", "private" or "nested"`},
	{text: "func.func private @f(f32 {name = 1 : i64})", want: "with a dialect's prefix"},
	{text: `"func.func"() ({
}) {function_type = (f32) -> (), sym_name = "f", sym_visibility = "private", arg_attrs = []} : () -> ()`, want: "arg_attrs has 0 entries, expected 1"},
	{text: "func.func @f(%x: f32) -> f64 {\nfunc.return %x : f32\n}", want: "returns value 0 of type f32"},
	{text: "func.func @f(%x: f32) {\nfunc.return %x : f32\n}", want: "returns 1 values"},
	{text: given("%r = func.call @h(%v) : (f32) -> f32"), want: "symbol @h is not defined (V8)"},
	{text: given("%r = func.call @g(%d) : (f64) -> f32"), want: "calls @g with type (f64) -> f32"},
	{text: given("scf.if %c {\n\"func.return\"() : () -> ()\n}"), want: "must stand in a func.func"},
	// scf
	{text: given("%s = arith.constant 0 : index\nscf.for %j = %i to %i step %s {\n}"), want: "the step must be positive"},
	{text: given("\"scf.for\"(%n, %n, %n) ({\n^bb0(%j: i64):\n\"scf.yield\"() : () -> ()\n}) : (i64, i64, i64) -> ()"), want: "must be index, got i64"},
	{text: given("%r = scf.for %j = %i to %i step %i iter_args(%a = %v) -> (f32) {\nscf.yield %d : f64\n}"), want: "yields value 0 of type f64"},
	{text: given("%r = scf.for %j = %i to %i step %i iter_args(%a = %v) -> (f32) {\n}"), want: "yields 0 values"},
	{text: given("%r = scf.if %c -> (f32) {\nscf.yield %v : f32\n}"), want: "must have an else branch"},
	{text: given("%r = scf.if %c -> (f32) {\nscf.yield %v : f32\n} else {\nscf.yield %d : f64\n}"), want: "yields value 0 of type f64"},
	{text: given("scf.yield"), want: "must stand in one of"},
	{text: given("%r = scf.while (%a = %i) : (index) -> f32 {\nscf.condition(%c) %i : index\n} do {\n^bb0(%b: f32):\nscf.yield %i : index\n}"),
		want: "passed values and results differ in place 0"},
	{text: given("%r = scf.while (%a = %i) : (index) -> index {\nscf.condition(%c) %i : index\n} do {\n^bb0(%b: index):\nscf.yield\n}"),
		want: "got 0 yielded values and 1 initial values"},
	{text: given("%r = scf.parallel (%j) = (%i) to (%i) step (%i) init (%v) -> f32 {\nscf.yield\n}"), want: "got 0 reductions and 1 results"},
	// memref
	{text: given("%r = memref.alloc() : memref<?xf32>"), want: "got 0 sizes, expected 1"},
	{text: given("%r = memref.alloc() : memref<4xf32, strided<[?]>>"), want: "got 0 symbols, expected 1"},
	{text: given("%r = memref.alloc() {alignment = -1 : i64} : memref<4xf32>"), want: "an i64 of zero or more"},
	{text: given("%r = memref.load %m[%i] : memref<4x8xf32>"), want: "got 1 indices, expected 2"},
	{text: given("memref.store %v, %m[%i] : memref<4x8xf32>"), want: "got 1 indices, expected 2"},
	{text: given("%r = memref.alloc() : memref<4x9xf32>\nmemref.copy %m, %r : memref<4x8xf32> to memref<4x9xf32>"), want: "differ in shape"},
	{text: given("%r = memref.view %m[%i][] : memref<4x8xf32> to memref<4xf32>"), want: "source must be plain bytes"},
	{text: given("%r = memref.view %bytes[%i][] : memref<256xi8> to memref<?xf32>"), want: "got 0 sizes, expected 1"},
	{text: given("%r = memref.view %bytes[%i][] : memref<256xi8> to memref<4xf32, strided<[2]>>"), want: "result must be row-major"},
	{text: given("%r = memref.reinterpret_cast %m to offset: [0], sizes: [31], strides: [1] : memref<4x8xf32> to memref<32xf32>"), want: "result has size 32"},
	{text: given("%r = memref.reinterpret_cast %m to offset: [0], sizes: [16], strides: [2] : memref<4x8xf32> to memref<16xf32>"), want: "result has stride 1"},
	{text: given("%r = memref.reinterpret_cast %m to offset: [1], sizes: [16], strides: [1] : memref<4x8xf32> to memref<16xf32>"), want: "result has offset 0"},
	{text: given("%r = memref.reinterpret_cast %m to offset: [0], sizes: [16], strides: [1] : memref<4x8xf32> to memref<16xf64>"), want: "element types f32 and f64 differ"},
	{text: given("%r = memref.subview %m[1, 0] [2, 8] [1, 1] : memref<4x8xf32> to memref<2x8xf32>"), want: "expected memref<2x8xf32, strided<[8, 1], offset: 8>>"},
	{text: given("%r = memref.subview %m[1, 0] [2, 8] [1, 1] : memref<4x8xf32> to memref<16xf32, strided<[1], offset: 8>>"), want: "or that without sizes of 1"},
	{text: given("%r = memref.subview %m[3, 0] [2, 8] [1, 1] : memref<4x8xf32> to memref<2x8xf32, strided<[8, 1], offset: 24>>"),
		want: "takes elements 3 to 4 of dimension 0, which has size 4", stricter: true},
	{text: given("%r = memref.subview %m[1] [2] [1] : memref<4x8xf32> to memref<2xf32>"), want: "static_offsets has 1 entries, expected 2"},
	{text: given("%r = memref.cast %m : memref<4x8xf32> to memref<5x?xf32>"), want: "cannot be a"},
	{text: given("%r = memref.cast %m : memref<4x8xf32> to memref<4x8xf32, strided<[7, 1]>>"), want: "cannot be a"},
	// tensor
	{text: given("%r = tensor.empty() : tensor<?xf32>"), want: "got 0 sizes, expected 1"},
	{text: given("%r = tensor.extract %t[%i] : tensor<4x8xf32>"), want: "got 1 indices, expected 2"},
	{text: given("%r = \"tensor.insert\"(%d, %t, %i, %i) : (f64, tensor<4x8xf32>, index, index) -> tensor<4x8xf32>"), want: "element has type f64"},
	{text: given("%r = tensor.extract_slice %t[0, 0] [2, 2] [1, 1] : tensor<4x8xf32> to tensor<2x3xf32>"), want: "expected tensor<2x2xf32>"},
	{text: given("%r = tensor.extract_slice %t[0, 7] [2, 2] [1, 1] : tensor<4x8xf32> to tensor<2x2xf32>"), want: "takes elements 7 to 8", stricter: true},
	{text: given("%r = tensor.extract_slice %t[0, 0] [2, 9223372036854775807] [1, 9223372036854775807] : tensor<4x8xf32> to tensor<2x9223372036854775807xf32>"),
		want: "beyond 64 bits", stricter: true},
	{text: given("%r = tensor.insert_slice %t into %t[0, 0] [2, 2] [1, 1] : tensor<4x8xf32> into tensor<4x8xf32>"), want: "source has type"},
	{text: given("%r = tensor.cast %t : tensor<4x8xf32> to tensor<?x9xf32>"), want: "cannot be a"},
	{text: given("%k = arith.constant 2 : index\n%r = tensor.dim %t, %k : tensor<4x8xf32>"), want: "dimension 2 is out of range"},
	{text: given("%r = tensor.collapse_shape %t [[0, 1]] : tensor<4x8xf32> into tensor<31xf32>"), want: "must be the product of dimensions"},
	{text: given("%r = tensor.collapse_shape %t [[1, 0]] : tensor<4x8xf32> into tensor<32xf32>"), want: "not the dimensions of"},
	{text: given("%r = tensor.collapse_shape %t [[0]] : tensor<4x8xf32> into tensor<4xf32>"), want: "not all dimensions"},
	{text: given("%r = tensor.expand_shape %t [[0, 1], [2]] : tensor<4x8xf32> into tensor<2x3x8xf32>"), want: "must be the product of dimensions"},
	// linalg
	{text: nest(identity2, parallel2, onTensors), want: "got 1 indexing maps, expected 2"},
	{text: nest(identity2+", affine_map<(d0, d1) -> (d0)>", parallel2, onTensors), want: "2 results"},
	{text: nest(identity2+", affine_map<(d0, d1, d2) -> (d0, d1)>", parallel2, onTensors), want: "expected 2 dimensions"},
	{text: nest(identity2+", "+identity2, `"parallel", "sideways"`, onTensors), want: "expected parallel or reduction"},
	{text: nest("affine_map<(d0, d1) -> (d1, d0)>, "+identity2, parallel2, onTensors), want: "where loop"},
	{text: nest("affine_map<(d0, d1) -> (d0, d1 + 1)>, "+identity2, parallel2, onTensors), want: "operand 0 is read at 1 to 8"},
	{text: nest("affine_map<(d0, d1) -> (d0, d1 - 1)>, "+identity2, parallel2, onTensors), want: "operand 0 is read at -1 to 6"},
	{text: nest("affine_map<(d0, d1) -> (d0, d1 mod 9 + 4)>, "+identity2, parallel2, onTensors), want: "operand 0 is read at 4 to 11"},
	{text: nest("affine_map<(d0, d1) -> (d0, (d1 * 2) mod 14)>, "+identity2, parallel2, onTensors), want: "operand 0 is read at 0 to 13", stricter: true},
	{text: nest("affine_map<(d0, d1) -> (0, 0)>, affine_map<(d0, d1) -> (d0, 0)>", parallel2, onTensors), want: "the extent of loop 1 cannot be found"},
	{text: given("%r = linalg.generic {indexing_maps = [" + identity2 + "], iterator_types = [" + parallel2 + "]} outs(%t : tensor<4x8xf32>) {\n^bb0(%a: f64):\nlinalg.yield %a : f64\n} -> tensor<4x8xf32>"),
		want: "body argument 0 has type f64"},
	{text: given("%r = linalg.generic {indexing_maps = [" + identity2 + "], iterator_types = [" + parallel2 + "]} outs(%t : tensor<4x8xf32>) {\n^bb0(%a: f32):\nlinalg.yield %d : f64\n} -> tensor<4x8xf32>"),
		want: "yields value 0 of type f64"},
	{text: given("%r = linalg.generic {indexing_maps = [" + identity2 + "], iterator_types = [" + parallel2 + "]} outs(%t : tensor<4x8xf32>) {\n^bb0(%a: f32):\nlinalg.yield %a, %a : f32, f32\n} -> tensor<4x8xf32>"),
		want: "yields 2 values"},
	{text: given("%r = linalg.generic {indexing_maps = [" + identity2 + "], iterator_types = [" + parallel2 + "]} outs(%t : tensor<4x8xf32>) {\n^bb0(%a: f32):\nlinalg.yield %a : f32\n} -> tensor<?x8xf32>"),
		want: "result 0 must have the type of output 0"},
	{text: given("linalg.generic {indexing_maps = [" + identity2 + "], iterator_types = [" + parallel2 + "]} outs(%m : memref<4x8xf32>) {\n^bb0(%a: f32):\n%k = linalg.index 2 : index\nlinalg.yield %a : f32\n}"),
		want: "dimension 2 is out of range"},
	{text: given("%k = linalg.index 0 : index"), want: "must stand directly in a linalg nest"},
	{text: given("%r = linalg.fill ins(%d : f64) outs(%t : tensor<4x8xf32>) -> tensor<4x8xf32>"), want: "elements of f64 and f32, expected one type", stricter: true},
	{text: given("%r = linalg.matmul ins(%t, %t : tensor<4x8xf32>, tensor<4x8xf32>) outs(%t : tensor<4x8xf32>) -> tensor<4x8xf32>"), want: "where loop"},
	{text: given("%r = linalg.matmul ins(%t, %v : tensor<4x8xf32>, f32) outs(%t : tensor<4x8xf32>) -> tensor<4x8xf32>"), want: "must be tensor or memref, got f32"},
	{text: given("%r = \"linalg.fill\"(%v, %t) ({\n^bb0(%a: f32, %b: f32):\n\"linalg.yield\"(%b) : (f32) -> ()\n}) {operand_segment_sizes = array<i32: 1, 1>} : (f32, tensor<4x8xf32>) -> tensor<4x8xf32>"),
		want: "the region is not that of linalg.fill", stricter: true},
}

// TestRefusals holds the verifier against IR that is wrong in one way each.
func TestRefusals(t *testing.T) {
	ctx := dialects.Context()
	for _, r := range refusals {
		m, err := mlir.Parse(ctx, "refused.mlir", []byte(r.text))
		if err == nil {
			err = ir.Verify(ctx, m.Op)
		}
		require.ErrorContains(t, err, r.want, "%s", r.text)
		if m != nil {
			require.NotEmpty(t, m.String()) // printing does not mind
		}
	}
}

// TestRefusalsInMLIR wants mlir-opt to refuse the same.
func TestRefusalsInMLIR(t *testing.T) {
	for _, r := range refusals {
		_, problem := tryMLIROpt(t, r.text)
		if r.stricter {
			require.Empty(t, problem, "%s", r.text)
		} else {
			require.NotEmpty(t, problem, "%s", r.text)
		}
	}
}

// TestMalformedOpsPrint prints ops that lack what their own form shows.
func TestMalformedOpsPrint(t *testing.T) {
	ctx := dialects.Context()
	for _, d := range ctx.Dialects() {
		for _, def := range d.Ops {
			m := ir.NewModule(ctx)
			m.Body().Append(ir.NewOp(ctx, ir.State{Name: def.Name}))
			regions := make([]*ir.Region, def.Regions)
			for i := range regions {
				regions[i] = ir.NewRegion()
			}
			m.Body().Append(ir.NewOp(ctx, ir.State{Name: def.Name, Regions: regions}))
			require.Contains(t, m.String(), string(def.Name))
			require.Error(t, ir.Verify(ctx, m.Op), "%s", def.Name)
		}
	}
}
