#!/bin/sh
# Announces the tests that the last run skipped, with their reasons, and counts them.
set -u
out=$(go test -json ./... 2>/dev/null | sed -n 's/.*"Action":"output","Package":"[^"]*","Test":"\([^"]*\)","Output":" *[a-z_]*\.go:[0-9]*: \(SKIPPED[^"]*\)\\n".*/\2 (\1)/p' | sort -u)
n=$(printf '%s' "$out" | grep -c . || true)
if [ "$n" -gt 0 ]; then
  echo "$n tests were SKIPPED:"
  printf '%s\n' "$out" | sed 's/^/  /'
else
  echo "no test was skipped"
fi
