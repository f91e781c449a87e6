// One run of a callable under LibTorch's tracer: the observed graph and what the
// runtime must know beside it.
#pragma once

#include <string>
#include <vector>

#include <cladtorch/detail/function.h>

#include "output_plan.h"

namespace cladtorch::detail {

struct LiftedInput {
  enum Source { fixed, capture, frozen };
  at::Tensor tensor;
  Source source = fixed;
  int capture_index = -1;
  bool written = false;  // a frozen one: the callable writes to it
};

// What LibTorch computed in the run, to hold the first compiled result against.
struct Expected {
  std::vector<at::Tensor> outputs;                  // the library's outputs
  std::vector<at::Tensor> grad_outputs;             // undefined: takes none
  std::vector<at::Tensor> grad_inputs;              // one an input of the library; undefined: none
  std::vector<char> differentiated;                 // inputs of the library that require a gradient
  std::vector<char> requires_grad;                  // of the outputs
  std::vector<std::pair<int, at::Tensor>> written;  // inputs of the library and their new values
};

struct Capture {
  std::string text;  // the graph; empty if refused
  std::string refusal;
  bool failed = false;       // the callable threw
  bool ungraded = false;     // LibTorch threw in computing the expected gradients
  std::vector<char> writes;  // inputs that the callable wrote to, also if refused
  std::vector<LiftedInput> lifted;
  std::vector<OutputPlan> outputs;
  // Whether LibTorch's history of library output i leads to library input j; else it has no gradient of it, not
  // even a zero one.
  std::vector<std::vector<char>> reach;
  bool any_grad = false;  // an input or a captured tensor asks for a gradient
  Expected expected;
};

struct CaptureRequest {
  const Callable& callable;
  const Tensors& inputs;
  std::vector<char> wanted;  // inputs that the graph shall have a gradient for
  const std::vector<const at::Tensor*>& captures;
  bool gradients;  // compute the expected gradients
};

// Runs the callable once. Inputs, captured tensors, buffers and random generators
// are afterwards as they were. What cannot be compiled is said in refusal, as is a std::exception of the
// callable, which may be the trace's fault.
Capture capture(const CaptureRequest& request);

// The same for a call as it comes: the inputs that require a gradient have one, and if nothing
// asks for one and gradients are enabled, all floating inputs do, which mark then names.
Capture capture_call(const Callable& callable, const Tensors& inputs, const std::vector<const at::Tensor*>& captures,
                     bool gradients, std::vector<char>& mark);

}  // namespace cladtorch::detail
