package cli_test

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/toolchain"
)

const observedGraphs = "../testdata/observed"

// writePackage makes a package of a graph, called as its file, and returns its folder.
func writePackage(t *testing.T, graph string, flags ...string) string {
	t.Helper()
	if _, err := toolchain.Find(context.Background()); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	dir := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(graph), ".graph"))
	status, _, stderr := run(append([]string{"compile", graph, "--emit=package", "--engine=builtin", "-o", dir}, flags...)...)
	require.Zero(t, status, "%s", stderr)
	return dir
}

func observedGraph(name string) string { return filepath.Join(observedGraphs, name+".graph") }

// command runs a program to its end and returns what it says.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %s\n%.3000s", name, strings.Join(args, " "), out)
	return string(out)
}

// needs skips a test where a program is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("SKIPPED: %s is not installed", p)
		}
	}
}

// linked builds a program of source that uses the libraries of packages.
func linked(t *testing.T, source string, packages ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	args := []string{"-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", source}
	for _, dir := range packages {
		name, err := filepath.Glob(filepath.Join(dir, "lib*.so"))
		require.NoError(t, err)
		require.Len(t, name, 1)
		args = append(args, "-I"+dir, name[0], "-Wl,-rpath,"+dir)
	}
	cxx, err := toolchain.Find(context.Background())
	require.NoError(t, err)
	command(t, cxx.Path, append(args, "-o", program)...)
	return program
}

// TestPackageIsACMakePackage builds a package with its example, in both ways that it has,
// installs it, moves the installation, and finds it from another project.
func TestPackageIsACMakePackage(t *testing.T) {
	t.Parallel()
	needs(t, "cmake", "c++")
	const name = "linear_relu_linear_mse"
	dir := writePackage(t, observedGraph(name))
	for _, f := range []string{name + ".h", name + ".cpp", "lib" + name + ".so", "cladopt_abi.h", "cladopt_host.h", "CMakeLists.txt", "example.cpp"} {
		require.FileExists(t, filepath.Join(dir, f))
	}
	for _, fromSource := range []string{"OFF", "ON"} {
		t.Run("FROM_SOURCE="+fromSource, func(t *testing.T) {
			build, prefix := t.TempDir(), filepath.Join(t.TempDir(), "first")
			warnings := command(t, "cmake", "-S", dir, "-B", build, "-D"+name+"_FROM_SOURCE="+fromSource, "-DCMAKE_INSTALL_PREFIX="+prefix)
			require.NotContains(t, warnings, "Warning")
			command(t, "cmake", "--build", build)
			steps := command(t, filepath.Join(build, "example"), filepath.Join(observedGraphs, name+".safetensors"), "30")
			require.Contains(t, steps, "step  0  loss 2.0981")
			require.Contains(t, steps, "after 30 steps")
			command(t, "cmake", "--install", build)

			moved := filepath.Join(t.TempDir(), "moved")
			require.NoError(t, os.Rename(prefix, moved))
			project := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(project, "CMakeLists.txt"), []byte(`cmake_minimum_required(VERSION 3.18)
project(consumer CXX)
find_package(`+name+` REQUIRED)
find_package(`+name+` REQUIRED)
get_target_property(no_soname `+name+`::`+name+` IMPORTED_NO_SONAME)
if(NOT no_soname)
  message(FATAL_ERROR "the library has no soname, and its target does not say so: ${no_soname}")
endif()
add_executable(consumer `+filepath.Join(dir, "example.cpp")+`)
target_link_libraries(consumer `+name+`::host)
`), 0o600))
			out := t.TempDir()
			command(t, "cmake", "-S", project, "-B", out, "-DCMAKE_PREFIX_PATH="+moved)
			command(t, "cmake", "--build", out)
			command(t, filepath.Join(out, "consumer"))
			requireNeeds(t, filepath.Join(out, "consumer"), "lib"+name+".so")
		})
	}
	t.Run("add_subdirectory", func(t *testing.T) {
		project := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(project, "CMakeLists.txt"), []byte(`cmake_minimum_required(VERSION 3.18)
project(consumer CXX)
add_subdirectory(`+dir+` package)
get_target_property(no_soname `+name+`::`+name+` IMPORTED_NO_SONAME)
if(NOT no_soname)
  message(FATAL_ERROR "the library has no soname, and its target does not say so: ${no_soname}")
endif()
add_executable(consumer `+filepath.Join(dir, "example.cpp")+`)
target_link_libraries(consumer `+name+`::host)
`), 0o600))
		out := t.TempDir()
		command(t, "cmake", "-S", project, "-B", out)
		command(t, "cmake", "--build", out)
		command(t, filepath.Join(out, "consumer"))
		requireNeeds(t, filepath.Join(out, "consumer"), "lib"+name+".so")
	})

	status, _, stderr := run("compile", observedGraph(name), "--emit=package", "--engine=builtin", "-o", dir)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "not empty")
	entries, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// requireNeeds wants a program to look for a library by its name, not by the path of the
