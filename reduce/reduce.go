// Package reduce makes a failing input small: a module by taking ops, functions,
// results and arguments out of it, an observed graph by taking out nodes, and any other
// text by taking out lines.
//
// What is kept is decided by a predicate that is given the text of each candidate. All
// follow one scheme, delta debugging: chunks of half the list, then of a quarter, down to
// single elements, again and again until nothing more can go.
//
// A candidate of a module that verifies verifies as well: an input that is bad in itself
// would fail too, but for another reason.
package reduce

// Fails reports whether a candidate still fails as the first input did.
type Fails func(text string) bool

// chunks tries to take out of a list of n elements all of from..to-1, for chunks that
// become ever smaller. size is how long the list is now; drop tries a candidate, and
// where it fails as it should makes it the one that is reduced further.
func chunks(size func() int, drop func(from, to int) bool) (progress bool) {
	for width := (size() + 1) / 2; width > 0; width /= 2 {
		// From the back: what stands last has the fewest uses.
		for to := size(); to > 0; {
			from := max(0, to-width)
			if drop(from, to) {
				progress = true
			}
			to = min(from, size())
		}
	}
	return progress
}

// fixpoint repeats steps until none makes progress.
func fixpoint(steps ...func() bool) {
	for progress := true; progress; {
		progress = false
		for _, step := range steps {
			progress = step() || progress
		}
	}
}
