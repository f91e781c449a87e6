package randomir

import (
	"fmt"
	"math/rand"
	"strings"
)

// Loops is a module of a few functions of about ops ops each in MLIR's own dialects.
// @f0 takes f64, i64 and i1 numbers and returns some; later ones may call it. Nothing
// in them traps: divisors are constants, indices in range, loops short. With marks, ops
// carry attributes of no dialect's, which mlir-opt accepts and passes drop.
func Loops(r *rand.Rand, ops int, marks bool) string {
	return loops(r, ops, marks, false)
}

// Exact is like Loops, of what every implementation computes to the last bit alone, on
// numbers and memory; and @main, which calls @f0 and folds its results, NaNs as one, into
// one i64.
func Exact(r *rand.Rand, ops int) string {
	text := loops(r, ops, false, true)
	_, rest, _ := strings.Cut(text, ") -> (")
	results, _, _ := strings.Cut(rest, ")")
	w := newWriter(r, 0)
	w.call("@f0(f64, f64, i64, i1) -> (" + results + ")")
	sum := w.constant("i64")
	for _, t := range strings.Split(results, ", ") {
		v, bits := w.have(t), ""
		switch t {
		case "f64", "f32":
			number, wide := w.name(), w.name()
			from := map[string]string{"f64": "i64", "f32": "i32"}[t]
			w.line("%s = arith.cmpf ord, %s, %s : %s", number, v, v, t)
			bits = w.name()
			w.line("%s = arith.bitcast %s : %s to %s", bits, v, t, from)
			if t == "f32" {
				w.line("%s = arith.extui %s : i32 to i64", wide, bits)
				bits = wide
			}
			none, chosen := w.constant("i64"), w.name()
			w.line("%s = arith.select %s, %s, %s : i64", chosen, number, bits, none)
			bits = chosen
		case "i64":
			bits = v
		default:
			bits = w.name()
			w.line("%s = arith.extsi %s : %s to i64", bits, v, t)
		}
		by, scaled, next := w.name(), w.name(), w.name()
		w.line("%s = arith.constant 6364136223846793005 : i64", by)
		w.line("%s = arith.muli %s, %s : i64", scaled, sum, by)
		w.line("%s = arith.xori %s, %s : i64", next, scaled, bits)
		sum = next
	}
	return text + "func.func @main() -> i64 {\n" + w.out.String() + "  func.return " + sum + " : i64\n}\n"
}

func loops(r *rand.Rand, ops int, marks, exact bool) string {
	var out strings.Builder
	var signatures []string
	for i := 0; i < 1+r.Intn(3); i++ {
		w := newWriter(r, ops)
		w.marks, w.exact = marks, exact
		inputs := []string{"f64", "f64", "i64", "i1"}
		var params []string
		for _, t := range inputs {
			params = append(params, w.define(t)+": "+t)
		}
		for w.left > 0 {
			w.statement(signatures)
		}
		var results []string
		for _, t := range []string{"f64", "f64", "i64", "f32", "i32", "i1"} {
			if t == "f64" || r.Intn(2) == 0 {
				results = append(results, t)
			}
		}
		values := make([]string, len(results))
		for k, t := range results {
			values[k] = w.value(t)
		}
		fmt.Fprintf(&out, "func.func @f%d(%s) -> (%s) {\n%s  func.return %s : %s\n}\n", i, strings.Join(params, ", "),
			strings.Join(results, ", "), w.out.String(), strings.Join(values, ", "), strings.Join(results, ", "))
		signatures = append(signatures, fmt.Sprintf("@f%d(%s) -> (%s)", i, strings.Join(inputs, ", "), strings.Join(results, ", ")))
	}
	return out.String()
}

var (
	floats   = []string{"f32", "f64"}
	integers = []string{"i8", "i32", "i64", "index"}
)

func isFloat(t string) bool { return t == "f32" || t == "f64" }

// value is a value of a number type, a new constant if there is none or by chance.
func (w *writer) value(t string) string {
	if v := w.have(t); v != "" && w.r.Intn(6) > 0 {
		return v
	}
	return w.constant(t)
}

