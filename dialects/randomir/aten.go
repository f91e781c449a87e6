package randomir

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
)

// Aten is a module whose @graph is about ops ops of the aten dialect on f64 tensors; its
// floating arguments want gradients.
func Aten(r *rand.Rand, ops int) string {
	w := newWriter(r, ops)
	var params []string
	for _, shape := range [][]int64{{3, 4}, {4}, {3, 1}, {}, {4, 3}} {
		t := tensorType(shape)
		params = append(params, w.define(t)+": "+t+" {cladopt.requires_grad}")
	}
	for ; w.left > 0; w.left-- {
		w.aten()
	}
	var results, resultTypes []string
	for k := 0; k < 1+r.Intn(3); k++ {
		all := w.types(isTensor)
		t := all[r.Intn(len(all))]
		v := w.have(t)
		if !slices.Contains(results, v) {
			results, resultTypes = append(results, v), append(resultTypes, t)
		}
	}
	return fmt.Sprintf("func.func @graph(%s) -> (%s) {\n%s  func.return %s : %s\n}\n", strings.Join(params, ", "),
		strings.Join(resultTypes, ", "), w.out.String(), strings.Join(results, ", "), strings.Join(resultTypes, ", "))
}

func tensorType(shape []int64) string {
	if len(shape) == 0 {
		return "tensor<f64>"
	}
	return "tensor<" + join(shape, "x") + "xf64>"
}

func isTensor(t string) bool { return strings.HasPrefix(t, "tensor<") && strings.HasSuffix(t, "f64>") }

// shapeOf reads a type that tensorType wrote.
func shapeOf(t string) []int64 {
	var out []int64
	fields := strings.Split(strings.TrimSuffix(strings.TrimPrefix(t, "tensor<"), ">"), "x")
	for _, f := range fields[:len(fields)-1] {
		var n int64
		fmt.Sscan(f, &n)
		out = append(out, n)
	}
	return out
}

// broadcast is the common shape by ATen's rule, and whether there is one.
func broadcast(a, b []int64) ([]int64, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i := range b {
		k := len(a) - len(b) + i
		switch {
		case a[k] == b[i] || b[i] == 1:
		case a[k] == 1:
			out[k] = b[i]
		default:
			return nil, false
		}
	}
	return out, true
}

var (
	smooth = []string{"neg", "exp", "tanh", "sin", "cos", "sigmoid", "silu", "gelu", "softplus", "erf", "atan", "square", "abs", "relu", "hardtanh",
		"leaky_relu", "sign", "floor", "detach", "clone", "expm1", "elu", "mish", "log_sigmoid", "asinh"}
	pairs = []string{"add", "sub", "mul", "maximum", "minimum", "atan2", "logaddexp", "fmax", "rsub"}
)

