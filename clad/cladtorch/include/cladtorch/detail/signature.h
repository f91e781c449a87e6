// From a callable's C++ signature to vectors of tensors and back.
#pragma once

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace cladtorch::detail {

using Tensors = std::vector<at::Tensor>;

template <class T>
using Plain = std::remove_cv_t<std::remove_reference_t<T>>;

template <class T>
inline constexpr bool is_tensor = std::is_same_v<Plain<T>, at::Tensor>;

// Results: a tensor, vector, array, pair or tuple of tensors.
template <class R>
struct Result {
  static_assert(!std::is_same_v<R, R>,
                "cladtorch::compile: the callable must return a torch::Tensor, or a std::vector, std::array, "
                "std::pair or std::tuple of torch::Tensor");
};

template <>
struct Result<at::Tensor> {
  static Tensors pack(at::Tensor r) { return {std::move(r)}; }
  static at::Tensor unpack(Tensors t) { return std::move(t.at(0)); }
};

template <>
struct Result<Tensors> {
  static Tensors pack(Tensors r) { return r; }
  static Tensors unpack(Tensors t) { return t; }
};

template <class T, std::size_t... I>
T unpack_each(Tensors& t, std::index_sequence<I...>) {
  return T{std::move(t.at(I))...};
}

template <class T>
struct TupleResult {
  static Tensors pack(T r) {
    return std::apply([](auto&&... each) { return Tensors{std::move(each)...}; }, std::move(r));
  }
  static T unpack(Tensors t) { return unpack_each<T>(t, std::make_index_sequence<std::tuple_size_v<T>>{}); }
};

template <class... T>
struct Result<std::tuple<T...>> : TupleResult<std::tuple<T...>> {
  static_assert((is_tensor<T> && ...),
                "cladtorch::compile: every element of the returned tuple must be a torch::Tensor");
};
template <>
struct Result<std::pair<at::Tensor, at::Tensor>> : TupleResult<std::pair<at::Tensor, at::Tensor>> {};
template <std::size_t N>
struct Result<std::array<at::Tensor, N>> : TupleResult<std::array<at::Tensor, N>> {};

// Throws unless a callable that takes `want` tensors (-1: any number) is given as many.
inline void expect_arguments(int want, std::size_t got) {
  TORCH_CHECK(want < 0 || std::size_t(want) == got, "cladtorch: the callable takes ", want, " tensors, got ", got);
}

// Arguments: tensors one by one, or one vector of them.
template <class... A>
struct Arguments {
  static constexpr bool vector = false;
  static constexpr int count = sizeof...(A);
  static_assert((is_tensor<A> && ...),
                "cladtorch::compile: the callable must take torch::Tensors, or one std::vector<torch::Tensor>; "
                "bind other arguments with a lambda");

  template <class F>
  static decltype(auto) call(F& f, const Tensors& in) {
    expect_arguments(count, in.size());
    return call(f, in, std::make_index_sequence<sizeof...(A)>{});
  }

 private:
  template <class F, std::size_t... I>
  static decltype(auto) call(F& f, const Tensors& in, std::index_sequence<I...>) {
    // Copies of the handles: parameters taken by reference to non-const may be rebound.
    std::array<at::Tensor, sizeof...(I) + 1> a{in[I]...};
    return f(static_cast<A>(a[I])...);
  }
};

template <class V>
struct VectorArgument {
  static constexpr bool vector = true;
  static constexpr int count = -1;
  template <class F>
  static decltype(auto) call(F& f, const Tensors& in) {
    Tensors copy = in;
    return f(static_cast<V>(copy));
  }
};
template <>
struct Arguments<Tensors> : VectorArgument<Tensors&&> {};
template <>
struct Arguments<const Tensors&> : VectorArgument<const Tensors&> {};
template <>
struct Arguments<Tensors&> : VectorArgument<Tensors&> {};

template <class T>
struct Member;
#define CLADTORCH_MEMBER(QUALIFIERS)         \
  template <class C, class R, class... A>    \
  struct Member<R (C::*)(A...) QUALIFIERS> { \
    using result = R;                        \
    using arguments = Arguments<A...>;       \
  };
CLADTORCH_MEMBER()
CLADTORCH_MEMBER(const)
CLADTORCH_MEMBER(noexcept)
CLADTORCH_MEMBER(const noexcept)
#undef CLADTORCH_MEMBER

template <class F, class = void>
struct Signature {
  static_assert(
      !std::is_same_v<F, F>,
      "cladtorch::compile: the callable has no call operator, or an overloaded or template one (a lambda with "
      "auto parameters): write its parameters as torch::Tensor; pass a module as its holder or std::shared_ptr");
};
template <class F>
struct Signature<F, std::void_t<decltype(&F::operator())>> : Member<decltype(&F::operator())> {};
template <class R, class... A>
struct Signature<R (*)(A...), void> {
  using result = R;
  using arguments = Arguments<A...>;
};

}  // namespace cladtorch::detail
