package torchscript

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/ir"
)

// isInPlace reports whether an ATen name is that of a write: add_, but not __and__.
func isInPlace(op string) bool {
	return strings.HasPrefix(op, "aten::") && strings.HasSuffix(op, "_") && !strings.HasSuffix(op, "__")
}

// extraTensor reports whether a node may be an out= form: its last operand is a tensor,
// and no schema of its op takes one there.
func (im *importer) extraTensor(n *Node) bool {
	last := len(n.Inputs) - 1
	if last < 0 || im.constants[n.Inputs[last].Name] || !isTensorType(im.types[n.Inputs[last].Name]) {
		return false
	}
	sigs := im.ctx.Signatures(n.Op)
	for _, s := range sigs {
		if last < len(s.Params) && strings.HasPrefix(s.Params[last].Type, "Tensor") {
			return false
		}
	}
	return len(sigs) > 0
}

func isTensorType(t *Type) bool { return t != nil && t.Kind == KindTensor }

// writesSilently reports whether a node writes to operands though neither name nor
// form tell: running statistics. off names the constant false.
func (im *importer) writesSilently(n *Node, off map[string]bool) bool {
	for _, s := range im.ctx.Signatures(n.Op) {
		if !slices.ContainsFunc(s.Params, func(p ir.SchemaParam) bool { return p.Written }) {
			continue
		}
		flag := slices.IndexFunc(s.Params, func(p ir.SchemaParam) bool { return p.Name == s.Import.WritesIf })
		if flag < 0 || flag >= len(n.Inputs) || !off[n.Inputs[flag].Name] {
			return true
		}
	}
	return false
}

// operator imports a node of an ATen op.
func (im *importer) operator(n *Node) {
	fail := func(code diag.Code, format string, args ...any) {
		im.fail(n.Pos, code, n.Op, format, args...)
		im.giveUp(n)
	}
	switch {
	case n.Op == "prim::If" || n.Op == "prim::Loop":
		fail(diag.Unsupported, "control flow is not supported: trace the function, which unrolls it")
		return
	case strings.HasPrefix(n.Op, "prim::"):
		fail(diag.Unsupported, "is not supported: inline and freeze the module, so that only aten ops on tensors remain")
		return
	}
	name, args := n.Op, im.operandsOf(n)
	for _, a := range args {
		if op := a.clobbered(); op != "" {
			fail(diag.Unsupported, "reads "+clobberedText, op)
			return
		}
	}
	var target *view
	if isInPlace(name) {
		name = strings.TrimSuffix(name, "_")
		if len(args) == 0 || args[0].tensor == nil {
			fail(diag.Invalid, "writes to its first operand, which is not a tensor")
			return
		}
		target = args[0].tensor
	} else if im.extraTensor(n) && args[len(args)-1].tensor != nil {
		target = args[len(args)-1].tensor
		args = args[:len(args)-1]
	}
	sig, values, err := im.call(n, name, args)
	if err != nil {
		var u unsupported
		if errors.As(err, &u) {
			fail(diag.Unsupported, "%s", u.reason)
		} else {
			fail(diag.Invalid, "%v", err)
		}
		return
	}
	switch {
	case target != nil && renamesItself[n.Op]:
		im.rename(n, target, values[0])
	case target != nil:
		im.inPlace(n, target, values)
	default:
		im.bind(n, sig, args, values)
	}
	for _, out := range n.Outputs {
		if e := im.entries[out.Name]; e != nil {
			use(n.Op, args, e.views())
		}
	}
}

// unsupported is an error about a graph that is well-formed.
type unsupported struct{ reason string }

func (u unsupported) Error() string { return u.reason }

func (im *importer) operandsOf(n *Node) []*entry {
	args := make([]*entry, len(n.Inputs))
	for i, v := range n.Inputs {
		args[i] = im.entries[v.Name]
	}
	return args
}

// call finds the schema that fits the arguments and builds what it imports as.
func (im *importer) call(n *Node, name string, args []*entry) (*ir.Signature, []*ir.Value, error) {
	sigs := im.ctx.Signatures(name)
	if len(sigs) == 0 {
		reason := im.ctx.Refusal(name)
		if reason == "" {
			reason = "is not supported: no op of the aten dialect imports it"
		}
		return nil, nil, unsupported{reason}
	}
	var misfits []string
	for _, s := range sigs {
		bound, misfit := im.bindArgs(s, args)
		if misfit != "" {
			misfits = append(misfits, misfit)
			continue
		}
		if im.used != nil {
			im.used(s)
		}
		values, written, err := im.build(n, s, bound)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range s.Params {
			if v := written[p.Name]; v != nil {
				if err := im.writeSilently(args[i].tensor, v); err != nil {
					return nil, nil, unsupported{fmt.Sprintf("%q: %v", p.Name, err)}
				}
			}
		}
		return s, values, nil
	}
	return nil, nil, fmt.Errorf("arguments fit no known form of the op: %s", strings.Join(misfits, "; "))
}

