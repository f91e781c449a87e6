// Package abi is the contract between a library that cladopt makes and its
// caller: the C header, its mirror in Go, and the document that a library
// returns from ct_meta.
//
// It stands below the backends, which write Header and a Meta into the source
// of a library, and below clad/native, which loads one. The C++ library
// cladtorch is the other caller.
//
//	meta := abi.Meta{
//		ABI:       abi.Version,
//		Engine:    "builtin",
//		Alignment: 64,
//		Inputs:    []abi.Value{{DType: tensor.F32, Shape: []int64{4}, Strides: []int64{1}, RequiresGrad: true}},
//		Outputs:   []abi.Value{{DType: tensor.F32, Shape: []int64{}, RequiresGrad: true}},
//	}
//	text, err := meta.Encode() // what ct_meta returns
//
// It neither compiles nor loads anything.
package abi

import (
	_ "embed"
	"unsafe"
)

// Version is the version of the contract, CLADOPT_ABI_VERSION in Header.
const Version = 1

// Header is the text of cladopt_abi.h, the C side of the contract.
//
//go:embed cladopt_abi.h
var Header string

// HeaderName is the name under which sources include Header.
const HeaderName = "cladopt_abi.h"

// HostHeader is the text of cladopt_host.h, a caller's side for programs without LibTorch:
// a ct_host of OpenMP's threads and a BLAS, each where there is one.
//
//go:embed cladopt_host.h
var HostHeader string

// HostHeaderName is the name under which programs include HostHeader.
const HostHeaderName = "cladopt_host.h"

// The results of ct_forward and ct_backward.
const (
	OK            = 0
	ErrorHost     = 1 // the version of the host table is not the library's
	ErrorGradient = 2 // the library was made without a gradient
	// ErrorData and up: entry result - ErrorData of Meta.Assertions does not hold.
	ErrorData = 16
)

// Host mirrors ct_host. The functions are C function pointers, 0 for none.
type Host struct {
	Version     int32
	Threads     int32
	Context     unsafe.Pointer
	ParallelFor uintptr
	Sgemm       uintptr
	Dgemm       uintptr
}

// SerialHost is a table without functions: the library runs on the calling
// thread and uses its own loops.
func SerialHost() Host { return Host{Version: Version, Threads: 1} }
