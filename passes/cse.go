package passes

import (
	"fmt"
	"strings"

	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/ir"
)

// CSE merges equal pure ops.
func CSE() *Pass {
	return &Pass{
		Name: "cse",
		Doc: "Replaces a pure op by an earlier equal one of the same block: same name, operands, attributes, " +
			"result types and regions. Ops of nested blocks see those of the enclosing ones.",
		Run: func(p *Run) error {
			c := &cse{ids: map[*ir.Value]int{}}
			for i := 0; i < p.Root().NumRegions(); i++ {
				for _, b := range p.Root().Region(i).Blocks() {
					c.block(b, nil)
				}
			}
			return nil
		},
	}
}

// scope is the ops seen in a block, and in those around it.
type scope struct {
	seen  map[string]*ir.Op
	outer *scope
}

func (s *scope) find(key string) *ir.Op {
	for ; s != nil; s = s.outer {
		if op := s.seen[key]; op != nil {
			return op
		}
	}
	return nil
}

type cse struct {
	ids map[*ir.Value]int // numbers the values by first sight
}

func (c *cse) block(b *ir.Block, outer *scope) {
	s := &scope{map[string]*ir.Op{}, outer}
	for _, op := range b.Ops() {
		inner := s
		if op.Has(ir.IsolatedFromAbove) || op.Name == linalg.OpGeneric {
			inner = nil // the body of a nest keeps its constants, so that the nest can be moved
		}
		for i := 0; i < op.NumRegions(); i++ {
			for _, nested := range op.Region(i).Blocks() {
				c.block(nested, inner)
			}
		}
		if !op.Has(ir.Pure) || op.Has(ir.Terminator) {
			continue
		}
		key := c.key(op, nil)
		if first := s.find(key); first != nil {
			op.Replace(first.Results()...)
			continue
		}
		s.seen[key] = op
	}
}

// key is a text that two ops share if and only if they compute the same values.
// Values defined inside op are numbered by position, so that equal regions agree.
func (c *cse) key(op *ir.Op, local map[*ir.Value]int) string {
	var b strings.Builder
	c.write(&b, op, local)
	return b.String()
}

func (c *cse) write(b *strings.Builder, op *ir.Op, local map[*ir.Value]int) {
	b.WriteString(string(op.Name))
	ids := make([]string, op.NumOperands())
	for i := range ids {
		ids[i] = c.id(op.Operand(i), local)
	}
	if op.Has(ir.Commutative) && len(ids) == 2 && ids[0] > ids[1] {
		ids[0], ids[1] = ids[1], ids[0]
	}
	b.WriteString("(" + strings.Join(ids, ",") + ")")
	for _, a := range op.Attrs() {
		b.WriteString(";" + a.String())
	}
	for i := 0; i < op.NumResults(); i++ {
		b.WriteString(":" + op.Result(i).Type().String())
	}
	for i := 0; i < op.NumRegions(); i++ {
		if local == nil {
			local = map[*ir.Value]int{}
		}
		for _, block := range op.Region(i).Blocks() {
			b.WriteString("{")
			for _, a := range block.Args() {
				local[a] = len(local)
				b.WriteString(a.Type().String() + " ")
			}
			for inner := block.First(); inner != nil; inner = inner.Next() {
				c.write(b, inner, local)
				for _, r := range inner.Results() {
					local[r] = len(local)
				}
				b.WriteByte('\n')
			}
			b.WriteString("}")
		}
	}
}

func (c *cse) id(v *ir.Value, local map[*ir.Value]int) string {
	if n, ok := local[v]; ok {
		return fmt.Sprintf("l%d", n)
	}
	n, ok := c.ids[v]
	if !ok {
		n = len(c.ids)
		c.ids[v] = n
	}
	return fmt.Sprintf("v%d", n)
}
