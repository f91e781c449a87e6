package engine

import (
	"context"

	"github.com/cladopt/cladopt/backend/cpp"
	"github.com/cladopt/cladopt/backend/llvm"
	"github.com/cladopt/cladopt/clad/toolchain"
)

// ViaLLVM is the way through LLVM IR that package llvm prints.
const ViaLLVM = "llvm"

// emitLLVM prints LLVM IR for the version that the options name, or the clang that Build
// will find.
func emitLLVM(l *Lowered, title string) error {
	version := l.options.LLVMVersion
	if version == 0 {
		version = llvm.DefaultVersion
		if tools, err := toolchain.FindLLVM(context.Background()); err == nil {
			version = min(tools.Version, llvm.NewestVersion)
		}
	}
	l.Layout = cpp.LayoutOf(l.Module)
	l.Meta.WorkspaceBytes = l.Layout.Total()
	meta, err := l.Meta.Encode()
	if err != nil {
		return err
	}
	l.Source, err = llvm.Emit(l.Module, llvm.Options{
		Title: title + ", pipeline " + l.Meta.Pipeline + ".", Version: version, Meta: meta, Layout: l.Layout, Name: l.options.Name,
	})
	return err
}

func buildLLVM(ctx context.Context, l *Lowered, path string) error {
	tools, err := toolchain.FindLLVM(ctx)
	if err != nil {
		return err
	}
	result, err := tools.Compile(ctx, toolchain.LLVMRequest{Source: l.Source, Support: llvm.Support(l.Module), Output: path, Timeout: l.options.Timeout})
	l.CompileTime = result.Elapsed
	return err
}
