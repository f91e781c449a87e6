// Package listing runs the listings of Markdown pages, so that a page cannot say what is
// no longer so. The words after the language of a fence say what a listing is:
//
//	```sh                commands, on lines that begin with "$ ", each with its output below
//	```sh run            a script that must succeed; what it prints is not compared
//	```go file PATH      the whole of a file, which the reader makes
//	```diff file PATH    lines of a file that the reader changes: - goes, + comes, the rest stays
//	```go in PATH        lines that stand in a file as they are
//	```cpp from COMMAND  lines that stand in what a command prints
//	```sh shown          nothing: it cannot be run in a test
//
// Before these, "if FEATURE" names a tool without which the listing is skipped. In output
// the line ... stands for any lines and, within a line, for any text. A line in a quote is
// compared without its indentation.
//
// Commands run in the folder of the project by sh; a command that fails makes the listing
// fail. The package neither knows nor imports the compiler.
package listing

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A Block is one fenced listing.
type Block struct {
	Line     int // of its fence
	Lang     string
	If       string // the feature it needs, "" if none
	Verb     string // run, file, in, from, shown; "" for commands with output
	Argument string // of the verb
	Text     string
}

// Parse finds the listings of a page; a fence that is not understood or not closed is an
// error with its line.
func Parse(page string) ([]Block, error) {
	var blocks []Block
	var open *Block
	for i, line := range strings.Split(page, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			b, err := parseInfo(info)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			b.Line = i + 1
			open = &b
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.Text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the listing is not closed", open.Line)
	}
	return blocks, nil
}

func parseInfo(info string) (Block, error) {
	lang, rest, _ := strings.Cut(strings.TrimSpace(info), " ")
	b := Block{Lang: lang}
	if after, ok := strings.CutPrefix(rest, "if "); ok {
		b.If, rest, _ = strings.Cut(after, " ")
	}
	b.Verb, b.Argument, _ = strings.Cut(rest, " ")
	switch {
	case b.Verb == "" || (b.Verb == "run" || b.Verb == "shown") && b.Argument == "":
	case (b.Verb == "file" || b.Verb == "in" || b.Verb == "from") && b.Argument != "":
	default:
		return b, fmt.Errorf("got the fence %q, expected LANGUAGE [if FEATURE] [run | file PATH | in PATH | from COMMAND | shown]", info)
	}
	return b, nil
}

// Checked reports whether Run does anything.
func (b *Block) Checked() bool {
	return b.Verb != "" && b.Verb != "shown" || b.Lang == "sh" && strings.Contains("\n"+b.Text, "\n$ ")
}

// Run does in dir what the listing says.
func (b *Block) Run(dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(b.Argument))
	switch {
	case b.Verb == "run":
		out, err := shell(dir, "set -e\n"+b.Text)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	case b.Verb == "file" && b.Lang == "diff":
		return change(path, b.Text)
	case b.Verb == "file":
		if _, err := os.Stat(path); err == nil {
			return fmt.Errorf("%s is there already", b.Argument)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(b.Text), 0o644)
	case b.Verb == "in":
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return quoted(b.Text, string(text), b.Argument)
	case b.Verb == "from":
		out, err := shell(dir, b.Argument)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", b.Argument, err, out)
		}
		return quoted(b.Text, out, "the output of "+b.Argument)
	case b.Checked():
		return b.session(dir)
	}
	return nil
}

// shell runs a script and returns all that it prints. Paths are left out of what Go
// compiles, or nothing that was compiled in another folder could be used again.
func shell(dir, script string) (string, error) {
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// session runs commands, and compares what each prints.
func (b *Block) session(dir string) error {
	parts := strings.Split("\n"+b.Text, "\n$ ")
	if strings.TrimSpace(parts[0]) != "" {
		return fmt.Errorf("the listing begins with %q, expected a command: \"$ \" and what to run", strings.TrimSpace(parts[0]))
	}
	for _, part := range parts[1:] {
		command, want, _ := strings.Cut(part, "\n")
		for strings.HasSuffix(command, "\\") {
			var more string
			more, want, _ = strings.Cut(want, "\n")
			command += "\n" + more
		}
		got, err := shell(dir, command)
		if err != nil {
			return fmt.Errorf("$ %s\n%s%w", command, got, err)
		}
		if !Matches(want, got) {
			return fmt.Errorf("$ %s\nprinted\n%sexpected\n%s%s", command, got, want, stray(want, got))
		}
	}
	return nil
}

// Matches holds output against what a page shows of it; see the package for what "..."
// means. Space at the ends of lines and of the whole does not matter.
func Matches(want, got string) bool {
	var re strings.Builder
	re.WriteString(`^`)
	for _, line := range lines(want) {
		if line == "..." {
			re.WriteString(`(?:.*\n)*?`)
			continue
		}
		re.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`) + `\n`)
	}
	re.WriteString(`$`)
	text := strings.Join(lines(got), "\n") + "\n"
	if text == "\n" {
		text = ""
	}
	return regexp.MustCompile(re.String()).MatchString(text)
}

// stray tells the first line of want that is not where it should be.
func stray(want, got string) string {
	all := lines(want)
	for i := range all {
		if !Matches(strings.Join(all[:i+1], "\n")+"\n...", got) {
			return fmt.Sprintf("where this line does not follow those before it:\n%s\n", all[i])
		}
	}
	return "where it should end\n"
}

func lines(text string) []string {
	if text = strings.TrimRight(text, " \t\n"); text == "" {
		return nil
	}
	out := strings.Split(text, "\n")
	for i := range out {
		out[i] = strings.TrimRight(out[i], " \t\r")
	}
	return out
}

// quoted is an error if the lines of quote do not stand in text one after the other; "..."
// alone stands for any lines.
func quoted(quote, text, where string) error {
	bare := func(s string) []string {
		out := lines(s)
		for i := range out {
			out[i] = strings.TrimSpace(out[i])
		}
		return out
	}
	parts := strings.Split("\n"+strings.Join(bare(quote), "\n")+"\n", "\n...\n")
	rest := "\n" + strings.Join(bare(text), "\n") + "\n"
	for _, part := range parts {
		part = "\n" + strings.Trim(part, "\n") + "\n"
		at := strings.Index(rest, part)
		if at < 0 {
			return fmt.Errorf("these lines do not stand in %s:\n%s", where, strings.TrimPrefix(part, "\n"))
		}
		rest = rest[at+len(part)-1:]
	}
	return nil
}

// change applies the lines of a diff, whose old lines must stand in the file once.
func change(path, diff string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var before, after bytes.Buffer
	for _, line := range lines(diff) {
		switch {
		case strings.HasPrefix(line, "-"):
			before.WriteString(line[1:] + "\n")
		case strings.HasPrefix(line, "+"):
			after.WriteString(line[1:] + "\n")
		default:
			line = strings.TrimPrefix(line, " ")
			before.WriteString(line + "\n")
			after.WriteString(line + "\n")
		}
	}
	if n := bytes.Count(text, before.Bytes()); n != 1 {
		return fmt.Errorf("%s holds the lines to change %d times, expected once:\n%s", path, n, before.String())
	}
	return os.WriteFile(path, bytes.Replace(text, before.Bytes(), after.Bytes(), 1), 0o644)
}
