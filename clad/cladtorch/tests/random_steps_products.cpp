#include "random_steps.h"

namespace random_program {
namespace {

int64_t last(const Tensor& x) { return x.sizes().back(); }

// Sizes of the first at some places, and numbers: at(i) is the size of dimension i.
struct At {
  int64_t index;
};
At at(int64_t i) { return {i}; }
struct Extent {
  Extent(int n) : fixed(n) {}
  Extent(At a) : fixed(-1), index(a.index) {}
  int64_t fixed, index = 0;
};
// A new tensor of such sizes.
Recipe New(std::vector<Extent> sizes) {
  return Filled([sizes](const Tensor& x) {
    Ints out;
    for (const auto& e : sizes) out.push_back(e.fixed >= 0 ? e.fixed : size_of(x, e.index));
    return out;
  });
}

// What the first is multiplied by: a vector, a matrix, several matrices.
Recipe Factor() {
  return by([](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    int64_t n = last(x);
    Ints sizes = s.random.one_of(std::vector<Ints>{{n}, {n, 2}, {n, 1}, {2, n, 3}});
    if (x.dim() > 2) sizes = s.random.one_of(std::vector<Ints>{{n}, {n, 2}, {x.size(x.dim() - 3), n, 3}, {1, n, 2}});
    return Arg(s.filled(sizes, x.scalar_type()));
  });
}

// A list of a matrix and others that it is multiplied by.
Recipe Chain(std::vector<Ints> sizes, int64_t rank) {
  return by([=](Step& s, const Args&) {
    auto x = s.pick(Rank(rank));
    c10::List<Tensor> list({x.t});
    std::string text = "[" + x.name;
    for (auto n : sizes) {
      for (auto& k : n)
        if (k < 0) k = size_of(x.t, k);
      auto y = s.filled(n, x.t.scalar_type());
      list.push_back(y.t);
      text += ", " + y.name;
    }
    return Arg(list, text + "]", x.bound);
  });
}

// The arguments of an einsum: its tensors, after its text.
Form einsum(const char* equation, int64_t rank, std::vector<Ints> sizes) {
  return {"einsum", {equation, Chain(std::move(sizes), rank)}, [](const Args& a) { return 6 * a[1].bound; }};
}

// Of three components in the last dimension.
Recipe ThreeVectors() {
  return by([](Step& s, const Args&) {
    auto x = s.pick(T(1));
    return s.add(torch::stack({x.t, x.t.sin(), x.t.cos()}, -1), x.bound + 1, "stack({" + x.name + ", sin, cos}, -1)");
  });
}

}  // namespace

Forms products() {
  return {
      {"linear", {T(1), New({3, at(-1)}), New({3})}, linear(6, 1)},
      {"linear", {T(1), New({2, at(-1)})}, linear(6)},
      {"matmul", {T(1), Factor()}, linear(6)},
      {"mm", {Rank(2), New({at(1), 3})}, linear(6)},
      {"bmm", {Rank(3), New({at(0), at(2), 2})}, linear(6)},
      {"mv", {Rank(2), New({at(1)})}, linear(6)},
      {"dot", {Rank(1), New({at(0)})}, total(same)},
      {"vdot", {Rank(1), New({at(0)})}, total(same)},
      {"inner", {T(1), New({2, at(-1)})}, linear(6)},
      {"outer", {Rank(1), New({3})}, same},
      {"ger", {Rank(1), New({3})}, same},
      {"addmm", {Rank(2), New({at(0), 3}), New({3, at(1)}), 0.5, 2}, linear(1, 6)},
      {"addmv", {Rank(1), New({at(0), 3}), New({3}), 2, 0.5}, linear(2, 6)},
      {"addbmm", {Rank(2), New({2, at(0), 3}), New({2, 3, at(1)}), 0.5, 1}, linear(1, 6)},
      {"baddbmm", {Rank(3), New({at(0), at(1), 3}), New({at(0), 3, at(2)}), 1, 0.5}, linear(1, 6)},
      {"tensordot", {T(1), New({at(-1), 3}), Ints{-1}, Ints{0}}, linear(6)},
      {"tensordot", {T(2), New({3, at(0), at(1)}), Ints{0, 1}, Ints{1, 2}}, linear(12)},
      {"kron", {T(0, 2), New({2, 3})}, same},
      {"linalg_multi_dot", {Chain({{-1, 3}, {3, 2}}, 2)}, linear(12)},
      einsum("ij,jk->ik", 2, {{-1, 3}}),
      einsum("ij,ij->i", 2, {{-2, -1}}),
      einsum("bij,bjk->bik", 3, {{-3, -1, 2}}),
      einsum("...i,i->...", 3, {{-1}}),
      einsum("ij->ji", 2, {}),
      einsum("i,j,ij->", 1, {{3}, {-1, 3}}),
      // Of two different tensors: of one, what is left is LibTorch's rounding.
      {"cross", {ThreeVectors(), Like(unit), -1}, times},
      {"linalg_cross", {ThreeVectors(), Like(unit)}, times},
      {"cosine_similarity", {T(1), Like(), Dim()}, at_most(1)},
      {"pairwise_distance", {T(1), Like(positive), 2.0}, [](const Args& a) { return 4 * plus(a); }},
      {"pairwise_distance", {T(1), Like(positive), 1.0, 1e-6, true}, [](const Args& a) { return 6 * plus(a); }},
      {"scaled_dot_product_attention", {Rank(3), Like(), Like()}, same},
      {"scaled_dot_product_attention", {Rank(3), Like(), Like(), none, 0.0, true}, same},
  };
}

Forms windows() {
  Ints one = {1}, two = {1, 1}, three = {1, 1, 1};
  return {
      {"conv1d", {Rank(3), New({2, at(1), 3}), New({2}), Ints{2}, Ints{1}}, linear(9, 1)},
      {"conv1d",
       {Rank(3), New({at(1), 1, 2}), none, Ints{1}, Ints{2}, Ints{2},
        from_first([](const Tensor& x) { return x.size(1); })},
       linear(3)},
      {"conv2d", {Rank(4), New({2, at(1), 2, 2}), New({2}), Ints{1, 2}, Ints{1, 0}}, linear(12, 1)},
      {"conv3d", {Rank(5), New({2, at(1), 1, 2, 2}), none, three, Ints{0, 1, 1}}, linear(12)},
      {"conv_transpose1d", {Rank(3), New({at(1), 2, 3}), New({2}), Ints{2}, Ints{1}, Ints{1}}, linear(9, 1)},
      {"conv_transpose2d.input", {Rank(4), New({at(1), 2, 2, 2})}, linear(12)},
      {"conv_transpose3d.input", {Rank(5), New({at(1), 2, 1, 2, 2}), none, Ints{1, 2, 1}}, linear(12)},
      {"convolution", {Rank(3), New({2, at(1), 2}), none, one, one, one, false, Ints{0}, 1}, linear(6)},
      {"_convolution",
       {Rank(4), New({at(1), 2, 2, 2}), New({2}), Ints{2, 1}, Ints{0, 1}, two, true, Ints{1, 0}, 1, false, false, false,
        false},
       linear(12, 1)},
      {"max_pool1d", {Rank(3), Ints{2}}, same},
      {"max_pool1d", {Rank(3), Ints{3}, Ints{2}, Ints{1}, Ints{1}, true}, same},
      {"max_pool2d", {Rank(4), Ints{2, 2}, Ints{1, 1}, Ints{1, 1}}, same},
      {"max_pool2d", {Rank(4), Ints{2, 2}, Ints{2, 1}, Ints{1, 0}, Ints{1, 2}}, same},
      {"max_pool3d", {Rank(5), Ints{1, 2, 2}, Ints{1, 1, 2}}, same},
      {"avg_pool1d", {Rank(3), Ints{2}, Ints{}, Ints{1}}, same},
      {"avg_pool1d", {Rank(3), Ints{3}, Ints{2}, Ints{1}, true, false}, same},
      {"avg_pool2d", {Rank(4), Ints{2, 2}, Ints{1, 1}, Ints{1, 1}, false, false}, same},
      {"avg_pool2d", {Rank(4), Ints{2, 1}, Ints{2, 1}, Ints{0, 0}, true, true, 3}, same},
      {"avg_pool3d", {Rank(5), Ints{1, 2, 2}, Ints{1, 1, 2}}, same},
      {"adaptive_avg_pool1d", {Rank(3), Ints{2}}, same},
      {"adaptive_avg_pool2d", {Rank(4), Ints{1, 2}}, same},
      {"_adaptive_avg_pool2d", {Rank(4), Ints{2, 3}}, same},
      {"adaptive_avg_pool3d", {Rank(5), Ints{1, 1, 2}}, same},
      {"_adaptive_avg_pool3d", {Rank(5), Ints{1, 2, 2}}, same},
  };
}

}  // namespace random_program
