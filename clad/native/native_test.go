package native_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/tensor"
)

// build compiles testdata/NAME.c with the system's C compiler.
func build(t testing.TB, name string, flags ...string) string {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler: ", err)
	}
	out := filepath.Join(t.TempDir(), name+".so")
	args := []string{"-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-O1", "-fPIC", "-shared",
		"-I../abi", "-o", out, filepath.Join("testdata", name+".c")}
	text, err := exec.Command(cc, append(args, flags...)...).CombinedOutput()
	require.NoError(t, err, string(text))
	return out
}

func open(t testing.TB, path string) *native.Library {
	lib, err := native.Open(path)
	require.NoError(t, err)
	return lib
}

// call is the buffers of one call of testdata/square.c.
type call struct {
	x, none, y, count, dy, dx tensor.Tensor
	in, out, gradOut, gradIn  []unsafe.Pointer
	ws                        []byte
}

func newCall(t testing.TB, lib *native.Library, first float32) *call {
	m, err := lib.Meta()
	require.NoError(t, err)
	c := &call{ws: native.Workspace(m)}
	c.x = tensor.Of([]int64{4}, []float32{first, 2, 3, 4})
	strided, err := c.x.Strided(m.Inputs[0].Strides)
	require.NoError(t, err)
	c.none = tensor.Of([]int64{0}, []int64{})
	c.y, c.count = tensor.Of([]int64{4}, make([]float32, 4)), tensor.Scalar(int32(-1))
	c.dy, c.dx = tensor.Of([]int64{4}, []float32{1, 1, 10, 1}), c.y.Clone()
	c.in = []unsafe.Pointer{unsafe.Pointer(&strided[0]), nil}
	c.out = []unsafe.Pointer{c.y.Pointer(), c.count.Pointer()}
	c.gradOut = []unsafe.Pointer{c.dy.Pointer(), nil}
	c.gradIn = []unsafe.Pointer{c.dx.Pointer(), nil}
	return c
}

func (c *call) run(lib *native.Library) error {
	if err := lib.Forward(c.in, c.out, c.ws); err != nil {
		return err
	}
	return lib.Backward(c.in, c.out, c.gradOut, c.gradIn, c.ws)
}

func TestExample(t *testing.T) {
	if _, err := toolchain.Find(context.Background()); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	var out bytes.Buffer
	require.NoError(t, squareSum(&out))
	require.Equal(t, "[14] [2 4 6]\n", out.String())
}

func TestCalls(t *testing.T) {
	path := build(t, "square")
	lib := open(t, path)
	assert.Equal(t, path, lib.Path())
	m, err := lib.Meta()
	require.NoError(t, err)
	assert.Equal(t, "builtin", m.Engine)
	assert.Equal(t, []int64{2}, m.Inputs[0].Strides)

	c := newCall(t, lib, 1)
	require.NoError(t, c.run(lib))
	assert.Equal(t, []float32{1, 4, 9, 16}, tensor.Values[float32](c.y))
	assert.Equal(t, []float32{2, 4, 60, 8}, tensor.Values[float32](c.dx))
	assert.Equal(t, int32(0), c.count.At(0), "the serial host has no parallel_for")

	c.gradIn[0] = nil // not wanted
	require.NoError(t, c.run(lib))

	again := open(t, path)
	require.NoError(t, newCall(t, again, 5).run(again), "the same library once more")
}

func TestHost(t *testing.T) {
	handle, err := purego.Dlopen(build(t, "host"), purego.RTLD_NOW)
	require.NoError(t, err)
	lib := open(t, build(t, "square"))
	calls := new(int32)
	lib.Host.Context = unsafe.Pointer(calls)
	lib.Host.ParallelFor, err = purego.Dlsym(handle, "halves")
	require.NoError(t, err)
	c := newCall(t, lib, 1)
	require.NoError(t, c.run(lib))
	assert.Equal(t, []float32{1, 4, 9, 16}, tensor.Values[float32](c.y))
	assert.Equal(t, int32(1), c.count.At(0))
	assert.Equal(t, int32(1), *calls)

	lib.Host.Version = 7
	require.ErrorContains(t, c.run(lib), "does not know version 7 of the host table")
}

func TestCallsAtTheSameTime(t *testing.T) {
	lib := open(t, build(t, "square"))
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range 50 {
				first := float32(k*50 + i)
				c := newCall(t, lib, first)
				if i%10 == 0 {
					runtime.GC()
				}
				assert.NoError(t, c.run(lib))
				assert.Equal(t, []float32{first * first, 4, 9, 16}, tensor.Values[float32](c.y))
				assert.Equal(t, []float32{2 * first, 4, 60, 8}, tensor.Values[float32](c.dx))
			}
		})
	}
	wg.Wait()
}

func TestBadArguments(t *testing.T) {
	lib := open(t, build(t, "square"))
	for want, spoil := range map[string]func(*call){
		"ct_forward: want 2 pointers, one for each input, got 1":                func(c *call) { c.in = c.in[:1] },
		"ct_forward: want 2 pointers, one for each output, got 3":               func(c *call) { c.out = append(c.out, nil) },
		"ct_forward: input 0 is nil":                                            func(c *call) { c.in[0] = nil },
		"ct_forward: output 1 is nil":                                           func(c *call) { c.out[1] = nil },
		"ct_forward: output 0 is not aligned for f32":                           func(c *call) { c.out[0] = unsafe.Add(c.out[0], 2) },
		"ct_forward: the workspace has 127 bytes, want 128":                     func(c *call) { c.ws = c.ws[:127] },
		"ct_forward: the workspace has 0 bytes":                                 func(c *call) { c.ws = nil },
		"ct_forward: the workspace is not aligned to 128":                       func(c *call) { c.ws = tensor.AlignedBytes(512)[4:] },
		"ct_backward: want 2 pointers, one for each gradient of output, got 0":  func(c *call) { c.gradOut = nil },
		"ct_backward: gradient of output 0 is nil":                              func(c *call) { c.gradOut[0] = nil },
		"ct_backward: gradient of output 1 has a pointer, but does not require": func(c *call) { c.gradOut[1] = c.gradOut[0] },
		"ct_backward: gradient of input 1 has a pointer, but does not require":  func(c *call) { c.gradIn[1] = c.gradIn[0] },
	} {
		c := newCall(t, lib, 1)
		spoil(c)
		err := c.run(lib)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, lib.Path()+": error: ")
	}
}

