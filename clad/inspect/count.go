package inspect

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/clad/llvmir"
)

var (
	heapCall = regexp.MustCompile(`^(malloc|calloc|realloc|free|aligned_alloc|posix_memalign|memalign|_Zn[wa]\w+|_Zd[la]\w+|_ZSt\w*alloc\w*)$`)
	tapeCall = regexp.MustCompile(`4clad(4push|3pop|4back|9tape_impl|15restore_tracker)|clad::(push|pop|back|tape|restore_tracker)`)
	// Intrinsics that stay calls of the library in machine code, as a rule.
	mathCall = regexp.MustCompile(`^llvm\.(exp|exp2|exp10|log|log2|log10|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|pow|ldexp)\.(?:v(\d+))?f(32|64)$`)
	memCall  = regexp.MustCompile(`^llvm\.(memcpy|memmove|memset)\.`)
	// Intrinsics that compute with floating-point numbers.
	fpCall = regexp.MustCompile(`^llvm\.(fma|fmuladd|sqrt|fabs|minnum|maxnum|minimum|maximum|floor|ceil|trunc|rint|nearbyint|round|roundeven|copysign|exp|exp2|log|log2|log10|sin|cos|tan|pow|powi|ldexp|vector\.reduce\.f\w+)\.`)
)

var fpOps = map[string]bool{"fadd": true, "fsub": true, "fmul": true, "fdiv": true, "frem": true, "fneg": true, "fcmp": true}

// count counts the instructions of blocks.
func (c *collector) count(blocks []*llvmir.Block) Counts {
	n := Counts{Calls: map[string]int{}}
	for _, b := range blocks {
		for i := range b.Instructions {
			c.countOne(&n, &b.Instructions[i])
		}
	}
	return n
}

func (c *collector) countOne(n *Counts, in *llvmir.Instruction) {
	if in.IsCall() && strings.HasPrefix(in.Callee, "llvm.dbg.") {
		return
	}
	n.Instructions++
	fp := fpOps[in.Op]
	switch {
	case in.Op == "load":
		n.Loads++
	case in.Op == "store":
		n.Stores++
	case in.Op == "shufflevector":
		n.Shuffles++
	case in.Op == "frem" && in.Type.Elem == "float":
		n.Calls["fmodf"]++
	case in.Op == "frem":
		n.Calls["fmod"]++
	case in.IsCall():
		fp = c.countCall(n, in)
	}
	if (in.Op == "load" || in.Op == "store") && in.Type.Lanes > 1 {
		n.VectorMemory++
	}
	if fp {
		n.FP++
		if in.Type.Lanes > 1 || in.Type.Scalable || strings.HasPrefix(in.Callee, "llvm.vector.reduce.") {
			n.VectorFP++
		}
	}
}

// countCall counts a call, and reports whether it is an operation on floating-point
// numbers.
func (c *collector) countCall(n *Counts, in *llvmir.Instruction) (fp bool) {
	name := in.Callee
	switch {
	case name == "":
		n.Calls["(indirect)"]++
	case strings.HasPrefix(name, "llvm.masked.gather."), strings.HasPrefix(name, "llvm.vp.gather."):
		n.Gathers++
	case strings.HasPrefix(name, "llvm.masked.scatter."), strings.HasPrefix(name, "llvm.vp.scatter."):
		n.Scatters++
	case strings.HasPrefix(name, "llvm.masked.load."):
		n.Loads++
		n.VectorMemory++
	case strings.HasPrefix(name, "llvm.masked.store."):
		n.Stores++
		n.VectorMemory++
	case strings.HasPrefix(name, "llvm.fma."), strings.HasPrefix(name, "llvm.fmuladd."):
		n.FMA++
	case mathCall.MatchString(name):
		m := mathCall.FindStringSubmatch(name)
		lanes, err := strconv.Atoi(m[2])
		if err != nil {
			lanes = 1
		}
		n.Calls[m[1]+map[string]string{"32": "f", "64": ""}[m[3]]] += lanes // of a vector: one for each lane
	case memCall.MatchString(name):
		n.Calls[memCall.FindStringSubmatch(name)[1]]++
	case name == "asm":
		n.Calls["(asm)"]++
	case !strings.HasPrefix(name, "llvm."):
		n.Calls[c.called(name)]++
		if heapCall.MatchString(name) {
			n.Heap++
		}
		if tapeCall.MatchString(name) {
			n.Tape++
		}
	}
	return fpCall.MatchString(name)
}
