package native

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ebitengine/purego"

	"github.com/cladopt/cladopt/clad/abi"
)

// blasNames are the libraries that LendBLAS looks for, in order.
var blasNames = []string{"libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libblis.so.4", "libblas.so.3", "libblas.so", "libopenblas.dylib"}

// LendBLAS gives host the sgemm_ and dgemm_ of the BLAS at path, one with 32-bit integers; of
// the first of the usual ones if path is empty. It returns which that is.
func LendBLAS(host *abi.Host, path string) (string, error) {
	names := blasNames
	if path != "" {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		names = []string{absolute}
	}
	var problems []error
	for _, name := range names {
		handle, err := load(name)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
			continue
		}
		sgemm, err := purego.Dlsym(handle, "sgemm_")
		if err != nil {
			return "", fmt.Errorf("%s is no BLAS: it has no sgemm_", name)
		}
		dgemm, err := purego.Dlsym(handle, "dgemm_")
		if err != nil {
			return "", fmt.Errorf("%s is no BLAS: it has no dgemm_", name)
		}
		host.Sgemm, host.Dgemm = sgemm, dgemm
		return name, nil
	}
	if path != "" {
		return "", errors.Join(problems...)
	}
	return "", fmt.Errorf("no BLAS was found (%s): install one, such as libopenblas0, or name it", strings.Join(names, ", "))
}
