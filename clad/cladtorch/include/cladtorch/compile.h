// compile for LibTorch in C++.
//
//   auto my_graph = [](torch::Tensor x) { return (x * x).sum(); };
//   auto compiled = cladtorch::compile(my_graph, {x});
//   auto y  = compiled.forward({x});
//   auto dx = compiled.backward(torch::ones_like(y));
//   auto z  = compiled(x);  // joins autograd: z.backward() works
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <cladtorch/cache.h>
#include <cladtorch/detail/callable.h>
#include <cladtorch/detail/function.h>
#include <cladtorch/options.h>
#include <cladtorch/report.h>

namespace cladtorch {

// What compile returns. Copies share one compiled function. Calls from many threads
// at once are safe; forward and backward belong together within a thread.
class CompiledFunction {
 public:
  explicit CompiledFunction(std::shared_ptr<detail::Function> function) : function_(std::move(function)) {}

  // The one output for the inputs; throws if there are several. With gradients enabled,
  // the values that backward needs are kept until the next forward of this thread.
  torch::Tensor forward(const std::vector<torch::Tensor>& inputs) const { return function_->forward_one(inputs); }
  std::vector<torch::Tensor> forward_all(const std::vector<torch::Tensor>& inputs) const {
    return function_->forward(inputs);
  }

  // The gradient of the one input of <grad_output, output> of this thread's last forward.
  // If no tensor asked for a gradient, all floating inputs have one.
  torch::Tensor backward(const torch::Tensor& grad_output) const { return function_->backward_one(grad_output); }
  // One entry an input, undefined where it has no gradient.
  std::vector<torch::Tensor> backward_all(const std::vector<torch::Tensor>& grad_outputs) const {
    return function_->backward(grad_outputs);
  }
  // Those of parameters and captured tensors, from this thread's last backward: by name
  // for modules, captures.I for Options::captures, captured.I for others.
  torch::OrderedDict<std::string, torch::Tensor> parameter_grads() const { return function_->parameter_grads(); }

  Report report() const { return function_->report(); }
  // The observed graph of the latest specialisation.
  std::string graph() const { return function_->graph(); }
  // Waits for background compilations.
  void wait() const { function_->wait(); }

 protected:
  std::shared_ptr<detail::Function> function_;
};

// A compiled function that is called as the callable is. Its results join autograd.
template <class Signature>
class Compiled : public CompiledFunction {
 public:
  using CompiledFunction::CompiledFunction;

  template <class... A>
  typename Signature::result operator()(A&&... arguments) const {
    if constexpr (Signature::arguments::vector) {
      return unpack(function_->apply(detail::Tensors(std::forward<A>(arguments)...)));
    } else {
      static_assert(sizeof...(A) == Signature::arguments::count, "the callable takes another number of tensors");
      return unpack(function_->apply(detail::Tensors{std::forward<A>(arguments)...}));
    }
  }

 private:
  static typename Signature::result unpack(detail::Tensors t) {
    return detail::Result<typename Signature::result>::unpack(std::move(t));
  }
};

// Sequential and AnyModule: any number of tensors.
template <>
class Compiled<detail::AnyArguments> : public CompiledFunction {
 public:
  using CompiledFunction::CompiledFunction;
  template <class... A>
  torch::Tensor operator()(A&&... arguments) const {
    return function_->apply(detail::Tensors{std::forward<A>(arguments)...}).at(0);
  }
};

namespace detail {

template <class S>
Compiled<S> start(Typed<S> typed, const Tensors& examples, Options options) {
  auto f = std::make_shared<Function>(std::move(typed.callable), std::move(options));
  f->prepare(examples);
  return Compiled<S>(std::move(f));
}

}  // namespace detail

// Compiles fn for inputs like the examples: a lambda, function object or function pointer over
// torch::Tensors or one std::vector<torch::Tensor>; a std::shared_ptr to a module with a
// non-template forward, or its holder; a Sequential or AnyModule. fn runs once here, and
// once for each new set of shapes, types and flags (twice if no tensor of the call
// requires a gradient); what it does besides computing tensors happens then only.
template <class F>
auto compile(F&& fn, const std::vector<torch::Tensor>& examples, Options options = {}) {
  return detail::start(detail::typed(std::forward<F>(fn)), examples, std::move(options));
}

// Compiles fn and tells what was captured, guarded, compiled or refused, and why.
template <class F>
std::string explain(F&& fn, const std::vector<torch::Tensor>& examples, Options options = {}) {
  auto compiled = compile(std::forward<F>(fn), examples, std::move(options));
  std::string text = compiled.graph();
  std::ostringstream out;
  out << compiled.report();
  if (!text.empty()) out << "graph:\n" << text;
  return out.str();
}

}  // namespace cladtorch
