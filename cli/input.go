package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/ir"
	"github.com/cladopt/cladopt/parser/mlir"
	"github.com/cladopt/cladopt/parser/torchscript"
)

// readFile reads a file, or standard input for "-".
func (e *env) readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(e.stdin)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, unwrapPath(err))
	}
	return src, nil
}

func unwrapPath(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}

// isGraph reports whether text is an observed graph: by the file's name, or for
// standard input by how it starts.
func isGraph(path string, src []byte) bool {
	if strings.HasSuffix(path, ".graph") {
		return true
	}
	return path == "-" && (bytes.HasPrefix(bytes.TrimSpace(src), []byte("graph(")) || bytes.HasPrefix(bytes.TrimSpace(src), []byte("with ")))
}

// load reads IR text or imports an observed graph.
func (e *env) load(path, generalize string) (*ir.Module, error) {
	src, err := e.readFile(path)
	if err != nil {
		return nil, err
	}
	return e.parse(path, src, generalize)
}

// displayName is how messages call a file.
func displayName(path string) string {
	if path == "-" {
		return "<stdin>"
	}
	return path
}

// parse is load of text that was read from path.
func (e *env) parse(path string, src []byte, generalize string) (*ir.Module, error) {
	name := displayName(path)
	if isGraph(path, src) {
		dims, err := parseGeneralize(generalize)
		if err != nil {
			return nil, err
		}
		return torchscript.Import(e.ctx, name, src, torchscript.ImportOptions{Generalize: dims})
	}
	if generalize != "" {
		return nil, usageError{fmt.Errorf("--generalize is for observed graphs; %s is IR text", name)}
	}
	m, err := mlir.Parse(e.ctx, name, src)
	if err != nil {
		return nil, err
	}
	return m, ir.Verify(e.ctx, m.Op)
}

// parseGeneralize reads "0:0,1:0": pairs of input and dimension.
func parseGeneralize(text string) ([][2]int, error) {
	if text == "" {
		return nil, nil
	}
	var out [][2]int
	for _, part := range strings.Split(text, ",") {
		i, d, ok := strings.Cut(part, ":")
		input, err1 := strconv.Atoi(i)
		dim, err2 := strconv.Atoi(d)
		if !ok || err1 != nil || err2 != nil || input < 0 || dim < 0 {
			return nil, usageError{fmt.Errorf("--generalize: got %q, expected INPUT:DIMENSION,... such as 0:0,1:0", part)}
		}
		out = append(out, [2]int{input, dim})
	}
	return out, nil
}

// write puts text where -o says: standard output for "" and "-", else a file that
// appears whole or not at all.
func (e *env) write(path, text string) error {
	if path == "" || path == "-" {
		_, err := io.WriteString(e.stdout, text)
		return err
	}
	return writeAtomically(path, []byte(text))
}

func writeAtomically(path string, data []byte) error {
	fail := func(err error) error { return fmt.Errorf("cannot write %s: %w", path, unwrapPath(err)) }
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fail(errors.New("it is a directory"))
	case err == nil && !info.Mode().IsRegular(): // a device or a pipe is not to be replaced by a file
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return fail(err)
		}
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fail(err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fail(err)
	}
	return nil
}