func (w *writer) constant(t string) string {
	text := ""
	switch {
	case isFloat(t):
		text = w.pick("0.000000e+00", "1.000000e+00", "-1.000000e+00", "2.500000e-01", "-3.500000e+00", "1.000000e+10", "0.100000e+00", "-0.000000e+00")
	case t == "i1":
		n := w.define(t)
		w.line("%s = arith.constant %s", n, w.pick("true", "false"))
		return n
	default:
		text = w.pick("0", "1", "-1", "2", "3", "7", "-5", "100")
	}
	n := w.define(t)
	w.line("%s = arith.constant{ATTR} %s : %s", n, text, t)
	return n
}

// at is an index constant.
func (w *writer) at(i int) string {
	n := w.define("index")
	w.line("%s = arith.constant %d : index", n, i)
	return n
}

func (w *writer) number() string {
	if w.r.Intn(2) == 0 {
		return floats[w.r.Intn(2)]
	}
	return integers[w.r.Intn(4)]
}

// statement writes one op, or one with regions.
func (w *writer) statement(callable []string) {
	w.left--
	t := w.number()
	switch k := w.r.Intn(27); {
	case k < 6:
		op := w.pick("addi", "subi", "muli", "andi", "ori", "xori", "maxsi", "minsi")
		if isFloat(t) {
			op = w.pick("addf", "subf", "mulf", "divf", "maxf", "minf", "remf")
		}
		x, y := w.value(t), w.value(t)
		if w.exact && (op == "maxf" || op == "minf") {
			// Which of two zeros it gives is open; adding 0 makes both one.
			either, zero := w.name(), w.name()
			w.line("%s = arith.%s %s, %s : %s", either, op, x, y, t)
			w.line("%s = arith.constant 0.000000e+00 : %s", zero, t)
			w.line("%s = arith.addf %s, %s : %s", w.define(t), either, zero, t)
			return
		}
		w.line("%s = arith.%s %s, %s{ATTR} : %s", w.define(t), op, x, y, t)
	case k == 6:
		f := floats[w.r.Intn(2)]
		x := w.value(f)
		w.line("%s = arith.negf %s{ATTR} : %s", w.define(f), x, f)
	case k < 9:
		f := floats[w.r.Intn(2)]
		if w.exact {
			x := w.value(f)
			w.line("%s = math.%s %s : %s", w.define(f), w.pick("absf", "ceil", "floor", "roundeven", "sqrt", "trunc"), x, f)
			return
		}
		if w.r.Intn(4) == 0 {
			x, y := w.value(f), w.value(f)
			w.line("%s = math.%s %s, %s{ATTR} : %s", w.define(f), w.pick("atan2", "powf"), x, y, f)
			return
		}
		x := w.value(f)
		w.line("%s = math.%s %s{ATTR} : %s", w.define(f), w.pick("absf", "atan", "ceil", "cos", "erf", "exp", "exp2", "expm1", "floor",
			"log", "log10", "log1p", "log2", "roundeven", "rsqrt", "sin", "sqrt", "tan", "tanh", "trunc"), x, f)
	case k == 9:
		x, y := w.value(t), w.value(t)
		if isFloat(t) {
			w.line("%s = arith.cmpf %s, %s, %s{ATTR} : %s", w.define("i1"), w.pick("oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt", "uge", "ult", "ule", "une", "uno"), x, y, t)
		} else {
			w.line("%s = arith.cmpi %s, %s, %s{ATTR} : %s", w.define("i1"), w.pick("eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"), x, y, t)
		}
	case k == 10:
		c, x, y := w.value("i1"), w.value(t), w.value(t)
		w.line("%s = arith.select %s, %s, %s{ATTR} : %s", w.define(t), c, x, y, t)
	case k < 13:
		w.cast()
	case k == 13:
		i := integers[w.r.Intn(4)]
		x, by := w.value(i), w.name()
		w.line("%s = arith.constant %s : %s", by, w.pick("1", "2", "7"), i)
		w.line("%s = arith.%s %s, %s{ATTR} : %s", w.define(i), w.pick("divsi", "remsi", "floordivsi", "shli", "shrsi"), x, by, i)
	case k < 17:
		w.memory()
	case k < 20 && !w.exact:
		w.tensor()
	case k == 20 && len(callable) > 0:
		w.call(callable[w.r.Intn(len(callable))])
	case k == 21:
		yes := w.name()
		w.line("%s = arith.constant true", yes)
		w.line("cf.assert %s, %s{ATTR}", yes, w.pick(`"never"`, `"a \22b\22\0Ac"`))
	case k < 27 && w.depth < 3:
		w.control(callable)
	}
}

