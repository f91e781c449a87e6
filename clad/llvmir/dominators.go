package llvmir

// tree is a dominator tree, with the times at which a walk over it enters and leaves
// each block: one dominates another if its interval holds the other's.
type tree struct {
	parent      []int // immediate dominators, by Block.Index; -1 for the entry
	enter, exit []int // 0 for blocks that are not reached
}

// dominators builds the tree after Lengauer and Tarjan, A Fast Algorithm for Finding
// Dominators in a Flowgraph (1979), the simple version, without recursion. It returns
// the reached blocks in reverse postorder as well.
func dominators(f *Function) ([]*Block, *tree) {
	n := len(f.Blocks)
	walk := depthFirst(f)
	count := len(walk.vertex)
	semi := make([]int, count) // all below are places in the walk
	label := make([]int, count)
	ancestor := make([]int, count)
	idom := make([]int, count)
	bucket := make([][]int, count)
	for i := range semi {
		semi[i], label[i], ancestor[i] = i, i, -1
	}
	var path []int
	eval := func(v int) int {
		if ancestor[v] < 0 {
			return label[v]
		}
		path = path[:0]
		for u := v; ancestor[ancestor[u]] >= 0; u = ancestor[u] {
			path = append(path, u)
		}
		for i := len(path) - 1; i >= 0; i-- {
			u := path[i]
			a := ancestor[u]
			if semi[label[a]] < semi[label[u]] {
				label[u] = label[a]
			}
			ancestor[u] = ancestor[a]
		}
		return label[v]
	}
	for w := count - 1; w > 0; w-- {
		for _, p := range walk.vertex[w].Preds {
			if v := walk.number[p.Index]; v >= 0 {
				semi[w] = min(semi[w], semi[eval(v)])
			}
		}
		bucket[semi[w]] = append(bucket[semi[w]], w)
		parent := walk.parent[w]
		ancestor[w] = parent
		for _, v := range bucket[parent] {
			if u := eval(v); semi[u] < semi[v] {
				idom[v] = u
			} else {
				idom[v] = parent
			}
		}
		bucket[parent] = nil
	}
	for w := 1; w < count; w++ {
		if idom[w] != semi[w] {
			idom[w] = idom[idom[w]]
		}
	}
	t := &tree{make([]int, n), make([]int, n), make([]int, n)}
	children := make([][]int, n)
	for i := range t.parent {
		t.parent[i] = -1
	}
	for w := 1; w < count; w++ {
		b, d := walk.vertex[w].Index, walk.vertex[idom[w]].Index
		t.parent[b] = d
		children[d] = append(children[d], b)
	}
	t.number(children)
	return walk.order, t
}

// number walks over the tree.
func (t *tree) number(children [][]int) {
	time := 1
	t.enter[0] = time
	type frame struct{ at, next int }
	stack := []frame{{}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		time++
		if top.next == len(children[top.at]) {
			t.exit[top.at] = time
			stack = stack[:len(stack)-1]
			continue
		}
		c := children[top.at][top.next]
		top.next++
		t.enter[c] = time
		stack = append(stack, frame{at: c})
	}
}

func (t *tree) reached(b *Block) bool { return t.enter[b.Index] > 0 }

// dominates reports whether every way to b, a reached block, leads over a.
func (t *tree) dominates(a, b *Block) bool {
	return t.enter[a.Index] <= t.enter[b.Index] && t.exit[b.Index] <= t.exit[a.Index]
}

func (t *tree) idom(f *Function) []*Block {
	out := make([]*Block, len(f.Blocks))
	for i, p := range t.parent {
		if p >= 0 {
			out[i] = f.Blocks[p]
		}
	}
	return out
}

// walked is a depth-first walk over the blocks that are reached.
type walked struct {
	vertex []*Block // in the order of the walk
	number []int    // by Block.Index: the place in vertex, -1 if not reached
	parent []int    // by place
	order  []*Block // in reverse postorder
}

func depthFirst(f *Function) *walked {
	w := &walked{number: make([]int, len(f.Blocks))}
	for i := range w.number {
		w.number[i] = -1
	}
	type frame struct{ at, next int }
	visit := func(b *Block, parent int) frame {
		w.number[b.Index] = len(w.vertex)
		w.vertex = append(w.vertex, b)
		w.parent = append(w.parent, parent)
		return frame{at: w.number[b.Index]}
	}
	stack := []frame{visit(f.Blocks[0], -1)}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		b := w.vertex[top.at]
		if top.next == len(b.Succs) {
			w.order = append(w.order, b)
			stack = stack[:len(stack)-1]
			continue
		}
		s := b.Succs[top.next]
		top.next++
		if w.number[s.Index] < 0 {
			stack = append(stack, visit(s, top.at))
		}
	}
	for i, j := 0, len(w.order)-1; i < j; i, j = i+1, j-1 {
		w.order[i], w.order[j] = w.order[j], w.order[i]
	}
	return w
}
