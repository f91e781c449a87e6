package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

func poolImports() []ir.Import {
	var imports []ir.Import
	for n := 1; n <= 3; n++ {
		imports = append(imports,
			ir.Import{Schema: fmt.Sprintf("aten::max_pool%dd(Tensor self, int[%d] kernel_size, int[%d] stride=[], int[%d] padding=0, int[%d] dilation=1, bool ceil_mode=False) -> Tensor", n, n, n, n, n),
				Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return importMaxPool(c, n) }},
			ir.Import{Schema: fmt.Sprintf("aten::adaptive_avg_pool%dd(Tensor self, SymInt[%d] output_size) -> Tensor", n, n),
				Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return importAdaptiveAvgPool(c, n) }},
		)
		if n > 1 {
			imports = append(imports, ir.Import{Schema: fmt.Sprintf("aten::_adaptive_avg_pool%dd(Tensor self, SymInt[%d] output_size) -> Tensor", n, n),
				Build: func(c *ir.ImportCall) ([]*ir.Value, error) { return importAdaptiveAvgPool(c, n) }})
		}
		divisor := ", int? divisor_override=None"
		if n == 1 {
			divisor = ""
		}
		imports = append(imports, ir.Import{
			Schema: fmt.Sprintf("aten::avg_pool%dd(Tensor self, int[%d] kernel_size, int[%d] stride=[], int[%d] padding=0, bool ceil_mode=False, bool count_include_pad=True%s) -> Tensor", n, n, n, n, divisor),
			Build:  func(c *ir.ImportCall) ([]*ir.Value, error) { return importAvgPool(c, n) },
		})
	}
	return imports
}

// poolArgs reads the window of a pool over n dimensions; the stride is by default the
// size of the window.
func poolArgs(c *ir.ImportCall, n int) ([]ir.NamedAttr, []int64, error) {
	kernel, err := listArg(c, "kernel_size", n, 1)
	if err != nil {
		return nil, nil, err
	}
	stride := kernel
	if len(intsArg(c, "stride")) > 0 {
		if stride, err = listArg(c, "stride", n, 1); err != nil {
			return nil, nil, err
		}
	}
	padding, err := listArg(c, "padding", n, 0)
	if err != nil {
		return nil, nil, err
	}
	dilation, err := listArg(c, "dilation", n, 1)
	if err != nil {
		return nil, nil, err
	}
	attrs := poolWindow(kernel, stride, padding, dilation)
	if boolArg(c, "ceil_mode", false) {
		attrs = append(attrs, attr("ceil_mode", ir.BoolAttr(true)))
	}
	return attrs, kernel, nil
}

func poolWindow(kernel, stride, padding, dilation []int64) []ir.NamedAttr {
	return []ir.NamedAttr{attr("dilation", ir.I64Array(dilation...)), attr("kernel_size", ir.I64Array(kernel...)),
		attr("padding", ir.I64Array(padding...)), attr("stride", ir.I64Array(stride...))}
}

func importMaxPool(c *ir.ImportCall, n int) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	attrs, _, err := poolArgs(c, n)
	if err != nil {
		return nil, err
	}
	return try(c, OpMaxPool, []*ir.Value{x}, attrs...)
}

func importAvgPool(c *ir.ImportCall, n int) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	attrs, kernel, err := poolArgs(c, n)
	if err != nil {
		return nil, err
	}
	whole, _ := ir.NumElements(kernel)
	pooled := func(x *ir.Value, divisor float64) (*ir.Value, error) {
		return one(c, OpAvgPool, []*ir.Value{x}, append([]ir.NamedAttr{attr("divisor", ir.F64Attr(divisor))}, attrs...)...)
	}
	padding, _ := listArg(c, "padding", n, 0)
	padded := false
	for _, p := range padding {
		padded = padded || p > 0
	}
	ceil := boolArg(c, "ceil_mode", false)
	switch {
	case !c.Args["divisor_override"].IsNone():
		return single(pooled(x, numberArg(c, "divisor_override", 1)))
	case !padded && !ceil, boolArg(c, "count_include_pad", true) && !ceil:
		return single(pooled(x, float64(whole)))
	case padded && boolArg(c, "count_include_pad", true):
		return nil, refused("ceil_mode=True with padding that counts is not supported")
	}
	if !ir.Static(shapeOf(x)) {
		return nil, refused("windows of unequal size over symbolic sizes are not supported")
	}
	// Windows that reach past the input are divided by how much of it they hold.
	sums, err := pooled(x, 1)
	if err != nil {
		return nil, err
	}
	shape := append([]int64{}, shapeOf(x)...)
	for i := range shape[:len(shape)-n] {
		shape[i] = 1
	}
	counts, err := pooled(Full(c.Builder, number(1), shape, elemOf(x)), 1)
	if err != nil {
		return nil, err
	}
	return try(c, OpDiv, []*ir.Value{sums, counts})
}

// importAdaptiveAvgPool is avg_pool with windows of one size where there are such, and
// otherwise the means of parts: the k-th of m parts of n elements is [k n / m, (k+1) n / m),
// its start rounded down and its end up.
func importAdaptiveAvgPool(c *ir.ImportCall, n int) ([]*ir.Value, error) {
	x, err := tensorArg(c, "self")
	if err != nil {
		return nil, err
	}
	out := intsArg(c, "output_size")
	from := shapeOf(x)
	if len(out) != n || len(from) <= n || !ir.IsFloat(x.Type()) {
		return nil, fmt.Errorf("output_size %v does not fit a tensor of type %s", out, x.Type())
	}
	lead := len(from) - n
	even := true
	var kernel, zero, unit []int64
	for d, m := range out {
		size := from[lead+d]
		if size < 1 || m < 1 {
			return nil, refused(fmt.Sprintf("output_size %v and sizes %v: each must be known and 1 or more", out, from[lead:]))
		}
		even = even && size%m == 0
		kernel, zero, unit = append(kernel, size/m), append(zero, 0), append(unit, 1)
	}
	if even {
		whole, _ := ir.NumElements(kernel)
		return try(c, OpAvgPool, []*ir.Value{x}, append(poolWindow(kernel, kernel, zero, unit), attr("divisor", ir.F64Attr(float64(whole))))...)
	}
	for d, m := range out {
		size, dim := from[lead+d], int64(lead+d)
		var parts []*ir.Value
		for k := int64(0); k < m; k++ {
			part, err := one(c, OpSlice, []*ir.Value{x}, sliceAttrList(dim, k*size/m, ((k+1)*size+m-1)/m, 1)...)
			if err != nil {
				return nil, err
			}
			parts = append(parts, Mean(c.Builder, part, []int64{dim}, true))
		}
		if x, err = one(c, OpCat, parts, attr("dim", ir.I64Attr(dim))); err != nil {
			return nil, err
		}
	}
	return []*ir.Value{x}, nil
}
