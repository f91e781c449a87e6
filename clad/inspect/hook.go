package inspect

import (
	"fmt"
	"strings"
)

// Hook is a check of facts that is run by name.
type Hook struct {
	Name string
	Doc  string
	// Run looks at one function and says what it finds, a sentence each.
	Run func(f *Function) []Finding
}

// Finding is something that a hook found.
type Finding struct {
	Hook     string `json:"hook"`
	Function string `json:"function"`
	Loop     *Loop  `json:"-"`      // nil if it is about the whole function
	Line     int    `json:"line"`   // of the C++, 0 if it is about the whole function
	Places   string `json:"places"` // lines of the graph
	Ops      string `json:"ops"`
	Source   string `json:"source"` // of the loop: its line of C++
	Message  string `json:"message"`
}

// String is the finding on one line: graph, kernel, ops, what is wrong.
func (f Finding) String() string {
	s := dash(f.Places) + ": " + f.Function
	if f.Ops != "" {
		s += " (" + f.Ops + ")"
	}
	if f.Source != "" {
		s += ": " + f.Source
	}
	return s + ": " + f.Hook + ": " + f.Message
}

// Validate reports what is wrong with a definition.
func (h *Hook) Validate() error {
	if h == nil || h.Name == "" || h.Run == nil || h.Doc == "" {
		return fmt.Errorf("a hook needs Name, Doc and Run: %+v", h)
	}
	return nil
}

// Hooks are those of this project.
func Hooks() []*Hook { return []*Hook{NoCallsInLoops, NoHeap, Vectorised} }

// Run runs a hook on all functions.
func Run(h *Hook, facts *Facts) []Finding {
	out := []Finding{}
	for _, f := range facts.Functions {
		for _, found := range h.Run(f) {
			found.Hook, found.Function = h.Name, f.Name
			found.Line, found.Places, found.Ops = 0, f.Places, strings.Join(f.Ops, ", ")
			if l := found.Loop; l != nil {
				found.Line, found.Places, found.Ops = l.Line, l.Places, strings.Join(l.Ops, ", ")
				found.Source = strings.TrimSuffix(l.Source, " {")
			}
			out = append(out, found)
		}
	}
	return out
}
