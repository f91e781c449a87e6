// Package dialects lists the dialects of this project.
package dialects

import (
	"github.com/cladopt/cladopt/dialects/arith"
	"github.com/cladopt/cladopt/dialects/aten"
	"github.com/cladopt/cladopt/dialects/cf"
	funcs "github.com/cladopt/cladopt/dialects/func"
	"github.com/cladopt/cladopt/dialects/linalg"
	"github.com/cladopt/cladopt/dialects/math"
	"github.com/cladopt/cladopt/dialects/memref"
	"github.com/cladopt/cladopt/dialects/scf"
	"github.com/cladopt/cladopt/dialects/tensor"
	"github.com/cladopt/cladopt/ir"
)

// All lists the dialects. Definitions are made anew at each call.
func All() []*ir.Dialect {
	return []*ir.Dialect{
		aten.Dialect(), arith.Dialect(), cf.Dialect(), funcs.Dialect(), linalg.Dialect(), math.Dialect(),
		memref.Dialect(), scf.Dialect(), tensor.Dialect(),
	}
}

// Context is a context of all of them. It panics if the definitions contradict each
// other, which a test excludes.
func Context() *ir.Context {
	c, err := ir.NewContext(All()...)
	if err != nil {
		panic(err)
	}
	return c
}
