package inspect

// Facts are what is known of the functions of one text.
type Facts struct {
	Engine    string      `json:"engine"`
	Compiler  string      `json:"compiler"`
	Stage     string      `json:"after"` // simplify, vectorize, final
	Functions []*Function `json:"functions"`
	// Absent are kernels of which no function is left: they were inlined, or compute nothing.
	Absent []string `json:"absent"`
	// Notes say what in the IR and the records was not understood; Unknown counts it.
	Notes   []string `json:"notes"`
	Unknown int      `json:"unknown"`
}

// The roles of functions.
const (
	Forward  = "forward"  // a kernel
	Pullback = "pullback" // of a kernel
	Helper   = "helper"   // called by kernels, such as a matrix product
	Entry    = "entry"    // of the library, or what holds kernels that were inlined
)

// Function is what is known of one function.
type Function struct {
	Name   string   `json:"name"`   // k0, k0_pullback_first, gemm_tile<float, 6, 4, 0>
	Symbol string   `json:"symbol"` // as the linker sees it
	Role   string   `json:"role"`
	For    []string `json:"for,omitempty"` // the kernels that call a helper
	Places string   `json:"places"`        // lines of the graph: mlp.graph:2,4-6
	Ops    []string `json:"ops"`

	Counts
	Blocks      int     `json:"blocks"`
	AllLoops    int     `json:"all_loops"` // in the IR, with those that vectorisation adds
	MaxDepth    int     `json:"max_depth"`
	Loops       []*Loop `json:"loops"` // inner loops of the C++
	Allocas     int     `json:"allocas"`
	AllocaBytes int64   `json:"alloca_bytes"` // 0 if not known
	// Of machine code, after all passes only.
	Machine *Machine `json:"machine,omitempty"`
	// IR is the function's text.
	IR string `json:"ir,omitempty"`
	// headers are the loops by the label of the block they start with.
	headers map[string]*Loop
}

// Counts are instructions of IR.
type Counts struct {
	Instructions int `json:"instructions"`
	FP           int `json:"fp"`        // operations on floating-point numbers, a vector's once
	VectorFP     int `json:"vector_fp"` // of these, on vectors
	FMA          int `json:"fma"`       // calls of llvm.fma and llvm.fmuladd
	Loads        int `json:"loads"`
	Stores       int `json:"stores"`
	VectorMemory int `json:"vector_memory"` // loads and stores of vectors
	Gathers      int `json:"gathers"`
	Scatters     int `json:"scatters"`
	Shuffles     int `json:"shuffles"`
	// Calls that are left, by name; of these Heap allocates or frees, and Tape is Clad's.
	Calls map[string]int `json:"calls"`
	Heap  int            `json:"heap"`
	Tape  int            `json:"tape"`
}

// Machine is what is known of machine code.
type Machine struct {
	Instructions int64 `json:"instructions"`
	Stack        int64 `json:"stack"` // bytes
	Spills       int64 `json:"spills"`
	Reloads      int64 `json:"reloads"`
	FMA          int   `json:"fma"`
	// Calls by name: what the intrinsics of IR became.
	Calls map[string]int `json:"calls"`
}

// What became of a loop.
const (
	Vectorized = "vectorized" // by the loop vectoriser
	Vector     = "vector"     // computes with vectors, by the SLP vectoriser or as written
	Unrolled   = "unrolled"   // in full, and computes with scalars: there is no loop left
	Idiom      = "idiom"      // a call of memset or memcpy
	Deleted    = "deleted"
	Once       = "once" // is written as a loop and runs once
	Scalar     = "scalar"
	Outer      = "outer" // has loops inside, of which none is left
)

// Loop is an inner loop of the C++, or an outer one that has become innermost since
// the loops inside it were unrolled or became calls.
type Loop struct {
	Line   int      `json:"line"` // of the C++
	Column int      `json:"column"`
	In     string   `json:"in,omitempty"` // the function it is written in, if inlined from another
	Source string   `json:"source"`       // its line
	Places string   `json:"places"`
	Ops    []string `json:"ops"`
	Depth  int      `json:"depth"`

	State      string `json:"state"`
	Width      int    `json:"width"`              // lanes; 1 for a scalar loop
	Scalable   bool   `json:"scalable,omitempty"` // Width times what the processor has
	Interleave int    `json:"interleave"`
	Unroll     int    `json:"unroll"` // how often, 1 if not
	// Counts are those of the main body, without what handles the rest of the iterations;
	// of a loop that is not there any more, what is left of its lines.
	Counts
	// Machine is nil where the loop has no machine code of its own, or it was not asked for.
	Machine *Machine `json:"machine,omitempty"`
	// Reason says why it was not vectorised: of Scalar and Unrolled loops.
	Reason string `json:"reason,omitempty"`
}
