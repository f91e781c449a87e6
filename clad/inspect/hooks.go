package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NoCallsInLoops wants inner loops of kernels to call nothing.
var NoCallsInLoops = &Hook{
	Name: "no-calls-in-loops",
	Doc:  "inner loops of kernels call nothing",
	Run: func(f *Function) []Finding {
		var out []Finding
		for _, l := range f.Loops {
			if f.kernel() && len(l.Calls) > 0 {
				out = append(out, Finding{Loop: l, Message: "calls " + list(l.Calls)})
			}
		}
		return out
	},
}

// NoHeap wants kernels to leave the heap and Clad's tape alone.
var NoHeap = &Hook{
	Name: "no-heap",
	Doc:  "nothing allocates memory or uses a tape of Clad's",
	Run: func(f *Function) []Finding {
		if f.Heap+f.Tape == 0 {
			return nil
		}
		return []Finding{{Message: fmt.Sprintf("allocates or frees in %d places, uses a tape in %d", f.Heap, f.Tape)}}
	},
}

// Vectorised wants every inner loop of a kernel to compute with vectors.
var Vectorised = &Hook{
	Name: "vectorised",
	Doc:  "inner loops of kernels compute with vectors",
	Run: func(f *Function) []Finding {
		var out []Finding
		for _, l := range f.Loops {
			if f.kernel() && l.scalar() {
				out = append(out, Finding{Loop: l, Message: "is not vectorised: " + l.reason()})
			}
		}
		return out
	},
}

// scalar reports whether l computes, and not with vectors.
func (l *Loop) scalar() bool { return l.State == Scalar || l.State == Unrolled && l.FP > 0 }

func (f *Function) kernel() bool { return f.Role == Forward || f.Role == Pullback }

func (l *Loop) reason() string {
	if l.Reason == "" {
		return "clang does not say why"
	}
	return l.Reason
}

// list names calls with their number.
func list(calls map[string]int) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		if n := calls[name]; n > 1 {
			name = fmt.Sprintf("%s x%d", name, n)
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}
