package aten

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// Einstein's sum convention, by sums, permutations and contractions of two tensors.

// labelled is a tensor with a label for each dimension. Dimensions of one label are
// multiplied with each other, those of labels that the result has not are summed over.
// A label is a letter, or less than 0 for a dimension of the ellipsis, counted from its end.
type labelled struct {
	value  *ir.Value
	labels []int
}

func einsumImports() []ir.Import {
	return append(productImports(), ir.Import{Schema: "aten::einsum(str equation, Tensor(a)[] tensors, *, int[]? path=None) -> Tensor(a)", Build: importEinsum})
}

// importEinsum multiplies from left to right, whatever path says: the path changes
// the order of operations only.
func importEinsum(c *ir.ImportCall) ([]*ir.Value, error) {
	text, ok := c.Args["equation"].Attr.(ir.StringAttr)
	if !ok {
		return nil, fmt.Errorf("argument \"equation\" is not a string")
	}
	factors, out, err := readEquation(string(text), c.Args["tensors"].Values)
	if err != nil {
		return nil, fmt.Errorf("equation %q: %w", string(text), err)
	}
	for i := range factors {
		if factors[i], err = takeDiagonals(c, factors[i]); err != nil {
			return nil, fmt.Errorf("equation %q: %w", string(text), err)
		}
	}
	acc := factors[0]
	for i, next := range factors[1:] {
		wanted := append([]int{}, out...)
		for _, later := range factors[i+2:] {
			wanted = append(wanted, later.labels...)
		}
		if acc, err = multiply(c, acc, next, wanted, out); err != nil {
			return nil, fmt.Errorf("equation %q: %w", string(text), err)
		}
	}
	if acc, err = sumAway(c, acc, out); err != nil {
		return nil, err
	}
	dims := make([]int64, len(out))
	for i, l := range out {
		dims[i] = int64(slices.Index(acc.labels, l))
	}
	if slices.IsSorted(dims) {
		return []*ir.Value{acc.value}, nil
	}
	return try(c, OpPermute, []*ir.Value{acc.value}, attr("dims", ir.I64Array(dims...)))
}

// readEquation labels the tensors and the dimensions of the result.
func readEquation(text string, tensors []*ir.Value) (factors []labelled, out []int, err error) {
	text = strings.ReplaceAll(text, " ", "")
	left, right, explicit := strings.Cut(text, "->")
	terms := strings.Split(left, ",")
	if len(terms) != len(tensors) || len(tensors) == 0 {
		return nil, nil, fmt.Errorf("has %d terms for %d tensors", len(terms), len(tensors))
	}
	ellipsis := 0
	count := map[int]int{}
	for i, term := range terms {
		rank := len(shapeOf(tensors[i]))
		letters := len(strings.ReplaceAll(term, "...", ""))
		if letters > rank || letters < rank && letters == len(term) {
			return nil, nil, fmt.Errorf("term %q does not fit a tensor of %d dimensions", term, rank)
		}
		labels, err := readTerm(term, rank-letters)
		if err != nil {
			return nil, nil, err
		}
		ellipsis = max(ellipsis, rank-letters)
		for _, l := range labels {
			count[l]++
		}
		factors = append(factors, labelled{tensors[i], labels})
	}
	if explicit {
		if out, err = readTerm(right, ellipsis); err != nil {
			return nil, nil, err
		}
		seen := map[int]bool{}
		for _, l := range out {
			if count[l] == 0 || seen[l] {
				return nil, nil, fmt.Errorf("%q stands %d times in the tensors and may stand once in the result", rune(l), count[l])
			}
			seen[l] = true
		}
		return factors, out, nil
	}
	for l := -ellipsis; l < 0; l++ {
		out = append(out, l)
	}
	for l := 'A'; l <= 'z'; l++ { // letters that stand once, in the order of their codes
		if count[int(l)] == 1 {
			out = append(out, int(l))
		}
	}
	return factors, out, nil
}

// readTerm is the labels of one term, whose ellipsis stands for so many dimensions.
func readTerm(term string, ellipsis int) (labels []int, err error) {
	found := false
	for i := 0; i < len(term); i++ {
		switch l := term[i]; {
		case 'a' <= l && l <= 'z', 'A' <= l && l <= 'Z':
			labels = append(labels, int(l))
		case strings.HasPrefix(term[i:], "...") && !found:
			for k := -ellipsis; k < 0; k++ {
				labels = append(labels, k)
			}
			found = true
			i += 2
		default:
			return nil, fmt.Errorf("term %q: expected letters and at most one \"...\", got %q", term, term[i:])
		}
	}
	return labels, nil
}

