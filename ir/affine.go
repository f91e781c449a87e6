package ir

import (
	"strconv"
	"strings"
)

// AffineExpr is a linear expression over the dimensions and symbols of a map, or a
// floordiv, ceildiv or mod of one by a constant.
type AffineExpr interface {
	write(b *strings.Builder, tight bool)
	// Eval computes the expression for the given dimensions and symbols.
	Eval(dims, syms []int64) int64
}

type (
	// AffineDim is dimension d<i>.
	AffineDim int
	// AffineSym is symbol s<i>.
	AffineSym int
	// AffineConst is a constant.
	AffineConst int64
	// AffineBinary combines two expressions.
	AffineBinary struct {
		Op       AffineOp
		Lhs, Rhs AffineExpr
	}
)

// AffineOp is the operator of an AffineBinary.
type AffineOp int

// The operators of affine expressions.
const (
	AffineAdd AffineOp = iota
	AffineMul
	AffineFloorDiv
	AffineCeilDiv
	AffineMod
)

// Spelling of the operator in MLIR.
func (o AffineOp) String() string {
	return [...]string{"+", "*", "floordiv", "ceildiv", "mod"}[o]
}

func (e AffineDim) write(b *strings.Builder, _ bool) {
	b.WriteByte('d')
	b.WriteString(strconv.Itoa(int(e)))
}

func (e AffineSym) write(b *strings.Builder, _ bool) {
	b.WriteByte('s')
	b.WriteString(strconv.Itoa(int(e)))
}

func (e AffineConst) write(b *strings.Builder, _ bool) {
	b.WriteString(strconv.FormatInt(int64(e), 10))
}

func (e *AffineBinary) write(b *strings.Builder, tight bool) {
	if tight {
		b.WriteByte('(')
	}
	nested := e.Op != AffineAdd
	e.Lhs.write(b, nested)
	if c, ok := e.Rhs.(AffineConst); ok && c < 0 && e.Op == AffineAdd {
		b.WriteString(" - ")
		b.WriteString(strconv.FormatInt(-int64(c), 10))
	} else {
		b.WriteByte(' ')
		b.WriteString(e.Op.String())
		b.WriteByte(' ')
		e.Rhs.write(b, nested)
	}
	if tight {
		b.WriteByte(')')
	}
}

// Eval is the value of dimension i.
func (e AffineDim) Eval(dims, _ []int64) int64 { return dims[e] }

// Eval is the value of symbol i.
func (e AffineSym) Eval(_, syms []int64) int64 { return syms[e] }

// Eval is the constant.
func (e AffineConst) Eval(_, _ []int64) int64 { return int64(e) }

// Eval applies the operator; division by zero gives 0, which no verified map has.
func (e *AffineBinary) Eval(dims, syms []int64) int64 {
	l, r := e.Lhs.Eval(dims, syms), e.Rhs.Eval(dims, syms)
	switch e.Op {
	case AffineAdd:
		return l + r
	case AffineMul:
		return l * r
	}
	if r == 0 {
		return 0
	}
	floor := l / r
	if l%r != 0 && (l < 0) != (r < 0) {
		floor--
	}
	switch e.Op {
	case AffineFloorDiv:
		return floor
	case AffineCeilDiv:
		if floor*r != l {
			floor++
		}
		return floor
	}
	return l - floor*r
}

// AffineMap is (d0, d1)[s0] -> (results).
type AffineMap struct {
	Dims, Syms int
	Results    []AffineExpr
}

// NewMap is a map of the given number of dimensions, without symbols.
func NewMap(dims int, results ...AffineExpr) *AffineMap {
	return &AffineMap{Dims: dims, Results: results}
}

// IdentityMap is (d0, .., dn-1) -> (d0, .., dn-1).
func IdentityMap(dims int) *AffineMap {
	m := NewMap(dims)
	for i := 0; i < dims; i++ {
		m.Results = append(m.Results, AffineDim(i))
	}
	return m
}

// IsIdentity reports whether the map is an identity.
func (m *AffineMap) IsIdentity() bool {
	if m.Syms != 0 || len(m.Results) != m.Dims {
		return false
	}
	for i, e := range m.Results {
		if e != AffineExpr(AffineDim(i)) {
			return false
		}
	}
	return true
}

func (m *AffineMap) String() string {
	var b strings.Builder
	b.WriteByte('(')
	for i := 0; i < m.Dims; i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		AffineDim(i).write(&b, false)
	}
	b.WriteByte(')')
	if m.Syms > 0 {
		b.WriteByte('[')
		for i := 0; i < m.Syms; i++ {
			if i > 0 {
				b.WriteString(", ")
			}
			AffineSym(i).write(&b, false)
		}
		b.WriteByte(']')
	}
	b.WriteString(" -> (")
	for i, e := range m.Results {
		if i > 0 {
			b.WriteString(", ")
		}
		e.write(&b, false)
	}
	b.WriteByte(')')
	return b.String()
}

// AddExpr is l + r, with constants folded.
func AddExpr(l, r AffineExpr) AffineExpr {
	if lc, ok := l.(AffineConst); ok {
		l, r = r, AffineExpr(lc)
	}
	if rc, ok := r.(AffineConst); ok {
		if rc == 0 {
			return l
		}
		if lc, ok := l.(AffineConst); ok {
			return lc + rc
		}
		// (e + c1) + c2 is kept as one constant, so that slices of slices stay short.
		if sum, ok := l.(*AffineBinary); ok && sum.Op == AffineAdd {
			if c, ok := sum.Rhs.(AffineConst); ok {
				return AddExpr(sum.Lhs, c+rc)
			}
		}
	}
	return &AffineBinary{AffineAdd, l, r}
}

// ScaleExpr is e * by, distributed over sums.
func ScaleExpr(e AffineExpr, by int64) AffineExpr {
	switch {
	case by == 1:
		return e
	case by == 0:
		return AffineConst(0)
	}
	switch e := e.(type) {
	case AffineConst:
		return e * AffineConst(by)
	case *AffineBinary:
		switch e.Op {
		case AffineAdd:
			return AddExpr(ScaleExpr(e.Lhs, by), ScaleExpr(e.Rhs, by))
		case AffineMul:
			if c, ok := e.Rhs.(AffineConst); ok {
				return ScaleExpr(e.Lhs, int64(c)*by)
			}
		}
	}
	return &AffineBinary{AffineMul, e, AffineConst(by)}
}

// Substitute replaces the dimensions of e by exprs.
func Substitute(e AffineExpr, exprs []AffineExpr) AffineExpr {
	switch e := e.(type) {
	case AffineDim:
		return exprs[e]
	case *AffineBinary:
		l, r := Substitute(e.Lhs, exprs), Substitute(e.Rhs, exprs)
		switch e.Op {
		case AffineAdd:
			return AddExpr(l, r)
		case AffineMul:
			if c, ok := r.(AffineConst); ok {
				return ScaleExpr(l, int64(c))
			}
			if c, ok := l.(AffineConst); ok {
				return ScaleExpr(r, int64(c))
			}
		}
		return &AffineBinary{e.Op, l, r}
	}
	return e
}

// Compose is m after inner: the dimensions of m are the results of inner.
func (m *AffineMap) Compose(inner *AffineMap) *AffineMap {
	out := NewMap(inner.Dims)
	for _, e := range m.Results {
		out.Results = append(out.Results, Substitute(e, inner.Results))
	}
	return out
}
