// Gradients at kinks and values of NaN, which versions of LibTorch define in more ways than one.
#pragma once

#include <string>

#include <torch/csrc/jit/ir/ir.h>

namespace cladtorch::detail {

// What a graph's text must say of the LibTorch of this process, found by asking it, and only if an operator of the
// graph depends on it: "# conventions: clamp.through_bounds\n", or "". cladopt's documentation of these operators
// (docs/ops.md) says what each means.
struct Conventions {
  std::string text;
  std::string refusal;  // LibTorch does what cladopt has no name for
};
Conventions conventions(const torch::jit::Graph& graph);

}  // namespace cladtorch::detail
