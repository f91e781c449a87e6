package ir

import (
	"fmt"
	"math/bits"
	"strconv"
)

// Sizes does arithmetic on sizes for shape inference. A size is a known number
// (zero or more), Dynamic (nothing is known), or, when the analysis of symbolic
// sizes runs inference, a handle of an expression over symbols. A nil *Sizes knows
// numbers and Dynamic only.
//
// Asking whether two sizes are equal is asking to rely on it: where the answer
// depends on a symbol, it is yes and becomes a guard.
type Sizes struct {
	symbolic SymbolicSizes
}

// SymbolicSizes is the arithmetic on expressions over symbols; handles are negative
// and not Dynamic.
type SymbolicSizes interface {
	Add(a, b int64) int64
	Sub(a, b int64) int64
	Mul(a, b int64) int64
	// FloorDiv is a / b rounded down.
	FloorDiv(a, b int64) int64
	// DivideExactly is a / b, relying on b dividing a.
	DivideExactly(a, b int64) (int64, bool)
	// Equal relies on a == b; false if that cannot be.
	Equal(a, b int64) bool
	Format(a int64) string
}

// NewSizes is arithmetic that understands the handles of s.
func NewSizes(s SymbolicSizes) *Sizes { return &Sizes{s} }

func symbolic(a int64) bool { return a < 0 && a != Dynamic }

// IsSymbolic reports whether a is an expression over symbols.
func (s *Sizes) IsSymbolic(a int64) bool { return s != nil && s.symbolic != nil && symbolic(a) }

// Add is a + b.
func (s *Sizes) Add(a, b int64) int64 {
	switch {
	case a == Dynamic || b == Dynamic:
		return Dynamic
	case s.IsSymbolic(a) || s.IsSymbolic(b):
		return s.symbolic.Add(a, b)
	}
	return a + b
}

// Sub is a - b.
func (s *Sizes) Sub(a, b int64) int64 {
	switch {
	case a == Dynamic || b == Dynamic:
		return Dynamic
	case s.IsSymbolic(a) || s.IsSymbolic(b):
		return s.symbolic.Sub(a, b)
	}
	return a - b
}

// Mul is a * b; a product that does not fit 63 bits is Dynamic, and rejected where
// a static size is asked for.
func (s *Sizes) Mul(a, b int64) int64 {
	switch {
	case a == 0 || b == 0:
		return 0
	case a == Dynamic || b == Dynamic:
		return Dynamic
	case s.IsSymbolic(a) || s.IsSymbolic(b):
		return s.symbolic.Mul(a, b)
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > 1<<63-1 {
		return Dynamic
	}
	return int64(lo)
}

// FloorDiv is a / b rounded down, for b > 0.
func (s *Sizes) FloorDiv(a, b int64) int64 {
	switch {
	case a == Dynamic || b == Dynamic || b == 0:
		return Dynamic
	case s.IsSymbolic(a) || s.IsSymbolic(b):
		return s.symbolic.FloorDiv(a, b)
	}
	return a / b
}

// DivideExactly is a / b; false if b does not divide a.
func (s *Sizes) DivideExactly(a, b int64) (int64, bool) {
	switch {
	case a == Dynamic || b == Dynamic:
		return Dynamic, true
	case s.IsSymbolic(a) || s.IsSymbolic(b):
		return s.symbolic.DivideExactly(a, b)
	case b == 0 || a%b != 0:
		return 0, false
	}
	return a / b, true
}

// Equal reports whether a and b are the same size, relying on it where it depends
// on a symbol; Dynamic may equal anything.
func (s *Sizes) Equal(a, b int64) bool {
	switch {
	case a == b || a == Dynamic || b == Dynamic:
		return true
	case s.IsSymbolic(a) || s.IsSymbolic(b):
		return s.symbolic.Equal(a, b)
	}
	return false
}

// Product is the number of elements of a shape.
func (s *Sizes) Product(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n = s.Mul(n, d)
	}
	return n
}

// Format prints a size for a message.
func (s *Sizes) Format(a int64) string {
	switch {
	case a == Dynamic:
		return "?"
	case s.IsSymbolic(a):
		return s.symbolic.Format(a)
	}
	return strconv.FormatInt(a, 10)
}

// FormatShape prints a shape as [4, 8].
func (s *Sizes) FormatShape(shape []int64) string {
	text := "["
	for i, n := range shape {
		if i > 0 {
			text += ", "
		}
		text += s.Format(n)
	}
	return text + "]"
}

// SameShape is an error unless the shapes are equal in every dimension.
func (s *Sizes) SameShape(what string, got, want []int64) error {
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = s.Equal(got[i], want[i])
	}
	if !ok {
		return fmt.Errorf("%s has shape %s, expected %s", what, s.FormatShape(got), s.FormatShape(want))
	}
	return nil
}
