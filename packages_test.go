package cladopt_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unexemplified packages have no Example of their own, for the reason given.
var unexemplified = map[string]string{
	"examples/":               "it is one",
	"clad/llvmir/llvmirtest/": "it compares for the tests of others",
	"dialects/":               "the example of an op is its definition's, which tests read and print",
}

// TestPackagesAreDocumented wants every package to have a comment, every exported func
// and type a sentence, and every package that others import an Example.
func TestPackagesAreDocumented(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") && dir != "." || d.Name() == "testdata" || d.Name() == "build" {
			return fs.SkipDir
		}
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		fset := token.NewFileSet()
		var files []*ast.File
		examples := 0
		for _, path := range paths {
			f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			require.NoError(t, err)
			if strings.HasSuffix(path, "_test.go") {
				examples += len(doc.Examples(f))
				continue
			}
			files = append(files, f)
		}
		if len(files) == 0 {
			return nil
		}
		checked++
		p, err := doc.NewFromFiles(fset, files, "github.com/cladopt/cladopt/"+filepath.ToSlash(dir))
		require.NoError(t, err)
		require.NotEmpty(t, p.Doc, "package %s has no comment", dir)
		if p.Name == "main" {
			return nil
		}
		for _, name := range undocumented(p) {
			t.Errorf("%s: %s has no comment", dir, name)
		}
		if examples == 0 && excuse(filepath.ToSlash(dir)) == "" {
			t.Errorf("package %s has no Example", dir)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, checked, 20)
}

// excuse is why a package needs no Example, "" if it does.
func excuse(dir string) string {
	for prefix, reason := range unexemplified {
		if strings.HasPrefix(dir+"/", prefix) {
			return reason
		}
	}
	return ""
}

// undocumented lists exported funcs and types without a comment. Methods of an interface
// that says what they do need none.
func undocumented(p *doc.Package) []string {
	known := map[string]bool{"String": true, "Error": true, "Write": true, "Position": true, "MarshalText": true, "UnmarshalText": true}
	var names []string
	note := func(funcs []*doc.Func, of string) {
		for _, f := range funcs {
			if f.Doc == "" && !known[f.Name] {
				names = append(names, of+f.Name)
			}
		}
	}
	note(p.Funcs, "")
	for _, typ := range p.Types {
		if typ.Doc == "" {
			names = append(names, typ.Name)
		}
		note(typ.Funcs, "")
		note(typ.Methods, typ.Name+".")
	}
	return names
}
