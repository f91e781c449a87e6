#!/bin/sh
# Installs what the tests want: Debian packages where it may, else it prints the list.
set -u
PACKAGES="clang-16 clang-format-16 mlir-16-tools llvm-16-tools llvm-16 g++ cmake ninja-build libtorch-dev libgtest-dev nlohmann-json3-dev"
missing=""
for tool in clang++-16:clang-16 clang-format-16:clang-format-16 mlir-opt-16:mlir-16-tools FileCheck-16:llvm-16-tools llvm-link-16:llvm-16 opt-16:llvm-16; do
  command -v "${tool%%:*}" >/dev/null 2>&1 || missing="$missing ${tool##*:}"
done
for tool in c++:g++ cmake:cmake ninja:ninja-build; do
  command -v "${tool%%:*}" >/dev/null 2>&1 || missing="$missing ${tool##*:}"
done
for header in torch/csrc/api/include/torch/torch.h:libtorch-dev gtest/gtest.h:libgtest-dev nlohmann/json.hpp:nlohmann-json3-dev; do
  [ -e "/usr/include/${header%%:*}" ] || missing="$missing ${header##*:}"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
      echo "deps: apt-get could not install:$missing; the tests that need them will be skipped"
  else
    echo "deps: install these Debian packages to run every test:$missing (all: $PACKAGES)"
  fi
fi
# Other clangs, with the opt of their version, that cladopt inspect is tested with: those that can be had.
for other in clang++-14:clang-14 clang++-19:clang-19 opt-19:llvm-19; do
  command -v "${other%%:*}" >/dev/null 2>&1 && continue
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get install -y -qq --no-install-recommends "${other##*:}" >/dev/null 2>&1 || echo "deps: ${other##*:} is not to be had; tests with it will be skipped"
  else
    echo "deps: ${other##*:} is wanted by some tests"
  fi
done
go mod download
command -v staticcheck >/dev/null 2>&1 || [ -x "$(go env GOPATH)/bin/staticcheck" ] ||
  go install honnef.co/go/tools/cmd/staticcheck@v0.8.2 ||
  echo "deps: staticcheck could not be installed; make lint will say so"
# LLVM's lit, which runs the suite too.
command -v lit >/dev/null 2>&1 || [ -x build/venv/bin/lit ] ||
  { python3 -m venv build/venv && build/venv/bin/pip install -q lit==23.1.5; } ||
  echo "deps: LLVM's lit could not be installed (python3 -m venv, pip install lit); scripts/compare-lit.sh will say so"
