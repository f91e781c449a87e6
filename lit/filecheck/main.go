package filecheck

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Exit statuses of Main.
const (
	ExitOK       = 0 // the input is as the check file asks
	ExitMismatch = 1
	ExitUsage    = 2 // wrong options, a malformed check file, an unreadable or empty file
)

const usage = `usage: filecheck CHECK-FILE [options] < INPUT

Matches the input against the CHECK lines of the check file, as LLVM's FileCheck.

  --input-file=FILE            read the input from FILE, not from standard input
  --check-prefix=P             directives begin with P rather than CHECK
  --check-prefixes=P,Q         the same for several
  --comment-prefixes=P,Q       lines with these hold no directives (COM,RUN)
  --allow-unused-prefixes      a prefix may have no directive
  --match-full-lines           patterns match whole lines
  --strict-whitespace          runs of spaces and tabs differ
  --ignore-case
  --implicit-check-not=PATTERN nothing between positive matches may match
  --allow-empty                the input may be empty
  --enable-var-scope           variables without $ end at CHECK-LABEL
  --allow-deprecated-dag-overlap
  -DVAR=TEXT, -D#%x,NUM=EXPR   define a variable
  --dump-input=fail|always|never|help
  --dump-input-filter=error|annotation|annotation-full|all
  --dump-input-context=N       lines around the filtered ones (5)
  -v, -vv                      tell of matches, and of discarded ones
`

// command is a parsed command line.
type command struct {
	Options
	checkFile  string
	inputFile  string
	dump       string // "" for fail
	dumpFilter string
	context    int // -1 for the default
	verbosity  int
	help       bool
	version    bool
}

// Main is the FileCheck command. It does not exit and uses no global state.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return MainIn("", args, stdin, stdout, stderr)
}

// MainIn is Main with a folder that relative file names start from.
func MainIn(dir string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c, err := parseArgs(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "filecheck: %v\n%s", err, usage)
		return ExitUsage
	case c.help:
		_, _ = io.WriteString(stdout, usage)
		return ExitOK
	case c.version:
		fmt.Fprintln(stdout, "filecheck of cladopt, after LLVM 16's FileCheck")
		return ExitOK
	case c.dump == "help":
		_, _ = io.WriteString(stdout, dumpHelp)
		return ExitOK
	}
	status, err := c.run(dir, stdin, stderr)
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return status
}

func (c *command) run(dir string, stdin io.Reader, stderr io.Writer) (status int, err error) {
	read := func(name, what string) (string, error) {
		var data []byte
		var err error
		if name == "-" {
			data, err = io.ReadAll(stdin)
		} else {
			if dir != "" && !filepath.IsAbs(name) {
				name = filepath.Join(dir, name)
			}
			data, err = os.ReadFile(name)
		}
		if err != nil {
			return "", fmt.Errorf("filecheck: could not open %s: %w", what, err)
		}
		return string(data), nil
	}
	text, err := read(c.checkFile, "check file")
	if err != nil {
		return ExitUsage, err
	}
	checks, err := Parse(c.checkFile, text, c.Options)
	if err != nil {
		return ExitUsage, err
	}
	input, err := read(c.inputFile, "input file")
	if err != nil {
		return ExitUsage, err
	}
	name := c.inputFile
	if name == "-" {
		name = "<stdin>"
	}
	result := checks.Match(name, input)
	failed := result.Err() != nil
	if result.unusable != nil {
		return ExitUsage, fmt.Errorf("filecheck: %s: %w", name, result.unusable)
	}
	dumps := c.dump == "always" || c.dump != "never" && failed
	verbosity := c.verbosity
	if dumps { // which shows the matches
		verbosity = 0
	}
	result.WriteMessages(stderr, verbosity)
	if dumps {
		if failed {
			fmt.Fprintln(stderr)
		}
		result.WriteDump(stderr, c.dumpOptions())
	}
	if failed {
		return ExitMismatch, nil
	}
	return ExitOK, nil
}

