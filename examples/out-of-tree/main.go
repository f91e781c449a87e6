// Command hep-opt is cladopt with the dialect hep.
package main

import (
	"os"

	"github.com/cladopt/cladopt/cli"
)

func main() { os.Exit(cli.Main(config(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
