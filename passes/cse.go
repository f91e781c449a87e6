package passes

import (
	"bytes"
	"strconv"

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

func (s *scope) find(key []byte) *ir.Op {
	for ; s != nil; s = s.outer {
		if op := s.seen[string(key)]; op != nil {
			return op
		}
	}
	return nil
}

type cse struct {
	ids  map[*ir.Value]int // numbers the values by first sight
	text []byte            // of the key being written
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
		c.text = c.text[:0]
		c.write(op, nil)
		if first := s.find(c.text); first != nil {
			op.Replace(first.Results()...)
			continue
		}
		s.seen[string(c.text)] = op
	}
}

// write appends a text that two ops share if and only if they compute the same values.
// Values defined inside op are numbered by position, so that equal regions agree.
func (c *cse) write(op *ir.Op, local map[*ir.Value]int) {
	c.text = append(append(c.text, op.Name...), '(')
	if op.Has(ir.Commutative) && op.NumOperands() == 2 {
		c.pair(op, local)
	} else {
		for i := 0; i < op.NumOperands(); i++ {
			c.text = append(c.id(op.Operand(i), local), ',')
		}
	}
	c.text = append(c.text, ')')
	for _, a := range op.Attrs() {
		c.text = append(append(append(append(c.text, ';'), a.Name...), '='), a.Attr.String()...)
	}
	for i := 0; i < op.NumResults(); i++ {
		c.text = append(append(c.text, ':'), op.Result(i).Type().String()...)
	}
	for i := 0; i < op.NumRegions(); i++ {
		if local == nil {
			local = map[*ir.Value]int{}
		}
		for _, block := range op.Region(i).Blocks() {
			c.text = append(c.text, '{')
			for _, a := range block.Args() {
				local[a] = len(local)
				c.text = append(append(c.text, a.Type().String()...), ' ')
			}
			for inner := block.First(); inner != nil; inner = inner.Next() {
				c.write(inner, local)
				for i := 0; i < inner.NumResults(); i++ {
					local[inner.Result(i)] = len(local)
				}
				c.text = append(c.text, '\n')
			}
			c.text = append(c.text, '}')
		}
	}
}

// pair writes two operands in an order that does not depend on theirs.
func (c *cse) pair(op *ir.Op, local map[*ir.Value]int) {
	start := len(c.text)
	c.text = append(c.id(op.Operand(0), local), ',')
	middle := len(c.text)
	c.text = append(c.id(op.Operand(1), local), ',')
	if bytes.Compare(c.text[start:middle], c.text[middle:]) > 0 {
		first, second := string(c.text[start:middle]), string(c.text[middle:])
		c.text = append(append(c.text[:start], second...), first...)
	}
}

// id appends the number of a value to the text.
func (c *cse) id(v *ir.Value, local map[*ir.Value]int) []byte {
	if n, ok := local[v]; ok {
		return strconv.AppendInt(append(c.text, 'l'), int64(n), 10)
	}
	n, ok := c.ids[v]
	if !ok {
		n = len(c.ids)
		c.ids[v] = n
	}
	return strconv.AppendInt(append(c.text, 'v'), int64(n), 10)
}