// dumpOptions fills in defaults.
func (c *command) dumpOptions() DumpOptions {
	o := DumpOptions{Filter: c.dumpFilter, Context: c.context, Verbosity: c.verbosity}
	if o.Filter == "" {
		o.Filter = "error"
		if c.dump == "always" {
			o.Filter = "all"
		}
	}
	if o.Context < 0 {
		o.Context = 5
	}
	return o
}

// parseArgs reads options as LLVM's tools do: with one hyphen or two, a value after
// = or as the next argument.
func parseArgs(args []string) (*command, error) {
	c := &command{inputFile: "-", context: -1}
	flags := map[string]*bool{
		"match-full-lines": &c.MatchFullLines, "strict-whitespace": &c.StrictWhitespace, "ignore-case": &c.IgnoreCase,
		"allow-empty": &c.AllowEmpty, "allow-unused-prefixes": &c.AllowUnusedPrefixes, "enable-var-scope": &c.EnableVarScope,
		"allow-deprecated-dag-overlap": &c.AllowDAGOverlap, "help": &c.help, "h": &c.help, "version": &c.version,
		"color": new(bool), "v": new(bool), "vv": new(bool),
	}
	values := map[string]func(string) error{
		"check-prefix":   func(s string) error { c.Prefixes = append(c.Prefixes, s); return nil },
		"check-prefixes": func(s string) error { c.Prefixes = append(c.Prefixes, strings.Split(s, ",")...); return nil },
		"comment-prefixes": func(s string) error {
			c.CommentPrefixes = append(c.CommentPrefixes, strings.Split(s, ",")...)
			return nil
		},
		"input-file":         func(s string) error { c.inputFile = s; return nil },
		"implicit-check-not": func(s string) error { c.ImplicitCheckNot = append(c.ImplicitCheckNot, s); return nil },
		"dump-input":         choice(&c.dump, "help", "always", "fail", "never"),
		"dump-input-filter":  choice(&c.dumpFilter, "all", "annotation-full", "annotation", "error"),
		"dump-input-context": c.setContext,
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if len(arg) < 2 || arg[0] != '-' {
			if c.checkFile != "" {
				return nil, fmt.Errorf("got two check files, %q and %q, want one", c.checkFile, arg)
			}
			c.checkFile = arg
			continue
		}
		if define, ok := strings.CutPrefix(arg, "-D"); ok {
			c.Defines = append(c.Defines, define)
			continue
		}
		name, value, valued := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		if flag := flags[name]; flag != nil {
			on, err := strconv.ParseBool(value)
			if valued && err != nil {
				return nil, fmt.Errorf("option %s: got %q, want true or false", name, value)
			}
			*flag = on || !valued
			continue
		}
		set := values[name]
		if set == nil {
			return nil, fmt.Errorf("unknown option %q", arg)
		}
		if !valued {
			if i++; i == len(args) {
				return nil, fmt.Errorf("option %s wants a value", arg)
			}
			value = args[i]
		}
		if err := set(value); err != nil {
			return nil, fmt.Errorf("option %s: %w", name, err)
		}
	}
	switch {
	case *flags["vv"]:
		c.verbosity = 2
	case *flags["v"]:
		c.verbosity = 1
	}
	if c.checkFile == "" && !c.help && !c.version && c.dump != "help" {
		return nil, fmt.Errorf("got no check file")
	}
	return c, nil
}

// choice sets one of values. Given several times, the value listed first wins.
func choice(to *string, values ...string) func(string) error {
	return func(s string) error {
		i := slices.Index(values, s)
		if i < 0 {
			return fmt.Errorf("got %q, want one of %s", s, strings.Join(values, ", "))
		}
		if before := slices.Index(values, *to); before < 0 || i < before {
			*to = s
		}
		return nil
	}
}

// setContext keeps the largest of several values.
func (c *command) setContext(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return fmt.Errorf("got %q, want a number of lines", s)
	}
	c.context = max(c.context, n)
	return nil
}

// ParseArgs reads a command line of Main: the check file, the input file ("-" for standard
// input), and how they are read.
func ParseArgs(args []string) (checkFile, inputFile string, o Options, err error) {
	c, err := parseArgs(args)
	if err != nil {
		return "", "", Options{}, err
	}
	return c.checkFile, c.inputFile, c.Options, nil
}
