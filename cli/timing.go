package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cladopt/cladopt/passes"
)

// timingNode is a pass, a function, a nested pipeline, or the whole run. Times of a node
// with children are their sums.
type timingNode struct {
	Name     string        `json:"name"`
	RunMS    float64       `json:"run_ms"`
	VerifyMS float64       `json:"verify_ms"`
	Children []*timingNode `json:"children,omitempty"`
}

// timingTree arranges timings as the pipeline is nested.
func timingTree(timings []passes.Timing) *timingNode {
	root := &timingNode{Name: "total"}
	var nest *timingNode
	last := 0
	for _, t := range timings {
		path := []*timingNode{root}
		if t.Nest > 0 {
			if t.Nest != last {
				nest = root.child("func.func")
			}
			path = append(path, nest)
			if n := len(nest.Children); n == 0 || nest.Children[n-1].Name != "@"+t.Func {
				nest.child("@" + t.Func)
			}
			path = append(path, nest.Children[len(nest.Children)-1])
		}
		last = t.Nest
		path = append(path, path[len(path)-1].child(t.Pass))
		for _, n := range path {
			n.RunMS += ms(t.Run)
			n.VerifyMS += ms(t.Verify)
		}
	}
	return root
}

func (n *timingNode) child(name string) *timingNode {
	c := &timingNode{Name: name}
	n.Children = append(n.Children, c)
	return c
}

func writeTimingTree(w io.Writer, timings []passes.Timing) {
	root := timingTree(timings)
	whole := root.RunMS + root.VerifyMS
	fmt.Fprintf(w, "%10s %10s %6s  %s\n", "run", "verify", "share", "pass")
	var write func(n *timingNode, depth int)
	write = func(n *timingNode, depth int) {
		share := 0.0
		if whole > 0 {
			share = 100 * (n.RunMS + n.VerifyMS) / whole
		}
		fmt.Fprintf(w, "%8.3fms %8.3fms %5.1f%%  %s%s\n", n.RunMS, n.VerifyMS, share, strings.Repeat("  ", depth), n.Name)
		for _, c := range n.Children {
			write(c, depth+1)
		}
	}
	write(root, 0)
}

func writeTimingJSON(w io.Writer, timings []passes.Timing) {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(timingTree(timings)) // a closed stderr shows in the shell
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
