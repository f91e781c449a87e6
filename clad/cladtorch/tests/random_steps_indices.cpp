#include "random_steps.h"

namespace random_program {
namespace {

// count positions among n, which differ if step and n have no divisor in common and n >= count.
Tensor positions(int64_t n, int64_t count, int64_t step) { return torch::arange(count).mul(step).add(1).remainder(n); }

Arg arg(const Tensor& t, const std::string& text) { return Arg(t, text); }

// Positions in the dimension that was drawn before: some that repeat, or one.
Recipe Positions(int64_t count) {
  return by([count](Step&, const Args& before) {
    int64_t n = size_of(before[0].tensor(), before[1].value.toInt());
    return arg(positions(n, count, 1), "positions(" + std::to_string(n) + ", " + std::to_string(count) + ")");
  });
}

// Positions for each element: those of the sorted, of the least, or all 0.
Recipe Places(bool distinct) {
  return by([distinct](Step& s, const Args& before) {
    Args args = {before[0], before[1]};
    if (distinct || s.random.chance(40)) return s.call("argsort", args, 6)[0];
    args.push_back(Arg(true));
    auto at = s.call("argmin", args, 6)[0];
    return s.random.chance(50) ? at : s.call("expand_as", {at, before[0]}, 6)[0];
  });
}

// As many of the first along the dimension as there are positions.
Recipe Source(int64_t count) {
  return by([count](Step& s, const Args& before) {
    auto y = s.call("cos", {before[0]}, 1)[0];
    auto part = s.call("narrow", {y, before[1], Arg(0), Arg(1)}, 1)[0];
    return count == 1 ? part : s.call("repeat_interleave.self_int", {part, Arg(count), before[1]}, 1)[0];
  });
}

// The first, at whose places the second argument points.
Recipe AtPlaces() {
  return by([](Step& s, const Args& before) {
    return s.call("gather", {s.call("sin", {before[0]}, 1)[0], before[1], before[2]}, 1)[0];
  });
}

// Positions in some of the dimensions: of the first, of the second, of both. Different ones, unless they may repeat.
Recipe Indices(bool repeat) {
  return by([repeat](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    int64_t kind = x.dim() > 1 ? s.random.below(3) : 0, count = repeat ? 5 : 1;
    c10::List<c10::optional<Tensor>> list;
    std::string text = "[";
    for (int64_t d = 0; d < std::min<int64_t>(x.dim(), 2); ++d) {
      bool given = kind == 2 || kind == d;
      list.push_back(given ? c10::optional<Tensor>(positions(x.size(d), count, 1 + d)) : c10::nullopt);
      text += (d ? ", " : "") + (given ? "positions(" + std::to_string(count) + ")" : "None");
    }
    return Arg(list, text + "]");
  });
}

// One value for all places.
Recipe Value() {
  return by([](Step& s, const Args& before) {
    return s.random.chance(50) ? s.pick(Rank(0)) : s.call("sum", {s.call("sin", {before[0]}, 1)[0]}, 1)[0];
  });
}

}  // namespace

Forms indices() {
  auto rows = from_first([](const Tensor& x) { return positions(x.size(0), 4, 3).view({2, 2}); });
  return {
      {"index_select", {N(1), Dim(), Positions(4)}, same},
      {"index_copy", {T(1), Dim(), Positions(1), Source(1)}, linear(1, 1)},
      {"index_add", {T(1), Dim(), Positions(3), Source(3), 0.5}, linear(1, 3)},
      {"index_fill.int_Scalar", {N(1), Dim(), Positions(2), Number()}, linear(1, 2)},
      {"index_fill.int_Tensor",
       {T(1), Dim(), Positions(2), Single()},
       [](const Args& a) { return std::max(a[0].bound, a[3].bound); }},
      {"gather", {N(1), Dim(), Places(false)}, same},
      {"take_along_dim",
       {N(1), by([](Step& s, const Args& before) {
          return s.call("argsort", {before[0], Arg(0)}, 6)[0];
        }),
        0},
       same},
      {"scatter.src", {T(1), Dim(), Places(true), AtPlaces()}, linear(1, 1)},
      {"scatter.value", {N(1), Dim(), Places(false), Number()}, linear(1, 2)},
      {"scatter_add", {T(1), Dim(), Places(false), AtPlaces()}, linear(1, 6)},
      {"index.Tensor", {N(1), Indices(true)}, same},
      {"_unsafe_index.Tensor", {N(1), Indices(true)}, same},
      {"index_put", {T(1), Indices(false), Value(), false}, linear(1, 6)},
      {"index_put", {T(1), Indices(true), Value(), true}, linear(1, 30)},
      {"_index_put_impl", {T(1), Indices(false), Value(), false}, linear(1, 6)},
      {"embedding", {Rank(2), rows}, same},
      {"one_hot", {by([](Step&, const Args&) { return arg(positions(4, 3, 1), "positions(4, 3)"); }), 4}, at_most(1)},
  };
}

}  // namespace random_program
