package inspect

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NoCallsInLoops wants inner loops of kernels, and of what is inlined around them, to call nothing but what is as fast as a
// loop: matrix products, and the library's copies of memory.
var NoCallsInLoops = &Hook{
	Name: "no-calls-in-loops",
	Doc:  "inner loops of kernels call nothing but matrix products, memset, memcpy and memmove",
	Run: func(f *Function) []Finding {
		var out []Finding
		for _, l := range f.Loops {
			if f.Role == Helper {
				break
			}
			left := maps.Clone(l.Calls)
			maps.DeleteFunc(left, func(name string, _ int) bool {
				return isProduct(name) || name == "memset" || name == "memcpy" || name == "memmove"
			})
			if len(left) > 0 {
				out = append(out, Finding{Loop: l, Message: "calls " + list(left)})
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
			if f.Role != Helper && l.scalar() {
				out = append(out, Finding{Loop: l, Message: "is not vectorised: " + l.reason()})
			}
		}
		return out
	},
}

// isProduct reports whether a function of the emitted C++ multiplies matrices.
func isProduct(name string) bool {
	return strings.HasPrefix(name, "gemm<") || strings.HasPrefix(name, "gemm_shared<")
}

// scalar reports whether l computes, and not with vectors. The loads of a loop over
// products are of their arguments.
func (l *Loop) scalar() bool {
	if l.State == Unrolled && l.FP == 0 {
		for name := range l.Calls {
			if isProduct(name) {
				return false
			}
		}
	}
	return l.State == Scalar || l.State == Unrolled && l.FP+l.Loads+l.Stores > 0
}

// IsKernel reports whether f is a kernel or a pullback of one.
func (f *Function) IsKernel() bool { return f.Role == Forward || f.Role == Pullback }

// Computes reports whether f is a kernel, or has loops of kernels that were inlined.
func (f *Function) Computes() bool { return f.IsKernel() || f.Role == Entry && len(f.Loops) > 0 }

// Unvectorised says of all loops that LLVM has not come to vectorise them.
func (f *Function) Unvectorised() {
	for _, l := range f.Loops {
		if l.State == Scalar {
			l.Reason = "the vectorisers have not run"
		}
	}
}

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
