package inspect_test

import (
	"io"
	"os"
	"testing"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/inspect"
)

// FuzzCollect wants facts of anything, and that they can be written.
func FuzzCollect(f *testing.F) {
	source, err := os.ReadFile("testdata/kernels.cpp")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(source), `define void @_ZL5saxpyPKfPf(ptr %x) !dbg !4 {
  br label %loop
loop:
  br i1 true, label %loop, label %out, !dbg !6, !llvm.loop !7
out:
  %v = call float @lgammaf(float 1.0), !dbg !6
  ret void
}
!1 = !DIFile(filename: "graph.cpp")
!4 = !DISubprogram(name: "saxpy", file: !1, line: 8)
!6 = !DILocation(line: 9, column: 3, scope: !4)
!7 = !{!7, !6, !6}`,
		"--- !Missed\nPass: loop-vectorize\nName: MissedDetails\nDebugLoc: { File: graph.cpp, Line: 9, Column: 3 }\nFunction: _ZL5saxpyPKfPf\n...\n",
		"_ZL5saxpyPKfPf:\n.LBB0_1: # =>This Inner Loop Header: Depth=1\n\t.loc 1 9 3\n\tvfmadd231ps %zmm0\n.Lfunc_end0:\n")
	f.Fuzz(func(t *testing.T, source, ir, records, assembly string) {
		facts := inspect.Collect(inspect.Input{Source: source, IR: ir, Records: records, Assembly: assembly,
			Kernels: []abi.Kernel{{Name: "saxpy", Pullback: "call"}, {Name: "call"}}})
		facts.WriteFacts(io.Discard)
		facts.WriteTable(io.Discard)
		for _, x := range facts.Functions {
			x.WriteIR(io.Discard)
		}
		for _, h := range inspect.Hooks() {
			inspect.Run(h, facts)
		}
	})
}
