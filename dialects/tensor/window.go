package tensor

import (
	"fmt"
	"math"
	"strconv"

	"github.com/cladopt/cladopt/ir"
)

// Window says which elements a slice or view takes: for each dimension where it
// starts, how many there are and how far they are apart. An entry that is
// ir.Dynamic is an operand of the op instead, of type index.
//
// MLIR calls this the offset, size and stride interface: the numbers stand in the
// attributes static_offsets, static_sizes and static_strides, the operands follow the
// others in that order, and operand_segment_sizes counts them.
type Window struct{ Offsets, Sizes, Strides []int64 }

var windowAttrs = [3]string{"static_offsets", "static_sizes", "static_strides"}

const segmentSizes = "operand_segment_sizes"

// WindowAttrs lists the attributes that hold a window, for AttrDict to leave out.
func WindowAttrs() []string { return append([]string{segmentSizes}, windowAttrs[:]...) }

// WindowParams is the attributes that hold a window, for an op's definition.
func WindowParams() []ir.AttrParam {
	integers := ir.AttrKind{Name: "a dense array of integers", Holds: func(a ir.Attr) bool {
		d, ok := a.(*ir.DenseArrayAttr)
		return ok && ir.IsInteger(d.Elem)
	}}
	params := []ir.AttrParam{{Name: segmentSizes, Required: true, Kind: integers, Doc: "how many operands each group has"}}
	for _, name := range windowAttrs {
		params = append(params, ir.AttrParam{Name: name, Required: true, Kind: integers, Doc: "the numbers, or a mark that an operand says it"})
	}
	return params
}

// WindowOf is the window of a slicing op.
func WindowOf(op *ir.Op) Window {
	return Window{op.Ints(windowAttrs[0]), op.Ints(windowAttrs[1]), op.Ints(windowAttrs[2])}
}

func (w Window) lists() [3][]int64 { return [3][]int64{w.Offsets, w.Sizes, w.Strides} }

// Attrs is the attributes of an op that has the window and, before it, leading operands.
func (w Window) Attrs(leading int) []ir.NamedAttr {
	var attrs []ir.NamedAttr
	segments := make([]int64, leading)
	for i := range segments {
		segments[i] = 1
	}
	for i, l := range w.lists() {
		attrs = append(attrs, ir.NamedAttr{Name: windowAttrs[i], Attr: ir.I64Array(l...)})
		segments = append(segments, int64(CountDynamic(l)))
	}
	return append(attrs, ir.NamedAttr{Name: segmentSizes, Attr: ir.I32Array(segments...)})
}

// CountDynamic is how many of the sizes are ir.Dynamic.
func CountDynamic(sizes []int64) int {
	n := 0
	for _, s := range sizes {
		if s == ir.Dynamic {
			n++
		}
	}
	return n
}

// PrintWindow writes the three lists, each after its entry of before, taking
// operands of op from number leading on for what is not a number.
func PrintWindow(p *ir.Printer, op *ir.Op, leading int, before [3]string) {
	rest := op.Operands()[min(leading, op.NumOperands()):]
	for i, l := range WindowOf(op).lists() {
		p.Write(before[i], "[")
		for k, n := range l {
			if k > 0 {
				p.Write(", ")
			}
			switch {
			case n != ir.Dynamic:
				p.Write(strconv.FormatInt(n, 10))
			case len(rest) > 0:
				p.Write(p.ValueName(rest[0]))
				rest = rest[1:]
			default:
				p.Write(p.ValueName(nil)) // an op that does not verify
			}
		}
		p.Write("]")
	}
}

// ParseWindow reads three lists and returns the operands in them. before reads what
// stands ahead of list i; nil: nothing.
func ParseWindow(p ir.AsmParser, before func(i int) error) (Window, []ir.UnresolvedOperand, error) {
	var lists [3][]int64
	var operands []ir.UnresolvedOperand
	for i := range lists {
		if before != nil {
			if err := before(i); err != nil {
				return Window{}, nil, err
			}
		}
		if err := p.ParseToken("["); err != nil {
			return Window{}, nil, err
		}
		for n := 0; !p.OptionalToken("]"); n++ {
			if n > 0 {
				if err := p.ParseToken(","); err != nil {
					return Window{}, nil, err
				}
			}
			o, ok, err := p.OptionalOperand()
			if err != nil {
				return Window{}, nil, err
			}
			v := ir.Dynamic
			if ok {
				operands = append(operands, o)
			} else if v, err = p.ParseInteger(); err != nil {
				return Window{}, nil, err
			}
			lists[i] = append(lists[i], v)
		}
	}
	return Window{lists[0], lists[1], lists[2]}, operands, nil
}

