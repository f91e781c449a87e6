package inspect

import (
	"strconv"
	"strings"
)

// Record is one of clang's optimisation records.
type Record struct {
	Kind         string // Passed, Missed, Analysis, AnalysisFPCommute, AnalysisAliasing, Failure
	Pass, Name   string
	Function     string
	File         string
	Line, Column int // 0 if it says no place
	Args         []Arg
}

// Arg is a part of what a record says.
type Arg struct{ Key, Value string }

// Arg is the value of an argument, "" if it has none of that name.
func (r *Record) Arg(key string) string {
	for _, a := range r.Args {
		if a.Key == key {
			return a.Value
		}
	}
	return ""
}

// Int is the value of an argument that is a number, 0 if there is none.
func (r *Record) Int(key string) int64 {
	n, _ := strconv.ParseInt(r.Arg(key), 10, 64)
	return n
}

// Message is the text that all arguments make together.
func (r *Record) Message() string {
	var b strings.Builder
	for _, a := range r.Args {
		b.WriteString(a.Value)
	}
	return b.String()
}

// ReadRecords reads the YAML that clang writes with -fsave-optimization-record: a
// subset that has a line for each field. What is no record is skipped and counted.
func ReadRecords(text string) (records []*Record, unknown int) {
	var r *Record
	flow := "" // a mapping in braces that goes on
	inArg := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if flow != "" {
			flow += " " + strings.TrimSpace(line)
			if strings.HasSuffix(flow, "}") {
				r.place(flow, inArg)
				flow = ""
			}
			continue
		}
		switch {
		case strings.HasPrefix(line, "--- !"):
			r = &Record{Kind: strings.TrimSpace(line[5:])}
			inArg = false
			records = append(records, r)
			continue
		case line == "...":
			r = nil
			continue
		case strings.TrimSpace(line) == "":
			continue
		}
		arg, isArg := strings.CutPrefix(line, "  - ")
		key, value, ok := strings.Cut(strings.TrimSpace(arg), ":")
		if r == nil || !ok {
			unknown++
			continue
		}
		value = strings.TrimSpace(value)
		switch {
		case key == "DebugLoc":
			if !strings.HasSuffix(value, "}") {
				flow, inArg = value, strings.HasPrefix(line, " ")
				continue
			}
			r.place(value, strings.HasPrefix(line, " "))
		case isArg:
			r.Args = append(r.Args, Arg{key, scalar(value)})
		case key == "Pass":
			r.Pass = scalar(value)
		case key == "Name":
			r.Name = scalar(value)
		case key == "Function":
			r.Function = scalar(value)
		case key == "Args", key == "Hotness":
		default:
			unknown++
		}
	}
	return records, unknown
}

// place reads { File: a.cpp, Line: 1, Column: 2 }; that of an argument is not kept.
func (r *Record) place(flow string, ofArg bool) {
	if ofArg || r == nil {
		return
	}
	flow = strings.Trim(flow, "{} ")
	if at := strings.LastIndex(flow, ", Line:"); at >= 0 { // a file's name may hold commas
		_, file, _ := strings.Cut(flow[:at], ":")
		r.File = scalar(strings.TrimSpace(file))
		flow = flow[at+2:]
	}
	for _, field := range strings.Split(flow, ",") {
		key, value, _ := strings.Cut(field, ":")
		n, _ := strconv.Atoi(strings.TrimSpace(value))
		switch strings.TrimSpace(key) {
		case "Line":
			r.Line = n
		case "Column":
			r.Column = n
		}
	}
}

// scalar is the text of a YAML scalar on one line.
func scalar(s string) string {
	if n := len(s); n >= 2 && s[0] == '\'' && s[n-1] == '\'' {
		return strings.ReplaceAll(s[1:n-1], "''", "'")
	} else if n >= 2 && s[0] == '"' && s[n-1] == '"' {
		if text, err := strconv.Unquote(s); err == nil {
			return text
		}
		return s[1 : n-1]
	}
	return s
}