// takeDiagonals makes one dimension of those with the same letter.
func takeDiagonals(c *ir.ImportCall, f labelled) (labelled, error) {
	for i := 0; i < len(f.labels); {
		rest := slices.Index(f.labels[i+1:], f.labels[i])
		if rest < 0 {
			i++
			continue
		}
		j, shape := i+1+rest, shapeOf(f.value)
		if shape[i] != shape[j] {
			return f, fmt.Errorf("letter %q has sizes %d and %d in one tensor", rune(f.labels[i]), shape[i], shape[j])
		}
		v, err := diagonal(c, f.value, 0, int64(i), int64(j))
		if err != nil {
			return f, err
		}
		labels := append(slices.Clone(f.labels), f.labels[i])
		f = labelled{v, slices.Delete(slices.Delete(labels, j, j+1), i, i+1)}
	}
	return f, nil
}

// sumAway sums over the dimensions whose labels are not wanted.
func sumAway(c *ir.ImportCall, f labelled, wanted []int) (labelled, error) {
	var dims []int64
	var labels []int
	for i, l := range f.labels {
		if slices.Contains(wanted, l) {
			labels = append(labels, l)
		} else {
			dims = append(dims, int64(i))
		}
	}
	if len(dims) == 0 {
		return f, nil
	}
	v, err := one(c, OpSum, []*ir.Value{f.value}, attr("dim", ir.I64Array(dims...)), attr("keepdim", ir.BoolAttr(false)))
	return labelled{v, labels}, err
}

// multiply contracts two factors to one that has the wanted labels of both: in the
// order of the result as far as that has them, so that the last product needs no copy.
func multiply(c *ir.ImportCall, x, y labelled, wanted, out []int) (labelled, error) {
	x, err := sumAway(c, x, append(slices.Clone(wanted), y.labels...))
	if err != nil {
		return x, err
	}
	if y, err = sumAway(c, y, append(slices.Clone(wanted), x.labels...)); err != nil {
		return x, err
	}
	// The loops run over batches, rows, columns and sums, as those of matmul do.
	var classes [4][]int
	for _, l := range append(slices.Clone(x.labels), y.labels...) {
		class := 0
		switch {
		case !slices.Contains(wanted, l):
			class = 3
		case !slices.Contains(y.labels, l):
			class = 1
		case !slices.Contains(x.labels, l):
			class = 2
		}
		if !slices.Contains(classes[class], l) {
			classes[class] = append(classes[class], l)
		}
	}
	loops := slices.Concat(classes[0], classes[1], classes[2], classes[3])
	extents := make([]int64, len(loops))
	for i := range extents {
		extents[i] = 1
	}
	for _, f := range []labelled{x, y} {
		for k, n := range shapeOf(f.value) {
			i := slices.Index(loops, f.labels[k])
			if n != 1 && extents[i] != 1 && n != extents[i] {
				return x, fmt.Errorf("dimensions of one label have sizes %d and %d", extents[i], n)
			}
			if n != 1 {
				extents[i] = n
			}
		}
	}
	through := func(f labelled) (list []int64) {
		for k, n := range shapeOf(f.value) {
			i := slices.Index(loops, f.labels[k])
			if n == 1 && extents[i] != 1 {
				i = -1
			}
			list = append(list, int64(i))
		}
		return list
	}
	var kept []int
	for _, l := range append(slices.Clone(out), loops...) {
		if slices.Contains(loops, l) && slices.Contains(wanted, l) && !slices.Contains(kept, l) {
			kept = append(kept, l)
		}
	}
	var result []int64
	for _, l := range kept {
		result = append(result, int64(slices.Index(loops, l)))
	}
	v, err := one(c, OpContract, []*ir.Value{x.value, y.value}, attr("lhs", ir.I64Array(through(x)...)), attr("rhs", ir.I64Array(through(y)...)),
		attr("out", ir.I64Array(result...)), attr("extents", ir.I64Array(extents...)))
	return labelled{v, kept}, err
}
