// What a callable returns, and which gradients lead through it.
#include "support.h"

#include <torch/csrc/autograd/forward_grad.h>

using namespace test;

namespace {

TEST(Outputs, InputsViewsAndDuplicates) {
  auto f = [](Tensor x) {
    auto y = x * 2;
    return std::make_tuple(x, x.t(), y, y, y.t());
  };
  auto x = leaf({2, 3});
  auto c = cladtorch::compile(f, {x});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto [a, b, y, z, v] = c(x);
  EXPECT_TRUE(a.is_same(x));
  EXPECT_EQ(b.data_ptr(), x.data_ptr());
  EXPECT_TRUE(y.is_same(z));
  EXPECT_EQ(v.data_ptr(), y.data_ptr());
  EXPECT_TRUE(agree(b, x.t(), true));
  EXPECT_TRUE(agree(v, (x * 2).t(), true));
  auto g = torch::randn({2, 3});
  auto want = torch::autograd::grad({(x * 2) * g + x}, {x}, {torch::ones({2, 3})})[0];
  EXPECT_TRUE(agree(torch::autograd::grad({z * g + b.t()}, {x}, {torch::ones({2, 3})})[0], want, true));
  c.forward_all({x});
  auto d = c.backward_all({g, Tensor(), g, g, g.t()})[0];  // x, y twice, y transposed
  EXPECT_TRUE(agree(d, 7 * g, true));
  // A view that is returned twice is one tensor, whatever it is a view of.
  auto twice = cladtorch::compile(
      [](Tensor x) {
        auto y = x * 2;
        auto a = x.t(), b = y.t();
        return std::make_tuple(a, a, b, b, y);
      },
      {x});
  ASSERT_NE(twice.report().engine, "eager") << twice.report();
  auto [of_x, of_x_too, of_y, of_y_too, whole] = twice(x);
  EXPECT_TRUE(of_x.is_same(of_x_too) && of_y.is_same(of_y_too));
  EXPECT_TRUE(of_x.is_alias_of(x) && of_y.is_alias_of(whole));
  // Also of nothing.
  auto none = torch::zeros({0, 2});
  EXPECT_TRUE(cladtorch::compile([](Tensor x) { return std::make_tuple(x, x * 2); }, {none})
                  .forward_all({none})[0]
                  .is_same(none));
}

TEST(Outputs, DetachedViewsHaveNoGradient) {
  auto x = leaf({2, 3});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].exp();
        return Tensors{y, y.detach(), in[0].detach().t()};
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].exp();
        return Tensors{y.detach(), y};
      },
      {x});
  // The one without a gradient is the larger, and cannot be the base of the other.
  expect_refused(
      [](Tensors in) {
        auto y = in[0].exp();
        return Tensors{y.detach(), y[0]};
      },
      {x}, "also returned without one");
}

// Parts of one tensor are views of memory that is not returned; those with no element in common are as good apart.
TEST(Outputs, PartsOfOneTensor) {
  auto x = leaf({4, 6});
  expect_like_eager([](Tensors in) { return in[0].exp().chunk(2, -1); }, {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].exp();
        return Tensors{y.slice(1, 0, 6, 2), y.slice(1, 1, 6, 2).t(), y.select(0, 1).slice(0, 0, 0)};
      },
      {x});
  expect_refused(
      [](Tensors in) {
        auto y = in[0].exp();
        return Tensors{y.slice(0, 0, 3), y.slice(0, 1, 4)};
      },
      {x}, "outputs 0 and 1 have memory in common");
  // A view may be returned before its base, and is a view of it in the compiled function too.
  auto f = [](Tensor x) {
    auto y = x.exp();
    return std::make_tuple(y.select(0, -1), y.t(), y);
  };
  expect_like_eager(
      [f](Tensors in) {
        auto [a, b, y] = f(in[0]);
        return Tensors{a, b, y};
      },
      {x});
  auto c = cladtorch::compile(f, {x});
  auto [last, transposed, y] = c(x);
  EXPECT_EQ(transposed.data_ptr(), y.data_ptr());
  y.detach().zero_();
  EXPECT_EQ(last.abs().max().item<float>(), 0);
}

