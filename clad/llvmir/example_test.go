package llvmir_test

import (
	"fmt"

	"github.com/cladopt/cladopt/clad/llvmir"
)

func Example() {
	m := llvmir.Read(`
define void @scale(ptr %x, i64 %n) {
  br label %loop

loop:
  %i = phi i64 [ 0, %0 ], [ %next, %loop ]
  %p = getelementptr <8 x float>, ptr %x, i64 %i
  %v = load <8 x float>, ptr %p, align 4
  %w = fmul contract <8 x float> %v, %v
  store <8 x float> %w, ptr %p, align 4
  %next = add brandnew i64 %i, 1
  %done = icmp eq i64 %next, %n
  br i1 %done, label %out, label %loop

out:
  ret void
}`)
	for _, f := range m.Functions {
		for _, l := range m.FindLoops(f).All {
			for _, in := range l.Header.Instructions {
				if in.Type.IsFloat() && in.Op != "getelementptr" {
					fmt.Println(f.Name, l.Header.Label, in.Op, in.Type.Lanes, in.Type.Elem)
				}
			}
		}
	}
	for _, n := range m.Notes {
		fmt.Printf("line %d: %s\n", n.Line, n.What)
	}
	// Output:
	// scale loop load 8 float
	// scale loop fmul 8 float
	// scale loop store 8 float
	// line 11: unknown word "brandnew"
}