// writeSilently writes v, which has no gradient, as LibTorch does where a name does not tell.
func (im *importer) writeSilently(target *view, v *ir.Value) error {
	if target.grad() {
		return fmt.Errorf("is written to and has a gradient, which is not supported")
	}
	if have := target.read(im.b).Type().(*ir.TensorType).Plain(); v.Type() != ir.Type(have) {
		return fmt.Errorf("has type %s, but %s is written to it", have, v.Type())
	}
	return target.write(im.b, aten.Detach(im.b, v))
}

// bindArgs matches arguments with the parameters of a schema, or says why not.
func (im *importer) bindArgs(s *ir.Signature, args []*entry) (map[string]ir.ImportArg, string) {
	form := s.Name
	if s.Overload != "" {
		form += "." + s.Overload
	}
	if len(args) > len(s.Params) {
		return nil, fmt.Sprintf("%s takes %d arguments, got %d", form, len(s.Params), len(args))
	}
	bound := map[string]ir.ImportArg{}
	for i, p := range s.Params {
		if i >= len(args) {
			if p.Default == "" && !strings.HasSuffix(p.Type, "?") {
				return nil, fmt.Sprintf("%s wants argument %q", form, p.Name)
			}
			if d := defaultAttr(p); d != nil {
				bound[p.Name] = ir.ImportArg{Attr: d}
			}
			continue
		}
		a, ok := im.convert(p, args[i])
		if !ok {
			return nil, fmt.Sprintf("%s wants %s for %q", form, p.Type, p.Name)
		}
		bound[p.Name] = a
	}
	return bound, ""
}

// defaultAttr is the default of a parameter, nil for None and for names.
func defaultAttr(p ir.SchemaParam) ir.Attr {
	switch d := p.Default; d {
	case "", "None":
		return nil
	case "True", "False":
		return ir.BoolAttr(d == "True")
	case "Mean":
		return ir.I64Attr(1)
	case "[]":
		return ir.I64Array()
	default:
		if v, err := strconv.ParseInt(d, 10, 64); err == nil {
			if strings.HasPrefix(p.Type, "float") {
				return ir.F64Attr(float64(v))
			}
			if strings.Contains(p.Type, "[") {
				return ir.I64Array(v)
			}
			return ir.I64Attr(v)
		}
		if v, err := strconv.ParseFloat(d, 64); err == nil {
			return ir.F64Attr(v)
		}
		return ir.StringAttr(strings.Trim(d, `"'`))
	}
}

// convert makes an argument what a parameter's type wants.
func (im *importer) convert(p ir.SchemaParam, e *entry) (ir.ImportArg, bool) {
	kind := strings.TrimSuffix(p.Type, "?")
	optional := kind != p.Type
	isNone := e.tensor == nil && !e.isList && e.attr == nil
	if isNone {
		return ir.ImportArg{}, optional || kind == "Generator" || p.Default == "None"
	}
	switch {
	case kind == "Tensor":
		if e.tensor == nil {
			return ir.ImportArg{}, false
		}
		return ir.ImportArg{Value: e.tensor.read(im.b)}, true
	case strings.HasPrefix(kind, "Tensor"): // Tensor[], Tensor?[]
		if !e.isList {
			return ir.ImportArg{}, false
		}
		var values []*ir.Value
		for _, x := range e.list {
			switch {
			case x.tensor != nil:
				values = append(values, x.tensor.read(im.b))
			case strings.HasPrefix(kind, "Tensor?") && x.attr == nil && !x.isList:
				values = append(values, nil)
			default:
				return ir.ImportArg{}, false
			}
		}
		if values == nil {
			values = []*ir.Value{}
		}
		return ir.ImportArg{Values: values}, true
	case strings.Contains(kind, "["):
		return convertList(kind, e)
	}
	if e.tensor != nil || e.isList {
		return ir.ImportArg{}, false
	}
	return convertScalar(kind, e.attr)
}

