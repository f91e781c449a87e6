// The part of a compiled function that knows nothing of the callable's C++ type.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cladtorch/options.h>
#include <cladtorch/report.h>
#include <torch/nn/module.h>
#include <torch/ordered_dict.h>
#include <torch/types.h>

namespace cladtorch::detail {

using Tensors = std::vector<at::Tensor>;

struct Callable {
  std::function<Tensors(const Tensors&)> call;
  std::shared_ptr<torch::nn::Module> module;  // null for callables that are none
  int arguments = -1;                         // how many it takes; -1: any number
};

class Function : public std::enable_shared_from_this<Function> {
 public:
  Function(Callable callable, Options options);
  ~Function();
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  // Traces and compiles for the examples.
  void prepare(const Tensors& examples);

  Tensors forward(const Tensors& inputs);
  Tensors backward(const Tensors& grad_outputs);
  at::Tensor forward_one(const Tensors& inputs);
  at::Tensor backward_one(const at::Tensor& grad_output);

  // Calls as the callable is called: joins autograd.
  Tensors apply(const Tensors& inputs);

  torch::OrderedDict<std::string, at::Tensor> parameter_grads();
  Report report() const;
  std::string graph() const;

  // Waits for background compilations.
  void wait();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace cladtorch::detail
