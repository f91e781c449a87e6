package torchscript

import (
	"errors"
	"os"
	"testing"

	"github.com/cladopt/cladopt/diag"
)

// FuzzParse checks on any text that Parse ends, that its errors are located in
// the text, and that what it accepts is in the grammar and prints to something
// that reads and prints the same.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"square_sum", "unsupported_svd", "scalar_promotion"} {
		src, err := os.ReadFile(observed + "/" + name + ".graph")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	for _, seed := range []string{
		"graph(%0 : Float(2, SS(-1), strides=[3, *], requires_grad=1, device=cuda:0)?[], %1):\n  return (%0)\n",
		"graph():\n  %1 : NamedTuple(a : Dict(str, (int, t)), b : Union(int, Enum<A.B>)) = a::b()\n  return (%1)\n",
		"graph():\n %1 = a::b[v=[1, -2., 0.+2.j, nan], w=\"\\n\\001\\0)+\", x={\"a\": (1,)}, y={(0,2)}](%0), scope: m # f.py:1:2\n return ()",
		"graph():\n = a::b[v= 1  2 [ CPUFloatType{2} ], w=(1,.,.) = 1 [ CPUFloatType{1,1,1} ], x=[<Tensors>], y=annotate(List[int], [])]()\n return ()",
		"graph():\n = a::b[v=(int, None)[]?, w=torch.device(\"cpu\", x=1), y=A.B, z=object(0x1)]() return ()",
		"graph():\n %1 = prim::If(%0)\n  block0(%2 : int):\n   %3 = ^P((1), x)(%2)\n   -> (%3)\n  block1():\n   -> ()\n return (%1)\nwith a::b_0 = graph(): return ()",
		"graph(:\n %1 = \n a::b(%\n block1(\n-> (\nreturn",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, err := Parse("t", []byte(src))
		if err != nil {
			checkLocated(t, src, err)
			return
		}
		if err := grammarAccepts(src); err != nil {
			t.Fatalf("Parse accepts what Grammar does not: %v", err)
		}
		once := reprint(t, file.String())
		if twice := reprint(t, once); twice != once {
			t.Fatalf("printed\n%s\nthen\n%s", once, twice)
		}
	})
}

// reprint reads what was printed and prints it.
func reprint(t *testing.T, text string) string {
	t.Helper()
	f, err := Parse("t", []byte(text))
	if err != nil {
		t.Fatalf("what was printed does not read: %v\n%s", err, text)
	}
	return f.String()
}

func checkLocated(t *testing.T, src string, err error) {
	t.Helper()
	var list *diag.List
	if !errors.As(err, &list) || list.Len() == 0 {
		t.Fatalf("not a list of errors: %v", err)
	}
	for i, e := range diag.All(err) {
		if !e.Pos.Known() && i < maxErrors {
			t.Fatalf("no position: %v", e)
		}
		if line := diag.Line(src, e.Pos.Line); e.Pos.Known() && (e.Pos.Col < 1 || e.Pos.Col > len(line)+1 || e.Source != line) {
			t.Fatalf("%v is outside of its line %q, source %q", e, line, e.Source)
		}
	}
}
