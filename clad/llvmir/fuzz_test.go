package llvmir_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cladopt/cladopt/clad/llvmir"
)

// FuzzRead wants the reader to end on any text, and its dominators and loops to be
// what their definitions say.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ll")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("define void @f() {\n  invoke void @g()\n to label %a unwind label %b\na:\n ret void\nb:\n br label %b, !dbg !1, !llvm.loop !2\n}\n!1 = !DILocation(line: 1, scope: !1, inlinedAt: !1)\n!2 = !{!2, !1}")
	f.Add("define i32 @f(i32) {\n  switch i32 %0, label %2 [\n i32 0, label %1\n]\n  br label %1\n%x = alloca [3 x <4 x {i8}>]\n}")
	f.Add("define void @f( {\n\"a\":call void asm \"\", \"\"()\n #dbg_value(\n!")
	f.Fuzz(func(t *testing.T, text string) {
		m := llvmir.Read(text)
		for _, fn := range m.Functions {
			checkLoops(t, m, fn)
		}
	})
}

// checkLoops holds loops and dominators against their definitions, for functions that
// are small enough.
func checkLoops(t *testing.T, m *llvmir.Module, f *llvmir.Function) {
	ls := m.FindLoops(f)
	const most = 40
	if len(f.Blocks) == 0 || len(f.Blocks) > most {
		return
	}
	entry := f.Blocks[0]
	reached := reach(entry, nil)
	dominates := func(a, b *llvmir.Block) bool { return reached[b] && (a == b || !reach(entry, a)[b]) }
	for _, b := range f.Blocks {
		idom := ls.Idom[b.Index]
		if idom == nil {
			if reached[b] && b != entry {
				t.Fatalf("block %s is reached and has no dominator", b.Label)
			}
			continue
		}
		if !dominates(idom, b) {
			t.Fatalf("%s does not dominate %s", idom.Label, b.Label)
		}
		for _, d := range f.Blocks { // every other dominator dominates the nearest
			if d != b && reached[d] && dominates(d, b) && !dominates(d, idom) {
				t.Fatalf("%s is nearer to %s than %s", d.Label, b.Label, idom.Label)
			}
		}
	}
	headers := map[*llvmir.Block]*llvmir.Loop{}
	for _, l := range ls.All {
		headers[l.Header] = l
	}
	if len(headers) != len(ls.All) {
		t.Fatal("two loops have one header")
	}
	for _, h := range f.Blocks {
		// All that reaches a jump back to h without passing h.
		body := map[*llvmir.Block]bool{}
		for _, p := range h.Preds {
			if reached[p] && dominates(h, p) {
				body[h] = true
				collect(body, reached, p)
			}
		}
		l := headers[h]
		if (l != nil) != body[h] {
			t.Fatalf("is %s a header? %t", h.Label, body[h])
		}
		if l == nil {
			continue
		}
		blocks := l.Blocks()
		if len(blocks) != len(body) {
			t.Fatalf("the loop of %s has %d blocks, want %d", h.Label, len(blocks), len(body))
		}
		depth := 0
		for _, b := range blocks {
			if !body[b] {
				t.Fatalf("%s is not in the loop of %s", b.Label, h.Label)
			}
		}
		for _, o := range ls.All {
			for _, b := range o.Blocks() {
				if b == h {
					depth++
				}
			}
		}
		if depth != l.Depth {
			t.Fatalf("the loop of %s has depth %d, want %d", h.Label, l.Depth, depth)
		}
	}
}

// reach is what can be reached from a block without passing another.
func reach(from, without *llvmir.Block) map[*llvmir.Block]bool {
	seen := map[*llvmir.Block]bool{}
	if from == without {
		return seen
	}
	seen[from] = true
	for work := []*llvmir.Block{from}; len(work) > 0; {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		for _, s := range b.Succs {
			if s != without && !seen[s] {
				seen[s] = true
				work = append(work, s)
			}
		}
	}
	return seen
}

func collect(body, reached map[*llvmir.Block]bool, b *llvmir.Block) {
	if body[b] || !reached[b] {
		return
	}
	body[b] = true
	for _, p := range b.Preds {
		collect(body, reached, p)
	}
}
