package torchscript

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ATen prints a small tensor (at::print, Formatting.cpp) as numbers and then its
// type; the graph printer turns the newlines into spaces:
//
//	 1  2  3 [ CPULongType{3} ]
//	0.01 *  1.0000  2.5000 [ CPUFloatType{1,2} ]          a scale for all numbers
//	Columns 1 to 8 0.1 ... Columns 9 to 10 0.9 1 [ CPUFloatType{1,10} ]
//	(1,.,.) =   1  2   3  4  (2,.,.) =   5 ... [ CPULongType{2,2,2} ]
//
// With at most ten elements, columns are split only in matrices of one row, so
// the numbers of a matrix stand in row-major order.

// rawItem is one item of the print before the type.
type rawItem struct {
	kind  byte    // 'n' number, '*' scale, '(' slice, 'C' columns, '[' type, 0 none
	n     int     // its length; -1 for a type that is not closed
	text  string  // of a number
	index []int64 // of a slice, from 1
}

// nextRawItem reads the item at the start of s.
func nextRawItem(s string) rawItem {
	if s == "" {
		return rawItem{}
	}
	switch s[0] {
	case '*':
		return rawItem{kind: '*', n: 1}
	case '[':
		return rawItem{kind: '[', n: rawTypeLen(s)}
	case '(':
		return rawSlice(s)
	case 'C':
		return rawColumns(s)
	}
	n, _ := scanNumber(s)
	if n == 0 || n == len(s) || s[n] != ' ' && s[n] != '\t' { // 1-2.j is a complex number
		return rawItem{}
	}
	return rawItem{kind: 'n', n: n, text: s[:n]}
}

// rawSlice reads "(1,2,.,.) =".
func rawSlice(s string) rawItem {
	item := rawItem{kind: '(', n: 1}
	for {
		d := digitsLen(s[item.n:])
		if d == 0 || !strings.HasPrefix(s[item.n+d:], ",") {
			break
		}
		i, err := strconv.ParseInt(s[item.n:item.n+d], 10, 64)
		if err != nil {
			return rawItem{}
		}
		item.index = append(item.index, i)
		item.n += d + 1
	}
	if len(item.index) == 0 || !strings.HasPrefix(s[item.n:], ".,.) =") {
		return rawItem{}
	}
	item.n += len(".,.) =")
	return item
}

// rawColumns reads "Columns 1 to 8". The number behind it may touch: columns
// number ten at most, so the last one is 10 or a single digit.
func rawColumns(s string) rawItem {
	rest, ok := strings.CutPrefix(s, "Columns ")
	if !ok {
		return rawItem{}
	}
	rest = rest[digitsLen(rest):]
	if rest, ok = strings.CutPrefix(rest, " to "); !ok || digitsLen(rest) == 0 {
		return rawItem{}
	}
	last := 1
	if strings.HasPrefix(rest, "10") {
		last = 2
	}
	return rawItem{kind: 'C', n: len(s) - len(rest) + last}
}

// rawTypeLen is the length of "[ CPUFloatType{2,3} ]" at the start of s, 0 if
// something else stands there, -1 if it does not close.
func rawTypeLen(s string) int {
	const undefined = "[ Tensor (undefined) ]"
	if strings.HasPrefix(s, undefined) {
		return len(undefined)
	}
	name, ok := strings.CutPrefix(s, "[ ")
	if n := wordLen(name); !ok || n == 0 || !strings.HasPrefix(name[n:], "{") {
		return 0
	}
	depth := 0 // a quantized or sparse tensor holds other tensor prints
	for i := 0; i < len(s) && s[i] != '\n'; i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

const mkldnn = "MKLDNN Tensor: "

// scanRawTensor is the length of the tensor print at the start of s, 0 if there
// is none. With fault set, the first n bytes can only be a tensor print but
// their type is missing.
func scanRawTensor(s string) (n int, fault bool) {
	items := 0
	if strings.HasPrefix(s, mkldnn) {
		n, items = len(mkldnn), 1
	}
	for {
		for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
			n++
		}
		item := nextRawItem(s[n:])
		switch {
		case item.n < 0:
			return len(s[:n+strings.IndexByte(s[n:]+"\n", '\n')]), true
		case item.n == 0 || item.kind == '*' && items == 0:
			if items < 2 { // one number alone is a number
				return 0, false
			}
			return n, true
		case item.kind == '[':
			return n + item.n, false
		case item.kind == '(' || item.kind == 'C':
			items++ // this is nothing else
		}
		items++
		n += item.n
	}
}