// machine that linked it.
func requireNeeds(t *testing.T, program, library string) {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Logf("SKIPPED: %s is no ELF file", program)
		return
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	require.NoError(t, err)
	require.Contains(t, libraries, library)
}

// twoPackages calls two packages in one program.
const twoPackages = `
#include "square_sum.h"
#include "double_poly.h"
#include "square_sum.h"
#include <cmath>
#include <cstdio>
#include <cstring>

int main() {
  alignas(64) static char ws1[square_sum_WORKSPACE_BYTES + 1], ws2[double_poly_WORKSPACE_BYTES + 1];
  float x[32], y = 0, dy = 1, dx[32];
  double u[9], v = 0, dv = 1, du[9], sum = 0, mean = 0;
  for (int i = 0; i < 32; ++i) x[i] = float(i) / 8, sum += double(x[i]) * x[i];
  for (int i = 0; i < 9; ++i) u[i] = 1 + i / 16., mean += (3 * u[i] * u[i] * u[i] - 2 * u[i] * u[i] + u[i]) / 9;
  void *in1[] = {x}, *out1[] = {&y}, *grad_out1[] = {&dy}, *grad_in1[] = {dx};
  void *in2[] = {u}, *out2[] = {&v}, *grad_out2[] = {&dv}, *grad_in2[] = {du};
  if (square_sum_abi() != CLADOPT_ABI_VERSION || double_poly_abi() != CLADOPT_ABI_VERSION) return std::puts("abi"), 1;
  if (!std::strstr(square_sum_meta(), "square_sum.graph") || !std::strstr(double_poly_meta(), "double_poly.graph")) return std::puts("meta"), 1;
  if (square_sum_forward(nullptr, in1, out1, ws1) || double_poly_forward(nullptr, in2, out2, ws2)) return std::puts("forward"), 1;
  if (double_poly_backward(nullptr, in2, out2, grad_out2, grad_in2, ws2) || square_sum_backward(nullptr, in1, out1, grad_out1, grad_in1, ws1)) return std::puts("backward"), 1;
  if (std::fabs(y - sum) > 1e-4 || std::fabs(v - mean) > 1e-12) return std::printf("got %g %g, want %g %g\n", double(y), v, sum, mean), 1;
  for (int i = 0; i < 32; ++i)
    if (dx[i] != 2 * x[i]) return std::printf("dx[%d] is %g\n", i, double(dx[i])), 1;
  for (int i = 0; i < 9; ++i)
    if (std::fabs(du[i] - (9 * u[i] * u[i] - 4 * u[i] + 1) / 9) > 1e-12) return std::printf("du[%d] is %g\n", i, du[i]), 1;
}
`

// TestTwoPackagesInOneProgram gets the right numbers from two packages, linked in either
// order, and of their sources alone, by each compiler and without optimisation.
func TestTwoPackagesInOneProgram(t *testing.T) {
	t.Parallel()
	first, second := writePackage(t, observedGraph("square_sum")), writePackage(t, observedGraph("double_poly"))
	source := filepath.Join(t.TempDir(), "main.cpp")
	require.NoError(t, os.WriteFile(source, []byte(twoPackages), 0o600))
	command(t, linked(t, source, first, second))
	command(t, linked(t, source, second, first))
	for _, compiler := range []string{"g++", "clang++", "clang++-16"} {
		if _, err := exec.LookPath(compiler); err != nil {
			t.Logf("SKIPPED: %s is not installed", compiler)
			continue
		}
		program := filepath.Join(t.TempDir(), "program")
		command(t, compiler, "-std=c++17", "-O0", "-I"+first, "-I"+second, source,
			filepath.Join(first, "square_sum.cpp"), filepath.Join(second, "double_poly.cpp"), "-o", program)
		command(t, program)
	}
}