func (w *writer) cast() {
	row := [][3]string{
		{"extf", "f32", "f64"}, {"truncf", "f64", "f32"}, {"sitofp", "i64", "f64"}, {"sitofp", "i1", "f32"}, {"sitofp", "i32", "f64"},
		{"uitofp", "i1", "f64"}, {"uitofp", "i8", "f32"}, {"extsi", "i1", "i64"}, {"extsi", "i8", "i32"}, {"extsi", "i32", "i64"},
		{"extui", "i1", "i32"}, {"extui", "i8", "i64"}, {"trunci", "i64", "i32"}, {"trunci", "i32", "i8"}, {"trunci", "i64", "i1"},
		{"index_cast", "i64", "index"}, {"index_cast", "index", "i64"}, {"index_cast", "i32", "index"},
		{"bitcast", "f64", "i64"}, {"bitcast", "i64", "f64"}, {"bitcast", "f32", "i32"}, {"bitcast", "i32", "f32"},
	}[w.r.Intn(22)]
	x := w.value(row[1])
	w.line("%s = arith.%s %s{ATTR} : %s to %s", w.define(row[2]), row[0], x, row[1], row[2])
}

func (w *writer) call(signature string) {
	name, rest, _ := strings.Cut(signature, "(")
	inputs, rest, _ := strings.Cut(rest, ")")
	results := strings.Split(strings.Trim(strings.TrimPrefix(rest, " -> "), "()"), ", ")
	var args []string
	for _, t := range strings.Split(inputs, ", ") {
		args = append(args, w.value(t))
	}
	n := w.name()
	w.line("%s:%d = func.call %s(%s){ATTR} : (%s) -> (%s)", n, len(results), name, strings.Join(args, ", "), inputs, strings.Join(results, ", "))
	for i, t := range results {
		w.note(fmt.Sprintf("%s#%d", n, i), t)
	}
}

const matrix = "3x4x"

// memory writes an allocation with all elements stored, or an access to one.
func (w *writer) memory() {
	t := w.pick("f32", "f64", "i64", "i32")
	m := "memref<" + matrix + t + ">"
	buffer := w.have(m)
	if buffer == "" {
		buffer = w.name()
		w.line("%s = memref.%s(){ATTR} : %s", buffer, w.pick("alloc", "alloca"), m)
		x := w.value(t)
		w.line("linalg.fill{ATTR} ins(%s : %s) outs(%s : %s)", x, t, buffer, m)
		w.note(buffer, m)
	}
	i, j := w.r.Intn(3), w.r.Intn(4)
	switch w.r.Intn(6) {
	case 0, 1:
		a, b := w.at(i), w.at(j)
		w.line("%s = memref.load %s[%s, %s]{ATTR} : %s", w.define(t), buffer, a, b, m)
	case 2:
		a, b, x := w.at(i), w.at(j), w.value(t)
		w.line("memref.store %s, %s[%s, %s]{ATTR} : %s", x, buffer, a, b, m)
	case 3:
		part, of, zero := w.name(), fmt.Sprintf("memref<1x2x%s, strided<[4, 1], offset: %d>>", t, i*4+min(j, 2)), w.at(0)
		w.line("%s = memref.subview %s[%d, %d] [1, 2] [1, 1]{ATTR} : %s to %s", part, buffer, i, min(j, 2), m, of)
		w.line("%s = memref.load %s[%s, %s] : %s", w.define(t), part, zero, zero, of)
	case 4:
		flat, of, at := w.name(), "memref<12x"+t+">", w.at(i*4+j)
		w.line("%s = memref.reinterpret_cast %s to offset: [0], sizes: [12], strides: [1]{ATTR} : %s to %s", flat, buffer, m, of)
		w.line("%s = memref.load %s[%s] : %s", w.define(t), flat, at, of)
	case 5:
		other := w.name()
		w.line("%s = memref.alloc() {alignment = 64 : i64} : %s", other, m)
		w.line("memref.copy %s, %s{ATTR} : %s to %s", buffer, other, m, m)
		w.note(other, m)
	}
}

