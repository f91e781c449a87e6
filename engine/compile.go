package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/dialects/aten"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
)

// The engines.
const (
	Auto    = "auto"
	Interp  = "interp"
	Builtin = "builtin"
	Clad    = "clad"
)

// The styles of the engine clad.
const (
	// CladKernels is the fast one: loops and structured derivatives are cladopt's, scalar
	// derivatives and the chain Clad's.
	CladKernels = "kernels"
	// CladPlain leaves everything to Clad: slow, and independent of all derivatives here.
	CladPlain = "plain"
)

// The gradient pipelines.
const (
	GradPairs = "grad-pairs"
	GradJoint = "grad-joint"
	// gradClad is grad-pairs in the form that Clad takes.
	gradClad = "grad-clad"
	// gradPlain is the graph as bare loops, which Clad differentiates by itself.
	gradPlain = "grad-plain"
	// forInterp is for the interpreter.
	forInterp = "interp"
)

// What computes products of matrices.
const (
	// GEMMLoops are emitted loops.
	GEMMLoops = "loops"
	// GEMMBLAS is the BLAS that the caller lends, for products of cpp.BLASWork multiplications
	// and more whose operands it can read; loops for others, and where it lends none.
	GEMMBLAS = "blas"
)

// Options for Compile.
type Options struct {
	Engine   string // Auto if empty
	Pipeline string // GradPairs if empty; the interpreter has one of its own
	// Via is the way of the builtin engine from loops to a library, ViaCPP if empty.
	Via string
	// LLVMVersion is the version of LLVM that ViaLLVM writes for, that of the clang that is
	// there if 0.
	LLVMVersion int
	// Sources name the files the graph came from.
	Sources []string
	// CladStyle is CladKernels, if empty, or CladPlain.
	CladStyle string
	// Clad says where Clad is; what is empty is looked for.
	Clad toolchain.CladPaths
	// Timeout bounds the C++ compiler; 0 means its default.
	Timeout time.Duration
	// Registry has the passes and pipelines; those of this project if nil.
	Registry *passes.Registry
	// Traced and Apart make C++ to be looked into: see cpp.Options.
	Traced, Apart bool
	// GEMM says what computes large products of matrices: GEMMLoops, if empty, or GEMMBLAS.
	GEMM string
	// Name, if set, begins the names of the library's functions in the place of ct, which
	// stands for them as well. The C++ then includes NAME.h, which declares them.
	Name string
	// Manager, if set, runs the passes, so that the caller sees them.
	Manager *passes.Manager
}

// Lowered is a graph at the loop level, with what it needs to become a library.
type Lowered struct {
	Module *ir.Module // at the loop level
	Meta   abi.Meta
	Source string // C++, or what the route in Options.Via starts from
	// Prepared is the module that is handed to mlir-opt, nil on other routes.
	Prepared *ir.Module
	Layout   cpp.Layout
	// Derived is the C++ that Clad derived, and CompileTime what the C++ compiler took,
	// once Build has run.
	Derived     string
	CompileTime time.Duration
	// Ops are the ops of each line of the graph, "mlp.graph:2".
	Ops     map[string][]string
	options Options
	via     *route // nil: C++
}

// Registry is the passes and pipelines of this project.
func Registry() *passes.Registry {
	r, err := passes.NewRegistry(passes.All(), passes.Pipelines())
	if err != nil {
		panic(&ir.InternalError{Err: err}) // a test registers them all
	}
	return r
}

// RunPipeline runs a textual pipeline on m, in place.
func RunPipeline(m *ir.Module, text string, pm *passes.Manager) error {
	return Registry().Run(m, text, pm)
}

// run runs a pipeline of the registry on m.
func (o *Options) run(m *ir.Module, pipeline string, pm *passes.Manager) error {
	if o.Registry == nil {
		return RunPipeline(m, pipeline, pm)
	}
	return o.Registry.Run(m, pipeline, pm)
}

// NeedsGradient reports whether any input of the graph wants a gradient.
func NeedsGradient(meta abi.Meta) bool {
	return slices.ContainsFunc(meta.Inputs, func(v abi.Value) bool { return v.RequiresGrad })
}

