package torchscript

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/diag"
)

// faults reads src and renders its errors without their source lines.
func faults(t *testing.T, src string) []string {
	t.Helper()
	f, err := Parse("t", []byte(src))
	if err == nil {
		return nil
	}
	require.Nil(t, f)
	var list *diag.List
	require.True(t, errors.As(err, &list))
	var got []string
	for _, e := range diag.All(err) {
		msg, _, _ := strings.Cut(e.Error(), "\n")
		got = append(got, strings.Replace(msg, " error:", "", 1))
	}
	return got
}

func TestMalformedHeaders(t *testing.T) {
	for src, want := range map[string]string{
		"":                                 `t:1:1: got the end of the text, expected "graph"`,
		"\n\n":                             `t:1:1: got the end of the text, expected "graph"`,
		"module {":                         `t:1:1: got "module", expected "graph"`,
		"graph":                            `t:1:6: got the end of the text, expected "("`,
		"graph(":                           `t:1:7: got the end of the text, expected ")"`,
		"graph(%0 : int,":                  `t:1:16: got the end of the text, expected a value such as %1`,
		"graph(%0 : int,\n      oops):":    `t:2:7: got "oops", expected a value such as %1`,
		"graph(%0 :":                       `t:1:11: got the end of the text, expected a type`,
		"graph(%0 : int %1)":               `t:1:16: got "%1", expected ")"`,
		"graph(%0 : Float(2):":             `t:1:20: got ":", expected ")"`,
		"graph(@":                          `t:1:7: unexpected character '@'`,
		"graph()\n":                        `t:1:8: got the end of the text, expected ":"`,
		"graph():\n":                       `t:1:9: got the end of the text, expected "return"`,
		"graph():\nreturn %1":              `t:2:8: got "%1", expected "("`,
		"graph():\nreturn (%1":             `t:2:11: got the end of the text, expected ")"`,
		"graph():\nreturn ()\nblah":        `t:3:1: got "blah", expected "with" or the end of the text`,
		"graph():\nreturn ()\nwith x =":    `t:3:6: got "x", expected an op such as prim::DifferentiableGraph_0`,
		"graph():\nreturn ()\nwith a::b(":  `t:3:10: got "(", expected "="`,
		"graph():\nreturn ()\nwith a::b =": `t:3:12: got the end of the text, expected "graph"`,
	} {
		require.Equal(t, []string{want}, faults(t, src), src)
		require.Error(t, grammarAccepts(src), src)
	}
}

