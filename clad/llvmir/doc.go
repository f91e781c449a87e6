// Package llvmir reads LLVM IR as text and finds the loops in it.
//
// It stands above diag only, and below clad/inspect, which makes facts of what it
// finds. The reader is tolerant: it knows the form of LLVM's text, not the meaning of
// every word in it, so that the IR of clang 14, 16 and 19, with typed or opaque
// pointers and with debug information in either form, reads alike. What it does not
// know it counts and reports in [Module.Notes]; it drops nothing silently, panics on
// nothing and takes time in proportion to the text.
//
//	m := llvmir.Read(text)
//	for _, f := range m.Functions {
//		for _, l := range m.FindLoops(f).All {
//			fmt.Println(f.Name, l.Header.Label, l.Depth, l.Innermost())
//		}
//	}
//
// Loops are those of LLVM's LoopInfo: natural loops, one for each header, nested by
// their blocks. It does not verify: text that LLVM refuses may read without a note.
package llvmir
