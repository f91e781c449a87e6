package main

import (
	"github.com/cladopt/cladopt/cli"
	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/passes"

	"example.org/hep-opt/hep"
)

// config is all that hep-opt has and cladopt has not. It is made anew for each use.
func config() cli.Config {
	return cli.Config{
		Name:     "hep-opt",
		Dialects: []*ir.Dialect{hep.Dialect()},
		Passes:   []*passes.Pass{hep.WidenMasses()},
		Rules:    hep.Rules(),
		Prepare:  "canonicalize,widen-masses",
	}
}
