package filecheck

import (
	"fmt"
	"regexp"
	"slices"
)

// Options say how a check file is read and matched. The zero value is FileCheck's
// default.
type Options struct {
	// Prefixes of directives; CHECK if empty.
	Prefixes []string
	// CommentPrefixes begin lines without directives; COM and RUN if empty.
	CommentPrefixes []string
	// Defines are variables, as NAME=TEXT, #NUM=EXPRESSION or #%x,NUM=EXPRESSION.
	Defines []string
	// ImplicitCheckNot are patterns that nothing between positive matches may match.
	ImplicitCheckNot []string
	// MatchFullLines makes positive patterns match whole lines.
	MatchFullLines bool
	// StrictWhitespace keeps runs of spaces and tabs apart.
	StrictWhitespace bool
	IgnoreCase       bool
	// AllowEmpty accepts an empty input.
	AllowEmpty bool
	// AllowUnusedPrefixes accepts prefixes without directives, so long as one has some.
	AllowUnusedPrefixes bool
	// AllowDAGOverlap lets the matches of adjacent CHECK-DAG lines overlap.
	AllowDAGOverlap bool
	// EnableVarScope forgets variables without a leading $ at each CHECK-LABEL.
	EnableVarScope bool
}

var prefixForm = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// resolve fills in defaults and validates prefixes. defaulted tells that no prefix
// was asked for.
func (o Options) resolve() (resolved Options, defaulted bool, err error) {
	if defaulted = len(o.Prefixes) == 0; defaulted {
		o.Prefixes = []string{"CHECK"}
	}
	if len(o.CommentPrefixes) == 0 {
		o.CommentPrefixes = []string{"COM", "RUN"}
	}
	seen := map[string]bool{}
	for _, prefix := range slices.Concat(o.Prefixes, o.CommentPrefixes) {
		switch {
		case !prefixForm.MatchString(prefix):
			return o, false, fmt.Errorf("prefix %q: want letters, digits, hyphens and underscores", prefix)
		case seen[prefix]:
			return o, false, fmt.Errorf("prefix %q is given twice; check and comment prefixes must differ", prefix)
		}
		seen[prefix] = true
	}
	return o, defaulted, nil
}
