// forward and backward by LibTorch, for what is not compiled.
#pragma once

#include <string>

#include <cladtorch/detail/function.h>

namespace cladtorch::detail {

struct EagerCall {
  Tensors inputs, outputs;  // with their history
  Tensors leaves;           // captured tensors that have a gradient
};

// Runs the callable on inputs of its own. If none requires a gradient, those that mark names get one.
// The results have no history; what backward needs is in call.
Tensors eager_forward(const Callable& callable, const Tensors& inputs, const std::vector<char>& mark, EagerCall& call);

struct EagerGrads {
  Tensors inputs, leaves;
};
EagerGrads eager_backward(const EagerCall& call, c10::ArrayRef<at::Tensor> grad_outputs);

}  // namespace cladtorch::detail
