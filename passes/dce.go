package passes

import "github.com/cladopt/cladopt/ir/rewrite"

// DCE removes what nothing uses.
func DCE() *Pass {
	return &Pass{
		Name: "dce",
		Doc:  "Removes pure ops whose results nothing uses.",
		Run: func(p *Run) error {
			rewrite.EraseDead(p.Root())
			return nil
		},
	}
}