// Lower takes a copy of an imported graph through a pipeline to C++.
func Lower(graph *ir.Module, o Options) (*Lowered, error) {
	meta, err := Signature(graph)
	if err != nil {
		return nil, err
	}
	via, err := routeOf(o)
	if err != nil {
		return nil, err
	}
	if err := o.CheckGEMM(); err != nil {
		return nil, err
	}
	pipeline := o.Pipeline
	if pipeline == "" {
		pipeline = GradPairs
	}
	switch {
	case !NeedsGradient(meta):
		pipeline = "default"
	case o.Engine == Clad && o.CladStyle == CladPlain:
		pipeline = gradPlain
	case o.Engine == Clad:
		pipeline = gradClad
	}
	if pipeline == gradPlain {
		if err := refusePadding(graph); err != nil {
			return nil, err
		}
	}
	m := ir.CloneModule(graph)
	pm := o.Manager
	if pm == nil {
		pm = &passes.Manager{SkipVerify: true}
	}
	if err := o.run(m, pipeline, pm); err != nil {
		return nil, err
	}
	if pm.SkipVerify {
		if err := ir.Verify(m.Ctx, m.Op); err != nil {
			return nil, fmt.Errorf("internal error: pipeline %s made a module that does not verify; run cladopt opt -p %s to see which pass\n%w", pipeline, pipeline, err)
		}
	}
	l := &Lowered{Module: m, Meta: meta, Ops: opsByLine(graph), options: o, via: via}
	if b := m.Symbol(passes.BackwardName); b != nil {
		for _, i := range b.Ints("cladopt.adjoints_of") {
			l.Meta.Outputs[i].RequiresGrad = true
		}
	}
	l.Meta.Engine = Builtin
	l.Meta.Pipeline = pipeline
	l.Meta.Sources = o.Sources
	l.Meta.Kernels = kernels(m)
	l.Meta.Assertions = cpp.Assertions(m)
	markUnread(m, &l.Meta)
	title := "Made by cladopt"
	for i, s := range o.Sources {
		title += [...]string{" from ", ", "}[min(i, 1)] + s
	}
	if o.Engine == Clad {
		l.Meta.Engine = Clad
	}
	if o.GEMM == GEMMBLAS {
		l.Meta.GEMM = GEMMBLAS
	}
	if pipeline == gradClad || pipeline == gradPlain {
		return l, l.emitClad(title)
	}
	if via != nil {
		return l, via.emit(l, title)
	}
	l.Layout = cpp.LayoutOf(m)
	l.Meta.WorkspaceBytes = l.Layout.Total()
	text, err := l.Meta.Encode()
	if err != nil {
		return nil, err
	}
	l.Source, err = cpp.Emit(m, cpp.Options{
		Title: title + ", engine " + l.Meta.Engine + ", pipeline " + pipeline + ".", Header: o.header(), Name: o.Name, BLAS: o.GEMM == GEMMBLAS, Meta: text, Layout: l.Layout, Traced: o.Traced, Apart: o.Apart,
	})
	return l, err
}

// CheckGEMM is an error if what the options ask for leaves no product to a BLAS.
func (o *Options) CheckGEMM() error {
	switch {
	case o.GEMM == "" || o.GEMM == GEMMLoops:
		return nil
	case o.GEMM != GEMMBLAS:
		return fmt.Errorf("unknown value %q for products, expected %s or %s", o.GEMM, GEMMLoops, GEMMBLAS)
	case o.Engine == Interp:
		return fmt.Errorf("engine %s calls no BLAS; use engine %s or %s", Interp, Builtin, Clad)
	case o.Via != "" && o.Via != ViaCPP:
		return fmt.Errorf("the way via %s calls no BLAS; use %s", o.Via, ViaCPP)
	case o.Engine == Clad && o.CladStyle == CladPlain:
		return fmt.Errorf("the %s style has bare loops, of which Clad derives everything, and calls no BLAS; use style %s", CladPlain, CladKernels)
	}
	return nil
}

// header is the text that declares the entry points.
func (o *Options) header() string {
	if o.Name == "" {
		return abi.Header
	}
	return fmt.Sprintf("#include %q", o.Name+".h")
}

// emitClad prints the C++ that Clad differentiates.
func (l *Lowered) emitClad(title string) error {
	o := cpp.Options{Title: title + ", engine " + Clad + ".", Header: l.options.header(), Name: l.options.Name, BLAS: l.options.GEMM == GEMMBLAS, Traced: l.options.Traced, Apart: l.options.Apart}
	plain := l.Meta.Pipeline == gradPlain
	for i := range l.Meta.Kernels {
		if plain {
			l.Meta.Kernels[i].DerivedBy = Clad
		}
	}
	wanted := make([]bool, len(l.Meta.Inputs))
	for i, v := range l.Meta.Inputs {
		wanted[i] = v.RequiresGrad
	}
	var layout cpp.CladLayout
	var err error
	if plain {
		if err := l.refuseExpanded(); err != nil {
			return err
		}
		for i := range l.Meta.Outputs {
			l.Meta.Outputs[i].RequiresGrad = l.Meta.Outputs[i].DType.IsFloat()
		}
		layout, err = cpp.CladPlainLayout(l.Module, wanted)
	} else {
		layout, err = cpp.CladLayoutOf(l.Module)
	}
	if err != nil {
		return err
	}
	l.Meta.WorkspaceBytes = layout.Total()
	if o.Meta, err = l.Meta.Encode(); err != nil {
		return err
	}
	if plain {
		l.Source, err = cpp.EmitCladPlain(l.Module, wanted, o)
	} else {
		l.Source, err = cpp.EmitClad(l.Module, o)
	}
	return err
}

