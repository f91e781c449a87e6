// Random programs over LibTorch's operators, for holding compiled functions against eager ones.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace random_program {

using torch::Tensor;
using Tensors = std::vector<Tensor>;

// A program is what its seed says: step k draws from a generator of its own, and chooses by shapes and dtypes,
// never by values, so that every run on inputs of the same kind does the same.
class Program {
 public:
  Program(uint64_t seed, int depth) : seed_(seed), depth_(depth) {}

  // Leaves of many layouts: contiguous, transposed, sliced, expanded, 0-d, empty. The values depend on `values`.
  Tensors inputs(uint64_t values) const;

  // Leaves out the steps that LibTorch refuses, or after which it refuses to go backward.
  void settle();

  Tensors operator()(const Tensors& inputs) const { return run(inputs, nullptr, nullptr); }

  // One line a step.
  std::string text() const;
  int steps() const { return depth_ - int(skipped_.size()); }

 private:
  Tensors run(const Tensors& inputs, std::string* text, std::set<int>* failed) const;

  uint64_t seed_;
  int depth_;
  std::set<int> skipped_;
};

}  // namespace random_program