// tensor writes a tensor or an op on one.
func (w *writer) tensor() {
	e := w.pick("f32", "f64")
	t := "tensor<" + matrix + e + ">"
	x := w.have(t)
	if x == "" {
		init, v := w.name(), w.value(e)
		w.line("%s = tensor.empty(){ATTR} : %s", init, t)
		x = w.define(t)
		w.line("%s = linalg.fill{ATTR} ins(%s : %s) outs(%s : %s) -> %s", x, v, e, init, t, t)
	}
	i, j := w.r.Intn(3), w.r.Intn(4)
	switch w.r.Intn(6) {
	case 0:
		a, b := w.at(i), w.at(j)
		w.line("%s = tensor.extract %s[%s, %s]{ATTR} : %s", w.define(e), x, a, b, t)
	case 1:
		a, b, v := w.at(i), w.at(j), w.value(e)
		w.line("%s = tensor.insert %s into %s[%s, %s]{ATTR} : %s", w.define(t), v, x, a, b, t)
	case 2:
		flat, wide := w.name(), "tensor<12x"+e+">"
		w.line("%s = tensor.collapse_shape %s [[0, 1]]{ATTR} : %s into %s", flat, x, t, wide)
		w.line("%s = tensor.expand_shape %s [[0, 1]]{ATTR} : %s into %s", w.define(t), flat, wide, t)
	case 3:
		part, of := w.name(), "tensor<2x2x"+e+">"
		w.line("%s = tensor.extract_slice %s[%d, %d] [2, 2] [1, 1]{ATTR} : %s to %s", part, x, min(i, 1), min(j, 2), t, of)
		w.line("%s = tensor.insert_slice %s into %s[0, 1] [2, 2] [1, 1]{ATTR} : %s into %s", w.define(t), part, x, of, t)
	case 4:
		w.generic(x, t, e)
	case 5:
		sum, of, init, zero := w.name(), "tensor<3x"+e+">", w.name(), w.name()
		w.line("%s = arith.constant 0.000000e+00 : %s", zero, e)
		w.line("%s = tensor.empty() : %s", init, of)
		w.line("%s = linalg.fill ins(%s : %s) outs(%s : %s) -> %s", sum, zero, e, init, of, of)
		rows := w.name()
		w.line("%s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = [\"parallel\", \"reduction\"]} ins(%s : %s) outs(%s : %s) {", rows, x, t, sum, of)
		w.line("^bb0(%%in: %s, %%acc: %s):", e, e)
		w.line("  %%s = arith.%s %%acc, %%in : %s", w.pick("addf", "maxf"), e)
		w.line("  linalg.yield %%s : %s", e)
		w.line("} -> %s", of)
		at := w.at(i)
		w.line("%s = tensor.extract %s[%s] : %s", w.define(e), rows, at, of)
	}
}

// generic writes an elementwise nest whose body computes what it likes.
func (w *writer) generic(x, t, e string) {
	y, init := w.have(t), w.name()
	w.line("%s = tensor.empty() : %s", init, t)
	n := w.name()
	w.line("%s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (%s)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = [\"parallel\", \"parallel\"]} ins(%s, %s : %s, %s) outs(%s : %s) {",
		n, w.pick("d0, d1", "0, d1", "d0, 0"), x, y, t, t, init, t)
	scopes := w.scopes
	w.nested(func() {
		w.scopes = []map[string][]string{{}} // the body is to stand by itself
		a, b, o := w.name(), w.name(), w.name()
		w.out.WriteString(w.indent[2:] + fmt.Sprintf("^bb0(%s: %s, %s: %s, %s: %s):\n", a, e, b, e, o, e))
		w.note(a, e)
		w.note(b, e)
		for k := w.r.Intn(4); k >= 0; k-- {
			p, q := w.have(e), w.have(e)
			if w.r.Intn(2) == 0 {
				w.line("%s = arith.%s %s, %s : %s", w.define(e), w.pick("addf", "subf", "mulf", "maxf"), p, q, e)
			} else {
				w.line("%s = math.%s %s : %s", w.define(e), w.pick("tanh", "sin", "absf", "atan"), p, e)
			}
		}
		w.line("linalg.yield %s : %s", w.have(e), e)
	})
	w.scopes = scopes
	w.line("} -> %s", t)
	w.note(n, t)
}