// twoHosts counts on which host's threads each of two packages runs.
const twoHosts = `
#include "big_square_sum.h"
#include "big_pointwise_chain.h"
#include <cstdio>
#include <new>
#include <vector>

static void count(void *calls, int64_t n, int64_t, void (*body)(void *, int64_t, int64_t), void *arg) {
  ++*(int *)calls;
  body(arg, 0, n);
}

int main() {
  int calls1 = 0, calls2 = 0;
  const ct_host host1 = {CLADOPT_ABI_VERSION, 2, &calls1, count, nullptr, nullptr}, host2 = {CLADOPT_ABI_VERSION, 2, &calls2, count, nullptr, nullptr};
  std::vector<float> x(1 << 21), y(1 << 21);
  void *in[] = {x.data(), x.data(), x.data()}, *out[] = {y.data(), y.data()};
  void *ws1 = ::operator new(big_square_sum_WORKSPACE_BYTES + 1, std::align_val_t(64)), *ws2 = ::operator new(big_pointwise_chain_WORKSPACE_BYTES + 1, std::align_val_t(64));
  if (big_square_sum_forward(&host1, in, out, ws1) || big_pointwise_chain_forward(&host2, in, out, ws2)) return 1;
  std::printf("%%d %%d\n", calls1 > 0, calls2 > 0);
}
`

// TestPackagesHaveHostsOfTheirOwn compiles the sources of two packages into one program,
// whose functions must not become one: each uses the host it was called with.
func TestPackagesHaveHostsOfTheirOwn(t *testing.T) {
	t.Parallel()
	needs(t, "g++")
	first, second := writePackage(t, observedGraph("big_square_sum")), writePackage(t, observedGraph("big_pointwise_chain"))
	source, program := filepath.Join(t.TempDir(), "main.cpp"), filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(source, []byte(strings.ReplaceAll(twoHosts, "%%", "%")), 0o600))
	command(t, "g++", "-std=c++17", "-O0", "-I"+first, "-I"+second, source,
		filepath.Join(first, "big_square_sum.cpp"), filepath.Join(second, "big_pointwise_chain.cpp"), "-o", program)
	require.Equal(t, "1 1\n", command(t, program))
}

// TestPackageHeaderIsC includes the headers of two packages in a C program.
func TestPackageHeaderIsC(t *testing.T) {
	t.Parallel()
	needs(t, "cc")
	first, second := writePackage(t, observedGraph("square_sum")), writePackage(t, observedGraph("double_poly"))
	source := filepath.Join(t.TempDir(), "main.c")
	require.NoError(t, os.WriteFile(source, []byte(`#include "square_sum.h"
#include "double_poly.h"
#include "cladopt_host.h"
#include "square_sum.h"
int main(void) {
  ct_host host = cladopt_host(0);
  return square_sum_abi() != double_poly_abi() || host.version != square_sum_abi();
}
`), 0o600))
	program := filepath.Join(t.TempDir(), "program")
	command(t, "cc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I"+first, "-I"+second, source,
		filepath.Join(first, "libsquare_sum.so"), filepath.Join(second, "libdouble_poly.so"), "-Wl,-rpath,"+first+":"+second, "-o", program)
	command(t, program)
}

// TestPackageNames makes packages of graphs whose names mean something to C, to CMake or
// to the files of a package.
func TestPackageNames(t *testing.T) {
	needs(t, "cmake", "c++")
	text, err := os.ReadFile(observedGraph("square_sum"))
	require.NoError(t, err)
	for given, want := range map[string]string{"math": "graph_math", "example": "graph_example", "graph": "graph_graph", "SONAME": "SONAME"} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			graph := filepath.Join(t.TempDir(), given+".graph")
			require.NoError(t, os.WriteFile(graph, text, 0o600))
			dir, build := writePackage(t, graph), t.TempDir()
			require.FileExists(t, filepath.Join(dir, "lib"+want+".so"))
			command(t, "cmake", "-S", dir, "-B", build, "-D"+want+"_FROM_SOURCE=ON")
			command(t, "cmake", "--build", build)
			command(t, filepath.Join(build, "example"))
		})
	}
}

// countedBLAS is a BLAS for a program that trains, which tells at the end that it was called.
const countedBLAS = `#include <cstdint>
#include <cstdio>
static struct Calls {
  int n = 0;
  ~Calls() { std::printf("%d calls of BLAS\n", n); }
} calls;
extern "C" void sgemm_(const char *ta, const char *tb, const int32_t *m, const int32_t *n, const int32_t *k, const float *alpha, const float *a,
                       const int32_t *lda, const float *b, const int32_t *ldb, const float *beta, float *c, const int32_t *ldc) {
  ++calls.n;
  for (int64_t j = 0; j < *n; ++j)
    for (int64_t i = 0; i < *m; ++i) {
      float sum = 0;
      for (int64_t p = 0; p < *k; ++p) sum += a[*ta == 'T' ? p + i * *lda : i + p * *lda] * b[*tb == 'T' ? j + p * *ldb : p + j * *ldb];
      c[i + j * *ldc] = *alpha * sum + (*beta == 0 ? 0 : *beta * c[i + j * *ldc]);
    }
}
extern "C" void dgemm_(const char *, const char *, const int32_t *, const int32_t *, const int32_t *, const double *, const double *,
                       const int32_t *, const double *, const int32_t *, const double *, double *, const int32_t *) { ++calls.n; }
`