func (w *writer) aten() {
	all := w.types(isTensor)
	t := all[w.r.Intn(len(all))]
	x, shape := w.have(t), shapeOf(t)
	emit := func(op, operands, attrs, from string, to []int64) {
		if attrs != "" {
			attrs = " {" + attrs + "}"
		}
		out := tensorType(to)
		w.line("%s = aten.%s %s%s : (%s) -> %s", w.define(out), op, operands, attrs, from, out)
	}
	dim := 0
	if len(shape) > 0 {
		dim = w.r.Intn(len(shape))
	}
	switch k := w.r.Intn(26); {
	case k < 5:
		attrs := ""
		op := smooth[w.r.Intn(len(smooth))]
		switch w.r.Intn(5) {
		case 0:
			op, attrs = "pow", "exponent = "+w.pick("2.0", "3.0", "1.0", "0.0")+" : f64"
		case 1:
			op, attrs = "clamp", "max = 0.5 : f64, min = -0.25 : f64"
		}
		emit(op, x, attrs, t, shape)
	case k < 9:
		u := all[w.r.Intn(len(all))]
		if to, ok := broadcast(shape, shapeOf(u)); ok {
			attrs := ""
			op := pairs[w.r.Intn(len(pairs))]
			if (op == "add" || op == "sub" || op == "rsub") && w.r.Intn(3) == 0 {
				attrs = "alpha = " + w.pick("2.0", "-0.5", "1.0") + " : f64"
			}
			emit(op, x+", "+w.have(u), attrs, t+", "+u, to)
		}
	case k == 9 && len(shape) > 0:
		to := slices.Delete(slices.Clone(shape), dim, dim+1)
		emit(w.pick("sum", "mean", "logsumexp", "amax", "amin", "prod"), x, fmt.Sprintf("dim = array<i64: %d>", dim), t, to)
		if strings.Contains(w.last(), "prod") {
			w.replaceLast("array<i64: ", "", ">}", " : i64}")
		}
	case k == 10 && len(shape) > 0:
		emit(w.pick("softmax", "log_softmax"), x, fmt.Sprintf("dim = %d : i64", dim), t, shape)
	case k == 11 && len(shape) == 2:
		emit("permute", x, "dims = array<i64: 1, 0>", t, []int64{shape[1], shape[0]})
	case k == 12 && len(shape) > 0:
		n := int64(1)
		for _, s := range shape {
			n *= s
		}
		to := [][]int64{{n}, {1, n}, {n, 1}}[w.r.Intn(3)]
		emit("reshape", x, "shape = array<i64: "+join(to, ", ")+">", t, to)
	case k == 13 && len(shape) == 2:
		u := tensorType([]int64{shape[1], 2 + shape[0]%3})
		if y := w.have(u); y != "" {
			emit("matmul", x+", "+y, "", t+", "+u, []int64{shape[0], shapeOf(u)[1]})
			return
		}
		u = tensorType([]int64{shape[1], shape[0]})
		if y := w.have(u); y != "" {
			emit("matmul", x+", "+y, "", t+", "+u, []int64{shape[0], shape[0]})
		}
	case k == 14:
		c, cond, y := w.name(), "tensor<"+strings.TrimSuffix(strings.TrimPrefix(t, "tensor<"), "f64>")+"i1>", w.have(t)
		w.line("%s = aten.gt %s, %s : (%s, %s) -> %s", c, x, y, t, t, cond)
		emit("where", c+", "+x+", "+w.have(t), "", cond+", "+t+", "+t, shape)
	case k == 15 && len(shape) > 0 && shape[dim] > 1:
		to := slices.Clone(shape)
		to[dim]--
		emit("slice", x, fmt.Sprintf("dim = %d : i64, end = %d : i64, start = 1 : i64", dim, shape[dim]), t, to)
	case k == 16:
		c := tensorType(nil)
		if w.r.Intn(2) == 0 {
			c = t
		}
		n := w.define(c)
		w.line("%s = aten.full {value = %s : f64} : () -> %s", n, w.pick("0.0", "1.0", "-1.0", "0.5"), c)
		emit(w.pick("add", "sub", "mul", "div"), x+", "+n, "", t+", "+c, shape)
	case k == 17:
		y := w.have(t)
		square, sum := w.define(t), w.define(t)
		w.line("%s = aten.cosh %s : %s", square, y, t)
		w.line("%s = aten.div %s, %s%s : %s", sum, x, square, w.pick("", ` {rounding_mode = "floor"}`, ` {rounding_mode = "trunc"}`), t)
	case k == 18 && len(shape) > 0:
		emit("cumsum", x, fmt.Sprintf("dim = %d : i64", dim), t, shape)
	case k == 19 && len(shape) > 0:
		to := slices.Clone(shape)
		to[dim] *= 2
		emit("cat", x+", "+w.have(t), fmt.Sprintf("dim = %d : i64", dim), t+", "+t, to)
	case k == 20 && len(shape) > 0 && shape[len(shape)-1] > 1:
		emit("layer_norm", x, fmt.Sprintf("eps = 0.1 : f64, normalized_shape = array<i64: %d>", shape[len(shape)-1]), t, shape)
	case k == 21 && len(shape) > 0:
		emit("flip", x, fmt.Sprintf("dims = array<i64: %d>", dim), t, shape)
	case k == 22 && len(shape) > 0 && shape[dim] > 1:
		to := slices.Clone(shape)
		to[dim] = 1
		emit("var", x, fmt.Sprintf("dim = array<i64: %d>, keepdim = true", dim), t, to)
	case k == 23 && len(shape) < 3:
		to := append([]int64{2}, shape...)
		emit("expand", x, "shape = array<i64: "+join(to, ", ")+">", t, to)
	case k == 24 && len(shape) > 0:
		to := slices.Clone(shape)
		to[dim] = 1
		n, i := w.name(), "tensor<"+strings.TrimSuffix(strings.TrimPrefix(tensorType(to), "tensor<"), "f64>")+"i64>"
		w.line("%s:2 = aten.max_dim %s {dim = %d : i64, keepdim = true} : (%s) -> (%s, %s)", n, x, dim, t, tensorType(to), i)
		w.note(n+"#0", tensorType(to))
	case k == 25 && len(shape) > 0:
		emit("linalg_vector_norm", x, fmt.Sprintf("dim = array<i64: %d>, keepdim = true, ord = %s : f64", dim, w.pick("1.0", "2.0", "3.0", "0x7FF0000000000000")), t,
			slices.Concat(shape[:dim], []int64{1}, shape[dim+1:]))
	}
}

// last is the line written last.
func (w *writer) last() string {
	lines := strings.Split(strings.TrimSuffix(w.out.String(), "\n"), "\n")
	return lines[len(lines)-1]
}

// replaceLast replaces pairs of texts in the line written last.
func (w *writer) replaceLast(pairs ...string) {
	text := strings.TrimSuffix(w.out.String(), w.last()+"\n")
	line := strings.NewReplacer(pairs...).Replace(w.last())
	w.out.Reset()
	w.out.WriteString(text + line + "\n")
}
