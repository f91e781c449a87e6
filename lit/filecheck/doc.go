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
// Exit statuses equal FileCheck-16's for every check file and input, which a
// randomised test holds, but for these cases, where FileCheck-16 is silent, crashes
// or contradicts its own statuses:
//
//   - A pattern whose parts are valid but whose whole is not, as in {{(a)\1}}, is an
//     error of the check file; FileCheck-16 takes it for one that never matches,
//     which lets a CHECK-NOT pass.
//   - [[X:a]b]] is an error of the check file with status 2, not 1.
//   - Wrong usage has status 2 throughout, not 1 at times, and -D#X= no crash.
//
// It does not read FILECHECK_OPTS, since a command that runs in a test's process
// shares its environment with every other test, and it prints no colours.
package filecheck