// A cladopt that loses a detach inside of a kernel is found out by verification: the values are
// right either way.
TEST(Gradients, NoGradRegionsAndDetach) {
  auto x = leaf({3});
  expect_like_eager(
      [](Tensors in) {
        Tensor e;
        {
          torch::NoGradGuard g;
          e = in[0].exp();
        }
        return one(in[0] * e);
      },
      {x});
  expect_like_eager([](Tensors in) { return one(in[0] * in[0].detach().sin()); }, {x});
  expect_like_eager([](Tensors in) { return Tensors{in[0].exp(), in[0].detach().sin()}; }, {x});
}

// LibTorch says of such a view that it requires a gradient, and lets none through.
TEST(Gradients, NoneThroughViewsTakenWithoutGradients) {
  auto x = leaf({2, 3});
  auto f = [](Tensors in) {
    auto y = in[0].exp();
    Tensor v;
    {
      torch::NoGradGuard g;
      v = y.t();
    }
    auto inside =
        torch::take_along_dim(v, torch::argsort(v, int64_t(0)), 0);  // an expanded view of it, which no one else sees
    return one(torch::mm(in[0], v.sin().contiguous() + inside));
  };
  expect_like_eager(f, {x});
  // What is no view then but the tensor itself keeps its gradient.
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].exp();
        torch::NoGradGuard g;
        auto same = y.contiguous();
        torch::AutoGradMode on(true);
        return one(same * 2);
      },
      {x});
  expect_refused(
      [](Tensors in) {
        Tensor v;
        {
          torch::NoGradGuard g;
          v = in[0].t();
        }
        return one(v.exp());
      },
      {x}, "output 0 says that it requires a gradient, but comes from views that were taken under no_grad");
}

TEST(Gradients, InferenceModeAndDetachInside) {
  auto x = leaf({3});
  expect_like_eager(
      [](Tensors in) {
        Tensor e;
        {
          c10::InferenceMode mode;
          e = in[0].exp();
        }
        return one(in[0] * 2 + e);
      },
      {x}, by_anyone);
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].exp();
        y.detach_();
        return one(in[0] * y);
      },
      {x}, by_anyone);
}

struct Foreign : torch::autograd::Function<Foreign> {
  static Tensor forward(torch::autograd::AutogradContext*, Tensor x) { return x * 2; }
  static Tensors backward(torch::autograd::AutogradContext*, Tensors g) { return {g[0] * 100}; }
};

TEST(Gradients, ForeignOnesAreRefused) {
  auto x = leaf({3});
  expect_refused([](Tensors in) { return one(Foreign::apply(in[0]) * 1.5); }, {x}, "custom autograd function");
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.register_hook([](Tensor g) { return g * 10; });
        return one(y * 3);
      },
      {x}, "hook");
  auto f = [](Tensor x) {
    x.register_hook([](Tensor g) { return g * 10; });
    return x * 3;
  };
  auto c = cladtorch::compile(f, {x});
  EXPECT_TRUE(has(c.report().reason, "hook that the function registers on an argument")) << c.report();
  auto y = leaf({3});
  c(y).sum().backward();
  EXPECT_TRUE(agree(y.grad(), torch::full({3}, 30.), true));
}

TEST(Gradients, SparseOnesAreRefused) {
  auto w = leaf({5, 2});
  auto f = [](Tensor i, Tensor w) { return torch::embedding(w, i, -1, false, /*sparse=*/true); };
  auto i = torch::tensor({1, 2});
  auto c = cladtorch::compile(f, {i, w});
  EXPECT_EQ(c.report().engine, "eager");
  EXPECT_TRUE(has(c.report().reason, "the gradient of input 1")) << c.report();
  c(i, w).sum().backward();
  EXPECT_TRUE(w.grad().is_sparse());
}

