package cli

import "github.com/cladopt/cladopt/clad/toolchain"

// cladFlags say where Clad is and how it is used.
type cladFlags struct {
	CladPlugin  string `help:"Clad's plugin; else CLADOPT_CLAD_PLUGIN, else the usual places." placeholder:"FILE"`
	CladStyle   string `default:"kernels" enum:"kernels,plain" help:"kernels, fast, or plain: bare loops of which Clad derives everything."`
	CladInclude string `help:"The folder of Clad's headers; else CLADOPT_CLAD_INCLUDE, else the usual places." placeholder:"DIR"`
}

func (f cladFlags) paths() toolchain.CladPaths {
	return toolchain.CladPaths{Plugin: f.CladPlugin, Include: f.CladInclude}
}
