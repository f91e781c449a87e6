// Package native loads a library that cladopt made and calls it, without cgo.
//
// It stands above clad/abi, whose contract the library follows, and below the
// commands that run graphs. A Library is the four functions of the contract
// behind checks: what can be told to be wrong from the library's own
// description is an error before C sees it.
//
//	lib, err := native.Open("square.so")
//	meta, err := lib.Meta()
//	ws := tensor.AlignedBytes(meta.WorkspaceBytes)
//	err = lib.Forward([]unsafe.Pointer{x.Pointer()}, []unsafe.Pointer{y.Pointer()}, ws)
//	err = lib.Backward(in, out, []unsafe.Pointer{dy.Pointer()}, []unsafe.Pointer{dx.Pointer()}, ws)
//
// The data may be Go memory: the collector does not move it, and the library
// keeps no pointer after a call. A library is never unloaded, since derived code
// may still be referred to. A fault in the library's code ends the process.
//
// The example goes from a graph to a library and its gradient.
package native

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/diag"
	"github.com/cladopt/cladopt/tensor"
)

// Library is a loaded library. Its calls may run at the same time if they have
// different buffers and workspaces.
type Library struct {
	// Host is what the library gets from its caller: after Open the serial
	// host. It must not change while a call runs.
	Host abi.Host

	path              string
	forward, backward uintptr
	meta              func() (abi.Meta, error)
}

// Open loads the library at path, a file. It fails if the file is no whole
// library for this machine, if functions of the contract are missing or are of
// another version, and if loading it changes the floating-point environment.
func Open(path string) (*Library, error) {
	// A name without a slash would be searched for on the system's path.
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// What the dynamic linker would say less well, or with a signal.
	if info, err := os.Stat(absolute); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, located(path, "not a regular file")
	}
	if err := checkFormat(absolute); err != nil {
		return nil, located(path, "not a library: %s", err)
	}
	handle, err := load(absolute)
	if err != nil {
		return nil, located(path, "%s", err)
	}
	var address [4]uintptr
	var missing []string
	for i, name := range []string{"ct_abi", "ct_meta", "ct_forward", "ct_backward"} {
		if address[i], err = purego.Dlsym(handle, name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, located(path, "not a library of cladopt: %s missing", strings.Join(missing, ", "))
	}
	var version func() int32
	purego.RegisterFunc(&version, address[0])
	if v := version(); v != abi.Version {
		return nil, located(path, "made for version %d of the contract, this is version %d", v, abi.Version)
	}
	l := &Library{Host: abi.SerialHost(), path: path, forward: address[2], backward: address[3]}
	l.meta = sync.OnceValues(func() (abi.Meta, error) {
		// purego copies the text; NULL reads as "".
		var text func() string
		purego.RegisterFunc(&text, address[1])
		m, err := abi.ParseMeta(text())
		if err != nil {
			return abi.Meta{}, located(path, "ct_meta: %s", err)
		}
		return m, nil
	})
	return l, nil
}

// load calls dlopen and sees to it that the thread's floating-point environment
// is after it what it was before: a library linked with -ffast-math switches
// denormal numbers off for the whole process, silently.
func load(path string) (uintptr, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := floatControl()
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return 0, err
	}
	if after := floatControl(); after != before {
		setFloatControl(before)
		return 0, fmt.Errorf("loading it changes the floating-point environment (from %#x to %#x): it was linked with -ffast-math or the like", before, after)
	}
	return handle, nil
}

// Path is the path that the library was opened by.
func (l *Library) Path() string { return l.path }

// Meta is what the library says of itself. It is read once.
func (l *Library) Meta() (abi.Meta, error) { return l.meta() }

// Forward computes the outputs from the inputs. The pointers are those of
// ct_forward: inputs with the strides of Meta, outputs contiguous; ws has at
// least Meta's WorkspaceBytes at its Alignment, and may be nil if that is 0.
func (l *Library) Forward(in, out []unsafe.Pointer, ws []byte) error {
	m, err := l.Meta()
	if err != nil {
		return err
	}
	check := checker{}
	check.table("input", in, m.Inputs, every)
	check.table("output", out, m.Outputs, every)
	check.workspace(ws, m)
	if check.err != nil {
		return located(l.path, "ct_forward: %s", check.err)
	}
	r, _, _ := purego.SyscallN(l.forward,
		uintptr(unsafe.Pointer(&l.Host)),
		uintptr(unsafe.Pointer(unsafe.SliceData(in))),
		uintptr(unsafe.Pointer(unsafe.SliceData(out))),
		uintptr(unsafe.Pointer(unsafe.SliceData(ws))))
	runtime.KeepAlive(in)
	runtime.KeepAlive(out)
	runtime.KeepAlive(ws)
	return l.result("ct_forward", r)
}

