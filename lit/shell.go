package lit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/cladopt/cladopt/lit/filecheck"
)

// token is a word or, unquoted, an operator.
type token struct {
	text string
	op   bool
}

// operators, those first that others begin with.
var operators = []string{"2>&1", "1>&2", "2>>", "2>", "&>", "&&", "||", ">>", ">", "<", "|", ";"}

// lex takes a command line apart as a shell does: quotes, backslashes, operators.
func lex(text string) ([]token, error) {
	var tokens []token
	var word strings.Builder
	inWord := false
	flush := func() {
		if inWord {
			tokens = append(tokens, token{text: word.String()})
			word.Reset()
			inWord = false
		}
	}
next:
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; ch {
		case ' ', '\t':
			flush()
			continue
		case '\'', '"':
			inside, length, ok := quoted(text[i:])
			if !ok {
				return nil, fmt.Errorf("a quote is not closed in: %s", text)
			}
			word.WriteString(inside)
			inWord = true
			i += length - 1
			continue
		case '\\':
			if i+1 < len(text) {
				i++
				word.WriteByte(text[i])
				inWord = true
				continue
			}
		}
		for _, op := range operators {
			// A digit belongs to an operator only where a word begins: x2>f writes to f.
			if strings.HasPrefix(text[i:], op) && !(inWord && (op[0] == '1' || op[0] == '2')) {
				flush()
				tokens = append(tokens, token{op, true})
				i += len(op) - 1
				continue next
			}
		}
		word.WriteByte(text[i])
		inWord = true
	}
	flush()
	return tokens, nil
}

// quoted is what stands in the quotes that text begins with, and how long they are. In
// double quotes a backslash hides " and itself.
func quoted(text string) (inside string, length int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == text[0]:
			return b.String(), i + 1, true
		case text[0] == '"' && text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(text[i])
		}
	}
	return "", 0, false
}

// Words takes a command line apart as a RUN line is; an operator is an error.
func Words(text string) ([]string, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, t := range tokens {
		if t.op {
			return nil, fmt.Errorf("%s is not understood here: put the commands into a script", t.text)
		}
		words = append(words, t.text)
	}
	return words, nil
}

// shell runs the RUN lines of one test.
type shell struct {
	*Config
	capture func(args []string, input []byte) // is told what FileCheck reads, if set
}

// line runs one RUN line; the result is "" if it ends with status 0.
func (s *shell) line(text string) string {
	tokens, err := lex(text)
	if err != nil {
		return err.Error()
	}
	why, run := "", true
	for len(tokens) > 0 {
		end, op := len(tokens), ""
		for i, t := range tokens {
			if t.op && (t.text == "&&" || t.text == "||" || t.text == ";") {
				end, op = i, t.text
				break
			}
		}
		if run {
			why = s.pipeline(tokens[:end])
		}
		run = op == ";" || op == "&&" && why == "" || op == "||" && why != ""
		tokens = tokens[min(end+1, len(tokens)):]
	}
	return why
}

// pipeline runs commands one after the other, each on the output of the one before. It
// fails if one of them does.
func (s *shell) pipeline(tokens []token) string {
	var input []byte
	var failures []string
	for {
		end := len(tokens)
		for i, t := range tokens {
			if t.op && t.text == "|" {
				end = i
				break
			}
		}
		c, err := parseCommand(tokens[:end])
		if err != nil {
			return err.Error()
		}
		out, message, status, err := s.command(c, input)
		if err != nil {
			return err.Error()
		}
		if status != 0 {
			shown := ""
			if end == len(tokens) {
				shown = string(out) // else the next command has it
			}
			failures = append(failures, fmt.Sprintf("%s: exit status %d\n%s%s", strings.Join(c.args, " "), status, shown, message))
		}
		input = out
		if end == len(tokens) {
			return strings.Join(failures, "\n")
		}
		tokens = tokens[end+1:]
	}
}

// command is a command with its redirections.
type command struct {
	args      []string
	in        string // file
	out, err  string // files
	appendOut bool
	appendErr bool
	errToOut  bool
	outToErr  bool
}

func parseCommand(tokens []token) (*command, error) {
	c := &command{}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if !t.op {
			c.args = append(c.args, t.text)
			continue
		}
		switch t.text {
		case "2>&1":
			c.errToOut = true
			continue
		case "1>&2":
			c.outToErr = true
			continue
		}
		if i+1 == len(tokens) || tokens[i+1].op {
			return nil, fmt.Errorf("a file is missing after %s in a RUN line", t.text)
		}
		i++
		file := tokens[i].text
		switch t.text {
		case "<":
			c.in = file
		case ">", ">>":
			c.out, c.appendOut = file, t.text == ">>"
		case "2>", "2>>":
			c.err, c.appendErr = file, t.text == "2>>"
		case "&>":
			c.out, c.errToOut = file, true
		}
	}
	if len(c.args) == 0 {
		return nil, errors.New("a RUN line has an empty command")
	}
	return c, nil
}

