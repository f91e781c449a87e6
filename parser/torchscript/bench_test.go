package torchscript

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// layers is a graph of n nodes, about 120 bytes each, as the tracer prints them.
func layers(n int) string {
	var b strings.Builder
	b.WriteString("graph(%0 : Float(1024, 64, strides=[64, 1], requires_grad=1, device=cpu)):\n")
	for i := 1; i < n; i += 2 {
		fmt.Fprintf(&b, "  %%%d : float = prim::Constant[value=%d.5]() # /home/user/model/layers.py:%d:8\n", i, i, i)
		fmt.Fprintf(&b, "  %%%d : Float(1024, %d, strides=[64, 1], requires_grad=1, device=cpu) = aten::mul(%%%d, %%%d), "+
			"scope: __module.layers.%d # /home/user/model/layers.py:%d:8\n", i+1, i%97, i-1, i, i/100, i)
	}
	fmt.Fprintf(&b, "  return (%%%d)\n", n)
	return b.String()
}

// BenchmarkParse10000Nodes is the target that the parser is built for: well
// under 100 ms.
func BenchmarkParse10000Nodes(b *testing.B) {
	benchmark(b, []byte(layers(10000)))
}

func BenchmarkParseBlock(b *testing.B) {
	src, err := os.ReadFile(observed + "/gpt2_block.graph")
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, src)
}

func benchmark(b *testing.B, src []byte) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("bench.graph", src); err != nil {
			b.Fatal(err)
		}
	}
}
