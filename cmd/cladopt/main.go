// Command cladopt compiles observed LibTorch graphs to C++ and their gradients.
package main

import (
	"os"
	"runtime/debug"

	"github.com/cladopt/cladopt/cli"
)

func main() {
	debug.SetGCPercent(400) // a run is short and most of what it makes stays in use
	os.Exit(cli.Main(cli.Config{}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
