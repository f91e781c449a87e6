package ir

// A Region is a list of blocks that belongs to an op.
type Region struct {
	owner  *Op
	blocks []*Block
}

// NewRegion makes a region of the given blocks.
func NewRegion(blocks ...*Block) *Region {
	r := &Region{}
	for _, b := range blocks {
		r.Append(b)
	}
	return r
}

// Owner is the op that the region belongs to.
func (r *Region) Owner() *Op { return r.owner }

// Blocks of the region; callers must not change the slice.
func (r *Region) Blocks() []*Block { return r.blocks }

// Append adds a block at the end.
func (r *Region) Append(b *Block) {
	b.region = r
	r.blocks = append(r.blocks, b)
}

// ReplaceBlock puts another block in the place of old, which is taken apart with
// all its ops.
func (r *Region) ReplaceBlock(old, block *Block) {
	for i, b := range r.blocks {
		if b == old {
			r.blocks[i] = block
		}
	}
	block.region = r
	for op := old.first; op != nil; op = op.next {
		op.dropUses()
	}
	old.region = nil
}

// A Block is a list of ops with arguments.
type Block struct {
	region      *Region
	args        []*Value
	first, last *Op
	count       int
	ordered     bool
	symbols     map[string]*Op // by symbol name; nil until asked for
}

// NewBlock makes a block with arguments of the given types.
func NewBlock(args ...Type) *Block {
	b := &Block{}
	for _, t := range args {
		b.AddArg(t)
	}
	return b
}

// Region that holds the block.
func (b *Block) Region() *Region { return b.region }

// Owner is the op whose region holds the block, or nil.
func (b *Block) Owner() *Op {
	if b.region == nil {
		return nil
	}
	return b.region.owner
}

// Args of the block; callers must not change the slice.
func (b *Block) Args() []*Value { return b.args }

// Arg i.
func (b *Block) Arg(i int) *Value { return b.args[i] }

// AddArg appends an argument.
func (b *Block) AddArg(t Type) *Value {
	v := &Value{typ: t, block: b, index: len(b.args)}
	b.args = append(b.args, v)
	return v
}

// InsertArg adds an argument at position i.
func (b *Block) InsertArg(i int, t Type) *Value {
	v := &Value{typ: t, block: b}
	b.args = append(b.args, nil)
	copy(b.args[i+1:], b.args[i:])
	b.args[i] = v
	for j := i; j < len(b.args); j++ {
		b.args[j].index = j
	}
	return v
}

// EraseArg removes argument i, which must be unused.
func (b *Block) EraseArg(i int) {
	b.EraseArgs(func(a *Value) bool { return a.index == i })
}

// EraseArgs removes the arguments for which drop holds, which must be unused.
func (b *Block) EraseArgs(drop func(a *Value) bool) {
	var kept []*Value
	for _, a := range b.args {
		if !drop(a) {
			kept = append(kept, a)
		}
	}
	for i, a := range kept {
		a.index = i
	}
	b.args = kept
}

// First op or nil.
func (b *Block) First() *Op { return b.first }

// Last op or nil; in a complete block it is the terminator.
func (b *Block) Last() *Op { return b.last }

// Len is the number of ops.
func (b *Block) Len() int { return b.count }

// Ops lists the ops; the slice is fresh, so the block may be changed while going
// through it.
func (b *Block) Ops() []*Op {
	out := make([]*Op, 0, b.count)
	for op := b.first; op != nil; op = op.next {
		out = append(out, op)
	}
	return out
}

// Append adds op, which must be detached, at the end.
func (b *Block) Append(op *Op) {
	op.block, op.prev, op.next = b, b.last, nil
	if b.last != nil {
		b.last.next = op
		op.order = b.last.order + 1
	} else {
		b.first = op
		b.ordered = true
	}
	b.last = op
	b.count++
	b.addSymbol(op)
}

// InsertBefore adds op, which must be detached, before another op of the block;
// nil means at the end.
func (b *Block) InsertBefore(op, before *Op) {
	if before == nil {
		b.Append(op)
		return
	}
	op.block, op.prev, op.next = b, before.prev, before
	if before.prev != nil {
		before.prev.next = op
	} else {
		b.first = op
	}
	before.prev = op
	b.count++
	b.ordered = false
	b.addSymbol(op)
}

// Symbol is the op of the block that has the symbol name, or nil; the first if
// several have it.
func (b *Block) Symbol(name string) *Op {
	if b.symbols == nil {
		b.symbols = map[string]*Op{}
		for op := b.first; op != nil; op = op.next {
			b.addSymbol(op)
		}
	}
	return b.symbols[name]
}

// dropSymbol forgets the name of op.
func (b *Block) dropSymbol(op *Op) {
	if b.symbols == nil {
		return
	}
	if name, ok := op.Attr(SymbolName).(StringAttr); ok && b.symbols[string(name)] == op {
		delete(b.symbols, string(name))
	}
}

func (b *Block) addSymbol(op *Op) {
	if b.symbols == nil {
		return
	}
	if name, ok := op.Attr(SymbolName).(StringAttr); ok && b.symbols[string(name)] == nil {
		b.symbols[string(name)] = op
	}
}

// number gives the ops of the block increasing order numbers if an insertion has
// spoilt them; removal does not.
func (b *Block) number() {
	if b.ordered {
		return
	}
	n := 0
	for op := b.first; op != nil; op = op.next {
		op.order = n
		n++
	}
	b.ordered = true
}