// command runs c; out is what the next command of the pipeline reads, message what is
// left of standard error.
func (s *shell) command(c *command, input []byte) (out []byte, message string, status int, err error) {
	if c.in != "" {
		if input, err = os.ReadFile(c.in); err != nil {
			return nil, "", 0, err
		}
	}
	var stdout, stderr bytes.Buffer
	var toOut, toErr io.Writer = &stdout, &stderr
	if c.errToOut {
		toErr = &stdout
	}
	if c.outToErr {
		toOut = &stderr
	}
	status, err = s.run(c.args, input, toOut, toErr)
	if err != nil {
		return nil, "", 0, err
	}
	if c.out != "" {
		if err := writeTo(c.out, c.appendOut, stdout.Bytes()); err != nil {
			return nil, "", 0, err
		}
		stdout.Reset()
	}
	if c.err != "" {
		if err := writeTo(c.err, c.appendErr, stderr.Bytes()); err != nil {
			return nil, "", 0, err
		}
	}
	return stdout.Bytes(), stderr.String(), status, nil
}

func writeTo(path string, more bool, data []byte) error {
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if more {
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// crashed is the exit status of a command that panics.
const crashed = 134

// run runs a command: one that was given, one of a few of the shell, or a program.
func (s *shell) run(args []string, input []byte, stdout, stderr io.Writer) (status int, err error) {
	stdin := bytes.NewReader(input)
	name, rest := args[0], args[1:]
	if given := s.Commands[name]; given != nil {
		return inProcess(given, rest, stdin, stdout, stderr), nil
	}
	switch name {
	case "not":
		return s.not(rest, input, stdout, stderr)
	case "FileCheck":
		if s.capture != nil {
			s.capture(rest, input)
		}
		return filecheck.Main(rest, stdin, stdout, stderr), nil
	case "true", ":":
		return 0, nil
	case "false":
		return 1, nil
	case "echo":
		_, err := fmt.Fprintln(stdout, strings.Join(rest, " "))
		return 0, err
	case "cat":
		return cat(rest, stdin, stdout, stderr)
	case "count":
		return count(rest, input, stderr)
	}
	return s.start(args, stdin, stdout, stderr)
}

// not runs a command that must fail; with --crash it must crash, and without must not.
func (s *shell) not(args []string, input []byte, stdout, stderr io.Writer) (int, error) {
	crash := len(args) > 0 && args[0] == "--crash"
	if crash {
		args = args[1:]
	}
	if len(args) == 0 {
		return 0, errors.New("a RUN line has not without a command")
	}
	status, err := s.run(args, input, stdout, stderr)
	if err != nil {
		return 0, err
	}
	if hasCrashed := status < 0 || status >= 128; status != 0 && hasCrashed == crash {
		return 0, nil
	}
	return 1, nil
}

func cat(files []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	if len(files) == 0 {
		_, err := io.Copy(stdout, stdin)
		return 0, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			fmt.Fprintf(stderr, "cat: %v\n", err)
			return 1, nil
		}
		if _, err := stdout.Write(text); err != nil {
			return 1, err
		}
	}
	return 0, nil
}

// count holds the number of lines it reads against its argument, as LLVM's does.
func count(args []string, input []byte, stderr io.Writer) (int, error) {
	if len(args) != 1 {
		return 0, errors.New("count: expected the number of lines as its argument")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return 0, fmt.Errorf("count: got %q, expected a number of lines", args[0])
	}
	got := bytes.Count(input, []byte("\n"))
	if len(input) > 0 && input[len(input)-1] != '\n' {
		got++
	}
	if got != want {
		fmt.Fprintf(stderr, "Expected %d lines, got %d.\n", want, got)
		return 1, nil
	}
	return 0, nil
}

// start starts a program.
func (s *shell) start(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("%s did not end within %s", args[0], timeout)
	case cmd.ProcessState == nil:
		return 0, err
	}
	if status := cmd.ProcessState.ExitCode(); status >= 0 {
		return status, nil
	}
	return crashed, nil // by a signal
}

// inProcess runs a command; a panic in it is a failure of the test, not of the run.
func inProcess(run Command, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "panic: %v\n", p)
			status = crashed
		}
	}()
	return run(args, stdin, stdout, stderr)
}
