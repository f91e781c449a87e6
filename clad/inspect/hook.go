package inspect

import "fmt"

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
	Loop     *Loop  `json:"-"` // nil if it is about the whole function
	Line     int    `json:"line"`
	Places   string `json:"places"`
	Message  string `json:"message"`
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
			found.Line, found.Places = 0, f.Places
			if found.Loop != nil {
				found.Line, found.Places = found.Loop.Line, found.Loop.Places
			}
			out = append(out, found)
		}
	}
	return out
}