// A program computes no tangent; one that is lost would be a zero one.
TEST(Gradients, TangentsAreLeftToLibTorch) {
  auto x = torch::randn({3}), w = torch::randn({3});
  auto f = [&w](Tensor x) { return x * w; };
  auto c = cladtorch::compile(f, {x});
  EXPECT_TRUE(agree(c(x), f(x), true));
  auto level = torch::autograd::ForwardADLevel::get_next_idx();
  auto tangent = [&](Tensor y) { return std::get<1>(at::_unpack_dual(y, int64_t(level))); };
  auto dual = at::_make_dual(x, torch::ones({3}), int64_t(level));
  EXPECT_TRUE(agree(tangent(c(dual)), w, true));
  EXPECT_TRUE(has(c.report().reason, "input 0 has a tangent")) << c.report();
  w._set_fw_grad(torch::ones({3}), level, /*is_inplace_op=*/false);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(agree(tangent(c(x)), x, true));
  auto r = c.report();
  EXPECT_EQ(r.recompiles.size(), 1u) << r;
  EXPECT_TRUE(has(r.recompiles.back(), "captured.0: has a tangent, had none")) << r;
  torch::autograd::ForwardADLevel::release_idx(level);
  EXPECT_TRUE(agree(c(x), f(x), true));
}

// What is not asked for has no part in a gradient: 0 times its infinite slope would be NaN.
TEST(Gradients, OfSomeOutputsAlone) {
  auto x = torch::tensor({0.f, 1.f, 4.f}).requires_grad_(), w = torch::tensor({0.f, 2.f, 1.f}).requires_grad_();
  auto f = [](Tensor x, Tensor w) {
    auto kept = x * 2;
    x = x.clone();
    return std::make_tuple((kept * w).sum(), x.sqrt(), Tensor(), x / w);
  };
  auto c = cladtorch::compile(f, {torch::ones({3}).requires_grad_(), torch::ones({3}).requires_grad_()});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  for (int kept = 1; kept < 8; ++kept) {
    auto grads = [&](auto&& called) {
      auto [a, b, none, d] = called(x, w);
      Tensors outs = {a, b, d}, some;
      for (int i = 0; i < 3; ++i)
        if (kept >> i & 1) some.push_back(outs[size_t(i)].sum());
      return torch::autograd::grad(some, {x, w}, {}, false, false, /*allow_unused=*/true);
    };
    auto want = grads(f), got = grads(c);
    c.forward_all({x, w});
    auto g = torch::ones({3});
    auto given = [&](int i) { return kept >> i & 1 ? (i ? g : torch::ones({})) : Tensor(); };
    auto direct = c.backward_all({given(0), given(1), Tensor(), given(2)});
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(got[i].defined(), want[i].defined()) << kept << " " << i;
      EXPECT_TRUE(agree(got[i], want[i], true)) << kept << " " << i;
      EXPECT_TRUE(agree(direct[i], want[i], true)) << kept << " " << i;
    }
  }
}

