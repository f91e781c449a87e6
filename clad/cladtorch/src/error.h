// The two ways in which a function is not compiled.
#pragma once

#include <stdexcept>

namespace cladtorch::detail {

// The callable does what no compiled program can do: the reason and what to do about it.
// LibTorch serves it, now and later.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The tools failed: no compiler, a time-out, a library that cannot be loaded.
struct ToolError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace cladtorch::detail