// control writes a loop or a branch.
func (w *writer) control(callable []string) {
	carried := make([]string, w.r.Intn(3))
	init := make([]string, len(carried))
	for i := range carried {
		carried[i] = w.pick("f64", "f32", "i64", "index", "i1")
		init[i] = w.value(carried[i])
	}
	body := func(terminator string) {
		for k := w.r.Intn(4); k > 0 && w.left > 0; k-- {
			w.statement(callable)
		}
		values := make([]string, len(carried))
		for i, t := range carried {
			values[i] = w.value(t)
		}
		if len(carried) > 0 {
			w.line("%s %s : %s", terminator, strings.Join(values, ", "), strings.Join(carried, ", "))
		}
	}
	results := func(n string) {
		for i, t := range carried {
			if len(carried) == 1 {
				w.note(n, t)
			} else {
				w.note(fmt.Sprintf("%s#%d", n, i), t)
			}
		}
	}
	n := w.name()
	head := ""
	switch {
	case len(carried) == 1:
		head = n + " = "
	case len(carried) > 1:
		head = fmt.Sprintf("%s:%d = ", n, len(carried))
	}
	switch w.r.Intn(4) {
	case 0, 1:
		lo, hi, step := w.at(0), w.at(w.r.Intn(4)), w.at(1+w.r.Intn(2))
		i := w.name()
		args := make([]string, len(carried))
		iter := ""
		for k := range carried {
			args[k] = w.name()
			iter += fmt.Sprintf(", %s = %s", args[k], init[k])
		}
		if iter != "" {
			iter = " iter_args(" + iter[2:] + ") -> (" + strings.Join(carried, ", ") + ")"
		}
		w.line("%sscf.for %s = %s to %s step %s%s {", head, i, lo, hi, step, iter)
		w.nested(func() {
			w.note(i, "index")
			for k, t := range carried {
				w.note(args[k], t)
			}
			body("scf.yield")
		})
		w.line("}")
		results(n)
	case 2:
		c := w.value("i1")
		types := ""
		if len(carried) > 0 {
			types = " -> (" + strings.Join(carried, ", ") + ")"
		}
		w.line("%sscf.if %s%s {", head, c, types)
		w.nested(func() { body("scf.yield") })
		if len(carried) > 0 || w.r.Intn(2) == 0 {
			w.line("} else {")
			w.nested(func() { body("scf.yield") })
		}
		w.line("}")
		results(n)
	case 3:
		zero, limit, one := w.at(0), w.at(w.r.Intn(4)), w.at(1)
		x := w.value("f64")
		a, b, c, d, more, up := w.name(), w.name(), w.name(), w.name(), w.name(), w.name()
		w.line("%s:2 = scf.while (%s = %s, %s = %s) : (index, f64) -> (index, f64) {", n, a, zero, b, x)
		w.nested(func() {
			w.line("%s = arith.cmpi slt, %s, %s : index", more, a, limit)
			w.line("scf.condition(%s) %s, %s : index, f64", more, a, b)
		})
		w.line("} do {")
		w.line("^bb0(%s: index, %s: f64):", c, d)
		w.nested(func() {
			w.note(d, "f64")
			w.statement(callable)
			w.line("%s = arith.addi %s, %s : index", up, c, one)
			w.line("scf.yield %s, %s : index, f64", up, w.value("f64"))
		})
		w.line("}")
		w.note(n+"#0", "index")
		w.note(n+"#1", "f64")
	}
}
