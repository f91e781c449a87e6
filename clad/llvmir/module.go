package llvmir

// Module is what was read of one text.
type Module struct {
	Functions []*Function // with a body, in order
	Declared  []string    // functions without one

	// Notes say what was not understood: the first maxNotes of them. Unknown counts all.
	Notes   []Note
	Unknown int

	text      string
	byName    map[string]*Function
	nodes     map[int]node
	locations map[int]*Location
}

// Function is the function with a symbol, nil if it has no body here.
func (m *Module) Function(symbol string) *Function { return m.byName[symbol] }

// Note is something in the text that the reader does not know.
type Note struct {
	Line int    // of the text, from 1
	What string // "unknown word samesign"
}

const maxNotes = 100

// Function is a function with a body.
type Function struct {
	Name   string
	Line   int // of its define
	Blocks []*Block
	// Internal says that nothing outside the module sees it.
	Internal bool
	// Program is its debug information, nil without.
	Program *Subprogram
	// Text is the function as it was read, define to brace.
	Text string
}

// Block is a basic block.
type Block struct {
	Label        string
	Instructions []Instruction
	Succs, Preds []*Block // without repetition
	Index        int      // its place among the function's blocks
	targets      []string
}

// Instruction is one instruction, as far as the reader looks.
type Instruction struct {
	Line   int // of the text
	Op     string
	Result string // "" if it has none
	// Type is the first type written: of the operands, for a call of the result, for a
	// load what is loaded.
	Type Type
	// Callee of a call or invoke: a function, "asm", or "" for one that is computed.
	Callee string
	// Contract says that a product and a sum may become one operation.
	Contract bool
	Location *Location // nil if it has none
	loop     int       // the node of !llvm.loop, -1 if none
}

// IsCall reports whether in calls something.
func (in *Instruction) IsCall() bool {
	return in.Op == "call" || in.Op == "invoke" || in.Op == "callbr"
}

// Type is a type of LLVM: a scalar, a vector of scalars, or anything else.
type Type struct {
	Elem     string // element of a vector; "" for arrays, structures and names
	Lanes    int    // 1 for a scalar, 0 where Elem is ""
	Scalable bool
	Bytes    int64 // 0 if it is not known here
}

// IsFloat reports whether t is of floating-point numbers.
func (t Type) IsFloat() bool { return floatTypes[t.Elem] }

// Location is a place in the source.
type Location struct {
	File         string
	Line, Column int
	Function     string // the function whose text it is in
	InlinedAt    *Location
}

// Subprogram is the debug information of a function.
type Subprogram struct {
	Name string // as the source has it, without parameters
	File string
	Line int
}