func TestResults(t *testing.T) {
	for code, want := range map[int]string{
		abi.ErrorHost: "host table", abi.ErrorGradient: "without a gradient", 3: "failed with code 3", -1: "failed with code -1",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			lib := open(t, build(t, "square", fmt.Sprintf("-DRESULT=%d", code)))
			c := newCall(t, lib, 1)
			require.ErrorContains(t, lib.Forward(c.in, c.out, c.ws), want)
			require.ErrorContains(t, lib.Backward(c.in, c.out, c.gradOut, c.gradIn, c.ws), want)
		})
	}
}

func TestBadMeta(t *testing.T) {
	for define, want := range map[string]string{
		`-DMETA="{"`:           "ct_meta: unexpected end of JSON input",
		`-DMETA=NULL`:          "ct_meta: unexpected end of JSON input",
		`-DMETA="{\"abi\":2}"`: "ct_meta: abi is 2",
	} {
		lib := open(t, build(t, "square", define))
		_, err := lib.Meta()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, lib.Forward(nil, nil, nil), want)
		require.ErrorContains(t, lib.Backward(nil, nil, nil, nil, nil), want)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	good := build(t, "square")
	data, err := os.ReadFile(good)
	require.NoError(t, err)
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o777))
		return path
	}
	object := filepath.Join(dir, "square.o")
	text, err := exec.Command("cc", "-I../abi", "-c", "-o", object, "testdata/square.c").CombinedOutput()
	require.NoError(t, err, string(text))
	otherMachine := append([]byte(nil), data...)
	otherMachine[18], otherMachine[19] = 8, 0 // e_machine: MIPS

	for _, c := range []struct{ path, want string }{
		{filepath.Join(dir, "absent.so"), "no such file"},
		{dir, "not a regular file"},
		{file("empty.so", nil), "not an ELF file"},
		{file("text.so", []byte(strings.Repeat("int x;\n", 100))), "not an ELF file"},
		{file("cut.so", data[:len(data)/3]), "not a library"},
		{file("machine.so", otherMachine), "for EM_MIPS, want ET_DYN for EM_"},
		{object, "the ELF file is ET_REL"},
		{build(t, "host"), "not a library of cladopt: ct_abi, ct_meta, ct_forward, ct_backward missing"},
		{build(t, "square", "-DNO_BACKWARD"), "not a library of cladopt: ct_backward missing"},
		{build(t, "square", "-DNO_ABI", "-DNO_META"), "ct_abi, ct_meta missing"},
		{build(t, "square", "-DABI=2"), "made for version 2 of the contract, this is version 1"},
		{build(t, "square", "-DMISSING"), "undefined symbol: missing"},
	} {
		_, err := native.Open(c.path)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, c.path)
	}
}

// TestFloatingPointEnvironment compares MXCSR before and after loading, as a C
// function of another library sees it.
func TestFloatingPointEnvironment(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("MXCSR is a register of amd64")
	}
	handle, err := purego.Dlopen(build(t, "host"), purego.RTLD_NOW)
	require.NoError(t, err)
	var control func() int32
	purego.RegisterLibFunc(&control, handle, "control")

	// A new thread that ends with its goroutine: what is spoiled here stays here.
	onThread := func(f func()) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread()
			f()
		}()
		<-done
	}
	plain, spoiled, fast := build(t, "square"), build(t, "square", "-DSET_MXCSR"), build(t, "square", "-ffast-math")
	onThread(func() {
		before := control()
		_, err := native.Open(plain)
		assert.NoError(t, err)
		assert.Equal(t, before, control())

		_, err = native.Open(spoiled)
		assert.ErrorContains(t, err, "changes the floating-point environment")
		assert.Equal(t, before, control(), "put back")
	})
	// The same library, loaded without the check: the test can fail.
	spoiled = build(t, "square", "-DSET_MXCSR")
	onThread(func() {
		before := control()
		_, err := purego.Dlopen(spoiled, purego.RTLD_NOW)
		assert.NoError(t, err)
		assert.NotEqual(t, before, control())
	})
	// Whether -ffast-math does it depends on the compiler: GCC before 13 does.
	changed := false
	onThread(func() {
		before := control()
		_, err := purego.Dlopen(fast, purego.RTLD_NOW)
		assert.NoError(t, err)
		changed = control() != before
		t.Logf("-ffast-math with this compiler: MXCSR %#x before, %#x after", before, control())
	})
	if changed {
		_, err := native.Open(build(t, "square", "-ffast-math"))
		assert.ErrorContains(t, err, "linked with -ffast-math")
	}
}

func BenchmarkForward(b *testing.B) {
	lib := open(b, build(b, "square"))
	c := newCall(b, lib, 1)
	for b.Loop() {
		if err := lib.Forward(c.in, c.out, c.ws); err != nil {
			b.Fatal(err)
		}
	}
}