// TestMalformedNodes puts each node on line 2, before a line with a fault of its
// own: that one is reported as well, at the same place.
func TestMalformedNodes(t *testing.T) {
	for _, c := range []struct{ node, want string }{
		{`%1 : = aten::x()`, `t:2:6: got "= aten::x()", expected a type`},
		{`%1 :`, `t:2:5: got the end of the line, expected a type`},
		{`%1 : Float(2, 3 = aten::x(%0)`, `t:2:11: '(' is not closed in the type`},
		{`%1 : int[ = aten::x(%0)`, `t:2:9: '[' is not closed in the type`},
		{`%1 %2 = aten::x()`, `t:2:4: got "%2", expected "," or "="`},
		{`%1, = aten::x()`, `t:2:5: got "=", expected a value such as %1`},
		{`%1`, `t:2:3: got the end of the line, expected "," or "="`},
		{`%1 = `, `t:2:5: got the end of the line, expected an op such as aten::mul`},
		{`%1 = relu(%0)`, `t:2:6: got "relu", expected an op such as aten::mul`},
		{`relu(%0)`, `t:2:1: got "relu", expected a node or return`},
		{`%1 = aten::(%0)`, `t:2:6: got "aten::", expected an op such as aten::mul`},
		{`%1 = ^(%0)`, `t:2:6: ^ without the name of a Python op behind it`},
		{`%1 = ^F((1, 2)(%0`, `t:2:6: parentheses of ^F are not closed on their line`},
		{`%1 = ^F[a=1](%0)`, `t:2:8: ^F: got "[", expected "("`},
		{`%1 = aten::x`, `t:2:13: aten::x: got the end of the line, expected "("`},
		{`%1 = aten::x(%0`, `t:2:16: aten::x: got the end of the line, expected "," or ")"`},
		{`%1 = aten::x(%0,)`, `t:2:17: aten::x: got ")", expected a value such as %1`},
		{`%1 = aten::x(%0 %2)`, `t:2:17: aten::x: got "%2", expected "," or ")"`},
		{`%1 = aten::x(0)`, `t:2:14: aten::x: got "0", expected a value such as %1`},
		{`%1 = aten::x(%)`, `t:2:14: aten::x: % without a name behind it`},
		{`%1 = aten::x() y`, `t:2:16: got "y", expected a node or return`},
		{`%1 = aten::x[a=1()`, `t:2:17: aten::x: got "(", expected "," or "]"`},
		{`%1 = aten::x[a=1`, `t:2:17: aten::x: attributes are not closed on their line`},
		{`%1 = aten::x[=1]()`, `t:2:14: aten::x: got "=", expected an attribute's name`},
		{`%1 = aten::x[a]()`, `t:2:15: aten::x: got "]", expected "="`},
		{`%1 = aten::x[a=]()`, `t:2:16: aten::x: got "]", expected a value`},
		{`%1 = aten::x[a=%0]()`, `t:2:16: aten::x: got "%0", expected a value`},
		{`%1 = aten::x[a=[1,]]()`, `t:2:19: aten::x: got "]", expected a value`},
		{`%1 = aten::x[a=(1]()`, `t:2:18: aten::x: got "]", expected "," or ")"`},
		{`%1 = aten::x[a={1: 2, 3}]()`, `t:2:24: aten::x: got "}", expected ":"`},
		{`%1 = aten::x[a={1: 2]()`, `t:2:21: aten::x: got "]", expected "," or "}"`},
		{`%1 = aten::x[a="b]()`, `t:2:16: aten::x: string is not closed on its line`},
		{`%1 = aten::x[a="b\`, `t:2:16: aten::x: string is not closed on its line`},
		{`%1 = aten::x[a=12ab]()`, `t:2:16: aten::x: malformed number "12ab"`},
		{`%1 = aten::x[a=-]()`, `t:2:16: aten::x: malformed number "-"`},
		{`%1 = aten::x[a=<Tensor]()`, `t:2:16: aten::x: got "<Tensor", expected <Tensor> or <Graph>`},
		{`%1 = aten::x[a=object(0x1]`, `t:2:16: aten::x: object( is not closed on its line`},
		{`%1 = aten::x[a= 1  2 ]()`, `t:2:17: aten::x: tensor print does not end in its type, as in [ CPUFloatType{2,3} ]`},
		{`%1 = aten::x[a=[ CPUFloatType{0} ()`, `t:2:16: aten::x: tensor print does not end in its type, as in [ CPUFloatType{2,3} ]`},
		{`%1 = aten::x[a=annotate(int 2)]()`, `t:2:29: aten::x: got "2", expected ","`},
		{`%1 = aten::x[a=f(1 2)]()`, `t:2:20: aten::x: got "2", expected "," or ")"`},
		{`%1 = aten::x[a=f("b" 2)]()`, `t:2:22: aten::x: got "2", expected "," or ")"`},
		{`block0():`, `t:2:1: got "block0", expected a node or return`},
		{`-> (%1)`, `t:2:1: got "->", expected a node or return`},
		{`é`, `t:2:1: unexpected character 'é'`},
		{"\x00", `t:2:1: unexpected character '\x00'`},
		{"\xff", `t:2:1: unexpected byte 0xff`},
	} {
		src := "graph(%0 : int):\n" + c.node + "\n%9 = aten::y(@)\nreturn ()\n"
		require.Equal(t, []string{c.want, `t:3:14: aten::y: unexpected character '@'`}, faults(t, src), c.node)
		require.Error(t, grammarAccepts("graph(%0 : int):\n"+c.node+"\nreturn ()\n"), c.node)
	}
}

// TestMalformedConstants holds what is well-formed by the grammar and still wrong.
func TestMalformedConstants(t *testing.T) {
	for _, c := range []struct{ node, want string }{
		{`%1 : Flaot(2) = aten::x()`, `t:2:6: unknown scalar type "Flaot"`},
		{`%1 : Float(2,,3) = aten::x()`, `t:2:14: got ",3)", expected a dimension or *`},
		{`%1 : Float(99999999999999999999) = aten::x()`, `t:2:12: 99999999999999999999 is too large for a signed 64-bit integer`},
		{`%1 = aten::x[t=[Float(-1)]]()`, `t:2:23: aten::x: got "-1)", expected a dimension or *`},
		{`%1 = aten::x[a=9223372036854775808]()`, `t:2:16: aten::x: 9223372036854775808 is too large for a signed 64-bit integer`},
		{`%1 = aten::x[a=[-9223372036854775809]]()`, `t:2:17: aten::x: -9223372036854775809 is too large for a signed 64-bit integer`},
		{`%1 = aten::x[a=1e999]()`, `t:2:16: aten::x: 1e999 is too large for a 64-bit float`},
		{`%1 = aten::x[a="b\q"]()`, `t:2:18: aten::x: unknown escape in a string, expected one of \abfnrtv"'?\ or three octal digits`},
		{`%1 = aten::x[a="\12"]()`, `t:2:17: aten::x: unknown escape in a string, expected one of \abfnrtv"'?\ or three octal digits`},
		{`%1 = aten::x[a="\777"]()`, `t:2:17: aten::x: unknown escape in a string, expected one of \abfnrtv"'?\ or three octal digits`},
		{`%1 = aten::x[a=annotate(1, 2)]()`, `t:2:25: aten::x: got "1", expected a type`},
		{`%1 = aten::x[a={"b"}]()`, `t:2:17: aten::x: got "b" in a tensor of one element, expected a number`},
		{`%1 = aten::x[a={(1, 2, 3)}]()`, `t:2:17: aten::x: got (1, 2, 3) in a tensor of one element, expected a number`},
		{`%1 = aten::x[a=(int, 2)[]]()`, `t:2:22: aten::x: got 2 in a tuple type, expected a type`},
		{`%1 = aten::x[a= 1  2 [ CPUFloatType{3} ]]()`, `t:2:17: aten::x: tensor print holds 2 numbers, its type CPUFloatType{3} asks for 3`},
		{`%1 = aten::x[a= 1  2 [ CPUFloatType{x} ]]()`, `t:2:17: aten::x: malformed sizes {x} of a tensor print`},
		{`%1 = aten::x[a=[ CPUFloatType{99999,99999} ]]()`, `t:2:16: aten::x: tensor print of CPUFloatType{99999,99999} is too large`},
		{`%1 = aten::x[a=(1,.,.) = 1 2 [ CPUFloatType{2} ]]()`, `t:2:16: aten::x: slice of a tensor print has 1 indices, its type CPUFloatType{2} asks for 0`},
		{`%1 = aten::x[a=(3,.,.) = 1 2 [ CPUFloatType{2,1,1} ]]()`, `t:2:16: aten::x: slice index 3 of a tensor print is outside of CPUFloatType{2,1,1}`},
		{`%1 = aten::x[a=(1,.,.) = 1 (1,.,.) = 2 [ CPUFloatType{2,1,1} ]]()`, `t:2:16: aten::x: slices of a tensor print do not fill its type CPUFloatType{2,1,1}`},
		{"%1 = prim::If(%0)\nblock1():\n-> ()", `t:3:1: got block1, expected block0 of prim::If`},
	} {
		src := "graph(%0 : int):\n" + c.node + "\nreturn ()\n"
		require.Equal(t, []string{c.want}, faults(t, src), c.node)
		requireGrammarAccepts(t, src)
	}
}

// TestAllErrors shows that a fault hides none of the others, in blocks, their
// headers, several types of a line, and subgraphs.
func TestAllErrors(t *testing.T) {
	require.Equal(t, []string{
		`t:1:12: unknown scalar type "Fleat"`,
		`t:1:27: unknown scalar type "Leng"`,
		`t:2:6: unknown scalar type "Bule"`,
		`t:2:41: prim::If: 99999999999999999999 is too large for a signed 64-bit integer`,
		`t:3:8: got ":", expected a value such as %1`,
		`t:4:11: a::b: % without a name behind it`,
		`t:5:7: got the end of the line, expected "," or ")"`,
		`t:6:13: got "!):", expected a type`,
		`t:9:29: got "c", expected an op such as aten::mul`,
		`t:10:3: got "oops", expected a node or return`,
		`t:10:7: got the end of the text, expected "return"`,
	}, faults(t, strings.Join([]string{
		"graph(%0 : Fleat(1), %1 : Leng(2)):",
		"%2 : Bule(2), %3 : int = prim::If[v=[1, 99999999999999999999]](%0)",
		"block0(:",
		"%4 = a::b(%",
		"-> (%4",
		"block1(%x : !):",
		"-> ()",
		"return ()",
		"with a::b_0 = graph(): %1 = c",
		"  oops",
	}, "\n")))
}

// TestErrorShowsTheLine is the whole of a message.
func TestErrorShowsTheLine(t *testing.T) {
	_, err := Parse("a/b.graph", []byte("graph(%0 : int):\r\n\t%1 = aten::mul(%0, 2)\r\n  return (%1)\r\n"))
	require.EqualError(t, err, "a/b.graph:2:21: error: aten::mul: got \"2\", expected a value such as %1\n"+
		"  \t%1 = aten::mul(%0, 2)\n  \t                   ^")
	_, err = Parse("t", []byte("%1 = aten::f()"))
	require.EqualError(t, err, "t:1:1: error: got \"%1\", expected \"graph\"\n  %1 = aten::f()\n  ^\n"+
		"help: give the text that torch::jit::Graph::toString() returns")
}

func TestDepthLimits(t *testing.T) {
	const deep = 10000
	repeat := strings.Repeat
	open, end := repeat("\nblock0():\n%2 = prim::If()", deep), repeat("\n-> ()", deep)
	for _, c := range []struct {
		node string
		want []string
	}{
		{"%1 = a::b[v=" + repeat("[", deep), []string{"t:2:270: a::b: values nest deeper than 256"}},
		{"%1 = a::b[v=" + repeat("{1: (", deep), []string{"t:2:654: a::b: values nest deeper than 256"}},
		{"%1 = a::b[v=" + repeat("annotate(int, ", deep), []string{"t:2:3611: a::b: values nest deeper than 256"}},
		{"%1 = a::b[v=" + repeat("f(x=", deep), []string{"t:2:1041: a::b: values nest deeper than 256"}},
		{"%1 = a::b[v=()" + repeat("[]", deep) + "]()", []string{`t:2:527: a::b: got "[]", expected "," or "]"`}},
		{"%1 : " + repeat("(", deep) + repeat(")", deep) + " = a::b()", []string{"t:2:262: types nest deeper than 256"}},
		{"%1 : int" + repeat("[]", deep) + " = a::b()", []string{"t:2:521: types nest deeper than 256"}},
		{"%1 : " + repeat("List[", deep) + repeat("]", deep) + " = a::b()", []string{"t:2:1286: types nest deeper than 256"}},
		{"%1 = prim::If()" + open + end, []string{"t:515:1: blocks nest deeper than 256"}},
		{"%1 = prim::If()" + open, []string{"t:513:1: block0 does not end in a line -> (...)", "t:515:1: blocks nest deeper than 256"}},
	} {
		require.Equal(t, c.want, faults(t, "graph():\n"+c.node+"\nreturn ()\n"))
	}
	parse(t, "graph():\n%1 : int"+repeat("[]", 255)+" = a::b[v="+repeat("[", 256)+repeat("]", 256)+"]()\nreturn ()\n")
	parse(t, "graph():\n%1 = prim::If()"+repeat("\nblock0():\n%2 = prim::If()", 256)+repeat("\n-> ()", 256)+"\nreturn ()\n")
}

func TestErrorsAreBounded(t *testing.T) {
	got := faults(t, "graph():\n"+strings.Repeat("x\n", 100000)+"return ()\n")
	require.Len(t, got, maxErrors+1)
	require.Equal(t, "t: more than 50 errors, the others are not shown", got[maxErrors])
}

// TestLexingIsLinear repeats what a scanner looks ahead for. Where it is
// quadratic one of these takes minutes.
func TestLexingIsLinear(t *testing.T) {
	for _, before := range []string{"graph():\n a::b[v=[", "graph():\n a::b(", "graph():\n %1 : "} {
		for _, s := range []string{"^a(", "[ a{", "(1,.,.) = ", "1 ", "1-", ",", ", scope: ", "#", "object(", "annotate(int,", "Columns 1 to ", "T[", "[<", "\"", "(1,", "%:::", "a::", "("} {
			require.NotEmpty(t, faults(t, before+strings.Repeat(s, 100000/len(s))))
		}
	}
}