// Also with writes to an input, which have no gradient of their own.
TEST(Gradients, OfSomeOutputsBesideAWrite) {
  auto f = [](Tensor x, Tensor y) {
    y.add_(1);
    return std::make_pair((x * y).sum(), x.sqrt());
  };
  auto make = [] { return torch::tensor({0.f, 1.f, 4.f}); };
  auto c = cladtorch::compile(f, {torch::ones({3}).requires_grad_(), torch::ones({3})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto x = make().requires_grad_(), y = make();
  c(x, y).first.backward();
  EXPECT_TRUE(agree(y, make() + 1, true));
  EXPECT_TRUE(agree(x.grad(), make() + 1, true)) << x.grad();
}

// Of which LibTorch itself has no gradient runs without.
TEST(Gradients, NoneThatLibTorchCanCompute) {
  auto f = [](Tensor x) {
    auto y = x.exp();
    y.add_(1);
    return y.sum();
  };
  auto x = torch::randn({3});
  auto c = cladtorch::compile(f, {x});
  EXPECT_TRUE(agree(c.forward({x}), f(x), true));
  EXPECT_TRUE(agree(c(x), f(x), true));
  auto p = leaf({3});
  auto d = cladtorch::compile(f, {p});
  EXPECT_TRUE(has(d.report().reason, "LibTorch has no gradient of it: one of the variables")) << d.report();
  EXPECT_TRUE(agree(d.forward({p}), f(p), true));
  EXPECT_THROW(d(p).backward(), c10::Error);
  auto floor = cladtorch::compile([](Tensor x) { return x.floor_divide(3); }, {p});
  EXPECT_TRUE(has(floor.report().reason, "no derivative of an operator inside")) << floor.report();
}

// Of which versions of LibTorch tell differently: those of the one in use are wanted, also for calls after the first.
TEST(Gradients, AtKinks) {
  auto values = [](std::vector<double> v) { return torch::tensor(v, torch::kDouble).requires_grad_(); };
  double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  Tensors kinks = {values({1, 2, 3, 1, 5, -3, 0, 0., -0., 2, 2, 2, nan, 1, nan, inf, -inf, 4}),
                   values({1, 1, 2, 1, 1, -3, 0, -0., 0., 2, 1, 3, 1, nan, nan, inf, -inf, 5}),
                   values({3, 2, 3, 1, 0, -3, 0, 0., -0., 2, 2, 1, 2, 2, nan, inf, 0, 5})};
  const std::vector<std::pair<const char*, Function>> functions = {
      {"clamp", [](Tensors in) { return one(in[0].clamp(1, 3)); }},
      {"clamp from below", [](Tensors in) { return one(in[0].clamp_min(1)); }},
      {"clamp from above", [](Tensors in) { return one(in[0].clamp(c10::nullopt, 2)); }},
      {"crossed clamp", [](Tensors in) { return one(in[0].clamp(3, 1)); }},
      {"clamp in place", [](Tensors in) { return one(in[0].clone().clamp_(1, 2)); }},
      {"clamp_min by a tensor", [](Tensors in) { return one(in[0].clamp_min(in[1])); }},
      {"clamp_max by a tensor", [](Tensors in) { return one(in[0].clamp_max(in[1])); }},
      {"fmax", [](Tensors in) { return one(torch::fmax(in[0], in[1])); }},
      {"fmin", [](Tensors in) { return one(torch::fmin(in[0], in[1])); }},
      {"maximum and minimum",
       [](Tensors in) {
         return Tensors{torch::maximum(in[0], in[1]), torch::minimum(in[0], in[2])};
       }},
      {"hardswish", [](Tensors in) { return one(torch::hardswish(in[0] + in[1] - in[2])); }},
      {"hardsigmoid, hardtanh and relu6",
       [](Tensors in) {
         return Tensors{torch::hardsigmoid(in[0]), torch::hardtanh(in[0], 1, 3), torch::relu6(in[0] * 3)};
       }},
      {"softshrink", [](Tensors in) { return one(torch::softshrink(in[0], 2)); }},
      {"atan2", [](Tensors in) { return one(torch::atan2(in[0], in[1])); }},
      {"margins",
       [](Tensors in) {
         auto up = torch::ones_like(in[0]);
         return Tensors{torch::margin_ranking_loss(in[0], in[1], up, 0., 0),
                        torch::hinge_embedding_loss(in[0], -up, 2., 0)};
       }},
  };
  auto apart = values({.1, .2, .3, .4, .5, .6, .7, .8, .9, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9});
  for (const auto& [name, f] : functions) {
    SCOPED_TRACE(name);
    auto c = cladtorch::compile(f, {apart, apart + 10, apart + 20});
    EXPECT_NE(c.report().engine, "eager") << c.report();
    for (const auto& in : {Tensors{kinks[0], kinks[1], kinks[2]}, Tensors{kinks[1], kinks[0], kinks[2]}}) {
      auto want = f(in), got = c(in), grad = seeded_like(want);
      auto want_grads = eager_grads(want, in, grad), got_grads = eager_grads(got, in, grad);
      for (size_t i = 0; i < want.size(); ++i) EXPECT_TRUE(agree(got[i], want[i], false)) << "output " << i;
      for (size_t i = 0; i < in.size(); ++i) EXPECT_TRUE(agree(got_grads[i], want_grads[i], false)) << "input " << i;
    }
  }
}

TEST(Gradients, ALeafMadeInsideTakesNothingFromTheInputs) {
  auto x = leaf({3});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].detach().exp();
        y.requires_grad_();
        return one(y * in[0]);
      },
      {x});
}

TEST(Gradients, AutogradInside) {
  auto x = leaf({3});
  expect_like_eager(
      [](Tensors in) {
        auto y = (in[0] * in[0] * in[0]).sum();
        return one(torch::autograd::grad({y}, {in[0]}, {}, true, true)[0]);
      },
      {x});
}

}  // namespace
