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
#include <cladtorch/detail/function.h>
#include <cladtorch/detail/signature.h>
#include <cladtorch/options.h>
#include <cladtorch/report.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

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

namespace detail {

template <class T>
struct is_shared_ptr : std::false_type {};
template <class T>
struct is_shared_ptr<std::shared_ptr<T>> : std::true_type {};

template <class F>
Callable function_callable(F f) {
  using S = Signature<F>;
  auto shared = std::make_shared<F>(std::move(f));
  return {[shared](const Tensors& in) {
            return Result<typename S::result>::pack(S::arguments::call(*shared, in));
          },
          nullptr};
}

template <class M>
struct ForwardOf : Member<decltype(&M::forward)> {};

template <class M>
Callable module_callable(std::shared_ptr<M> module) {
  using S = ForwardOf<M>;
  return {[module](const Tensors& in) {
            auto forward = [&](auto&&... a) { return module->forward(std::forward<decltype(a)>(a)...); };
            return Result<typename S::result>::pack(S::arguments::call(forward, in));
          },
          module};
}

// Calls a template forward<Tensor>(a, b, c) by the number of tensors at hand.
template <class M>
Callable any_callable(M module, std::shared_ptr<torch::nn::Module> watched) {
  auto shared = std::make_shared<M>(std::move(module));
  return {[shared](const Tensors& in) -> Tensors {
            auto& m = *shared;
            switch (in.size()) {
              case 1: return {m.forward(in[0])};
              case 2: return {m.forward(in[0], in[1])};
              case 3: return {m.forward(in[0], in[1], in[2])};
              case 4: return {m.forward(in[0], in[1], in[2], in[3])};
            }
            TORCH_CHECK(false, "cladtorch: Sequential and AnyModule take 1 to 4 tensors, got ", in.size());
          },
          std::move(watched)};
}

struct SequentialCall {
  torch::nn::Sequential sequential;
  template <class... A>
  at::Tensor forward(A&&... a) {
    return sequential->forward<at::Tensor>(std::forward<A>(a)...);
  }
};

template <class S>
Compiled<S> start(Callable callable, const Tensors& examples, Options options) {
  auto f = std::make_shared<Function>(std::move(callable), std::move(options));
  f->prepare(examples);
  return Compiled<S>(std::move(f));
}

// Sequential and AnyModule take any number of tensors: the call passes them on.
struct AnyArguments {
  using result = at::Tensor;
};

}  // namespace detail

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

// Compiles fn for inputs like the examples: a lambda, function object or function
// pointer over torch::Tensors or one std::vector<torch::Tensor>. fn runs once here, and
// once for each new set of shapes, types and flags (twice if no tensor of the call
// requires a gradient); what it does besides computing tensors happens then only.
template <class F, class D = std::decay_t<F>,
          std::enable_if_t<!std::is_base_of_v<torch::detail::ModuleHolderIndicator, D> &&
                               !std::is_same_v<D, torch::nn::AnyModule> && !detail::is_shared_ptr<D>::value,
                           int> = 0>
Compiled<detail::Signature<D>> compile(F&& fn, const std::vector<torch::Tensor>& examples, Options options = {}) {
  return detail::start<detail::Signature<D>>(detail::function_callable<D>(std::forward<F>(fn)), examples,
                                             std::move(options));
}

// The same for a module with a non-template forward.
template <class M, std::enable_if_t<std::is_base_of_v<torch::nn::Module, M>, int> = 0>
Compiled<detail::ForwardOf<M>> compile(std::shared_ptr<M> module, const std::vector<torch::Tensor>& examples,
                                       Options options = {}) {
  return detail::start<detail::ForwardOf<M>>(detail::module_callable<M>(std::move(module)), examples,
                                             std::move(options));
}

// The same for a module holder such as torch::nn::Linear.
template <class H, class D = std::decay_t<H>,
          std::enable_if_t<std::is_base_of_v<torch::detail::ModuleHolderIndicator, D> &&
                               !std::is_same_v<D, torch::nn::Sequential>,
                           int> = 0>
auto compile(H&& holder, const std::vector<torch::Tensor>& examples, Options options = {}) {
  return compile(holder.ptr(), examples, std::move(options));
}

inline Compiled<detail::AnyArguments> compile(torch::nn::Sequential module, const std::vector<torch::Tensor>& examples,
                                              Options options = {}) {
  auto watched = module.ptr();
  return detail::start<detail::AnyArguments>(
      detail::any_callable(detail::SequentialCall{std::move(module)}, std::move(watched)), examples, std::move(options));
}

inline Compiled<detail::AnyArguments> compile(torch::nn::AnyModule module, const std::vector<torch::Tensor>& examples,
                                              Options options = {}) {
  auto watched = module.ptr();
  return detail::start<detail::AnyArguments>(detail::any_callable(std::move(module), std::move(watched)), examples,
                                             std::move(options));
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
