package linalg

import (
	"fmt"

	"github.com/cladopt/cladopt/ir"
)

// genericDef is a function since its derivative makes generics of its own.
func genericDef() *ir.OpDef {
	return &ir.OpDef{
		Name: OpGeneric, Summary: "a loop nest whose body is scalar code",
		Example: "%r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = [\"parallel\"]} ins(%x : tensor<4xf32>) outs(%init : tensor<4xf32>) {\n" +
			"^bb0(%a: f32, %b: f32):\n  %s = arith.addf %a, %a : f32\n  linalg.yield %s : f32\n} -> tensor<4xf32>",
		Operands: ir.Params(ir.Var("inputs", ir.AnyType), ir.Var("outputs", ir.AnyType)),
		Results:  ir.Params(ir.Var("results", ir.AnyType)),
		Attrs: []ir.AttrParam{
			{Name: "indexing_maps", Required: true, Kind: ir.AttrKind{Name: "an array of affine maps"}},
			{Name: "iterator_types", Required: true, Kind: ir.AttrKind{Name: "an array of iterator types"}},
			{Name: "operand_segment_sizes", Required: true, Kind: ir.AttrKind{Name: "array<i32: inputs, outputs>"}},
		},
		Regions: 1,
		Traits:  ir.Pure,
		Verify:  verifyGeneric,
		VJP:     genericVJP,
		Print: func(p *ir.Printer, op *ir.Op) {
			p.Write("linalg.generic {indexing_maps = ", attrText(op, "indexing_maps"), ", iterator_types = [")
			for i, it := range Iterators(op) {
				if i > 0 {
					p.Write(", ")
				}
				p.Write(ir.Quote(string(it)))
			}
			p.Write("]}")
			printOperands(p, op)
			if hasMore(op) {
				p.Write(" attrs =")
				p.AttrDict(op, "indexing_maps", "iterator_types", "operand_segment_sizes")
			}
			p.Write(" ")
			p.Region(op.Region(0), true)
			printResults(p, op)
		},
		Parse: parseGeneric,
	}
}

func attrText(op *ir.Op, name string) string {
	if a := op.Attr(name); a != nil {
		return a.String()
	}
	return "[]"
}

func hasMore(op *ir.Op) bool {
	for _, a := range op.Attrs() {
		if a.Name != "indexing_maps" && a.Name != "iterator_types" && a.Name != "operand_segment_sizes" {
			return true
		}
	}
	return false
}

// verifyGeneric checks what MLIR does: maps and operands agree in rank and size,
// every loop's extent can be found, body and results fit.
func verifyGeneric(op *ir.Op) error {
	maps, iters := Maps(op), Iterators(op)
	inputs, inits := segments(op)
	if inits == 0 || inputs+inits != op.NumOperands() {
		return op.Errorf("operand_segment_sizes %v does not fit %d operands, one of which at least must be an output", op.Ints("operand_segment_sizes"), op.NumOperands())
	}
	if len(maps) != op.NumOperands() {
		return op.Errorf("got %d indexing maps, expected %d, one for each operand", len(maps), op.NumOperands())
	}
	for i, it := range iters {
		if it != Parallel && it != Reduction {
			return op.Errorf("iterator %d is %q, expected parallel or reduction", i, it)
		}
	}
	extents := make([]int64, len(iters))
	for i := range extents {
		extents[i] = -1
	}
	for i, m := range maps {
		shape := ir.ShapeOf(op.Operand(i).Type())
		if m.Dims != len(iters) || m.Syms != 0 || len(m.Results) != len(shape) {
			return op.Errorf("indexing map %d is %s, expected %d dimensions, no symbols and %d results", i, m, len(iters), len(shape))
		}
		for k, e := range m.Results {
			d, ok := e.(ir.AffineDim)
			switch {
			case !ok || shape[k] < 0:
			case extents[d] < 0:
				extents[d] = shape[k]
			case extents[d] != shape[k]:
				return op.Errorf("operand %d has size %d in dimension %d, where loop %d has %d iterations", i, shape[k], k, d, extents[d])
			}
		}
	}
	known := make([]bool, len(iters))
	for _, m := range maps {
		for _, e := range m.Results {
			if d, ok := e.(ir.AffineDim); ok {
				known[d] = true
			}
		}
	}
	for d, ok := range known {
		if !ok {
			return op.Errorf("the extent of loop %d cannot be found: it stands alone in no indexing map", d)
		}
	}
	if err := checkBounds(op, maps, extents); err != nil {
		return err
	}
	return verifyBody(op, inputs)
}

// checkBounds checks that no iteration leaves an operand.
func checkBounds(op *ir.Op, maps []*ir.AffineMap, extents []int64) error {
	low, high := make([]int64, len(extents)), make([]int64, len(extents))
	for d, n := range extents {
		if n <= 0 {
			return nil // unknown sizes, or no iteration at all
		}
		high[d] = n - 1
	}
	for i, m := range maps {
		shape := ir.ShapeOf(op.Operand(i).Type())
		for k, e := range m.Results {
			if _, alone := e.(ir.AffineDim); alone || shape[k] < 0 {
				continue
			}
			a, b := e.Eval(low, nil), e.Eval(high, nil)
			if min(a, b) < 0 || max(a, b) >= shape[k] {
				return op.Errorf("operand %d is read at %d to %d in dimension %d, which has size %d", i, min(a, b), max(a, b), k, shape[k])
			}
		}
	}
	return nil
}

