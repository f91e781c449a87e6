// From the kinds of callables that compile and observe take to one.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <cladtorch/detail/function.h>
#include <cladtorch/detail/signature.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

namespace cladtorch::detail {

template <class T>
struct is_shared_ptr : std::false_type {};
template <class T>
struct is_shared_ptr<std::shared_ptr<T>> : std::true_type {};

template <class F>
Callable function_callable(F f) {
  using S = Signature<F>;
  auto shared = std::make_shared<F>(std::move(f));
  return {[shared](const Tensors& in) { return Result<typename S::result>::pack(S::arguments::call(*shared, in)); },
          nullptr, S::arguments::count};
}

template <class M>
struct ForwardOf : Member<decltype(&M::forward)> {};

template <class M>
Callable module_callable(std::shared_ptr<M> module) {
  TORCH_CHECK(module, "cladtorch: the module is null");
  using S = ForwardOf<M>;
  return {[module](const Tensors& in) {
            auto forward = [&](auto&&... a) { return module->forward(std::forward<decltype(a)>(a)...); };
            return Result<typename S::result>::pack(S::arguments::call(forward, in));
          },
          module, S::arguments::count};
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

// Sequential and AnyModule take any number of tensors: the call passes them on.
struct AnyArguments {
  using result = at::Tensor;
};

// A callable with the signature by which it is called.
template <class S>
struct Typed {
  Callable callable;
};

// A lambda, function object or function pointer over torch::Tensors or one std::vector<torch::Tensor>.
template <class F, class D = std::decay_t<F>,
          std::enable_if_t<!std::is_base_of_v<torch::detail::ModuleHolderIndicator, D> &&
                               !std::is_same_v<D, torch::nn::AnyModule> && !is_shared_ptr<D>::value,
                           int> = 0>
Typed<Signature<D>> typed(F&& fn) {
  return {function_callable<D>(std::forward<F>(fn))};
}

// A module with a non-template forward.
template <class M, std::enable_if_t<std::is_base_of_v<torch::nn::Module, M>, int> = 0>
Typed<ForwardOf<M>> typed(std::shared_ptr<M> module) {
  return {module_callable<M>(std::move(module))};
}

// A module holder such as torch::nn::Linear.
template <class H, class D = std::decay_t<H>,
          std::enable_if_t<std::is_base_of_v<torch::detail::ModuleHolderIndicator, D> &&
                               !std::is_same_v<D, torch::nn::Sequential>,
                           int> = 0>
auto typed(H&& holder) {
  return typed(holder.ptr());
}

inline Typed<AnyArguments> typed(torch::nn::Sequential module) {
  auto watched = module.ptr();
  return {any_callable(SequentialCall{std::move(module)}, std::move(watched))};
}

inline Typed<AnyArguments> typed(torch::nn::AnyModule module) {
  auto watched = module.ptr();
  return {any_callable(std::move(module), std::move(watched))};
}

}  // namespace cladtorch::detail
