#!/bin/sh
# Runs the suite by cladopt lit and by LLVM's lit with FileCheck-16, and compares the
# verdict of every test. Arguments are the tests; all if there are none.
#
#   LIT      LLVM's lit (from PyPI: pip install lit)
#   CLADOPT  the command (build/cladopt)
set -eu
cd "$(dirname "$0")/.."
LIT=${LIT:-$(command -v lit || echo build/venv/bin/lit)}
if ! [ -x "$LIT" ] || ! command -v FileCheck-16 >/dev/null; then
    echo "SKIPPED: LLVM's lit or FileCheck-16 is not installed (make deps installs both)"
    exit 0
fi
CLADOPT=${CLADOPT:-$PWD/build/cladopt}
export CLADOPT
[ -x "$CLADOPT" ] || { echo "$CLADOPT is not there: run make" >&2; exit 2; }
[ $# -gt 0 ] || set -- lit/tests
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$CLADOPT" lit -a "$@" >"$dir/ours.txt" || true
"$LIT" -a --no-progress-bar "$@" >"$dir/theirs.txt" 2>"$dir/theirs.err" || true
# VERDICT: lit/tests/ops/x.mlir, and VERDICT: cladopt :: ops/x.mlir (1 of 9)
sed -nE 's#^(PASS|FAIL|XFAIL|XPASS|UNSUPPORTED|UNRESOLVED): .*lit/tests/(.*)$#\2 \1#p' "$dir/ours.txt" | sort >"$dir/ours"
sed -nE 's#^(PASS|FAIL|XFAIL|XPASS|UNSUPPORTED|UNRESOLVED): cladopt :: (.*) \([0-9]+ of [0-9]+\)$#\2 \1#p' "$dir/theirs.txt" | sort >"$dir/theirs"
if ! [ -s "$dir/theirs" ] || ! [ -s "$dir/ours" ]; then
    echo "one of the two ran no tests:" >&2
    tail -n 5 "$dir/ours.txt" "$dir/theirs.txt" "$dir/theirs.err" >&2
    exit 1
fi
if ! diff -u --label "cladopt lit" --label "LLVM's lit" "$dir/ours" "$dir/theirs"; then
    echo "the verdicts differ" >&2
    exit 1
fi
echo "$(wc -l <"$dir/ours") tests: cladopt lit and LLVM's lit agree"
