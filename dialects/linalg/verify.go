package linalg

import (
	"math"

	"github.com/cladopt/cladopt/ir"
)

// verifyGeneric checks what MLIR does: maps and operands agree in rank and size,
// every loop's extent can be found, body and results fit.
func verifyGeneric(op *ir.Op) error {
	for i, it := range Iterators(op) {
		if it != Parallel && it != Reduction {
			return op.Errorf("iterator %d is %q, expected parallel or reduction", i, it)
		}
	}
	if err := verifyStructure(op); err != nil {
		return err
	}
	return verifyBody(op)
}

// verifyStructure checks operands, maps and results of any nest.
func verifyStructure(op *ir.Op) error {
	inputs, inits := segments(op)
	if inits == 0 || inputs+inits != op.NumOperands() {
		return op.Errorf("%s %v does not fit %d operands, one of which at least must be an output", segmentSizes, op.Ints(segmentSizes), op.NumOperands())
	}
	if err := verifyOperands(op, inputs); err != nil {
		return err
	}
	maps, loops := Maps(op), len(Iterators(op))
	if len(maps) != op.NumOperands() {
		return op.Errorf("got %d indexing maps, expected %d, one for each operand", len(maps), op.NumOperands())
	}
	extents := make([]int64, loops)
	known := make([]bool, loops)
	for i := range extents {
		extents[i] = ir.Dynamic
	}
	for i, m := range maps {
		shape := ir.ShapeOf(op.Operand(i).Type())
		if m.Dims != loops || m.Syms != 0 || len(m.Results) != len(shape) {
			return op.Errorf("indexing map %d is %s, expected %d dimensions, no symbols and %d results", i, m, loops, len(shape))
		}
		for k, e := range m.Results {
			d, ok := e.(ir.AffineDim)
			if !ok {
				continue
			}
			known[d] = true
			switch {
			case shape[k] == ir.Dynamic:
			case extents[d] == ir.Dynamic:
				extents[d] = shape[k]
			case extents[d] != shape[k]:
				return op.Errorf("operand %d has size %d in dimension %d, where loop %d has %d iterations", i, shape[k], k, d, extents[d])
			}
		}
	}
	for d, ok := range known {
		if !ok {
			return op.Errorf("the extent of loop %d cannot be found: it stands alone in no indexing map", d)
		}
	}
	return checkBounds(op, maps, extents)
}

// verifyOperands checks that inputs are numbers, tensors or memory, and that the
// outputs are all tensors, each with its result, or all memory.
func verifyOperands(op *ir.Op, inputs int) error {
	tensors := 0
	for i := 0; i < op.NumOperands(); i++ {
		t := op.Operand(i).Type()
		switch t := t.(type) {
		case *ir.TensorType:
			if i < inputs {
				continue
			}
			if tensors >= op.NumResults() || op.Result(tensors).Type() != ir.Type(t) {
				return op.Errorf("result %d must have the type of output %d, %s", tensors, i-inputs, t)
			}
			tensors++
		case *ir.MemRefType:
			if i > inputs && tensors > 0 {
				return op.Errorf("outputs must be all tensors or all memory")
			}
		default:
			if i >= inputs {
				return op.Errorf("output %d must be a tensor or memory, got %s", i-inputs, t)
			}
		}
		if i > inputs && tensors != 0 && tensors != i-inputs+1 {
			return op.Errorf("outputs must be all tensors or all memory")
		}
	}
	if op.NumResults() != tensors {
		return op.Errorf("got %d results, expected one for each of the %d tensor outputs", op.NumResults(), tensors)
	}
	return nil
}

