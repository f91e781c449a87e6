package cli

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"
	"github.com/cladopt/cladopt/tensor"
)

// packageText holds the files of a package, as templates.
//
//go:embed package
var packageText embed.FS

// reserved are names that would hide a header of C or of the system, files of the package
// itself, names of the emitted text, or targets that CMake has.
var reserved = strings.Fields(`
	assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
	stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar wchar wctype
	aio alloca cpio dirent dlfcn elf endian err error fcntl features fmtmsg fnmatch fts ftw getopt glob grp iconv ifaddrs
	langinfo libgen link malloc memory monetary mqueue ndbm netdb nl_types omp poll pthread pwd regex resolv sched search
	semaphore spawn stropts sysexits syslog tar termios ucontext ulimit unistd utime utmpx wait wordexp
	cladopt_abi cladopt_host example ct graph
	all clean edit_cache help host install package package_source rebuild_cache test`)

// packageName is a C identifier made of the graph's file name.
func packageName(graph string) string {
	name := strings.TrimSuffix(base(graph), filepath.Ext(graph))
	name = strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if name == "" || name[0] >= '0' && name[0] <= '9' || slices.Contains(reserved, strings.ToLower(name)) {
		name = "graph_" + name
	}
	return name
}

// writePackage writes a folder with what a program needs to use the graph without
// LibTorch and without cladopt: headers, source, library, CMake files and an example.
// The folder appears whole or not at all.
func (c *compileCmd) writePackage(graph *ir.Module, low *engine.Lowered) error {
	if entries, err := os.ReadDir(c.Output); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s: the folder is not empty; name a new one", c.Output)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot write %s: %w", c.Output, err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Clean(c.Output)), ".cladopt-")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", c.Output, err)
	}
	defer os.RemoveAll(dir)
	p := c.describe(graph, low)
	files, err := p.files()
	if err != nil {
		return err
	}
	files[p.Source] = low.Source
	for file, text := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return fmt.Errorf("cannot write %s: %w", c.Output, err)
		}
	}
	if err := low.Build(context.Background(), filepath.Join(dir, "lib"+p.Name+".so"), "-I"+dir); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	os.Remove(c.Output) // an empty folder
	if err := os.Rename(dir, c.Output); err != nil {
		return fmt.Errorf("cannot write %s: %w", c.Output, err)
	}
	return nil
}

// packaged is what the templates read.
type packaged struct {
	Name, Source string
	Meta         abi.Meta
	// FromSource says that C++ compilers make the library of Source; else WhyNot tells why not.
	FromSource                              bool
	WhyNot                                  string
	Flags, FlagsAMD64, ClangFlags, GCCFlags []string
	Inputs                                  []packagedInput
	Outputs                                 []packagedOutput
	Mutated                                 []packagedMutation
	Trains                                  bool
	BLAS                                    bool // the library calls one
	LossIs                                  string
}

type packagedInput struct {
	Index             int
	Var, CType, DType string
	Shape, Strides    string
	Low, High         float64
	Learned           bool
}

type packagedOutput struct {
	Var, CType string
	Len, Room  int64
	Adjoint    bool // takes one
	Loss       bool // is a loss
	Target     bool // has a target to be near to
}

type packagedMutation struct{ Input, Output string }