// Backward computes gradients of the Forward call that last used ws, with the
// same in and out. gradOut has a pointer for every output that requires a
// gradient (zeros if it contributes nothing) and nil for the others; gradIn has
// one for every gradient that is wanted and nil for the others.
func (l *Library) Backward(in, out, gradOut, gradIn []unsafe.Pointer, ws []byte) error {
	m, err := l.Meta()
	if err != nil {
		return err
	}
	check := checker{}
	check.table("input", in, m.Inputs, every)
	check.table("output", out, m.Outputs, every)
	check.table("gradient of output", gradOut, m.Outputs, differentiable)
	check.table("gradient of input", gradIn, m.Inputs, wanted)
	check.workspace(ws, m)
	if check.err != nil {
		return located(l.path, "ct_backward: %s", check.err)
	}
	r, _, _ := purego.SyscallN(l.backward,
		uintptr(unsafe.Pointer(&l.Host)),
		uintptr(unsafe.Pointer(unsafe.SliceData(in))),
		uintptr(unsafe.Pointer(unsafe.SliceData(out))),
		uintptr(unsafe.Pointer(unsafe.SliceData(gradOut))),
		uintptr(unsafe.Pointer(unsafe.SliceData(gradIn))),
		uintptr(unsafe.Pointer(unsafe.SliceData(ws))))
	runtime.KeepAlive(in)
	runtime.KeepAlive(out)
	runtime.KeepAlive(gradOut)
	runtime.KeepAlive(gradIn)
	runtime.KeepAlive(ws)
	return l.result("ct_backward", r)
}

// result reads a C int from the register that holds it.
func (l *Library) result(function string, r uintptr) error {
	code := int32(r)
	if m, err := l.Meta(); err == nil && code >= abi.ErrorData && int(code-abi.ErrorData) < len(m.Assertions) {
		return located(l.path, "%s: %s", function, m.Assertions[code-abi.ErrorData])
	}
	switch code {
	case abi.OK:
		return nil
	case abi.ErrorHost:
		return located(l.path, "%s: the library does not know version %d of the host table", function, l.Host.Version)
	case abi.ErrorGradient:
		return located(l.path, "%s: the library was made without a gradient", function)
	default:
		return located(l.path, "%s failed with code %d", function, code)
	}
}

func located(path, format string, args ...any) error {
	return diag.Errorf(diag.Pos{File: path}, format, args...)
}

// rule says which entries of a table are pointers.
type rule int

const (
	every          rule = iota // all
	differentiable             // those of values that require a gradient, all of them
	wanted                     // of those, the ones the caller wants
)

// checker keeps the first thing wrong with the arguments of a call.
type checker struct{ err error }

func (c *checker) failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *checker) table(what string, table []unsafe.Pointer, values []abi.Value, r rule) {
	if len(table) != len(values) {
		c.failf("want %d pointers, one for each %s, got %d", len(values), what, len(table))
		return
	}
	for i, v := range values {
		p := table[i]
		switch {
		case p == nil && r != wanted && (r == every || v.RequiresGrad) && v.Len() > 0:
			c.failf("%s %d is nil", what, i)
		case p != nil && r != every && !v.RequiresGrad:
			c.failf("%s %d has a pointer, but does not require a gradient", what, i)
		case uintptr(p)%uintptr(v.DType.Size()) != 0:
			c.failf("%s %d is not aligned for %s", what, i, v.DType)
		}
	}
}

func (c *checker) workspace(ws []byte, m abi.Meta) {
	switch {
	case int64(len(ws)) < m.WorkspaceBytes:
		c.failf("the workspace has %d bytes, want %d", len(ws), m.WorkspaceBytes)
	case m.WorkspaceBytes > 0 && uintptr(unsafe.Pointer(unsafe.SliceData(ws)))%uintptr(m.Alignment) != 0:
		c.failf("the workspace is not aligned to %d bytes", m.Alignment)
	}
}

// Workspace allocates a workspace for a library with this description.
func Workspace(m abi.Meta) []byte {
	if m.Alignment <= tensor.Alignment {
		return tensor.AlignedBytes(m.WorkspaceBytes)
	}
	raw := tensor.AlignedBytes(m.WorkspaceBytes + m.Alignment)
	start := int64(-uintptr(unsafe.Pointer(unsafe.SliceData(raw))) % uintptr(m.Alignment))
	return raw[start : start+m.WorkspaceBytes : start+m.WorkspaceBytes]
}