// convertList reads a list of numbers; one number stands for a list of one.
func convertList(kind string, e *entry) (ir.ImportArg, bool) {
	if a, ok := e.attr.(*ir.DenseArrayAttr); ok {
		return ir.ImportArg{Attr: a}, true
	}
	if i, ok := e.attr.(ir.IntegerAttr); ok && !strings.HasPrefix(kind, "bool") {
		return ir.ImportArg{Attr: ir.I64Array(i.Value)}, true
	}
	if !e.isList {
		return ir.ImportArg{}, false
	}
	elem := ir.Type(ir.I64)
	values := make([]ir.Scalar, len(e.list))
	for i, x := range e.list {
		switch a := x.attr.(type) {
		case ir.IntegerAttr:
			values[i] = ir.Scalar{I: a.Value, F: float64(a.Value)}
		case ir.FloatAttr:
			if !strings.HasPrefix(kind, "float") && !strings.HasPrefix(kind, "Scalar") {
				return ir.ImportArg{}, false
			}
			values[i] = ir.Scalar{F: a.Value}
			elem = ir.F64
		default:
			return ir.ImportArg{}, false
		}
	}
	if strings.HasPrefix(kind, "float") {
		elem = ir.F64
	}
	return ir.ImportArg{Attr: &ir.DenseArrayAttr{Elem: elem, Values: values}}, true
}

func convertScalar(kind string, a ir.Attr) (ir.ImportArg, bool) {
	switch a := a.(type) {
	case ir.IntegerAttr:
		switch kind {
		case "float":
			return ir.ImportArg{Attr: ir.F64Attr(float64(a.Value))}, true
		case "bool": // a number is none: var(x, dim, 2) is not var(x, dim, unbiased)
			return ir.ImportArg{Attr: a}, a.Type == ir.Type(ir.I1)
		case "str", "Device":
			return ir.ImportArg{}, false
		case "int", "SymInt":
			return ir.ImportArg{Attr: ir.I64Attr(a.Value)}, true
		}
		return ir.ImportArg{Attr: a}, true
	case ir.FloatAttr:
		return ir.ImportArg{Attr: a}, kind == "float" || kind == "Scalar"
	case ir.StringAttr:
		return ir.ImportArg{Attr: a}, kind == "str" || kind == "Device"
	}
	return ir.ImportArg{}, false
}

// build makes the ops that a schema imports as: the results, and what parameters hold
// that are written to.
func (im *importer) build(n *Node, s *ir.Signature, args map[string]ir.ImportArg) ([]*ir.Value, map[string]*ir.Value, error) {
	if im.defaultsToDouble(n, args) {
		im.double(s, args)
	}
	if s.Import != nil {
		c := &ir.ImportCall{Builder: im.b, Args: args, Conventions: im.conventions}
		for _, out := range n.Outputs {
			var t ir.Type
			if tt, err := tensorType(out.Type); err == nil {
				t = tt.Plain()
			}
			c.Results = append(c.Results, t)
		}
		values, err := s.Import.Build(c)
		if err == nil {
			return values, c.Written, nil
		}
		if d := diag.All(err); len(d) > 0 && d[0].Code == diag.Unsupported {
			return nil, nil, unsupported{d[0].Message}
		}
		return nil, nil, err
	}
	def := s.Def
	state := ir.State{Name: def.Name}
	used := map[string]bool{}
	operands, err := im.operands(def, args, used)
	if err != nil {
		return nil, nil, err
	}
	state.Operands = operands
	for i := range def.Attrs {
		p := &def.Attrs[i]
		used[p.Name] = true
		a := args[p.Name].Attr
		if a == nil {
			continue
		}
		if a, err = attrFor(p, a); err != nil {
			return nil, nil, err
		}
		if p.Default == nil || !ir.AttrEqual(a, p.Default) {
			state.Attrs = append(state.Attrs, ir.NamedAttr{Name: p.Name, Attr: a})
		}
	}
	for _, p := range s.Params {
		if a := args[p.Name]; !used[p.Name] && !a.IsNone() && !harmless(p, a) {
			return nil, nil, unsupported{fmt.Sprintf("argument %q is given, and only its default is supported", p.Name)}
		}
	}
	op, err := im.b.Try(state)
	if err != nil {
		return nil, nil, err
	}
	return op.Results(), nil, nil
}

