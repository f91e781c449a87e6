package toolchain

import (
	"bytes"
	"regexp"
	"strings"
)

// Dump is IR that LLVM printed before or after a pass.
type Dump struct {
	After bool
	Pass  string // as LLVM calls it: LoopVectorizePass
	On    string // what the pass ran on: a function's symbol, or a part of it
	IR    string
}

var dumpBanner = regexp.MustCompile(`^;? ?\*\*\* IR Dump (Before|After) (\S+)(?: on (.*?))? \*\*\*`)

// dumpWriter takes what clang writes to standard error apart: what it says, and the
// dumps, of which modules are cut down to one function and the metadata, since they
// are printed whole for each function.
type dumpWriter struct {
	said  bytes.Buffer
	dumps []Dump
	rest  []byte // a line without its end
	text  strings.Builder
	skip  bool // inside a function that is not wanted
}

// Write takes lines.
func (w *dumpWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	from := 0
	for {
		end := bytes.IndexByte(w.rest[from:], '\n')
		if end < 0 {
			break
		}
		w.line(string(w.rest[from : from+end]))
		from += end + 1
	}
	w.rest = append(w.rest[:0], w.rest[from:]...)
	return len(p), nil
}

func (w *dumpWriter) line(l string) {
	if m := dumpBanner.FindStringSubmatch(l); m != nil {
		w.finish()
		w.dumps = append(w.dumps, Dump{After: m[1] == "After", Pass: m[2], On: m[3]})
		w.skip = false
		return
	}
	if len(w.dumps) == 0 {
		w.said.WriteString(l)
		w.said.WriteByte('\n')
		return
	}
	if strings.HasPrefix(l, "define ") {
		on := w.dumps[len(w.dumps)-1].On
		w.skip = !strings.Contains(l, "@"+on+"(") && !strings.Contains(l, "@\""+on+"\"(") && !strings.Contains(on, " ")
	}
	if !w.skip {
		w.text.WriteString(l)
		w.text.WriteByte('\n')
	}
	if l == "}" {
		w.skip = false
	}
}

// finish gives the last dump its text.
func (w *dumpWriter) finish() {
	if n := len(w.dumps); n > 0 {
		w.dumps[n-1].IR = w.text.String()
	}
	w.text.Reset()
}

func (w *dumpWriter) end() {
	if len(w.rest) > 0 {
		w.line(string(w.rest))
		w.rest = nil
	}
	w.finish()
}
