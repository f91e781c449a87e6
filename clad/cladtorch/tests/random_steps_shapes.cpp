#include "random_steps.h"

namespace random_program {
namespace {

Ints order(Step& s, int64_t n) {
  Ints d;
  for (int64_t i = 0; i < n; ++i) d.push_back(i);
  for (int64_t i = n; i > 1; --i) std::swap(d[size_t(i - 1)], d[size_t(s.random.below(i))]);
  return d;
}

// The size of the dimension that was drawn as the second argument.
int64_t drawn_size(const Args& before) { return size_of(before[0].tensor(), before[1].value.toInt()); }

// A position in that dimension, now and then from its end.
Recipe Index() {
  return by([](Step& s, const Args& before) {
    int64_t n = std::max<int64_t>(drawn_size(before), 1);
    return Arg(s.random.below(n) - (s.random.chance(40) ? n : 0));
  });
}

// A list of one dimension.
Recipe OneDim() {
  return by([](Step& s, const Args& before) { return Arg(Ints{s.dimension(before[0].tensor())}); });
}

// Other sizes for the same elements.
Recipe Resized() {
  return by([](Step& s, const Args& before) {
    auto sizes = before[0].tensor().sizes().vec();
    int64_t last = sizes.empty() ? 1 : sizes.back();
    switch (s.random.below(4)) {
      case 0: return Arg(Ints{-1});
      case 1: return Arg(Ints{-1, last});
      case 2: sizes.insert(sizes.begin(), 1); break;
      case 3:
        if (!sizes.empty()) sizes.pop_back();
        sizes.push_back(last % 2 == 0 && last > 0 ? 2 : 1);
        sizes.push_back(last % 2 == 0 && last > 0 ? last / 2 : last);
    }
    return Arg(sizes);
  });
}

// A tensor with the same elements in other sizes.
Recipe ResizedTensor() {
  return by([](Step& s, const Args& before) {
    return s.call("reshape", {before[0], Arg(Ints{1, -1})}, before[0].bound)[0];
  });
}

// Sizes that the first broadcasts to.
Recipe Expanded() {
  return from_first([](const Tensor& x) {
    auto sizes = x.sizes().vec();
    for (auto& n : sizes)
      if (n == 1) n = 3;
    sizes.insert(sizes.begin(), 2);
    return sizes;
  });
}

// What goes into the first's first place.
Recipe Part(const char* op, Args args) {
  return by([=](Step& s, const Args& before) {
    auto all = args;
    all.insert(all.begin(), s.call("sin", {before[0]}, 1)[0]);
    return s.call(op, all, 1)[0];
  });
}

// A list of the first and tensors like it.
Recipe Likes(int64_t n) {
  return by([n](Step& s, const Args&) {
    auto x = s.pick(N(0));
    c10::List<Tensor> list({x.t});
    std::string text = "[" + x.name;
    double bound = x.bound;
    for (int64_t i = 1; i < n; ++i) {
      auto y = *s.find([&](const Tensor& t) { return t.sizes() == x.t.sizes(); });
      list.push_back(y.t);
      text += ", " + y.name;
      bound = std::max(bound, y.bound);
    }
    return Arg(list, text + "]", bound);
  });
}

// A dimension of the tensors of a list, and so many more.
Recipe DimOfList(int64_t more) {
  return by([more](Step& s, const Args& before) {
    int64_t n = before[0].value.toTensorVector()[0].dim() + more;
    TORCH_CHECK(n > 0, "no dimension");
    return Arg(s.random.below(n));
  });
}

// A matrix that is not taller than wide: LibTorch 1.13 has a wrong gradient of the trace of others.
Recipe Wide() {
  return by([](Step& s, const Args&) {
    auto x = s.pick(T(2, 2));
    TORCH_CHECK(x.t.size(0) <= x.t.size(1), "taller than wide");
    return Arg(x);
  });
}

}  // namespace

Forms views() {
  auto length = [](Step& s, const Args& before) {
    return Arg(s.random.between(1, std::max<int64_t>(drawn_size(before), 1)));
  };
  Forms f = {
      {"permute",
       {N(1), by([](Step& s, const Args& before) { return Arg(order(s, before[0].tensor().dim())); })},
       same},
      {"unsqueeze",
       {N(0), by([](Step& s, const Args& before) { return Arg(s.random.between(0, before[0].tensor().dim())); })},
       same},
      {"squeeze", {N()}, same},
      {"squeeze.dim", {N(1), Dim()}, same},
      {"squeeze.dims", {N(1), Dims()}, same},
      {"select.int", {N(1), Dim(), Index()}, same},
      {"slice.Tensor", {N(1), Dim(), Index(), INT64_MAX, Int(1, 2)}, same},
      {"slice.Tensor", {N(1), Dim(), none, by(length), Int(1, 3)}, same},
      {"narrow", {N(1), Dim(), 0, by(length)}, same},
      {"view", {N(), Resized()}, same},
      {"view_as", {N(), ResizedTensor()}, same},
      {"reshape", {N(), Resized()}, same},
      {"reshape_as", {N(), ResizedTensor()}, same},
      {"flatten.using_ints", {N()}, same},
      {"flatten.using_ints", {N(2), 1, -1}, same},
      {"ravel", {N()}, same},
      {"unflatten.int", {N(1), Dim(), Ints{1, -1}}, same},
      {"expand", {N(), Expanded()}, same},
      {"expand_as",
       {N(1), by([](Step& s, const Args& before) {
          return s.call("stack",
                        {Arg(c10::List<Tensor>({before[0].tensor(), before[0].tensor()}),
                             "[" + before[0].text + ", " + before[0].text + "]")},
                        before[0].bound)[0];
        })},
       same},
      {"broadcast_to", {N(), Expanded()}, same},
      {"t", {N(0, 2)}, same},
      {"numpy_T", {N()}, same},
      {"diagonal", {N(2), Int(-1, 1)}, same},
      {"diagonal", {N(3), 0, -1, 0}, same},
  };
  for (auto op : {"transpose.int", "swapaxes", "swapdims"}) f.push_back({op, {N(1), Dim(), Dim()}, same});
  for (auto op : {"movedim.intlist", "moveaxis.intlist"}) f.push_back({op, {N(1), OneDim(), Ints{0}}, same});
  for (auto op : {"mT", "mH", "adjoint"}) f.push_back({op, {N(2)}, same});
  return f;
}

Forms shapes() {
  Forms f = {
      {"broadcast_tensors", {Likes(2)}, same},
      {"_unsafe_view", {N(), Ints{-1}}, same},
      {"unbind.int", {N(1), Dim()}, same},
      {"chunk", {N(1), 2, Dim()}, same},
      {"unsafe_chunk", {N(1), 2, Dim()}, same},
      {"split.Tensor", {N(1), 2, Dim()}, same},
      {"unsafe_split.Tensor", {N(1), 2, Dim()}, same},
      {"cat", {Likes(2), DimOfList(0)}, same},
      {"cat", {Likes(3), DimOfList(0)}, same},
      {"stack", {Likes(2), DimOfList(1)}, same},
      {"repeat",
       {N(), from_first([](const Tensor& x) {
          Ints r(size_t(x.dim()), 1);
          r.insert(r.begin(), 2);
          return r;
        })},
       same},
      {"tile", {N(), Ints{2, 1}}, same},
      {"repeat_interleave.self_int", {N(1), 2, Dim()}, same},
      {"repeat_interleave.self_int", {N(), 2}, same},
      {"flip", {N(1), OneDim()}, same},
      {"flipud", {N(1)}, same},
      {"fliplr", {N(2)}, same},
      {"roll", {N(1), Ints{-1}, OneDim()}, same},
      {"roll", {N(), Ints{2}}, same},
      {"trace", {Wide()}, linear(6)},
      {"diag", {N(1, 2), Int(-1, 1)}, same},
      {"diag_embed", {N(1), Int(-1, 1)}, same},
      {"tril", {N(2), Int(-1, 1)}, same},
      {"triu", {N(2), Int(-1, 1)}, same},
      {"constant_pad_nd", {N(1), Ints{1, 2}, 0.5}, linear(1, 1)},
      {"constant_pad_nd", {N(1), Ints{-1, 1}}, same},
      {"pad", {N(1), Ints{1, 2}, "constant", 0.5}, linear(1, 1)},
      {"pad", {N(2), Ints{1, 0, 0, 2}}, same},
      {"slice_scatter", {N(1), Part("slice.Tensor", {Arg(-1), Arg(0), Arg(1)}), -1, 0, 1}, linear(1, 1)},
      {"select_scatter", {N(1), Part("select.int", {Arg(0), Arg(0)}), 0, 0}, linear(1, 1)},
  };
  auto parts = by([](Step&, const Args& before) {
    int64_t d = before[0].tensor().dim() - 1;
    TORCH_CHECK(d >= 0, "no dimension");
    return Arg(Ints{1, before[0].tensor().sizes()[size_t(d)] - 1});
  });
  for (auto op : {"split_with_sizes", "unsafe_split_with_sizes", "split.sizes"})
    f.push_back({op, {N(1), parts, -1}, same});
  return f;
}

Forms creations() {
  auto sizes = by([](Step& s, const Args&) {
    return Arg(s.random.one_of(std::vector<Ints>{{4}, {3, 4}, {3, 1}, {}}));
  });
  return {
      {"full", {sizes, Number(), Main()}, at_most(2)},
      {"zeros", {sizes, Main()}, at_most(0)},
      {"ones", {sizes, int64_t(torch::kLong)}, at_most(1)},
      {"fill.Scalar", {N(), Number()}, at_most(2)},
      {"fill.Tensor", {N(), Single()}, [](const Args& a) { return a[1].bound; }},
      {"zero", {N()}, at_most(0)},
      {"copy", {N(), Y(numbers)}, [](const Args& a) { return a[1].bound; }},
      {"full_like", {N(), Number()}, at_most(2)},
      {"zeros_like", {N()}, at_most(0)},
      {"ones_like", {N()}, at_most(1)},
      {"new_zeros", {N(), sizes}, at_most(0)},
      {"new_ones", {N(), sizes}, at_most(1)},
      {"new_full", {N(), sizes, Number()}, at_most(2)},
      {"scalar_tensor", {0.75, Main()}, at_most(1)},
      {"arange", {4, Main()}, at_most(4)},
      {"arange.start", {1, 5}, at_most(5)},
      {"arange.start_step", {0.5, 2.5, 0.5, Main()}, at_most(3)},
      {"linspace", {-1.0, 2.0, 4, Main()}, at_most(2)},
      {"eye", {4, Main()}, at_most(1)},
      {"eye.m", {3, 4, Main()}, at_most(1)},
  };
}

}  // namespace random_program