// checkBounds checks that no iteration leaves an operand. MLIR looks at the first and
// the last iteration only; this bound holds for all.
func checkBounds(op *ir.Op, maps []*ir.AffineMap, extents []int64) error {
	for _, n := range extents {
		if n <= 0 {
			return nil // unknown sizes, or no iteration at all
		}
	}
	for i, m := range maps {
		shape := ir.ShapeOf(op.Operand(i).Type())
		for k, e := range m.Results {
			if _, alone := e.(ir.AffineDim); alone || shape[k] == ir.Dynamic {
				continue
			}
			r, ok := rangeOf(e, extents)
			if !ok {
				return op.Errorf("indexing map %d: %s is not affine in result %d", i, m, k)
			}
			if r.low < 0 || r.high >= shape[k] {
				return op.Errorf("operand %d is read at %d to %d in dimension %d, which has size %d", i, r.low, r.high, k, shape[k])
			}
		}
	}
	return nil
}

// span is the least and greatest value of an expression; ends that leave 64 bits
// stay at them.
type span struct{ low, high int64 }

// rangeOf bounds e over all iterations, tightly where no dimension occurs twice; false
// if e multiplies two dimensions or divides by what is not a positive number.
func rangeOf(e ir.AffineExpr, extents []int64) (span, bool) {
	switch e := e.(type) {
	case ir.AffineDim:
		return span{0, extents[e] - 1}, true
	case ir.AffineConst:
		return span{int64(e), int64(e)}, true
	case *ir.AffineBinary:
		l, ok1 := rangeOf(e.Lhs, extents)
		r, ok2 := rangeOf(e.Rhs, extents)
		if !ok1 || !ok2 {
			return span{}, false
		}
		if e.Op == ir.AffineAdd {
			return span{saturatingAdd(l.low, r.low), saturatingAdd(l.high, r.high)}, true
		}
		if e.Op == ir.AffineMul && l.low == l.high {
			l, r = r, l
		}
		if r.low != r.high || e.Op != ir.AffineMul && r.low <= 0 {
			return span{}, false
		}
		c := r.low
		switch e.Op {
		case ir.AffineMul:
			a, b := saturatingMul(l.low, c), saturatingMul(l.high, c)
			return span{min(a, b), max(a, b)}, true
		case ir.AffineFloorDiv:
			return span{floorDiv(l.low, c), floorDiv(l.high, c)}, true
		case ir.AffineCeilDiv:
			return span{-floorDiv(-l.low, c), -floorDiv(-l.high, c)}, true
		case ir.AffineMod:
			if q := floorDiv(l.low, c); q == floorDiv(l.high, c) {
				return span{l.low - q*c, l.high - q*c}, true
			}
			return span{0, c - 1}, true
		}
	}
	return span{}, false
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

func saturatingAdd(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < -math.MaxInt64-b:
		return -math.MaxInt64
	}
	return a + b
}

func saturatingMul(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	p := a * b
	if p/b == a && p != math.MinInt64 && a != math.MinInt64 && b != math.MinInt64 {
		return p
	}
	if (a < 0) == (b < 0) {
		return math.MaxInt64
	}
	return -math.MaxInt64
}

// verifyBody checks the arguments of the body and what it yields.
func verifyBody(op *ir.Op) error {
	if len(op.Region(0).Blocks()) != 1 || len(op.Body().Args()) != op.NumOperands() {
		return op.Errorf("the body must be one block with an argument for each of the %d operands", op.NumOperands())
	}
	for i, a := range op.Body().Args() {
		if want := ir.ElemType(op.Operand(i).Type()); a.Type() != want {
			return op.Errorf("body argument %d has type %s, expected %s", i, a.Type(), want)
		}
	}
	y := op.Body().Last()
	if y == nil || y.Name != OpYield {
		return op.Errorf("the body must end in linalg.yield")
	}
	inits := Inits(op)
	if y.NumOperands() != len(inits) {
		return y.Errorf("yields %d values, the nest has %d outputs", y.NumOperands(), len(inits))
	}
	for i, v := range inits {
		if got, want := y.Operand(i).Type(), ir.ElemType(v.Type()); got != want {
			return y.Errorf("yields value %d of type %s, the output has elements of %s", i, got, want)
		}
	}
	return nil
}
