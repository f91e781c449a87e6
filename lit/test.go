package lit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// script is what a test file asks for.
type script struct {
	runs        []string // RUN, DEFINE and REDEFINE lines in order
	requires    []string
	unsupported []string
	xfail       []string
}

// keyword is a line of a test that means something to the runner.
var keyword = regexp.MustCompile(`\b(RUN|REDEFINE|DEFINE|REQUIRES|UNSUPPORTED|XFAIL|END)[.:](.*)`)

// define is the rest of a DEFINE or REDEFINE line.
var define = regexp.MustCompile(`^\s*(%\{[\w:-]+\})\s*=(.*)$`)

const (
	isRun      = "RUN:"
	isRedefine = "REDEFINE:"
)

func readScript(text string) (*script, error) {
	s := &script{}
	open := false // the last line goes on
	for line := range strings.Lines(text) {
		found := keyword.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if found == nil || (found[1] == "END") != strings.Contains(line, "END.") {
			continue
		}
		rest := strings.TrimSpace(found[2])
		switch found[1] {
		case "END":
			return s, nil
		case "REQUIRES":
			s.requires = append(s.requires, conditions(rest)...)
			continue
		case "UNSUPPORTED":
			s.unsupported = append(s.unsupported, conditions(rest)...)
			continue
		case "XFAIL":
			s.xfail = append(s.xfail, conditions(rest)...)
			continue
		}
		body, more := strings.CutSuffix(rest, `\`)
		if open {
			s.runs[len(s.runs)-1] += strings.TrimSpace(body)
		} else {
			s.runs = append(s.runs, found[1]+":"+body)
		}
		if more {
			s.runs[len(s.runs)-1] = strings.TrimRight(s.runs[len(s.runs)-1], " ") + " "
		}
		open = more
	}
	if open {
		return nil, fmt.Errorf("the last RUN line ends in \\, but no RUN line follows")
	}
	return s, nil
}

func conditions(text string) []string {
	var out []string
	for _, c := range strings.Split(text, ",") {
		if c = strings.TrimSpace(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// Run runs one test.
func (c *Config) Run(path string) Result { return c.run(path, nil) }

func (c *Config) run(path string, capture func(args []string, input []byte)) Result {
	start := time.Now()
	r := Result{Path: path}
	text, err := os.ReadFile(path)
	if err == nil {
		r.Status, r.Output, err = c.execute(path, string(text), capture)
	}
	if err != nil {
		r.Status, r.Output = Unresolved, err.Error()
	}
	r.Time = time.Since(start)
	return r
}

// execute runs a test; an error says that it cannot be run.
func (c *Config) execute(path, text string, capture func(args []string, input []byte)) (Status, string, error) {
	s, err := readScript(text)
	if err != nil {
		return "", "", err
	}
	for _, cond := range s.requires {
		if ok, err := c.holds(cond); err != nil || !ok {
			return Unsupported, "REQUIRES: " + cond, err
		}
	}
	for _, cond := range s.unsupported {
		if ok, err := c.holds(cond); err != nil || ok {
			return Unsupported, "UNSUPPORTED: " + cond, err
		}
	}
	failsHere := false
	for _, cond := range s.xfail {
		ok, err := c.holds(cond)
		if err != nil {
			return "", "", err
		}
		failsHere = failsHere || ok
	}
	dir, err := os.MkdirTemp("", "lit-")
	if err != nil {
		return "", "", err
	}
	defer os.RemoveAll(dir)
	why, err := (&shell{c, capture}).script(s.runs, substitutions(path, dir))
	switch {
	case err != nil:
		return "", "", err
	case why != "" && failsHere:
		return XFail, why, nil
	case why != "":
		return Fail, why, nil
	case failsHere:
		return XPass, "the test passes, but its XFAIL line says that it fails here", nil
	}
	return Pass, "", nil
}

// substitutions are what stands for what in a RUN line.
func substitutions(path, dir string) map[string]string {
	tmp := filepath.Join(dir, filepath.Base(path)+".tmp")
	return map[string]string{
		"%s": path, "%S": filepath.Dir(path), "%p": filepath.Dir(path), "%t": tmp, "%T": dir,
		"%basename_t": filepath.Base(tmp), "%{s:basename}": filepath.Base(path), "%{t:stem}": strings.TrimSuffix(tmp, ".tmp"),
		"%{pathsep}": string(os.PathListSeparator), "%%": "%",
	}
}

// percent is what is substituted; %t and the like are not words by themselves: %t.mlir.
var percent = regexp.MustCompile(`%%|%\{[\w:-]+\}|%basename_t|%[sSptT]`)

// maxExpansions bounds how deep definitions refer to one another.
const maxExpansions = 32

func expand(text string, known map[string]string) (string, error) {
	for range maxExpansions {
		again := false
		var unknown string
		text = percent.ReplaceAllStringFunc(text, func(name string) string {
			if name == "%%" {
				return name // the last step
			}
			value, ok := known[name]
			if !ok {
				unknown = name
			}
			again = again || strings.Contains(value, "%{")
			return value
		})
		if unknown != "" {
			return "", fmt.Errorf("%s is not defined, expected a DEFINE line: %s = text", unknown, unknown)
		}
		if !again {
			return strings.ReplaceAll(text, "%%", "%"), nil
		}
	}
	return "", fmt.Errorf("definitions of %%{...} go in a circle: %s", text)
}

// script runs the lines of a test; why is "" if it passes.
func (s *shell) script(lines []string, known map[string]string) (why string, err error) {
	ran := false
	for _, line := range lines {
		key, rest, _ := strings.Cut(line, ":")
		if key+":" != isRun {
			d := define.FindStringSubmatch(rest)
			if d == nil {
				return "", fmt.Errorf("%s:%s is not understood, expected %%{name} = text", key, rest)
			}
			if _, is := known[d[1]]; is != (key+":" == isRedefine) {
				return "", fmt.Errorf("%s: %s: DEFINE is for new names and REDEFINE for known ones", key, d[1])
			}
			known[d[1]] = strings.TrimSpace(d[2])
			continue
		}
		ran = true
		command, err := expand(rest, known)
		if err != nil {
			return "", err
		}
		if why := s.line(command); why != "" {
			return "RUN: " + command + "\n" + why, nil
		}
	}
	if !ran {
		return "", fmt.Errorf("the file has no RUN line")
	}
	return "", nil
}
