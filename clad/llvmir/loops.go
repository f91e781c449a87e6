package llvmir

// Loops are the loops of a function.
type Loops struct {
	All  []*Loop          // outer loops before those inside them
	Of   map[*Block]*Loop // the innermost loop of a block
	Idom []*Block         // by Block.Index: the immediate dominator, nil for the entry and unreachable blocks
}

// Loop is a natural loop.
type Loop struct {
	Header   *Block
	Latches  []*Block
	Own      []*Block // those that are in no loop inside l, in the function's order
	Parent   *Loop
	Children []*Loop
	Depth    int // 1 for an outermost loop
	// Node is its !llvm.loop, nil if it has none.
	Node *LoopNode
	top  *Loop // towards the outermost loop found so far
}

// Innermost reports whether no loop is inside l.
func (l *Loop) Innermost() bool { return len(l.Children) == 0 }

// Blocks are all blocks of l, those of the loops inside last.
func (l *Loop) Blocks() []*Block {
	var out []*Block
	work := []*Loop{l}
	for len(work) > 0 {
		at := work[len(work)-1]
		work = append(work[:len(work)-1], at.Children...)
		out = append(out, at.Own...)
	}
	return out
}

// FindLoops finds the natural loops of f: for each block that one it dominates jumps
// back to, all blocks that reach such a jump without passing the header.
func (m *Module) FindLoops(f *Function) *Loops {
	ls := &Loops{Of: map[*Block]*Loop{}}
	if len(f.Blocks) == 0 {
		return ls
	}
	order, dom := dominators(f)
	ls.Idom = dom.idom(f)
	// Headers in postorder: inner loops come before those around them.
	for i := len(order) - 1; i >= 0; i-- {
		h := order[i]
		var latches []*Block
		for _, p := range h.Preds {
			if dom.reached(p) && dom.dominates(h, p) {
				latches = append(latches, p)
			}
		}
		if len(latches) > 0 {
			l := &Loop{Header: h, Latches: latches}
			ls.All = append(ls.All, l)
			ls.discover(l, dom)
		}
	}
	ls.fill(m, f)
	return ls
}

// discover walks back from the latches of l; a loop found on the way is inside l.
func (ls *Loops) discover(l *Loop, dom *tree) {
	work := append([]*Block{}, l.Latches...)
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		inner := ls.Of[b]
		if inner == nil {
			if !dom.reached(b) {
				continue
			}
			ls.Of[b] = l
			if b != l.Header {
				work = append(work, b.Preds...)
			}
			continue
		}
		inner = inner.outermost()
		if inner == l {
			continue
		}
		inner.Parent, inner.top = l, l
		for _, p := range inner.Header.Preds {
			if at := ls.Of[p]; at == nil || at.outermost() != l {
				work = append(work, p)
			}
		}
	}
}

// outermost halves the way on each call, so that deep nests cost no square.
func (l *Loop) outermost() *Loop {
	for l.top != nil {
		if l.top.top != nil {
			l.top = l.top.top
		}
		l = l.top
	}
	return l
}

// fill sets blocks, children and depths, and orders the loops.
func (ls *Loops) fill(m *Module, f *Function) {
	for i, j := 0, len(ls.All)-1; i < j; i, j = i+1, j-1 {
		ls.All[i], ls.All[j] = ls.All[j], ls.All[i]
	}
	for _, l := range ls.All { // outer loops come first now
		l.Depth = 1
		if l.Parent != nil {
			l.Depth = l.Parent.Depth + 1
			l.Parent.Children = append(l.Parent.Children, l)
		}
		for _, b := range l.Latches {
			if n := len(b.Instructions); n > 0 && l.Node == nil && b.Instructions[n-1].loop >= 0 {
				l.Node = m.loopNode(b.Instructions[n-1].loop)
			}
		}
	}
	for _, b := range f.Blocks {
		if l := ls.Of[b]; l != nil {
			l.Own = append(l.Own, b)
		}
	}
}
