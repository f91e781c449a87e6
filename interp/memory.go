package interp

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/cladopt/cladopt/ir"
)

// memory is a tensor or memref: bytes with a shape over them.
type memory struct {
	data    []byte
	elem    ir.Type
	size    int64 // bytes an element
	offset  int64 // elements
	shape   []int64
	strides []int64 // elements
	get     func(data []byte) ir.Scalar
	set     func(data []byte, v ir.Scalar)
}

func contiguous(shape []int64, elem ir.Type, data []byte) *memory {
	strides, _ := ir.RowMajor(shape)
	return shaped(shape, strides, 0, elem, data)
}

func shaped(shape, strides []int64, offset int64, elem ir.Type, data []byte) *memory {
	m := &memory{data: data, elem: elem, size: ir.ByteSize(elem), offset: offset, shape: shape, strides: strides}
	m.get, m.set = access(elem)
	return m
}

// allocate makes zeroed memory.
func allocate(shape []int64, elem ir.Type) *memory {
	n, _ := ir.NumElements(shape)
	return contiguous(shape, elem, make([]byte, n*ir.ByteSize(elem)))
}

// view lays a memref type over bytes.
func view(t *ir.MemRefType, data []byte) *memory {
	strides, _ := ir.RowMajor(t.Shape())
	offset := int64(0)
	if s, ok := t.Layout().(*ir.StridedAttr); ok {
		strides, offset = s.Strides, s.Offset
	}
	return shaped(t.Shape(), strides, offset, t.Elem(), data)
}

func access(elem ir.Type) (get func([]byte) ir.Scalar, set func([]byte, ir.Scalar)) {
	le := binary.LittleEndian
	switch elem {
	case ir.Type(ir.F32):
		return func(d []byte) ir.Scalar { return ir.Scalar{F: float64(math.Float32frombits(le.Uint32(d)))} },
			func(d []byte, v ir.Scalar) { le.PutUint32(d, math.Float32bits(float32(v.F))) }
	case ir.Type(ir.F64):
		return func(d []byte) ir.Scalar { return ir.Scalar{F: math.Float64frombits(le.Uint64(d))} },
			func(d []byte, v ir.Scalar) { le.PutUint64(d, math.Float64bits(v.F)) }
	case ir.Type(ir.I1):
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(d[0] & 1)} },
			func(d []byte, v ir.Scalar) { d[0] = byte(v.I & 1) }
	}
	switch ir.ByteSize(elem) {
	case 1:
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(int8(d[0]))} },
			func(d []byte, v ir.Scalar) { d[0] = byte(v.I) }
	case 2:
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(int16(le.Uint16(d)))} },
			func(d []byte, v ir.Scalar) { le.PutUint16(d, uint16(v.I)) }
	case 4:
		return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(int32(le.Uint32(d)))} },
			func(d []byte, v ir.Scalar) { le.PutUint32(d, uint32(v.I)) }
	}
	return func(d []byte) ir.Scalar { return ir.Scalar{I: int64(le.Uint64(d))} },
		func(d []byte, v ir.Scalar) { le.PutUint64(d, uint64(v.I)) }
}

// at is the byte position of an element, checked dimension by dimension.
func (m *memory) at(op *ir.Op, indices []int, fr []value) (int64, error) {
	pos := m.offset
	for d, s := range indices {
		i := fr[s].num.I
		if i < 0 || i >= m.shape[d] {
			return 0, op.Errorf("index %d is out of bounds in dimension %d, which has size %d", i, d, m.shape[d])
		}
		pos += i * m.strides[d]
	}
	pos *= m.size
	if pos < 0 || pos+m.size > int64(len(m.data)) {
		return 0, op.Errorf("element at byte %d is outside of memory of %d bytes", pos, len(m.data))
	}
	return pos, nil
}

// copyOf is a contiguous copy.
func (m *memory) copyOf() *memory {
	out := allocate(m.shape, m.elem)
	n, _ := ir.NumElements(m.shape)
	copy(out.data, m.data[m.offset*m.size:][:n*m.size])
	return out
}

func checkLength(m *memory, what string) error {
	n, _ := ir.NumElements(m.shape)
	if have := int64(len(m.data)) - m.offset*m.size; n*m.size > have {
		return fmt.Errorf("%s needs %d bytes, has %d", what, n*m.size, have)
	}
	return nil
}
