package engine

import (
	"context"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/backend/mlir"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/ir"
)

// ViaMLIR is the way through mlir-opt, mlir-translate and clang.
const ViaMLIR = "mlir"

// emitMLIR prepares the module that mlir-opt gets, which is the route's source.
func emitMLIR(l *Lowered, _ string) error {
	l.Layout = cpp.LayoutOf(l.Module)
	l.Meta.WorkspaceBytes = l.Layout.Total()
	m, err := mlir.Prepare(l.Module)
	if err != nil {
		return err
	}
	l.Prepared = m
	l.Source = ir.Print(m.Op, ir.PrintOptions{})
	return nil
}

// buildMLIR has MLIR's tools make the library; the entry points are C++.
func buildMLIR(ctx context.Context, l *Lowered, path string) error {
	tools, err := toolchain.FindMLIR()
	if err != nil {
		return err
	}
	meta, err := l.Meta.Encode()
	if err != nil {
		return err
	}
	entries := cpp.Entries(l.Module, cpp.Options{Title: "The entry points of the library.", Header: abi.Header, Meta: meta, Layout: l.Layout})
	result, err := tools.Compile(ctx, toolchain.MLIRRequest{Module: l.Source, Entries: entries, Output: path, Timeout: l.options.Timeout})
	l.CompileTime = result.Elapsed
	return err
}
