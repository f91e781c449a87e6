package reduce_test

import (
	"fmt"
	"math/rand"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/dialects/randomir"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/reduce"
)

func parse(t *testing.T, text string) *ir.Module {
	m, err := mlir.Parse(dialects.Context(), "in.mlir", []byte(text))
	require.NoError(t, err)
	require.NoError(t, ir.Verify(m.Ctx, m.Op))
	return m
}

func TestModule(t *testing.T) {
	has := func(words ...string) reduce.Fails {
		return func(text string) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		}
	}
	for name, c := range map[string]struct {
		in    string
		fails reduce.Fails
		want  string
	}{
		"a chain becomes an argument": {
			`func.func @other(%x: f32) -> f32 {
  func.return %x : f32
}
func.func @f(%x: tensor<2xf32>) -> (tensor<f32>, tensor<2xf32>) {
  %0 = aten.exp %x : tensor<2xf32>
  %1 = aten.sum %0 {dim = array<i64: 0>} : (tensor<2xf32>) -> tensor<f32>
  %2 = aten.tanh %1 : tensor<f32>
  %3 = aten.neg %2 : tensor<f32>
  func.return %3, %0 : tensor<f32>, tensor<2xf32>
}`, has("aten.tanh"),
			`module {
  func.func @f(%arg0: tensor<f32>) {
    %0 = aten.tanh %arg0 : tensor<f32>
    func.return
  }
}`},
		"a function that is called keeps its type": {
			`func.func @f(%x: tensor<2xf32>) -> tensor<f32> {
  %0 = aten.exp %x : tensor<2xf32>
  %1 = aten.sum %0 {dim = array<i64: 0>} : (tensor<2xf32>) -> tensor<f32>
  %2 = aten.tanh %1 : tensor<f32>
  %3 = aten.neg %2 : tensor<f32>
  func.return %3 : tensor<f32>
}
func.func @g(%x: tensor<2xf32>) -> tensor<f32> {
  %0 = aten.neg %x : tensor<2xf32>
  %1 = func.call @f(%0) : (tensor<2xf32>) -> tensor<f32>
  func.return %1 : tensor<f32>
}`, has("aten.tanh", "func.call"),
			`module {
  func.func @f(%arg0: tensor<2xf32>) -> tensor<f32> {
    %0 = arith.constant dense<0.0> : tensor<f32>
    %1 = aten.tanh %0 : tensor<f32>
    func.return %1 : tensor<f32>
  }
  func.func @g(%arg0: tensor<2xf32>) {
    %0 = func.call @f(%arg0) : (tensor<2xf32>) -> tensor<f32>
    func.return
  }
}`},
		"ops around and inside others": {
			`func.func @f(%n: index, %m: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.load %m[%i] : memref<4xf32>
    %1 = math.exp %0 : f32
    memref.store %1, %m[%i] : memref<4xf32>
  }
  func.return
}`, has("math.exp"),
			`module {
  func.func @f(%arg0: f32) {
    %0 = math.exp %arg0 : f32
    func.return
  }
}`},
		"the loop is what fails": {
			`func.func @f(%n: index, %m: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %0 = memref.load %m[%i] : memref<4xf32>
    memref.store %0, %m[%i] : memref<4xf32>
  }
  func.return
}`, has("scf.for"),
			`module {
  func.func @f(%arg0: index) {
    scf.for %arg1 = %arg0 to %arg0 step %arg0 {
    }
    func.return
  }
}`},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, c.in)
			before := m.String()
			small := reduce.Module(m, c.fails)
			require.Equal(t, c.want, strings.TrimSpace(small.String()))
			require.Equal(t, before, m.String(), "the input was changed")
		})
	}
}

// TestRandomModules holds what is left to the contract: it verifies and fails, and
// nothing single can be taken out of it by the same steps.
func TestRandomModules(t *testing.T) {
	for seed := range int64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			m := parse(t, randomir.Aten(rand.New(rand.NewSource(seed)), 60))
			names := map[ir.OpName]int{}
			m.Op.Walk(func(op *ir.Op) { names[op.Name]++ })
			var wanted ir.OpName
			for name := range names {
				if name.Dialect() == "aten" && (wanted == "" || name < wanted) {
					wanted = name
				}
			}
			fails := func(text string) bool { return strings.Contains(text, string(wanted)+" ") }
			small := reduce.Module(m, fails)
			require.NoError(t, ir.Verify(small.Ctx, small.Op))
			require.True(t, fails(small.String()))
			n := -1
			small.Op.Walk(func(*ir.Op) { n++ })
			require.LessOrEqual(t, n, 3, "%s", small)
			require.Equal(t, small.String(), reduce.Module(small, fails).String(), "more could be taken out")
		})
	}
}

func TestGraph(t *testing.T) {
	text, err := os.ReadFile("../testdata/observed/activations.graph")
	require.NoError(t, err)
	got := reduce.Graph(string(text), func(s string) bool { return strings.Contains(s, "aten::gelu(") })
	require.Equal(t, `graph(%0 : Float(4, 6, strides=[6, 1], requires_grad=1, device=cpu),
      %11 : str):
  %12 : Float(4, 6, strides=[6, 1], requires_grad=1, device=cpu) = aten::gelu(%0, %11)
  return ()
`, reduce.Graph(string(text), func(s string) bool {
		return strings.Contains(s, "aten::gelu(%0, %11)") && strings.Contains(s, "graph(%0") && strings.Contains(s, " %11 : str")
	}))
	require.Equal(t, 1, strings.Count(got, "aten::"))
}

func TestLines(t *testing.T) {
	text := ""
	for i := range 1000 {
		text += fmt.Sprintln("line", i)
	}
	got := reduce.Lines(text, func(s string) bool {
		return strings.Contains(s, "line 17\n") && strings.Contains(s, "line 900\n")
	})
	require.Equal(t, "line 17\nline 900\n", got)
}
