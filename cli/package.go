package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/engine"
	"github.com/cladopt/cladopt/tensor"
)

// packageName is a C identifier made of the graph's file name.
func packageName(graph string) string {
	name := strings.TrimSuffix(base(graph), filepath.Ext(graph))
	name = strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "graph_" + name
	}
	return name
}

// writePackage writes a folder with what a program needs to use the graph without
// LibTorch and without cladopt: header, source, library, CMake file and an example.
// The folder appears whole or not at all.
func (c *compileCmd) writePackage(low *engine.Lowered) error {
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
	name := packageName(c.Graph)
	if err := low.Build(context.Background(), filepath.Join(dir, "lib"+name+".so")); err != nil {
		return err
	}
	for file, text := range map[string]string{
		name + c.suffix(): low.Source,
		name + ".h":       packageHeader(name, low.Meta),
		"example.cpp":     packageExample(name, low.Meta),
		"CMakeLists.txt":  strings.ReplaceAll(packageCMake, "NAME", name),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return fmt.Errorf("cannot write %s: %w", c.Output, err)
		}
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

// suffix is that of files of the text that a library is made from.
func (c *compileCmd) suffix() string {
	if c.Via == engine.ViaLLVM {
		return ".ll"
	}
	return ".cpp"
}

const packageCMake = `# The compiled graph as a CMake package: add_subdirectory() it and link NAME::NAME.
cmake_minimum_required(VERSION 3.16)
project(NAME CXX)
add_library(NAME::NAME SHARED IMPORTED GLOBAL)
set_target_properties(NAME::NAME PROPERTIES
  IMPORTED_LOCATION ${CMAKE_CURRENT_SOURCE_DIR}/libNAME.so
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_CURRENT_SOURCE_DIR})
if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
  add_executable(example example.cpp)
  target_compile_features(example PRIVATE cxx_std_17)
  target_link_libraries(example PRIVATE NAME::NAME)
endif()
`

func elements(v abi.Value) int64 {
	n := int64(1)
	for _, d := range v.Shape {
		n *= d
	}
	return n
}

// reach is how many elements the memory of an input spans.
func reach(v abi.Value) int64 {
	n := int64(1)
	for d, size := range v.Shape {
		if size == 0 {
			return 0
		}
		n += (size - 1) * v.Strides[d]
	}
	return n
}

func packageHeader(name string, meta abi.Meta) string {
	var b strings.Builder
	fmt.Fprintf(&b, "/* %s, compiled by cladopt's engine %s: outputs and gradients without LibTorch.\n *\n", name, meta.Engine)
	for i, v := range meta.Inputs {
		fmt.Fprintf(&b, " * in[%d]   %s, shape %v, strides %v%s\n", i, v.DType, v.Shape, v.Strides, map[bool]string{true: ", has a gradient"}[v.RequiresGrad])
	}
	for i, v := range meta.Outputs {
		fmt.Fprintf(&b, " * out[%d]  %s, shape %v, contiguous\n", i, v.DType, v.Shape)
	}
	fmt.Fprintf(&b, " *\n * The workspace has %d bytes, aligned to %d, and is the same for ct_forward and the ct_backward after it.\n */\n", meta.WorkspaceBytes, meta.Alignment)
	fmt.Fprintf(&b, "#define %s_WORKSPACE_BYTES %d\n\n", strings.ToUpper(name), meta.WorkspaceBytes)
	b.WriteString(abi.Header)
	return b.String()
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
	}
	return "unsigned char"
}

// packageExample is a program that follows the gradient of the sum of the floating
// outputs downhill for a few steps.
func packageExample(name string, meta abi.Meta) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("// Follows the gradients of %s downhill: its floating inputs with a gradient are what is learned.", name)
	line("#include \"%s.h\"\n", name)
	line("#include <cmath>\n#include <cstdio>\n#include <cstdlib>\n#include <new>\n#include <vector>\n")
	line("int main() {")
	line("  unsigned seed = 1;")
	line("  auto draw = [&] { return (seed = seed * 1664525u + 1013904223u) / 4294967296.0 - 0.5; };")
	var in, out, gradIn, gradOut []string
	for i, v := range meta.Inputs {
		if v.DType.IsFloat() {
			line("  std::vector<%s> x%d(%d);\n  for (auto &v : x%d) v = draw();", cType(v.DType), i, max(reach(v), 1), i)
		} else {
			line("  std::vector<%s> x%d(%d);  // zeros: valid as indices and as masks", cType(v.DType), i, max(reach(v), 1))
		}
		in = append(in, fmt.Sprintf("x%d.data()", i))
		if v.RequiresGrad {
			line("  std::vector<%s> dx%d(%d);", cType(v.DType), i, max(elements(v), 1))
			gradIn = append(gradIn, fmt.Sprintf("dx%d.data()", i))
		} else {
			gradIn = append(gradIn, "nullptr")
		}
	}
	for i, v := range meta.Outputs {
		line("  std::vector<%s> y%d(%d);", cType(v.DType), i, max(elements(v), 1))
		out = append(out, fmt.Sprintf("y%d.data()", i))
		if v.RequiresGrad {
			line("  std::vector<%s> dy%d(%d, 1);", cType(v.DType), i, max(elements(v), 1))
			gradOut = append(gradOut, fmt.Sprintf("dy%d.data()", i))
		} else {
			gradOut = append(gradOut, "nullptr")
		}
	}
	list := func(l []string) string { return strings.Join(l, ", ") }
	line("  void *in[] = {%s}, *out[] = {%s};", list(in), list(out))
	line("  void *grad_in[] = {%s}, *grad_out[] = {%s};", list(gradIn), list(gradOut))
	line("  void *ws = ::operator new(%d, std::align_val_t(%d));", max(meta.WorkspaceBytes, 1), meta.Alignment)
	line("  double first = 0, last = 0;")
	line("  for (int step = 0; step < 20; ++step) {")
	line("    if (int failed = ct_forward(nullptr, in, out, ws)) return std::printf(\"ct_forward: error %%d\\n\", failed), 1;")
	line("    last = 0;")
	for i, v := range meta.Outputs {
		if v.RequiresGrad {
			line("    for (auto v : y%d) last += v;", i)
		}
	}
	line("    if (step == 0) first = last;")
	if engine.NeedsGradient(meta) {
		line("    if (int failed = ct_backward(nullptr, in, out, grad_out, grad_in, ws)) return std::printf(\"ct_backward: error %%d\\n\", failed), 1;")
	}
	for i, v := range meta.Inputs {
		if v.RequiresGrad && reach(v) == elements(v) {
			line("    for (size_t k = 0; k < dx%d.size(); ++k) x%d[k] -= 1e-3 * dx%d[k];", i, i, i)
		}
	}
	line("  }")
	line("  std::printf(\"sum of outputs: %%g at first, %%g after 20 steps\\n\", first, last);")
	line("  ::operator delete(ws, std::align_val_t(%d));", meta.Alignment)
	line("  return std::isfinite(last) && last <= first ? 0 : 1;")
	line("}")
	return b.String()
}
