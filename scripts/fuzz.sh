#!/bin/sh
# Runs every fuzz target for the given time each.
set -eu
for pkg in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
    echo "fuzz: $pkg $target for $1"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$pkg"
  done
done