// refusePadding is an error if an embedding has a row that gets no gradient: bare loops
// read that row as any other, and Clad derives what they read.
func refusePadding(graph *ir.Module) error {
	var found error
	graph.Op.Walk(func(op *ir.Op) {
		if found == nil && op.Name == aten.OpEmbedding && op.Int("padding_idx", -1) >= 0 {
			e := op.Errorf("padding_idx = %d: the plain style has a gradient for every row that is read", op.Int("padding_idx", -1))
			e.Code, e.Remedy = diag.Unsupported, "use --clad-style=kernels, or an embedding without padding_idx"
			found = e
		}
	})
	return found
}

// refuseExpanded is an error if an input that wants a gradient has elements that share
// memory: in bare loops they share their adjoint as well.
func (l *Lowered) refuseExpanded() error {
	for i, v := range l.Meta.Inputs {
		for d, stride := range v.Strides {
			if v.RequiresGrad && stride == 0 && v.Shape[d] > 1 {
				e := diag.Errorf(l.Module.Symbol(passes.GraphName).Loc.Pos, "input %d is expanded in dimension %d: the plain style has one adjoint for elements that share memory", i, d)
				e.Code, e.Remedy = diag.Unsupported, "use --clad-style=kernels, or make the input contiguous"
				return e
			}
		}
	}
	return nil
}

// kernels describes the kernels of m.
func kernels(m *ir.Module) []abi.Kernel {
	var out []abi.Kernel
	for f := m.Body().First(); f != nil; f = f.Next() {
		if f.Name != funcs.OpFunc || f.Attr(passes.KernelMark) == nil {
			continue
		}
		k := abi.Kernel{Name: f.Str(ir.SymbolName)}
		if ref, ok := f.Attr(passes.PullbackMark).(ir.SymbolRefAttr); ok {
			k.Pullback, k.DerivedBy = ref.Path, derivedBy(m, m.Symbol(ref.Path))
		}
		for _, p := range f.Loc.Positions() {
			k.Lines = append(k.Lines, p.Line)
		}
		out = append(out, k)
	}
	return out
}

// derivedBy says who derived what a pullback computes: Clad, where it calls the
// derivative of a scalar body that Clad makes; the loops around it are cladopt's.
func derivedBy(m *ir.Module, pullback *ir.Op) string {
	by := Builtin
	if pullback == nil {
		return by
	}
	pullback.Walk(func(op *ir.Op) {
		ref, ok := op.Attr("callee").(ir.SymbolRefAttr)
		if callee := m.Symbol(ref.Path); ok && callee != nil && callee.Attr(passes.GradientMark) != nil {
			by = Clad
		}
	})
	return by
}

// ErrNoCompiler says that the builtin engine has no C++ compiler to call.
var ErrNoCompiler = errors.New("no C++ compiler was found: install clang or g++, or set CLADOPT_CXX")

// Compile makes a program of an imported graph.
func Compile(ctx context.Context, graph *ir.Module, o Options) (*Program, error) {
	switch o.Engine {
	case Interp:
		return interpProgram(graph, o)
	case Builtin, Clad:
		return libraryProgram(ctx, graph, o)
	case Auto, "":
		if _, err := toolchain.FindClad(ctx, o.Clad); err == nil {
			o.Engine = Clad
			p, err := libraryProgram(ctx, graph, o)
			if err == nil {
				p.Reason = "auto took clad: it is there"
			}
			return p, err
		}
		o.Engine = Builtin
		if _, err := toolchain.Find(ctx); err != nil {
			p, err2 := interpProgram(graph, o)
			if err2 == nil {
				p.Reason = fmt.Sprintf("auto took the interpreter: %v", err)
			}
			return p, err2
		}
		p, err := libraryProgram(ctx, graph, o)
		if err == nil {
			p.Reason = "auto took builtin: a C++ compiler is there, and Clad is not"
		}
		return p, err
	}
	return nil, fmt.Errorf("unknown engine %q, expected auto, clad, builtin or interp", o.Engine)
}
