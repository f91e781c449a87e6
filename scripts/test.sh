#!/bin/sh
# Runs the tests once, shows what failed, and announces what was skipped and why.
set -u
log=$(mktemp)
trap 'rm -f "$log"' EXIT
go test -timeout 15m -v ./... >"$log" 2>&1
status=$?
go -C examples/out-of-tree test -timeout 5m -v ./... >>"$log" 2>&1 || status=1
grep -E '^(ok|FAIL|panic)' "$log"
if [ $status -ne 0 ]; then
  grep -A 30 -E '^ *--- FAIL|^panic|^#|cannot|undefined' "$log" | grep -v -E '^ *--- PASS|^=== ' | head -200
fi
n=$(grep -c SKIPPED "$log")
if [ "$n" -gt 0 ]; then
  echo "$n tests were SKIPPED or ran without a tool:"
  grep SKIPPED "$log" | sed 's/^ *[a-z_]*\.go:[0-9]*: */  /' | sort | uniq -c
else
  echo "no test was skipped"
fi
exit $status
