package cli

import (
	"errors"
	"fmt"

	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/clad/native"
	"github.com/cladopt/cladopt/clad/toolchain"
	"github.com/cladopt/cladopt/engine"
)

// cladFlags say where Clad is and how it is used.
type cladFlags struct {
	CladPlugin  string `help:"Clad's plugin; else CLADOPT_CLAD_PLUGIN, else the usual places." placeholder:"FILE"`
	CladStyle   string `default:"kernels" enum:"kernels,plain" help:"kernels, fast, or plain: bare loops of which Clad derives everything."`
	CladInclude string `help:"The folder of Clad's headers; else CLADOPT_CLAD_INCLUDE, else the usual places." placeholder:"DIR"`
}

func (f cladFlags) paths() toolchain.CladPaths {
	return toolchain.CladPaths{Plugin: f.CladPlugin, Include: f.CladInclude}
}

// gemmFlag says what computes products of matrices.
type gemmFlag struct {
	GEMM string `name:"gemm" default:"loops" enum:"loops,blas" help:"What computes matrix products: loops, emitted ones, or blas: of ${blaswork} multiplications and more, the BLAS that the caller lends, if its operands fit; engines builtin via cpp and clad."`
}

// blasFlags do so for commands that run graphs.
type blasFlags struct {
	gemmFlag
	BLAS string `name:"blas" placeholder:"FILE" help:"Of --gemm=blas, the library whose sgemm_ and dgemm_ are lent; else the first of the usual ones. It starts threads as its own settings say."`
}

// check is an error if options that come of flags contradict each other.
func (f gemmFlag) check(o engine.Options) error {
	if err := o.CheckGEMM(); err != nil {
		return usageError{fmt.Errorf("--gemm=%s: %w", f.GEMM, err)}
	}
	return nil
}

// lend gives a program the BLAS.
func (f blasFlags) lend(e *env, p *engine.Program) error {
	if f.GEMM != engine.GEMMBLAS {
		if f.BLAS != "" {
			return usageError{errors.New("--blas is of --gemm=blas")}
		}
		return nil
	}
	host := abi.SerialHost()
	name, err := native.LendBLAS(&host, f.BLAS)
	if err != nil {
		return fmt.Errorf("--gemm=blas: %w", err)
	}
	fmt.Fprintf(e.stderr, "BLAS %s\n", name)
	return p.Lend(host)
}
