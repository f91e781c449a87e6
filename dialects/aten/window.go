package aten

import (
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/ir"
)

// Windows that slide over the last dimensions, of convolutions and pools.

var windowAttrs = []ir.AttrParam{
	{Name: "dilation", Kind: intsAttr, Required: true, Doc: "distance between the elements of a window"},
	{Name: "padding", Kind: intsAttr, Required: true, Doc: "elements assumed around the input"},
	{Name: "stride", Kind: intsAttr, Required: true, Doc: "distance between windows"},
}

// window reads the attributes of a window.
type window struct{ stride, padding, dilation []int64 }

func windowOf(attrs ir.AttrList, dims int) (window, error) {
	w := window{attrs.Ints("stride"), attrs.Ints("padding"), attrs.Ints("dilation")}
	if len(w.stride) != dims || len(w.padding) != dims || len(w.dilation) != dims {
		return w, fmt.Errorf("stride %v, padding %v and dilation %v must have %d entries each", w.stride, w.padding, w.dilation, dims)
	}
	for d := range w.stride {
		if w.stride[d] < 1 || w.dilation[d] < 1 || w.padding[d] < 0 {
			return w, fmt.Errorf("stride %v, padding %v and dilation %v are not valid", w.stride, w.padding, w.dilation)
		}
	}
	return w, nil
}

// windowed is the size of a result dimension: (n + 2p - d (k - 1) - 1) / s + 1,
// rounded down; up with ceil, where windows may end past the input, but not start there.
func windowed(n, k, stride, padding, dilation int64, ceil bool) (int64, error) {
	if stride < 1 || dilation < 1 || padding < 0 || k < 1 {
		return 0, fmt.Errorf("stride %d, padding %d, dilation %d and window %d are not valid", stride, padding, dilation, k)
	}
	if n == ir.Dynamic {
		return ir.Dynamic, nil
	}
	span := n + 2*padding - dilation*(k-1) - 1
	if ceil {
		span += stride - 1
	}
	if n < 0 || span < 0 {
		return 0, fmt.Errorf("a window of %d with dilation %d does not fit a size of %d with padding %d", k, dilation, n, padding)
	}
	out := span/stride + 1
	if ceil && (out-1)*stride >= n+padding {
		out--
	}
	return out, nil
}

// place is what element k of the window at o reads along dimension d, and whether
// that is inside an input of n; nil where it always is.
func (w window) place(b *ir.Builder, d int, o, k *ir.Value, n, kernel, out int64) (i, inside *ir.Value) {
	i = arith.AddI(b, shifted(b, o, w.stride[d], -w.padding[d]), shifted(b, k, w.dilation[d], 0))
	if w.padding[d] == 0 && (out-1)*w.stride[d]+(kernel-1)*w.dilation[d] < n {
		return i, nil
	}
	return i, arith.CmpI(b, arith.ULTI, i, size(b, n)) // a negative place is a large unsigned one
}

func both(b *ir.Builder, x, y *ir.Value) *ir.Value {
	if x == nil {
		return y
	}
	if y == nil {
		return x
	}
	return arith.AndI(b, x, y)
}

// eachWindow runs step over the elements of each window of op that are inside the
// input; what start gives is carried through them to end, with the result's place.
func eachWindow(b *ir.Builder, op *ir.Op, x, out []int64, start func(b *ir.Builder) []*ir.Value,
	step func(b *ir.Builder, in, o, so []*ir.Value) []*ir.Value, end func(b *ir.Builder, o, so []*ir.Value)) {
	kernel := op.Ints("kernel_size")
	lead := len(x) - len(kernel)
	win, _ := windowOf(op.Attrs(), len(kernel))
	forShape(b, out, func(b *ir.Builder, o []*ir.Value) {
		var nest func(b *ir.Builder, k, so []*ir.Value) []*ir.Value
		nest = func(b *ir.Builder, k, so []*ir.Value) []*ir.Value {
			if d := len(k); d < len(kernel) {
				return scf.For(b, size(b, 0), size(b, kernel[d]), size(b, 1), so, func(b *ir.Builder, i *ir.Value, so []*ir.Value) []*ir.Value {
					return nest(b, append(k[:d:d], i), so)
				}).Results()
			}
			in := append([]*ir.Value{}, o[:lead]...)
			var inside *ir.Value
			for d := range kernel {
				i, ok := win.place(b, d, o[lead+d], k[d], x[lead+d], kernel[d], out[lead+d])
				in = append(in, i)
				inside = both(b, inside, ok)
			}
			if inside == nil {
				return step(b, in, o, so)
			}
			var els func(*ir.Builder) []*ir.Value
			if len(so) > 0 {
				els = func(*ir.Builder) []*ir.Value { return so }
			}
			return scf.If(b, inside, ir.TypesOf(so), func(b *ir.Builder) []*ir.Value { return step(b, in, o, so) }, els).Results()
		}
		end(b, o, nest(b, nil, start(b)))
	})
}

// listArg is an argument that has one number for each of n dimensions, or one for all.
func listArg(c *ir.ImportCall, name string, n int, def int64) ([]int64, error) {
	v := intsArg(c, name)
	if len(v) == 0 {
		v = []int64{def}
	}
	if len(v) == 1 {
		for len(v) < n {
			v = append(v, v[0])
		}
	}
	if len(v) != n {
		return nil, fmt.Errorf("%s is %v, expected 1 or %d numbers", name, v, n)
	}
	return v, nil
}
