package cladopt_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// layers lists the packages from the bottom up: a package imports only what stands
// above it in this list. A folder stands for everything in it that is not listed by
// itself.
var layers = []string{
	"diag", "tensor", "tensor/safetensors", "clad/abi",
	"ir", "ir/rewrite",
	"dialects/arith", "dialects/math", "dialects/tensor", "dialects/memref", "dialects/scf", "dialects/cf", "dialects/func", "dialects/linalg",
	"dialects/aten", "dialects",
	"parser/mlir", "parser/torchscript",
	"passes",
	"reduce",
	"interp", "backend/cpp", "backend/mlir",
	"clad/toolchain", "clad/native",
	"engine",
	"lit/filecheck", "lit",
	"cli", "cmd", "examples", "bench",
}

// TestImportsGoOneWay holds every import of the project against the layers.
func TestImportsGoOneWay(t *testing.T) {
	const module = "github.com/cladopt/cladopt/"
	checked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata" || d.Name() == "build") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		from := layerOf(filepath.ToSlash(filepath.Dir(path)))
		require.GreaterOrEqual(t, from, 0, "%s is in no layer: add its folder to layers", path)
		for _, imp := range f.Imports {
			target, err := strconv.Unquote(imp.Path.Value)
			require.NoError(t, err)
			if !strings.HasPrefix(target, module) {
				continue
			}
			checked++
			to := layerOf(strings.TrimPrefix(target, module))
			require.True(t, to < from || to == from && layers[to] != "diag", "%s imports %s, which is not below it", path, target)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, checked, 50)
}

// layerOf is the place of the longest listed folder that holds dir, -1 if none.
func layerOf(dir string) int {
	best, length := -1, -1
	for i, l := range layers {
		if (dir == l || strings.HasPrefix(dir, l+"/")) && len(l) > length {
			best, length = i, len(l)
		}
	}
	return best
}
