package tensor

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Tolerance says how far a float may be from the wanted b of a tensor B:
// Abs*max(1, max|B|) + Rel*|b|, where max|B| leaves out NaN and infinities.
// Integers and booleans have none.
type Tolerance struct{ Abs, Rel float64 }

// ToleranceOf is the tolerance of the files contract (docs: "Agreement") for
// an element type. A graph that has f32 anywhere on the path gives f64 the
// tolerance of f32. The half-precision types, of which the contract says
// nothing, get the spacing of their numbers near 1.
func ToleranceOf(d DType, f32OnPath bool) Tolerance {
	switch {
	case d == F32, d == F64 && f32OnPath:
		return Tolerance{Abs: 1e-6, Rel: 1e-5}
	case d == F64:
		return Tolerance{Abs: 1e-10, Rel: 1e-10}
	case d == F16:
		return Tolerance{Abs: 0x1p-10, Rel: 0x1p-10}
	case d == BF16:
		return Tolerance{Abs: 0x1p-7, Rel: 0x1p-7}
	}
	return Tolerance{}
}

// Mismatch is the difference of two tensors at one element, or in what they are.
type Mismatch struct {
	Reason string  // what differs if not an element: element type, shape; else ""
	Index  []int64 // nil if no element was compared
	Got    any     // as Tensor.At returns it
	Want   any
	Error  float64 // |got-want|; +Inf where one is NaN or infinite and the other not
	Bound  float64 // what Error may be; 0 for integers and booleans
}

// Agrees reports whether the difference is within its bound.
func (m Mismatch) Agrees() bool { return m.Reason == "" && m.Error <= m.Bound }

// String tells the difference in one line.
func (m Mismatch) String() string {
	switch {
	case m.Reason != "":
		return m.Reason
	case m.Index == nil:
		return "no elements"
	case m.Agrees():
		return fmt.Sprintf("at %v: got %v, want %v: differ by %.3g, within %.3g", m.Index, m.Got, m.Want, m.Error, m.Bound)
	}
	return fmt.Sprintf("at %v: got %v, want %v: differ by %.3g, more than %.3g", m.Index, m.Got, m.Want, m.Error, m.Bound)
}

// severity orders mismatches of one tensor: the share of the bound that is
// used, and above 1 exactly when the bound is exceeded, however err/bound rounds.
func severity(err, bound float64) float64 {
	switch {
	case err <= bound && bound > 0:
		return min(err/bound, 1)
	case bound > 0:
		return max(err/bound, math.Nextafter(1, 2))
	}
	return err
}

// Agree compares by the files contract: element types and shapes are equal,
// integers and booleans equal, floats within tol; NaN equals NaN, an infinity
// equals itself, and the zeros are equal. worst is the element nearest to or
// furthest beyond its bound, whether ok or not.
func Agree(got, want Tensor, tol Tolerance) (worst Mismatch, ok bool) {
	if m := kinds(got, want); m.Reason != "" {
		return m, false
	}
	at, most := int64(-1), math.Inf(-1)
	var e, b float64
	elements(got, want, tol, func(i int64, err, bound float64) {
		if s := severity(err, bound); s > most {
			at, most, e, b = i, s, err, bound
		}
	})
	if at < 0 {
		return Mismatch{}, true
	}
	worst = mismatch(got, want, at, e, b)
	return worst, worst.Agrees()
}

// Mismatches is at most limit of the elements that do not agree, worst first,
// and how many there are.
func Mismatches(got, want Tensor, tol Tolerance, limit int) (worst []Mismatch, total int64) {
	if m := kinds(got, want); m.Reason != "" {
		return []Mismatch{m}, 1
	}
	type entry struct {
		at         int64
		err, bound float64
	}
	var worstEntries []entry
	elements(got, want, tol, func(i int64, err, bound float64) {
		if err <= bound {
			return
		}
		total++
		e := entry{i, err, bound}
		k, _ := slices.BinarySearchFunc(worstEntries, e, func(a, b entry) int {
			if c := cmp.Compare(severity(b.err, b.bound), severity(a.err, a.bound)); c != 0 {
				return c
			}
			return cmp.Compare(a.at, b.at)
		})
		if k < limit {
			worstEntries = slices.Insert(worstEntries, k, e)
			worstEntries = worstEntries[:min(len(worstEntries), limit)]
		}
	})
	for _, e := range worstEntries {
		worst = append(worst, mismatch(got, want, e.at, e.err, e.bound))
	}
	return worst, total
}

