package torchscript_test

import (
	"fmt"

	"github.com/cladopt/cladopt/parser/torchscript"
)

func ExampleParse() {
	f, err := torchscript.Parse("square.graph", []byte(`graph(%x : Float(4, 8, requires_grad=1)):
  %1 : Float(4, 8, requires_grad=1) = aten::mul(%x, %x)
  return (%1)
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range f.Graph.Nodes {
		fmt.Println(n.Op, n.Outputs[0].Type.DType, n.Outputs[0].Type.Dims)
	}
	// Output: aten::mul Float [4 8]
}

func ExampleParse_malformed() {
	_, err := torchscript.Parse("bad.graph", []byte(`graph(%x : Flaot(4)):
  %1 : Float(4) = aten::mul(%x, 2)
  return (%1)
`))
	fmt.Println(err)
	// Output:
	// bad.graph:1:12: error: unknown scalar type "Flaot"
	//   graph(%x : Flaot(4)):
	//              ^
	// bad.graph:2:33: error: aten::mul: got "2", expected a value such as %1
	//     %1 : Float(4) = aten::mul(%x, 2)
	//                                   ^
}
