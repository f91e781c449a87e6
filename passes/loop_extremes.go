package passes

import (
	"math"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// longRow is from how many numbers on an extreme is found by keys.
const longRow = 16

// byKeys finds maxima and minima of a row through integers that are ordered as the
// floats are. With NaN in mind, compilers turn a maximum of floats into one chain of
// compares; that of integers they turn into vectors.
func (e *nestEmitter) byKeys(b *ir.Builder, s *stage, dim int, extent int64, at []*ir.Value, carried []*ir.Value) []*ir.Value {
	keys := make([]key, len(carried))
	var start []*ir.Value
	for i, v := range carried {
		keys[i] = newKey(e.top, v.Type(), yielded(s.op, i).Name == arith.OpMaxF)
		start = append(start, keys[i].weakest)
	}
	found := scf.For(b, e.index(0), e.index(extent), e.index(1), start, func(b *ir.Builder, iv *ir.Value, so []*ir.Value) []*ir.Value {
		at[dim] = iv
		next := make([]*ir.Value, len(so))
		for i, v := range e.body(b, s, at, carried) {
			float := v.Def()
			next[i] = keys[i].stronger(b, so[i], keys[i].of(b, float.Operand(candidate(s.op, i))))
			float.Erase()
		}
		return next
	}).Results()
	out := make([]*ir.Value, len(carried))
	for i, v := range carried {
		out[i] = b.Emit(yielded(s.op, i).Name, v, keys[i].float(b, found[i]))
	}
	return out
}

// A key maps floats of a type to integers in the same order: the bits of a float that
// is not negative are its key, and those of a negative one but for the sign are turned
// round. A NaN is stronger than all numbers, as arith.maxf and arith.minf have it.
type key struct {
	maximum bool
	t       ir.Type   // of the floats
	bits    ir.Type   // of the keys
	weakest *ir.Value // loses against every other key; it stands for a NaN
	nan     *ir.Value // wins against every other key; it stands for a NaN
	sign    *ir.Value // by how many places the sign is shifted to fill the word
	others  *ir.Value // all bits but the sign
}

func newKey(top *ir.Builder, t ir.Type, maximum bool) key {
	k := key{maximum: maximum, t: t, bits: ir.Type(ir.I64)}
	least, most, width := int64(math.MinInt64), int64(math.MaxInt64), int64(64)
	if t == ir.Type(ir.F32) {
		k.bits, least, most, width = ir.I32, math.MinInt32, math.MaxInt32, 32
	}
	k.others = arith.ConstantI(top, most, k.bits)
	k.sign = arith.ConstantI(top, width-1, k.bits)
	k.weakest, k.nan = arith.ConstantI(top, least, k.bits), k.others
	if !maximum {
		k.weakest, k.nan = k.nan, k.weakest
	}
	return k
}

func (k key) of(b *ir.Builder, x *ir.Value) *ir.Value {
	return arith.Select(b, arith.CmpF(b, arith.UNO, x, x), k.nan, k.turn(b, arith.Bitcast(b, x, k.bits)))
}

func (k key) float(b *ir.Builder, v *ir.Value) *ir.Value { return arith.Bitcast(b, k.turn(b, v), k.t) }

// turn goes from bits to keys, and back.
func (k key) turn(b *ir.Builder, v *ir.Value) *ir.Value {
	return arith.XOrI(b, v, arith.AndI(b, arith.ShRSI(b, v, k.sign), k.others))
}

func (k key) stronger(b *ir.Builder, x, y *ir.Value) *ir.Value {
	if k.maximum {
		return arith.MaxSI(b, x, y)
	}
	return arith.MinSI(b, x, y)
}

// extremes reports whether all outputs of a nest are maxima or minima of floats.
func extremes(op *ir.Op) bool {
	for i := 0; i < op.Body().Last().NumOperands(); i++ {
		if t := op.Body().Last().Operand(i).Type(); candidate(op, i) < 0 || t != ir.Type(ir.F32) && t != ir.Type(ir.F64) {
			return false
		}
	}
	return true
}

// yielded is the op in the body of a nest that computes output i, nil if none does.
func yielded(op *ir.Op, i int) *ir.Op { return op.Body().Last().Operand(i).Def() }

// candidate is which operand of the maximum or minimum that output i is, is compared
// with the output so far; -1 if output i is something else.
func candidate(op *ir.Op, i int) int {
	acc, d := op.Body().Arg(len(linalg.Inputs(op))+i), yielded(op, i)
	if d == nil || d.Name != arith.OpMaxF && d.Name != arith.OpMinF || !acc.HasOneUse() || !d.Result(0).HasOneUse() {
		return -1
	}
	switch acc {
	case d.Operand(0):
		return 1
	case d.Operand(1):
		return 0
	}
	return -1
}