// TestPackageWithBLAS trains with products that the program's BLAS computes, one of its own
// and one that CMake finds.
func TestPackageWithBLAS(t *testing.T) {
	t.Parallel()
	graph := filepath.Join(t.TempDir(), "layer.graph")
	require.NoError(t, os.WriteFile(graph, []byte(`graph(%0 : Float(96, 72, strides=[72, 1], requires_grad=0, device=cpu),
      %1 : Float(80, 72, strides=[72, 1], requires_grad=1, device=cpu),
      %2 : Float(80, strides=[1], requires_grad=1, device=cpu)):
  %3 : Float(96, 80, strides=[80, 1], requires_grad=1, device=cpu) = aten::linear(%0, %1, %2)
  return (%3)
`), 0o600))
	dir, own := writePackage(t, graph, "--gemm=blas"), filepath.Join(t.TempDir(), "blas.cpp")
	require.NoError(t, os.WriteFile(own, []byte(countedBLAS), 0o600))
	cxx, err := toolchain.Find(context.Background())
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "program")
	args := []string{"-std=c++17", "-O2", "-I" + dir, filepath.Join(dir, "example.cpp"), filepath.Join(dir, "liblayer.so"), "-Wl,-rpath," + dir, "-o", program}
	command(t, cxx.Path, args...)
	require.NotContains(t, command(t, program), "BLAS")
	command(t, cxx.Path, append(args, "-DCLADOPT_HOST_BLAS", own)...)
	require.Contains(t, command(t, program), "42 calls of BLAS") // two in each of 21 steps

	needs(t, "cmake", "c++")
	build := t.TempDir()
	command(t, "cmake", "-S", dir, "-B", build)
	command(t, "cmake", "--build", build)
	command(t, filepath.Join(build, "example"))
	cache, err := os.ReadFile(filepath.Join(build, "CMakeCache.txt"))
	require.NoError(t, err)
	if !regexp.MustCompile(`(?m)^BLAS_\w+_LIBRARY:FILEPATH=/`).Match(cache) {
		t.Skip("SKIPPED: CMake found no BLAS")
	}
	symbols := command(t, "nm", "-u", filepath.Join(build, "example"))
	require.Contains(t, symbols, "sgemm_")
}

// TestPackageOfLLVM trains with a library that was made of LLVM IR.
func TestPackageOfLLVM(t *testing.T) {
	t.Parallel()
	if _, err := toolchain.FindLLVM(context.Background()); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	dir := writePackage(t, observedGraph("linear_relu_linear_mse"), "--via=llvm")
	require.FileExists(t, filepath.Join(dir, "linear_relu_linear_mse.ll"))
	requireContract(t, filepath.Join(dir, "liblinear_relu_linear_mse.so"))
	command(t, linked(t, filepath.Join(dir, "example.cpp"), dir))
	lists, err := os.ReadFile(filepath.Join(dir, "CMakeLists.txt"))
	require.NoError(t, err)
	require.NotContains(t, string(lists), "FROM_SOURCE")
}

// TestPackageOfClad trains with a library whose gradient Clad made.
func TestPackageOfClad(t *testing.T) {
	t.Parallel()
	if _, err := toolchain.FindClad(context.Background(), toolchain.CladPaths{}); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	for _, style := range []string{"kernels", "plain"} {
		dir := writePackage(t, observedGraph("linear_relu_linear_mse"), "--engine=clad", "--clad-style="+style)
		requireContract(t, filepath.Join(dir, "liblinear_relu_linear_mse.so"))
		command(t, linked(t, filepath.Join(dir, "example.cpp"), dir))
		lists, err := os.ReadFile(filepath.Join(dir, "CMakeLists.txt"))
		require.NoError(t, err)
		require.NotContains(t, string(lists), "FROM_SOURCE")
		require.Contains(t, string(lists), "Clad")
	}
}

