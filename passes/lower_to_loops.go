package passes

import (
	"errors"
	"fmt"

	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// Marks that lower-to-loops leaves on the functions it makes: how many of the
// arguments are inputs and how many after them are results.
const (
	InputCount  = "cladopt.num_inputs"
	ResultCount = "cladopt.num_results"
)

var errUnknownAffine = errors.New("an indexing map holds an expression that no lowering makes")

// LowerToLoops turns tensors into memory and linalg into loops.
func LowerToLoops() *Pass {
	return &Pass{
		Name: "lower-to-loops",
		Doc: "Turns functions on tensors into functions on memrefs: results become further arguments, which the caller " +
			"provides; linalg.generic becomes scf.for, reductions carrying their accumulators; consecutive nests that " +
			"agree on their outermost loops share them, and what passes between them stays in registers or in a row. " +
			"Needs static shapes.",
		Options: []Option{
			{Name: "products", Default: "false", Doc: "leave matrix products as linalg.generic on memory, for a back end that has better than loops"},
			{Name: "share", Default: "true", Doc: "let nests share their outermost loops"},
		},
		After: []string{"lower-to-linalg", "outline-kernels", "differentiate"},
		Run: func(p *Run) error {
			for _, f := range p.Module.Body().Ops() {
				if f.Name != funcs.OpFunc || f.Body() == nil || !onTensors(f) {
					continue
				}
				z := &bufferizer{ctx: p.Module.Ctx, m: p.Module, f: f, keepProducts: p.Bool("products"), separate: !p.Bool("share")}
				if err := z.lower(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func onTensors(f *ir.Op) bool {
	t := funcs.Type(f)
	for _, x := range append(append([]ir.Type{}, t.Inputs()...), t.Results()...) {
		if _, ok := x.(*ir.TensorType); ok {
			return true
		}
	}
	return false
}

type bufferizer struct {
	ctx *ir.Context
	m   *ir.Module
	f   *ir.Op

	top     *ir.Builder // before everything else in the new body
	b       *ir.Builder
	buffers map[*ir.Value]*buffer
	values  ir.Mapping // of scalars
	indexes map[int64]*ir.Value
	// outs are the arguments that results are to be written to.
	outs map[*ir.Value]*ir.Value
	// keepProducts leaves products of matrices to the back end.
	keepProducts bool
	separate     bool // every nest by itself
}

// argBuffer is the memref type of an argument of tensor type t, and the dimensions
// it keeps: those of stride 0 are dropped.
func argBuffer(t *ir.TensorType) (*ir.MemRefType, []int, error) {
	strides, ok := t.Strides()
	if !ok || !ir.Static(t.Shape()) {
		return nil, nil, fmt.Errorf("type %s has a size that is not known; specialize-shapes binds it", t)
	}
	plainStrides, _ := ir.RowMajor(t.Shape())
	contiguous := true
	var dims []int
	var shape, kept []int64
	for i, n := range t.Shape() {
		if n != 1 && strides[i] != plainStrides[i] {
			contiguous = false
		}
		if strides[i] == 0 && n > 1 {
			continue
		}
		dims = append(dims, i)
		shape = append(shape, n)
		kept = append(kept, strides[i])
	}
	if contiguous {
		return ir.MemRef(t.Shape(), t.Elem()), dims, nil
	}
	if plain, _ := ir.RowMajor(shape); equalInts(plain, kept) {
		return ir.MemRef(shape, t.Elem()), dims, nil
	}
	return ir.MemRefOf(shape, t.Elem(), &ir.StridedAttr{Strides: kept}, nil), dims, nil
}

func equalInts(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// signature is the type of a function after lowering.
func signature(t *ir.FunctionType) (*ir.FunctionType, error) {
	var inputs []ir.Type
	for _, x := range t.Inputs() {
		tt, ok := x.(*ir.TensorType)
		if !ok {
			inputs = append(inputs, x)
			continue
		}
		m, _, err := argBuffer(tt)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, m)
	}
	for _, x := range t.Results() {
		tt, ok := x.(*ir.TensorType)
		if !ok {
			return nil, fmt.Errorf("result type %s is not a tensor", x)
		}
		m, _, err := argBuffer(tt.Plain())
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, m)
	}
	return ir.Func(inputs, nil), nil
}

// lower replaces the body of f.
func (z *bufferizer) lower() error {
	t := funcs.Type(z.f)
	lowered, err := signature(t)
	if err != nil {
		return z.f.Errorf("%v", err)
	}
	old := z.f.Body()
	body := ir.NewBlock()
	z.buffers, z.values, z.indexes, z.outs = map[*ir.Value]*buffer{}, ir.Mapping{}, map[int64]*ir.Value{}, map[*ir.Value]*ir.Value{}
	for i, a := range old.Args() {
		arg := body.AddArg(lowered.Inputs()[i])
		arg.SetLoc(a.Loc())
		if tt, ok := a.Type().(*ir.TensorType); ok {
			_, dims, _ := argBuffer(tt)
			z.buffers[a] = &buffer{arg, dims}
		} else {
			z.values[a] = arg
		}
	}
	ret := old.Last()
	for i, v := range ret.Operands() {
		arg := body.AddArg(lowered.Inputs()[len(old.Args())+i])
		if d := v.Def(); d != nil && d.Name != aten.OpReshape && z.outs[v] == nil {
			z.outs[v] = arg
		}
	}
	z.b = ir.NewBuilder(z.ctx, body)
	z.b.Loc = z.f.Loc
	funcs.Return(z.b)
	z.top = ir.BuilderBefore(z.ctx, body.Last())
	// Constants gather before a marker, the rest of the body after it.
	marker := arith.ConstantI(z.top, 0, ir.Index)
	z.indexes[0] = marker
	z.top = ir.BuilderBefore(z.ctx, marker.Def())
	z.b = ir.BuilderBefore(z.ctx, body.Last())

	if err := z.ops(old); err != nil {
		return err
	}
	for i, v := range ret.Operands() {
		if out := body.Arg(len(old.Args()) + i); z.outs[v] != out {
			z.copy(v, out)
		}
	}
	if marker.Unused() {
		marker.Def().Erase()
	}
	z.f.Region(0).ReplaceBlock(old, body)
	funcs.SetType(z.f, lowered)
	z.f.SetAttr(InputCount, ir.I64Attr(int64(len(t.Inputs()))))
	z.f.SetAttr(ResultCount, ir.I64Attr(int64(len(t.Results()))))
	return nil
}

// ops lowers the ops of the old body in order; consecutive linalg.generic are
// gathered first, since they may share loops.
func (z *bufferizer) ops(old *ir.Block) error {
	var stages []*stage
	flush := func() {
		for _, r := range buildRuns(stages, !z.separate) {
			e := &nestEmitter{bufferizer: z, run: r, scalars: map[*ir.Value]*ir.Value{}, rows: map[*ir.Value]*ir.Value{}}
			e.emit(z.b)
		}
		stages = nil
	}
	for op := old.First(); op != nil; op = op.Next() {
		z.b.Loc, z.top.Loc = op.Loc, op.Loc
		switch {
		case op.Name == linalg.OpGeneric:
			if linalg.AsGemm(op) != nil {
				flush()
				z.b.Loc = op.Loc
				if z.product(op) {
					continue
				}
			}
			stages = append(stages, newStage(op))
			continue
		case op.Name == tensor.OpEmpty, op.Name == funcs.OpReturn, op.Name == arith.OpConstant:
			continue // made where they are needed
		case op.Name == linalg.OpFill && onlyStarts(op):
			continue // a number that reductions start from
		}
		flush()
		z.b.Loc = op.Loc
		switch {
		case op.Name == linalg.OpFill:
			z.fill(op)
		case op.Name == aten.OpReshape:
			z.reshape(op)
		case op.Name == funcs.OpCall:
			if err := z.call(op); err != nil {
				return err
			}
		case op.Def() != nil && op.Def().Loops != nil:
			var args, outs []*ir.Value
			for _, v := range op.Operands() {
				args = append(args, z.contiguous(v))
			}
			for _, r := range op.Results() {
				outs = append(outs, z.destination(z.b, r).mem)
			}
			op.Def().Loops(z.b, op, args, outs)
		default:
			e := op.Errorf("cannot be lowered to loops")
			e.Remedy = "run lower-to-linalg before, or define Lower or Loops for the op"
			return e
		}
	}
	flush()
	return nil
}

// product keeps a sum of products as linalg.generic on memory, for which the back ends
// have better than loops; it reports whether it could.
func (z *bufferizer) product(op *ir.Op) bool {
	if !z.keepProducts {
		return false
	}
	maps := linalg.Maps(op)
	var inputs []*ir.Value
	for i, v := range linalg.Inputs(op) {
		buf := z.buffer(z.b, v)
		m := *maps[i]
		m.Results = nil
		for _, d := range buf.dims {
			m.Results = append(m.Results, maps[i].Results[d])
		}
		maps[i] = &m
		inputs = append(inputs, buf.mem)
	}
	mem := z.destination(z.b, op.Result(0)).mem
	start := linalg.Inits(op)[0].Def()
	if start != nil && start.Name == linalg.OpFill {
		linalg.Fill(z.b, z.scalar(linalg.Inputs(start)[0]), mem)
	} else if start == nil || start.Name != tensor.OpEmpty {
		z.copy(linalg.Inits(op)[0], mem)
	}
	g := linalg.Generic(z.b, inputs, []*ir.Value{mem}, maps, linalg.Iterators(op), func(b *ir.Builder, args []*ir.Value) []*ir.Value {
		return []*ir.Value{arith.AddF(b, args[2], arith.MulF(b, args[0], args[1]))}
	})
	if linalg.AsGemm(g) == nil { // strided in a way that the types of tensors do not tell
		fill := g.Prev()
		g.Erase()
		if fill != nil && fill.Name == linalg.OpFill {
			fill.Erase()
		}
		return false
	}
	return true
}

// onlyStarts reports whether a fill is used as the start of reductions and nothing
// else, so that the memory need not be written.
func onlyStarts(fill *ir.Op) bool {
	for _, u := range fill.Result(0).Uses() {
		if o := u.Owner(); o.Name != linalg.OpGeneric || u.Index() < len(linalg.Inputs(o)) {
			return false
		}
	}
	return true
}

// index is a constant of index type.
func (z *bufferizer) index(n int64) *ir.Value {
	if v := z.indexes[n]; v != nil {
		return v
	}
	v := arith.ConstantI(z.top, n, ir.Index)
	z.indexes[n] = v
	return v
}

// constant is a copy of a constant at the top of the function, one for each value.
func (z *bufferizer) constant(op *ir.Op) *ir.Value {
	v := op.Result(0)
	if so := z.values[v]; so != nil {
		return so
	}
	z.values[v] = z.top.Clone(op, ir.Mapping{}).Result(0)
	return z.values[v]
}

// scalar is what stands for a scalar of the old body, or v itself.
func (z *bufferizer) scalar(v *ir.Value) *ir.Value {
	if so := z.values[v]; so != nil {
		return so
	}
	if d := v.Def(); d != nil && d.Name == arith.OpConstant && d.Block() != nil && d.Block().Owner() == z.f {
		return z.constant(d)
	}
	return v
}

// buffer is the memory that holds v.
func (z *bufferizer) buffer(b *ir.Builder, v *ir.Value) *buffer {
	if buf := z.buffers[v]; buf != nil {
		return buf
	}
	return z.destination(b, v)
}

// destination makes the memory for v: the argument for it, if v is a result.
func (z *bufferizer) destination(b *ir.Builder, v *ir.Value) *buffer {
	if buf := z.buffers[v]; buf != nil {
		return buf
	}
	t := v.Type().(*ir.TensorType)
	mem := z.outs[v]
	if mem == nil {
		mem = memref.Alloc(b, ir.MemRef(t.Shape(), t.Elem()))
	}
	buf := &buffer{mem, allDims(t.Rank())}
	z.buffers[v] = buf
	return buf
}

func allDims(rank int) []int {
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = i
	}
	return dims
}

// maxStackBytes bounds what a kernel keeps on the stack.
const maxStackBytes = 16 << 10

// temporary makes memory for a row: on the stack if it is small.
func (z *bufferizer) temporary(b *ir.Builder, t *ir.MemRefType) *ir.Value {
	if n, ok := ir.NumElements(t.Shape()); ok && n*ir.ByteSize(t.Elem()) <= maxStackBytes {
		return memref.Alloca(b, t)
	}
	return memref.Alloc(b, t)
}

// contiguous is memory that holds v in row-major order, a copy if it has to be.
func (z *bufferizer) contiguous(v *ir.Value) *ir.Value {
	t, ok := v.Type().(*ir.TensorType)
	if !ok {
		return z.scalar(v)
	}
	want := ir.MemRef(t.Shape(), t.Elem())
	buf := z.buffer(z.b, v)
	if buf.mem.Type() == ir.Type(want) {
		return buf.mem
	}
	mem := memref.Alloc(z.b, want)
	z.copy(v, mem)
	return mem
}

// copy writes v to contiguous memory.
func (z *bufferizer) copy(v, to *ir.Value) {
	buf := z.buffer(z.b, v)
	shape := ir.ShapeOf(v.Type())
	z.overShape(shape, func(b *ir.Builder, ivs []*ir.Value) {
		var from []*ir.Value
		for _, d := range buf.dims {
			from = append(from, ivs[d])
		}
		memref.Store(b, memref.Load(b, buf.mem, from...), to, ivs...)
	})
}

// overShape nests loops over a shape, for a body whose turns write apart.
func (z *bufferizer) overShape(shape []int64, body func(b *ir.Builder, ivs []*ir.Value)) {
	var nest func(b *ir.Builder, ivs []*ir.Value) *ir.Op
	nest = func(b *ir.Builder, ivs []*ir.Value) *ir.Op {
		if len(ivs) == len(shape) {
			body(b, ivs)
			return nil
		}
		return scf.For(b, z.index(0), z.index(shape[len(ivs)]), z.index(1), nil, func(b *ir.Builder, iv *ir.Value, _ []*ir.Value) []*ir.Value {
			nest(b, append(ivs[:len(ivs):len(ivs)], iv))
			return nil
		})
	}
	if loop := nest(z.b, nil); loop != nil && !z.separate {
		turn, _ := ir.NumElements(shape[1:])
		markParallel(loop, turn)
	}
}

func (z *bufferizer) fill(op *ir.Op) {
	value := z.scalar(linalg.Inputs(op)[0])
	mem := z.destination(z.b, op.Result(0)).mem
	z.overShape(ir.ShapeOf(op.Result(0).Type()), func(b *ir.Builder, ivs []*ir.Value) {
		memref.Store(b, value, mem, ivs...)
	})
}

// reshape renames the elements of contiguous memory.
func (z *bufferizer) reshape(op *ir.Op) {
	shape := ir.ShapeOf(op.Result(0).Type())
	strides, _ := ir.RowMajor(shape)
	mem := memref.ReinterpretCast(z.b, z.contiguous(op.Operand(0)), 0, shape, strides)
	z.buffers[op.Result(0)] = &buffer{mem, allDims(len(shape))}
}

// call passes memory for the results.
func (z *bufferizer) call(op *ir.Op) error {
	ref, _ := op.Attr("callee").(ir.SymbolRefAttr)
	callee := z.m.Symbol(ref.Path)
	if callee == nil {
		return op.Errorf("symbol @%s is not defined", ref.Path)
	}
	var operands []*ir.Value
	for _, v := range op.Operands() {
		if _, ok := v.Type().(*ir.TensorType); ok {
			operands = append(operands, z.buffer(z.b, v).mem)
		} else {
			operands = append(operands, z.scalar(v))
		}
	}
	for _, r := range op.Results() {
		operands = append(operands, z.destination(z.b, r).mem)
	}
	z.b.Insert(ir.State{Name: funcs.OpCall, Operands: operands, Results: []ir.Type{}, Attrs: op.Attrs()})
	return nil
}