// decodeRawTensor fills in what the text of v says.
func decodeRawTensor(v *RawTensorValue) error {
	var items []rawItem
	text := strings.TrimPrefix(v.Text, mkldnn)
	for {
		text = strings.TrimLeft(text, " \t")
		item := nextRawItem(text)
		if item.kind == '[' {
			break
		}
		items = append(items, item)
		text = text[item.n:]
	}
	text = text[len("[ "):]
	v.TypeName = text[:wordLen(text)]
	dims, ok := strings.CutPrefix(text[len(v.TypeName):], "{")
	if !ok {
		return nil // [ Tensor (undefined) ]
	}
	dims, rest, _ := strings.Cut(dims, "}")
	v.Dims = []int64{}
	size := int64(1)
	for _, d := range strings.Split(dims, ",") {
		if dims == "" {
			break
		}
		n, err := strconv.ParseInt(d, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("malformed sizes {%s} of a tensor print", dims)
		}
		v.Dims = append(v.Dims, n)
		if n > 0 && size > math.MaxInt32/n {
			return fmt.Errorf("tensor print of %s{%s} is too large", v.TypeName, dims)
		}
		size *= n
	}
	if strings.HasPrefix(strings.TrimLeft(rest, " "), "indices:") {
		return nil // sparse
	}
	return placeRaw(v, items, size)
}

// placeRaw puts the numbers in row-major order. Slices come with their first
// index running fastest, hence go where their header says.
func placeRaw(v *RawTensorValue, items []rawItem, size int64) error {
	count := int64(0)
	for i, item := range items {
		if item.kind == 'n' && (i+1 == len(items) || items[i+1].kind != '*') {
			count++
		}
	}
	if count != size {
		return fmt.Errorf("tensor print holds %d numbers, its type %s%s asks for %d", count, v.TypeName, braces(v.Dims), size)
	}
	number := func(item rawItem) float64 {
		x, _ := strconv.ParseFloat(item.text, 64) // ±Inf when out of range
		return x
	}
	v.Values = make([]float64, size)
	filled := make([]bool, size)
	scale, at := 1.0, int64(0)
	for i, item := range items {
		switch {
		case item.kind == '(':
			if len(item.index)+2 != len(v.Dims) {
				return fmt.Errorf("slice of a tensor print has %d indices, its type %s%s asks for %d",
					len(item.index), v.TypeName, braces(v.Dims), max(0, len(v.Dims)-2))
			}
			at, scale = 0, 1
			for d, index := range item.index {
				if index < 1 || index > v.Dims[d] {
					return fmt.Errorf("slice index %d of a tensor print is outside of %s%s", index, v.TypeName, braces(v.Dims))
				}
				at = at*v.Dims[d] + index - 1
			}
			at *= v.Dims[len(v.Dims)-2] * v.Dims[len(v.Dims)-1]
		case item.kind != 'n':
		case i+1 < len(items) && items[i+1].kind == '*':
			scale = number(item)
		default:
			if at >= size || filled[at] {
				return fmt.Errorf("slices of a tensor print do not fill its type %s%s", v.TypeName, braces(v.Dims))
			}
			filled[at] = true
			v.Values[at] = number(item) * scale
			at++
		}
	}
	return nil
}

// braces prints sizes as ATen does: {2,3}.
func braces(dims []int64) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = strconv.FormatInt(d, 10)
	}
	return "{" + strings.Join(parts, ",") + "}"
}
