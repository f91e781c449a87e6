// Command cladopt compiles observed LibTorch graphs to C++ and their gradients.
package main

import (
	"os"

	"github.com/cladopt/cladopt/cli"
)

func main() {
	os.Exit(cli.Main(cli.Config{}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
