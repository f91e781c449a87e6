package aten

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/ir"
)

// convention is an attribute for what some versions of LibTorch do that no argument
// tells: the importer sets it on the ops of graphs that declare it.
func convention(name, doc string) ir.AttrParam {
	return ir.AttrParam{Name: name, Kind: boolAttr, Default: ir.BoolAttr(false), Convention: true, Doc: doc + ", as in LibTorch 1.13"}
}

// firstTies is of extrema of two tensors.
var firstTies = convention("first_ties", "where the two are equal the first has the whole gradient, not each a half")

// withConvention lets def follow a convention: two lanes, and which is taken.
func withConvention(def *ir.OpDef, c ir.AttrParam, f lane2) *ir.OpDef {
	def.Attrs = append(def.Attrs, c)
	plain := def.Scalar
	def.Scalar = func(b *ir.Builder, op *ir.Op, args []*ir.Value) []*ir.Value {
		t := elemOf(op.Result(0))
		if !op.Bool(c.Name, false) || !ir.IsFloat(t) {
			return plain(b, op, args)
		}
		var y *ir.Value
		if len(args) > 1 {
			y = arith.Cast(b, args[1], t)
		}
		return []*ir.Value{f(b, arith.Cast(b, args[0], t), y)}
	}
	return def
}
