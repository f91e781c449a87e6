#!/bin/sh
# Builds cladtorch and runs its tests against one LibTorch.
#
#   scripts/cladtorch.sh             the system's (Debian: libtorch-dev), or that of CLADTORCH_TORCH_ROOT
#   scripts/cladtorch.sh SANITIZERS  with sanitizers: address,undefined or thread
#
# What is missing is announced and is not a failure, unless CLADTORCH_REQUIRED=1.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
sanitize=${1:-}
root=${CLADTORCH_TORCH_ROOT:-}
build=$top/build/cladtorch${root:+-root}${sanitize:+-$(echo "$sanitize" | tr , -)}

skip() {
  echo "SKIPPED: cladtorch was not built or tested: $1 (make deps installs it)"
  [ "${CLADTORCH_REQUIRED:-0}" = 1 ] && exit 1
  exit 0
}
command -v cmake >/dev/null 2>&1 || skip "there is no cmake"
command -v c++ >/dev/null 2>&1 || skip "there is no C++ compiler c++"
[ -n "$root" ] || [ -e /usr/include/torch/csrc/api/include/torch/torch.h ] || [ -n "${Torch_DIR:-}" ] ||
  skip "there is no LibTorch; install libtorch-dev, or set Torch_DIR or CLADTORCH_TORCH_ROOT"
for header in nlohmann/json.hpp gtest/gtest.h; do
  echo "#include <$header>" | c++ -E -x c++ - >/dev/null 2>&1 || skip "there is no <$header>"
done

set -e
cd "$top"
go build -o build/cladopt ./cmd/cladopt
generator=; command -v ninja >/dev/null 2>&1 && generator="-G Ninja"
log=$build.log
mkdir -p build
if ! { cmake -S clad/cladtorch -B "$build" $generator -DCLADTORCH_CLADOPT="$top/build/cladopt" \
         -DCLADTORCH_TORCH_ROOT="$root" -DCLADTORCH_SANITIZE="$sanitize" -DCMAKE_BUILD_TYPE=Release &&
       cmake --build "$build" -j "${CLADTORCH_JOBS:-2}"; } >"$log" 2>&1; then
  grep -E -A5 'error|Error|FAILED' "$log" | head -60
  echo "FAIL cladtorch: the build failed; all of it is in $log"
  exit 1
fi
if [ "$sanitize" = thread ]; then
  # LibTorch and libgomp are not instrumented: what happens within them is not ours to judge.
  export TSAN_OPTIONS="suppressions=$top/clad/cladtorch/tests/tsan.supp ignore_noninstrumented_modules=1"
fi
if [ -n "$sanitize" ]; then export ASAN_OPTIONS=detect_leaks=1; fi
version=$(grep -o 'LibTorch [0-9.]*' "$log" | head -1)
cd "$build"
ctest --output-on-failure >"$log" 2>&1 || { cat "$log"; echo "FAIL cladtorch"; exit 1; }
grep -E 'Test +#|tests passed' "$log"
# What random programs came to, as the test said it.
grep -h -E '^[0-9]+ programs of|^  [0-9]+ (left to LibTorch|of [0-9]+ supported operators)' Testing/Temporary/LastTest.log || true
echo "ok cladtorch ($version${sanitize:+, $sanitize})"