func verifyBody(op *ir.Op, inputs int) error {
	body := op.Body()
	if body == nil || len(body.Args()) != op.NumOperands() {
		return op.Errorf("the body must have an argument for each of the %d operands", op.NumOperands())
	}
	for i, a := range body.Args() {
		if want := ir.ElemType(op.Operand(i).Type()); a.Type() != want {
			return op.Errorf("body argument %d has type %s, expected %s", i, a.Type(), want)
		}
	}
	y := body.Last()
	if y == nil || y.Name != OpYield {
		return op.Errorf("the body must end in linalg.yield")
	}
	inits := Inits(op)
	if y.NumOperands() != len(inits) {
		return y.Errorf("yields %d values, the nest has %d outputs", y.NumOperands(), len(inits))
	}
	tensors := 0
	for i, v := range inits {
		if got, want := y.Operand(i).Type(), ir.ElemType(v.Type()); got != want {
			return y.Errorf("yields value %d of type %s, the output has elements of %s", i, got, want)
		}
		if _, ok := v.Type().(*ir.TensorType); ok {
			if tensors >= op.NumResults() || op.Result(tensors).Type() != v.Type() {
				return op.Errorf("result %d must have the type of output %d, %s", tensors, i, v.Type())
			}
			tensors++
		}
	}
	if op.NumResults() != tensors {
		return op.Errorf("got %d results, expected one for each of the %d tensor outputs", op.NumResults(), tensors)
	}
	return nil
}

func printOperands(p *ir.Printer, op *ir.Op) {
	for _, part := range []struct {
		name   string
		values []*ir.Value
	}{{"ins", Inputs(op)}, {"outs", Inits(op)}} {
		if len(part.values) == 0 {
			continue
		}
		p.Write(" ", part.name, "(")
		p.Operands(part.values)
		p.Write(" : ")
		p.Types(ir.TypesOf(part.values))
		p.Write(")")
	}
}

func printResults(p *ir.Printer, op *ir.Op) {
	switch op.NumResults() {
	case 0:
	case 1:
		p.Write(" -> ", op.Result(0).Type().String())
	default:
		p.Write(" -> (")
		p.Types(ir.TypesOf(op.Results()))
		p.Write(")")
	}
}

func parseOperands(p ir.AsmParser, s *ir.State) error {
	var counts [2]int64
	for i, word := range []string{"ins", "outs"} {
		if !p.OptionalKeyword(word) {
			continue
		}
		if err := p.ParseToken("("); err != nil {
			return err
		}
		pos := p.Pos()
		operands, err := p.ParseOperandList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(":"); err != nil {
			return err
		}
		types, err := p.ParseTypeList()
		if err != nil {
			return err
		}
		if err := p.ParseToken(")"); err != nil {
			return err
		}
		var part ir.State
		if err := p.ResolveAll(operands, types, pos, &part); err != nil {
			return err
		}
		s.Operands = append(s.Operands, part.Operands...)
		counts[i] = int64(len(operands))
	}
	s.Attrs = append(s.Attrs, ir.NamedAttr{Name: "operand_segment_sizes", Attr: ir.I32Array(counts[0], counts[1])})
	return nil
}

func parseResults(p ir.AsmParser, s *ir.State) (err error) {
	s.Results = []ir.Type{}
	if !p.OptionalToken("->") {
		return nil
	}
	if p.OptionalToken("(") {
		if s.Results, err = p.ParseTypeList(); err != nil {
			return err
		}
		return p.ParseToken(")")
	}
	t, err := p.ParseType()
	s.Results = []ir.Type{t}
	return err
}

func parseGeneric(p ir.AsmParser, s *ir.State) error {
	pos := p.Pos()
	if err := p.OptionalAttrDict(s); err != nil {
		return err
	}
	for i, a := range s.Attrs {
		if a.Name != "iterator_types" {
			continue
		}
		list, ok := a.Attr.(*ir.ArrayAttr)
		if !ok {
			return p.Errorf(pos, "linalg.generic: iterator_types is %s, expected an array", a.Attr)
		}
		var elems []ir.Attr
		for _, e := range list.Elems {
			if str, ok := e.(ir.StringAttr); ok {
				e = ir.OpaqueAttr(fmt.Sprintf("#linalg.iterator_type<%s>", string(str)))
			}
			elems = append(elems, e)
		}
		s.Attrs[i].Attr = ir.Array(elems...)
	}
	if err := parseOperands(p, s); err != nil {
		return err
	}
	if p.OptionalKeyword("attrs") {
		if err := p.ParseToken("="); err != nil {
			return err
		}
		if err := p.OptionalAttrDict(s); err != nil {
			return err
		}
	}
	r, err := p.ParseRegion(nil)
	if err != nil {
		return err
	}
	s.Regions = []*ir.Region{r}
	return parseResults(p, s)
}