// describe finds out what the files say.
func (c *compileCmd) describe(graph *ir.Module, low *engine.Lowered) *packaged {
	p := &packaged{Name: packageName(c.Graph), Meta: low.Meta, Trains: engine.NeedsGradient(low.Meta), BLAS: low.Meta.GEMM == engine.GEMMBLAS,
		Flags: toolchain.Optimization, FlagsAMD64: toolchain.OptimizationAMD64, ClangFlags: toolchain.ClangLimits, GCCFlags: toolchain.GCCLimits}
	p.Source = p.Name + ".cpp"
	switch {
	case c.Via == engine.ViaLLVM:
		p.Source = p.Name + ".ll"
		p.WhyNot = "It is made of " + p.Source + ", LLVM IR for that machine: for another make the package there, or without --via=llvm."
	case low.Meta.Engine == engine.Clad && p.Trains:
		p.WhyNot = "It is made of " + p.Source + ", which only Clang with the plugin Clad compiles: for another machine make the package there, or with --engine=builtin."
	default:
		p.FromSource = true
	}
	for i, v := range low.Meta.Inputs {
		lo, hi := sampleRange(graph.Symbol(passes.GraphName), i)
		in := packagedInput{Index: i, Var: fmt.Sprintf("x%d", i), CType: cType(v.DType), DType: v.DType.FileName(),
			Shape: commas(v.Shape), Strides: commas(v.Strides), Low: lo, High: hi, Learned: v.RequiresGrad}
		p.Inputs = append(p.Inputs, in)
	}
	p.LossIs = "half the squared distance of the outputs from targets, which are drawn by chance here"
	scalar := slices.ContainsFunc(low.Meta.Outputs, isLoss)
	if scalar {
		p.LossIs = "the output of one element, or the sum of those"
	}
	for i, v := range low.Meta.Outputs {
		p.Outputs = append(p.Outputs, packagedOutput{Var: fmt.Sprintf("y%d", i), CType: cType(v.DType), Len: v.Len(), Room: max(v.Len(), 1),
			Adjoint: v.RequiresGrad, Loss: isLoss(v), Target: v.RequiresGrad && !scalar})
	}
	for _, m := range low.Meta.Mutated {
		p.Mutated = append(p.Mutated, packagedMutation{p.Inputs[m.Input].Var, p.Outputs[m.Output].Var})
	}
	return p
}

// isLoss reports whether an output can be what is to fall.
func isLoss(v abi.Value) bool { return v.RequiresGrad && v.Len() == 1 }

// files are those of the package but for the library and its source.
func (p *packaged) files() (map[string]string, error) {
	out := map[string]string{abi.HeaderName: abi.Header, abi.HostHeaderName: abi.HostHeader}
	for template, file := range map[string]string{
		"CMakeLists.txt": "CMakeLists.txt", "Config.cmake.in": p.Name + "Config.cmake.in", "host.cmake": "host.cmake",
		"package.h": p.Name + ".h", "example.cpp": "example.cpp",
	} {
		text, err := p.fill(template)
		if err != nil {
			return nil, fmt.Errorf("internal error: package/%s: %w", template, err)
		}
		out[file] = text
	}
	return out, nil
}

func (p *packaged) fill(name string) (string, error) {
	join := func(n int, item func(i int) string) string {
		var out []string
		for i := range n {
			out = append(out, item(i))
		}
		return strings.Join(out, ", ")
	}
	t, err := template.New(name).Delims("[[", "]]").Option("missingkey=error").Funcs(template.FuncMap{
		"bracket": func(i int) string { return fmt.Sprintf("[%d]", i) },
		"inputs": func(format string) string {
			return join(len(p.Inputs), func(i int) string { return fmt.Sprintf(format, p.Inputs[i].Var) })
		},
		"outputs": func(format string) string {
			return join(len(p.Outputs), func(i int) string { return fmt.Sprintf(format, p.Outputs[i].Var) })
		},
		"gradients": func() string {
			return join(len(p.Inputs), func(i int) string {
				if p.Inputs[i].Learned {
					return p.Inputs[i].Var + ".gradient.data()"
				}
				return "nullptr"
			})
		},
		"adjoints": func() string {
			return join(len(p.Outputs), func(i int) string {
				if p.Outputs[i].Adjoint {
					return "d_" + p.Outputs[i].Var + ".data()"
				}
				return "nullptr"
			})
		},
		"squares": func() string {
			var out []string
			for _, v := range p.Inputs {
				if v.Learned {
					out = append(out, v.Var+".squares()")
				}
			}
			return strings.Join(out, " + ")
		},
	}).ParseFS(packageText, "package/"+name)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, p)
	return b.String(), err
}

func commas(list []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

func cType(d tensor.DType) string {
	switch d {
	case tensor.F32:
		return "float"
	case tensor.F64:
		return "double"
	case tensor.I64:
		return "int64_t"
	case tensor.I32:
		return "int32_t"
	case tensor.I16:
		return "int16_t"
	case tensor.I8:
		return "int8_t"
	}
	return "unsigned char" // booleans
}
