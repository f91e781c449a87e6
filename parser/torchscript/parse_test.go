package torchscript

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/diag"
)

const observed = "../../testdata/observed"

// TestObserved reads every graph that LibTorch printed and prints it back, which
// shows that nothing of the text is lost.
func TestObserved(t *testing.T) {
	paths, err := filepath.Glob(observed + "/*.graph")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			f, err := Parse(path, src)
			require.NoError(t, err)
			require.Equal(t, string(src), f.String())
			require.Equal(t, strings.Count(string(src), "\n  %"), len(f.Graph.Nodes))
			requireGrammarAccepts(t, string(src))
		})
	}
}

// parse reads a whole text that has to be right.
func parse(t *testing.T, src string) *File {
	t.Helper()
	f, err := Parse("t.graph", []byte(src))
	require.NoError(t, err)
	requireGrammarAccepts(t, src)
	return f
}

// parseNode reads one node, with its blocks.
func parseNode(t *testing.T, node string) *Node {
	t.Helper()
	f := parse(t, "graph():\n"+node+"\n  return ()\n")
	require.Len(t, f.Graph.Nodes, 1)
	return f.Graph.Nodes[0]
}

// TestNodesPrintBack holds every form of a node that the printer has.
func TestNodesPrintBack(t *testing.T) {
	for _, text := range []string{
		"%2 : Tensor = aten::mul(%0, %1)",
		"%2 = aten::mul(%0, %1)",
		"%a.1, %b/c:d : int = foo::bar_1()",
		"%onnx::MatMul_3 : Tensor = onnx::MatMul(%/conv/Conv_output_0, %self.l.weight)",
		" = prim::Print(%1)",
		"%1 : Tensor = prim::DifferentiableGraph_0(%0)",
		"%1 : Tensor = prim::Constant[value=<Tensor>]()",
		"%1 : Tensor = aten::f(%0), scope: __module.layer1/__module.layer1.conv",
		"%1 : Tensor = aten::f(%0) # /home/a b/model.py:12:3",
		"%1 : Tensor = aten::f(%0), scope: __module.l # <string>:2:0",
		"%1 : Tensor = ^Double()(%0)",
		"%1 : Tensor = ^Pad((1, 2), torch.float32, x)(%0)",
		`%1 : Tensor = prim::CallMethod[name="forward"](%l, %x)`,
		"%1 : bool = prim::RequiresGradCheck[types=[Tensor(requires_grad=1), int[]]](%x)",
		"%1 : int = aten::f[a=1, b=2., axes_i=[1, -2]]()",
		"%1 : Tensor = aten::f(%c)\n  block0():\n    -> (%1)\n  block1():\n    %2 = a::b() # f.py:1:2\n    -> (%2)",
		"%1 : Tensor, %2 : int = prim::Loop(%n, %c, %x)\n  block0(%i : int, %x.1 : Tensor):\n     = prim::Print(%i)\n" +
			"    %3 = prim::If(%c)\n      block0():\n        -> ()\n    -> (%c, %x.1)",
	} {
		n := parseNode(t, text)
		require.Equal(t, text+"\n", n.String())
	}
}

func TestNodeParts(t *testing.T) {
	n := parseNode(t, `  %3 : Float(2, device=cpu), %4 = aten::f[a=1, s="x"](%1, %x.1), scope: m/n # d e/f.py:7:9`)
	at := func(col int) diag.Pos { return diag.Pos{File: "t.graph", Line: 2, Col: col} }
	require.Equal(t, at(3), n.Pos)
	require.Equal(t, "aten::f", n.Op)
	require.Equal(t, at(35), n.OpPos)
	require.Equal(t, "3", n.Outputs[0].Name)
	require.Equal(t, at(8), n.Outputs[0].TypePos)
	require.Equal(t, Param{Pos: at(30), Name: "4"}, n.Outputs[1])
	require.Equal(t, []Var{{at(55), "1"}, {at(59), "x.1"}}, n.Inputs)
	require.Equal(t, &IntValue{at(45), 1}, n.Attr("a"))
	require.Equal(t, at(48), n.Attrs[1].Pos)
	require.Nil(t, n.Attr("none"))
	require.Equal(t, "m/n", n.Scope)
	require.Equal(t, diag.Pos{File: "d e/f.py", Line: 7, Col: 9}, n.Origin)
}

// TestLenient reads what LibTorch does not print but people write.
func TestLenient(t *testing.T) {
	for from, to := range map[string]string{
		"aten::f(%0)":                              " = aten::f(%0)\n",
		"%1: Tensor=aten::f(%0)":                   "%1 : Tensor = aten::f(%0)\n",
		"%1 : Tensor = # why\n aten::f(%0,\n\t%1)": "%1 : Tensor = aten::f(%0, %1)\n",
		"%1 = aten::f() # not a place":             "%1 = aten::f()\n",
		"%1 = aten::f()\n# a.py:1:2":               "%1 = aten::f()\n",
		"%1 = aten::f[]()\r":                       "%1 = aten::f()\n",
		"%1 = aten::f() # a.py:0:2":                "%1 = aten::f()\n",
		"%1 = ^F(%0)":                              "%1 = ^F()(%0)\n",
		"%1 = prim::If(%0) block0(): %2 = a::b() -> (%2) # a.py:1:2": "%1 = prim::If(%0)\n  block0():\n    %2 = a::b()\n    -> (%2)\n",
	} {
		require.Equal(t, to, parseNode(t, from).String(), from)
	}
	f := parse(t, "graph(%0 : int): %1 : int = aten::neg(%0) return (%1) # end")
	require.Equal(t, "graph(%0 : int):\n  %1 : int = aten::neg(%0)\n  return (%1)\n", f.String())
}

func TestSubgraphs(t *testing.T) {
	src := `graph(%x : Tensor,
      %y):
  %1 : Tensor = prim::DifferentiableGraph_0(%x)
  %2 : Tensor = prim::TensorExprGroup_1(%1)
  return (%2, %y)
with prim::DifferentiableGraph_0 = graph(%0 : Tensor):
  %1 : Tensor = aten::relu(%0)
  return (%1)
with prim::TensorExprGroup_1 = graph():
  return ()
`
	f := parse(t, src)
	require.Equal(t, src, f.String())
	require.Equal(t, "prim::DifferentiableGraph_0", f.Subgraphs[0].Name)
	require.Equal(t, diag.Pos{File: "t.graph", Line: 6, Col: 1}, f.Subgraphs[0].Pos)
	require.Equal(t, diag.Pos{File: "t.graph", Line: 6, Col: 36}, f.Subgraphs[0].Graph.Pos)
	require.Equal(t, diag.Pos{File: "t.graph", Line: 5, Col: 15}, f.Graph.Results[1].Pos)
}

// Equal type texts are parsed once: an importer may remember by pointer.
func TestTypesAreShared(t *testing.T) {
	f := parse(t, "graph(%0 : Float(2)):\n %1 : Float(2) = a::b(%0)\n return (%1)")
	require.Same(t, f.Graph.Params[0].Type, f.Graph.Nodes[0].Outputs[0].Type)
}

func TestEmptyAndOneLine(t *testing.T) {
	f := parse(t, "graph():\n  return ()\n")
	require.Empty(t, f.Graph.Params)
	require.Empty(t, f.Graph.Nodes)
	require.Equal(t, diag.Pos{File: "t.graph", Line: 1, Col: 1}, f.Pos)
}