// requireContract wants a library to have the functions of the contract under both names,
// at one place.
func requireContract(t *testing.T, library string) {
	t.Helper()
	f, err := elf.Open(library)
	require.NoError(t, err)
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	require.NoError(t, err)
	at := map[string]uint64{}
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF {
			at[s.Name] = s.Value
		}
	}
	name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(library), "lib"), ".so")
	for _, what := range []string{"abi", "meta", "forward", "backward"} {
		require.NotZero(t, at["ct_"+what], what)
		require.Equal(t, at["ct_"+what], at[name+"_"+what], what)
	}
	for symbol := range at { // Clad's brings templates of the standard library
		require.Regexp(t, `^(ct|`+name+`)_\w+$|^_ZN?K?St`, symbol, "nothing else is seen")
	}
}

// TestPackagesTrain runs the example of the package of each observed graph, on numbers drawn
// by chance and on those that were recorded; in make test of graphs with parameters, with
// indices, with a mask, without a gradient, and with an input that the graph writes to.
func TestPackagesTrain(t *testing.T) {
	graphs := []string{"linear_relu_linear_mse", "embedding_lookup", "inplace_masked_and_index", "inplace_input_write", "expand_reshape", "sliced_strided_input", "zero_size"}
	if os.Getenv("CLADOPT_LONG") != "" {
		paths, err := filepath.Glob(observedGraph("*"))
		require.NoError(t, err)
		graphs = nil
		for _, p := range paths {
			graphs = append(graphs, strings.TrimSuffix(filepath.Base(p), ".graph"))
		}
		require.Greater(t, len(graphs), 40)
	}
	for _, name := range graphs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, _, stderr := run("explain", observedGraph(name)); status == 3 {
				t.Logf("not supported: %.200s", stderr)
				return
			}
			dir := writePackage(t, observedGraph(name))
			requireContract(t, filepath.Join(dir, "lib"+name+".so"))
			program := linked(t, filepath.Join(dir, "example.cpp"), dir)
			runs := [][]string{nil}
			if data := filepath.Join(observedGraphs, name+".safetensors"); exists(data) {
				runs = append(runs, []string{data})
			}
			for _, args := range runs {
				out, err := exec.Command(program, args...).CombinedOutput()
				if name == "zero_size" { // nothing can fall
					require.ErrorContains(t, err, "exit status 1")
					require.Contains(t, string(out), "loss 0 at first, 0 after")
					continue
				}
				require.NoError(t, err, "%s %v\n%.3000s", name, args, out)
				require.Contains(t, string(out), "step 20  loss")
			}
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestPackageCopiesBack sees an input change that the graph writes to, and the loss with it.
func TestPackageCopiesBack(t *testing.T) {
	t.Parallel()
	dir := writePackage(t, observedGraph("inplace_input_write"))
	program := linked(t, filepath.Join(dir, "example.cpp"), dir)
	out := command(t, program, filepath.Join(observedGraphs, "inplace_input_write.safetensors"), "1")
	// The graph adds 1 to input 0 and multiplies with input 1, whose gradient input 0 then is.
	var gradients []float64
	for _, line := range strings.Split(out, "\n") {
		var step int
		var loss, gradient float64
		if n, _ := fmt.Sscanf(line, "step %d  loss %g  |gradient| %g", &step, &loss, &gradient); n == 3 {
			gradients = append(gradients, gradient)
		}
	}
	require.Len(t, gradients, 2)
	require.Greater(t, gradients[1]-gradients[0], 0.5, out)
}

// TestPackageExampleRefuses names what is wrong with its data.
func TestPackageExampleRefuses(t *testing.T) {
	t.Parallel()
	dir := writePackage(t, observedGraph("square_sum"))
	program := linked(t, filepath.Join(dir, "example.cpp"), dir)
	short := filepath.Join(t.TempDir(), "short")
	require.NoError(t, os.WriteFile(short, []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), 0o600))
	broken := filepath.Join(t.TempDir(), "broken")
	require.NoError(t, os.WriteFile(broken, []byte("\x28\x00\x00\x00\x00\x00\x00\x00"+`{"input.0":{"dtype":"F32","data_offsets"`), 0o600))
	for file, want := range map[string]string{
		filepath.Join(t.TempDir(), "missing"): "cannot read",
		t.TempDir():                           "cannot read",
		short:                                 "not a safetensors file",
		broken:                                "input.0 is not 128 bytes of F32",
		filepath.Join(observedGraphs, "double_poly.safetensors"): "input.0 is not 128 bytes of F32",
	} {
		out, err := exec.Command(program, file).CombinedOutput()
		require.ErrorContains(t, err, "exit status 2")
		require.Contains(t, string(out), want)
	}
}
