// Package ere matches POSIX extended regular expressions as LLVM's FileCheck
// understands them. It stands below filecheck and knows nothing of checks.
//
//	re, err := ere.Compile(`%([a-z]+) = load (i8|i16)`, 0)
//	loc := re.Match("  %x = load i16") // [2 16 3 4 12 15]
//
// Go's regexp differs in ways that decide whether a test passes, hence a package
// of its own:
//
//   - Alternatives are not ordered: the leftmost match wins, then the longest, then
//     the one whose parts are longest from left to right.
//   - A backslash makes the next character ordinary, outside brackets only: \d is the
//     letter d, \n the letter n, and [\n] is a set of two characters. \1 to \9 are
//     true backreferences.
//   - [[:<:]] and [[:>:]] are the two ends of a word.
//   - . and [^x] do not match a newline; ^ and $ match at lines' ends and at both
//     ends of the text.
//   - Text is a sequence of bytes, not of runes.
//
// Matching runs a nondeterministic automaton over the lines that can match at all.
// The offsets of groups are found afterwards, on the matched part alone, and
// backreferences by backtracking within it.
package ere