// CheckWindow verifies that op has leading operands and then those of its window,
// and that the window has as many offsets, sizes and strides.
func CheckWindow(op *ir.Op, leading, offsets, rank int) error {
	w := WindowOf(op)
	segments := op.Ints(segmentSizes)
	if len(segments) != leading+3 {
		return op.Errorf("%s has %d entries, expected %d", segmentSizes, len(segments), leading+3)
	}
	for i := 0; i < leading; i++ {
		if segments[i] != 1 {
			return op.Errorf("%s is %v, expected 1 in place %d", segmentSizes, segments, i)
		}
	}
	total := leading
	for i, l := range w.lists() {
		want := rank
		if i == 0 {
			want = offsets
		}
		if len(l) != want {
			return op.Errorf("%s has %d entries, expected %d", windowAttrs[i], len(l), want)
		}
		if n := CountDynamic(l); segments[leading+i] != int64(n) {
			return op.Errorf("%s says %d operands where %s leaves %d to them", segmentSizes, segments[leading+i], windowAttrs[i], n)
		}
		total += CountDynamic(l)
	}
	if total != op.NumOperands() {
		return op.Errorf("got %d operands, expected %d", op.NumOperands(), total)
	}
	for i := leading; i < total; i++ {
		if t := op.Operand(i).Type(); t != ir.Type(ir.Index) {
			return op.Errorf("operand %d must be index, got %s", i, t)
		}
	}
	for i, n := range w.Sizes {
		if n < 0 && n != ir.Dynamic {
			return op.Errorf("size %d is %d, expected zero or more", i, n)
		}
	}
	return nil
}

// CheckInside verifies that no element of the window, as far as numbers tell, lies
// outside of the shape it is taken from.
func CheckInside(op *ir.Op, shape []int64) error {
	w := WindowOf(op)
	for i, n := range shape {
		first, size, stride := w.Offsets[i], w.Sizes[i], w.Strides[i]
		if size == 0 || n == ir.Dynamic || first == ir.Dynamic {
			continue
		}
		last := first
		if size != 1 {
			if size == ir.Dynamic || stride == ir.Dynamic {
				continue
			}
			var ok bool
			if last, ok = reach(first, size, stride); !ok {
				return op.Errorf("dimension %d of the slice ends beyond 64 bits", i)
			}
		}
		if min(first, last) < 0 || max(first, last) >= n {
			return op.Errorf("the slice takes elements %d to %d of dimension %d, which has size %d", first, last, i, n)
		}
	}
	return nil
}

// reach is first + (size-1)*stride for size > 1, if it fits.
func reach(first, size, stride int64) (int64, bool) {
	if stride == math.MinInt64 || stride != 0 && size-1 > math.MaxInt64/max(stride, -stride) {
		return 0, false
	}
	by := (size - 1) * stride
	last := first + by
	return last, (last >= first) == (by >= 0)
}

// Reduces reports whether got is full with none or some of its sizes of 1 left out.
func Reduces(full, got []int64) bool {
	_, ok := KeptDims(full, got)
	return ok
}

// KeptDims lists the dimensions of full that got keeps, where got is full without
// some of its sizes of 1; as in MLIR, the first that fit are kept.
func KeptDims(full, got []int64) ([]int, bool) {
	var kept []int
	for i, n := range full {
		switch {
		case len(kept) < len(got) && got[len(kept)] == n:
			kept = append(kept, i)
		case n != 1:
			return nil, false
		}
	}
	return kept, len(kept) == len(got)
}

// mustReduce verifies that t is full or full with sizes of 1 left out.
func mustReduce(op *ir.Op, what string, full *ir.TensorType, t ir.Type) error {
	if ir.ElemType(t) != full.Elem() || !Reduces(full.Shape(), ir.ShapeOf(t)) {
		return op.Errorf("%s has type %s, expected %s or that without sizes of 1", what, t, full)
	}
	return nil
}

// checkSlice verifies that part is what the window of op takes from whole.
func checkSlice(op *ir.Op, leading int, what string, whole, part ir.Type) error {
	shape := ir.ShapeOf(whole)
	if err := CheckWindow(op, leading, len(shape), len(shape)); err != nil {
		return err
	}
	if err := CheckInside(op, shape); err != nil {
		return err
	}
	return mustReduce(op, what, ir.Tensor(WindowOf(op).Sizes, ir.ElemType(whole)), part)
}

// groupText prints a reassociation without types.
func groupText(groups [][]int64) string {
	text := "["
	for i, g := range groups {
		if i > 0 {
			text += ", "
		}
		text += "["
		for k, d := range g {
			if k > 0 {
				text += ", "
			}
			text += fmt.Sprint(d)
		}
		text += "]"
	}
	return text + "]"
}