func mismatch(got, want Tensor, i int64, err, bound float64) Mismatch {
	return Mismatch{Index: Index(want.Shape, i), Got: got.At(i), Want: want.At(i), Error: err, Bound: bound}
}

// kinds compares all but the elements.
func kinds(got, want Tensor) (m Mismatch) {
	gotErr, wantErr := got.Validate(), want.Validate()
	switch {
	case gotErr != nil:
		m.Reason = "the tensor got is malformed: " + gotErr.Error()
	case wantErr != nil:
		m.Reason = "the tensor wanted is malformed: " + wantErr.Error()
	case got.DType != want.DType:
		m.Reason = fmt.Sprintf("element types differ: got %s, want %s", got.DType, want.DType)
	case !slices.Equal(got.Shape, want.Shape):
		m.Reason = fmt.Sprintf("shapes differ: got %v, want %v", got.Shape, want.Shape)
	}
	return m
}

// elements calls f with the error and bound of every element, in order.
func elements(got, want Tensor, tol Tolerance, f func(i int64, err, bound float64)) {
	switch want.DType {
	case F32:
		floats(Values[float32](got), Values[float32](want), widen, tol, f)
	case F64:
		floats(Values[float64](got), Values[float64](want), func(v float64) float64 { return v }, tol, f)
	case F16:
		floats(Values[Float16](got), Values[Float16](want), func(v Float16) float64 { return widen(v.Float32()) }, tol, f)
	case BF16:
		floats(Values[BFloat16](got), Values[BFloat16](want), func(v BFloat16) float64 { return widen(v.Float32()) }, tol, f)
	case I64:
		integers(Values[int64](got), Values[int64](want), f)
	case I32:
		integers(Values[int32](got), Values[int32](want), f)
	case I16:
		integers(Values[int16](got), Values[int16](want), f)
	case I8:
		integers(Values[int8](got), Values[int8](want), f)
	case U8:
		integers(Values[uint8](got), Values[uint8](want), f)
	case Bool:
		for i, g := range got.Data {
			if (g != 0) != (want.Data[i] != 0) {
				f(int64(i), 1, 0)
			} else {
				f(int64(i), 0, 0)
			}
		}
	}
}

func widen(v float32) float64 { return float64(v) }

func floats[T Element](got, want []T, value func(T) float64, tol Tolerance, f func(i int64, err, bound float64)) {
	scale := 1.0
	for _, w := range want {
		if v := math.Abs(value(w)); v > scale && !math.IsInf(v, 0) {
			scale = v
		}
	}
	for i := range want {
		g, w := value(got[i]), value(want[i])
		bound := tol.Abs * scale
		if !math.IsNaN(w) && !math.IsInf(w, 0) {
			bound += tol.Rel * math.Abs(w)
		}
		err := math.Abs(g - w)
		switch {
		case g == w, math.IsNaN(g) && math.IsNaN(w):
			err = 0
		case math.IsNaN(err): // one of them is NaN
			err = math.Inf(1)
		}
		f(int64(i), err, bound)
	}
}

func integers[T int64 | int32 | int16 | int8 | uint8](got, want []T, f func(i int64, err, bound float64)) {
	for i, w := range want {
		err := math.Abs(float64(got[i]) - float64(w))
		if got[i] != w {
			err = max(err, 1) // 2^53 and 2^53+1 are one float64
		}
		f(int64(i), err, 0)
	}
}
