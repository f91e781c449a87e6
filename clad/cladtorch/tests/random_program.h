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

  // The same with no tensor in single precision.
  Program in_double() const {
    auto p = *this;
    p.in_double_ = true;
    return p;
  }
  // The same with results that are off by some units in the last place: what this changes much cannot be judged.
  Program with_noise() const {
    auto p = *this;
    p.noisy_ = true;
    return p;
  }

  // Leaves of many layouts and dtypes; some are given twice or share memory. The values depend on `values`.
  Tensors inputs(uint64_t values) const;

  // Leaves out the steps that LibTorch refuses, or after which it refuses to go backward.
  void settle();

  Tensors operator()(const Tensors& inputs) const { return run(inputs, nullptr); }

  // One line a step.
  std::string text() const;
  int steps() const { return depth_ - int(skipped_.size()); }
  // The operators that the steps are there for or that prepare their operands, such as "add_.Tensor".
  std::set<std::string> operators() const;
  // Some values are in single precision, though inputs and outputs may have none.
  bool narrows() const;

 private:
  struct Trace {
    std::string text;
    std::set<std::string> operators;
    std::set<int> failed, writes;  // steps that LibTorch refuses, and that write
    bool narrow = false;
  };
  Tensors run(const Tensors& inputs, Trace* trace) const;

  uint64_t seed_;
  int depth_;
  bool in_double_ = false, noisy_ = false;
  std::set<int> skipped_;
};

// Every operator that a step is there for, and what it takes to draw it once on fresh inputs: tries seeds until
// LibTorch accepts the step, and returns why it never did, or "".
struct Drawn {
  std::string op, failure;
};
std::vector<Drawn> draw_each_step();

}  // namespace random_program