// defaultsToDouble reports whether a node gives f64 though no operand has and no argument
// names a floating type: LibTorch's default dtype was double when it was recorded.
func (im *importer) defaultsToDouble(n *Node, args map[string]ir.ImportArg) bool {
	if len(n.Outputs) == 0 || !args["dtype"].IsNone() || !isTensorType(n.Outputs[0].Type) || elemTypes[n.Outputs[0].Type.DType] != ir.Type(ir.F64) {
		return false
	}
	for _, v := range n.Inputs { // the tensor that an out= form writes to among them; a constant is a number
		if t := im.types[v.Name]; isTensorType(t) && !im.constants[v.Name] && (elemTypes[t.DType] == nil || ir.IsFloat(elemTypes[t.DType])) {
			return false
		}
	}
	for _, a := range args {
		if slices.ContainsFunc(a.Values, func(v *ir.Value) bool { return v != nil && ir.IsFloat(ir.ElemType(v.Type())) }) {
			return false
		}
	}
	return true
}

// double makes the operands f64 that would become f32, but for conditions: LibTorch
// converts integers, and numbers beside them, to the default dtype before it computes.
func (im *importer) double(s *ir.Signature, args map[string]ir.ImportArg) {
	for _, p := range s.Params {
		a := args[p.Name]
		operand := a.Value != nil
		if s.Def != nil {
			operand = slices.ContainsFunc(s.Def.Operands, func(o ir.Param) bool {
				return o.Name == p.Name && o.Kind != ir.Variadic && !aten.TakesBooleansOnly(o.Type) && !aten.TakesIndices(o.Type)
			})
		}
		if operand && !a.IsNone() {
			args[p.Name] = ir.ImportArg{Value: aten.InDouble(im.b, a)}
		}
	}
}

// operands gives each operand of def its argument, numbers as 0-d constants, in the
// element type that ATen promotes to.
func (im *importer) operands(def *ir.OpDef, args map[string]ir.ImportArg, used map[string]bool) ([]*ir.Value, error) {
	var given []ir.ImportArg
	var promoted []int
	for _, p := range def.Operands {
		used[p.Name] = true
		a := args[p.Name]
		switch {
		case p.Kind == ir.Variadic:
			for _, v := range a.Values {
				given = append(given, ir.ImportArg{Value: v})
			}
			continue
		case a.IsNone() && p.Kind == ir.Optional:
			continue
		case a.IsNone():
			return nil, fmt.Errorf("argument %q is missing", p.Name)
		}
		if !aten.TakesBooleansOnly(p.Type) && !aten.TakesIndices(p.Type) {
			promoted = append(promoted, len(given))
		}
		given = append(given, a)
	}
	if def.Traits&ir.Elementwise != 0 && len(promoted) > 1 {
		var group []ir.ImportArg
		for _, i := range promoted {
			group = append(group, given[i])
		}
		values, err := aten.Promote(im.b, group)
		if err != nil {
			return nil, err
		}
		for k, i := range promoted {
			given[i] = ir.ImportArg{Value: values[k]}
		}
	}
	operands := make([]*ir.Value, len(given))
	for i, a := range given {
		if a.Value == nil {
			values, err := aten.Promote(im.b, []ir.ImportArg{a})
			if err != nil {
				return nil, err
			}
			a.Value = values[0]
		}
		operands[i] = a.Value
	}
	return operands, nil
}

// attrFor brings a constant to the kind that an attribute wants.
func attrFor(p *ir.AttrParam, a ir.Attr) (ir.Attr, error) {
	holds := p.Kind.Holds
	if holds == nil || holds(a) {
		return a, nil
	}
	if i, ok := a.(ir.IntegerAttr); ok {
		for _, other := range []ir.Attr{ir.F64Attr(float64(i.Value)), ir.I64Attr(i.Value), ir.BoolAttr(i.Value != 0), ir.I64Array(i.Value)} {
			if holds(other) {
				return other, nil
			}
		}
		if t := aten.ScalarType(i.Value); t != nil && holds(ir.TypeAttr{Type: t}) {
			return ir.TypeAttr{Type: t}, nil
		}
		if holds(ir.TypeAttr{Type: ir.F32}) {
			return nil, unsupported{fmt.Sprintf("dtype %d is not supported; f32, f64, i64, i32, i16, i8 and bool are", i.Value)}
		}
	}
	return nil, fmt.Errorf("argument %q is %s, expected %s", p.Name, a, p.Kind.Name)
}

// harmless reports whether an argument that no operand or attribute takes changes
// nothing: it is the default, or about memory rather than values.
func harmless(p ir.SchemaParam, a ir.ImportArg) bool {
	switch p.Name {
	case "memory_format", "non_blocking", "copy", "implicit", "pin_memory", "layout":
		return true
	case "device":
		return a.Attr == ir.Attr(ir.StringAttr("cpu"))
	}
	d := defaultAttr(p)
	return d != nil && ir.AttrEqual(d, a.Attr) || a.Attr == ir.Attr(ir.BoolAttr(false)) && p.Default == "None"
}
