package lit_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cladopt/cladopt/lit"
)

// A command that runs in process, and a test of it.
func Example() {
	dir, err := os.MkdirTemp("", "lit-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	const test = "// RUN: greet world | FileCheck %s\n// CHECK: {{^}}hello, world{{$}}\n"
	if err := os.WriteFile(filepath.Join(dir, "greet.test"), []byte(test), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	config := &lit.Config{Commands: map[string]lit.Command{
		"greet": func(args []string, _ io.Reader, stdout, _ io.Writer) int {
			fmt.Fprintln(stdout, "hello, "+args[0])
			return 0
		},
	}}
	files, err := config.Find(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range config.RunAll(files) {
		fmt.Println(r.Status, filepath.Base(r.Path))
	}
	// Output: PASS greet.test
}
