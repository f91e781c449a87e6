// Package filecheck matches text against the CHECK lines of another text, as LLVM's
// FileCheck does. It stands beside the test runner, package lit, and knows no
// compiler.
//
//	checks, err := filecheck.Parse("add.mlir", "// CHECK: %[[S:.*]] = add\n// CHECK-NEXT: return %[[S]]\n", filecheck.Options{})
//	if err != nil { ... }                        // a malformed directive
//	err = checks.Match("<stdin>", output).Err()  // nil, or where and why output differs
//
// Directives are PREFIX, PREFIX-NEXT, -SAME, -EMPTY, -NOT, -DAG, -LABEL and
// -COUNT-n, each with {LITERAL} if wanted. Patterns hold {{regex}}, [[VAR:regex]],
// [[VAR]], [[#NUM:]], [[#%x,NUM:expression]], [[#expression]] and [[@LINE+1]].
// Regexes are POSIX's; package ere says how they differ from Go's. Runs of spaces
// and tabs count as one space unless Options.StrictWhitespace is set.
//
// Exit statuses and the directives that fail equal FileCheck-16's, to which a
// randomised test holds them, but for these cases:
//
//   - A pattern whose parts are valid but whose whole is not, as in {{(a)\1}}, is an
//     error of the check file. FileCheck-16 takes it for one that never matches,
//     which lets a CHECK-NOT pass.
//   - A match is the leftmost one always. FileCheck-16 can miss it where several parts
//     in a row can be empty: {{([ab]*|.)?([ab]*|.)ab}} on bcab.
//   - CHECK: and CHECK-EMPTY: that end a file without a newline are read as elsewhere.
//   - [[X:a]b]] is an error of the check file with status 2, not 1; wrong usage has
//     status 2 throughout; -D#X= and [[X:(.*)*]][[X]] do not crash.
//   - In [[.x.]] a collating element is a single character; none has a longer name.
//
// It does not read FILECHECK_OPTS, since a command that runs in a test's process
// shares its environment with every other test, and it prints no colours.
package filecheck
