package interp

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/tensor"
)

// MaxBytes bounds one tensor or memref, so that a wild shape is an error and not
// the end of the process.
const MaxBytes = 1 << 32

// layout is what a shaped type says of its memory: all of it is known when a
// function is compiled, so that at run time memory is bytes. A number is laid out
// as a tensor of no dimensions.
type layout struct {
	elem    ir.Type
	size    int64 // bytes an element
	shape   []int64
	strides []int64 // elements
	offset  int64   // elements
	count   int64   // of elements
	bytes   int64   // from the start of memory to the end of the last element
	get     func(data []byte) ir.Scalar
	set     func(data []byte, v ir.Scalar)
}

// isMemory reports whether values of the type are memory and not a number.
func isMemory(t ir.Type) bool {
	switch t.(type) {
	case *ir.TensorType, *ir.MemRefType:
		return true
	}
	return false
}

// isNumber reports whether values of the type are a number that can be computed with.
func isNumber(t ir.Type) bool {
	if t == ir.Type(ir.F32) || t == ir.Type(ir.F64) || t == ir.Type(ir.Index) {
		return true
	}
	i, ok := t.(*ir.IntegerType)
	return ok && i.Sign() == ir.Signless && i.Bits() <= 64
}

// layoutOf reads a type. Tensors are contiguous whatever strides their type has.
func layoutOf(t ir.Type) (*layout, error) {
	l := &layout{elem: ir.ElemType(t), shape: ir.ShapeOf(t)}
	if l.get, l.set = access(l.elem); l.get == nil {
		return nil, fmt.Errorf("type %s cannot be interpreted: elements are f32, f64, i64, i32, i16, i8, i1 or index", t)
	}
	l.size = ir.ByteSize(l.elem)
	if !ir.Static(l.shape) {
		return nil, fmt.Errorf("type %s has a size that is not known; specialize-shapes binds it", t)
	}
	if _, vector := t.(*ir.VectorType); vector {
		return nil, fmt.Errorf("type %s cannot be interpreted: vectors are not", t)
	}
	l.strides, _ = ir.RowMajor(l.shape)
	if m, ok := t.(*ir.MemRefType); ok && m.Layout() != nil {
		s, ok := m.Layout().(*ir.StridedAttr)
		if !ok || len(s.Strides) != len(l.shape) || s.Offset < 0 || s.Offset > MaxBytes {
			return nil, fmt.Errorf("type %s cannot be interpreted: layouts have known strides and offsets, 0 or more", t)
		}
		l.strides, l.offset = s.Strides, s.Offset
	}
	extent, err := tensor.Extent(l.shape, l.strides)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", t, err)
	}
	if extent > (MaxBytes/l.size)-l.offset {
		return nil, fmt.Errorf("type %s takes more than %d bytes", t, MaxBytes)
	}
	l.count, _ = ir.NumElements(l.shape)
	if extent > 0 {
		l.bytes = (l.offset + extent) * l.size
	}
	return l, nil
}

// access reads and writes one element; nil for a type that memory does not hold.
func access(elem ir.Type) (get func([]byte) ir.Scalar, set func([]byte, ir.Scalar)) {
	order := binary.NativeEndian // as package tensor has it
	switch elem {
	case ir.Type(ir.F32):
		return func(d []byte) ir.Scalar { return ir.Scalar{F: float64(math.Float32frombits(order.Uint32(d)))} },
			func(d []byte, v ir.Scalar) { order.PutUint32(d, math.Float32bits(float32(v.F))) }
	case ir.Type(ir.F64):
		return func(d []byte) ir.Scalar { return ir.Scalar{F: math.Float64frombits(order.Uint64(d))} },
			func(d []byte, v ir.Scalar) { order.PutUint64(d, math.Float64bits(v.F)) }
	case ir.Type(ir.I64), ir.Type(ir.Index):
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(order.Uint64(d))} },
			func(d []byte, v ir.Scalar) { order.PutUint64(d, uint64(v.I)) }
	case ir.Type(ir.I32):
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(int32(order.Uint32(d)))} },
			func(d []byte, v ir.Scalar) { order.PutUint32(d, uint32(v.I)) }
	case ir.Type(ir.I16):
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(int16(order.Uint16(d)))} },
			func(d []byte, v ir.Scalar) { order.PutUint16(d, uint16(v.I)) }
	case ir.Type(ir.I8):
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(int8(d[0]))} },
			func(d []byte, v ir.Scalar) { d[0] = byte(v.I) }
	case ir.Type(ir.I1):
		return func(d []byte) ir.Scalar {
				if d[0] != 0 { // any byte but 0 is true, as package tensor has it
					return ir.Scalar{I: 1}
				}
				return ir.Scalar{}
			},
			func(d []byte, v ir.Scalar) { d[0] = byte(v.I & 1) }
	}
	return nil, nil
}
