// operator() as a part of autograd, and backward without it.
#include "support.h"

using namespace test;

namespace {

TEST(Autograd, MixesWithUncompiledCode) {
  auto x = leaf({8}), w = leaf({8});
  auto f = [](Tensor x, Tensor w) { return (x * w).sigmoid(); };
  auto c = cladtorch::compile(f, {x, w});
  auto run = [&](auto&& g) {
    auto y = g(x.exp(), w) + g(x, w * 2);
    return torch::autograd::grad({(y * y).sum()}, {x, w});
  };
  auto got = run(c), want = run(f);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(agree(got[i], want[i], true)) << i;
}

TEST(Autograd, ChangedOutputsAreComputedAgain) {
  auto x = leaf({8});
  auto c = cladtorch::compile([](Tensor x) { return x.exp(); }, {x});
  auto y = c(x);
  y += 1;  // eager exp would refuse: it saves its result
  auto g = torch::autograd::grad({y.sum()}, {x})[0];
  EXPECT_TRUE(agree(g, x.exp(), true));
  auto p = c.forward({x});
  p.zero_();
  EXPECT_TRUE(agree(c.backward(torch::ones_like(p)), x.exp(), true));
}

TEST(Autograd, ChangedInputsThrow) {
  auto x = leaf({8}), w = leaf({8});
  auto c = cladtorch::compile([](Tensor x, Tensor w) { return x * w; }, {x, w});
  auto y = c(x, w);
  {
    torch::NoGradGuard g;
    w.mul_(2);
  }
  EXPECT_THROW(y.sum().backward(), c10::Error);
  c.forward({x, w});
  {
    torch::NoGradGuard g;
    x.mul_(2);
  }
  EXPECT_THROW(c.backward_all({torch::ones({8})}), c10::Error);
}

// Autograd saves of a difference nothing, of a product both, of a layer's first product only the input.
TEST(Autograd, InputsThatNoGradientReadsMayChange) {
  auto x = leaf({2, 3}), w = leaf({4, 3}), b = leaf({4});
  auto state = torch::randn({3});
  auto f = [state](Tensor x, Tensor w, Tensor b) { return (torch::linear(x, w, b) * 2).tanh() - state.sum(); };
  auto c = cladtorch::compile(f, {x, w, b});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto change = [](Tensor t) {
    torch::NoGradGuard g;
    t.mul_(2);
  };
  auto want = torch::autograd::grad({f(x, w, b).sum()}, {x, w, b});
  auto y = c(x, w, b);
  c.forward({x, w, b});
  change(b), change(state);
  auto got = torch::autograd::grad({y.sum()}, {x, w, b}, {}, /*retain_graph=*/true);
  auto direct = c.backward_all({torch::ones({2, 4})});
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(agree(got[i], want[i], true)) << i;
    EXPECT_TRUE(agree(direct[i], want[i], true)) << i;
  }
  // A second backward computes the forward again.
  EXPECT_THROW(torch::autograd::grad({y.sum()}, {x}), c10::Error);
  y = c(x, w, b);
  change(w);
  EXPECT_THROW(torch::autograd::grad({y.sum()}, {x}), c10::Error);
}

TEST(Autograd, MessagesNameWhatIsWrong) {
  auto net = std::make_shared<Net>();
  auto x = torch::randn({4, 6});
  auto c = cladtorch::compile(net, {x});
  auto y = c(x);
  {
    torch::NoGradGuard g;
    net->b->weight.mul_(2);
  }
  auto what = message([&] { y.sum().backward(); });
  EXPECT_TRUE(has(what, "b.weight was changed in place")) << what;
  auto s = cladtorch::compile([](Tensor x) { return x.sum(); }, {x});
  s.forward({x});
  what = message([&] { s.backward(torch::ones({4})); });
  EXPECT_TRUE(has(what, "is Float of shape [4], want Float of shape []")) << what;
}

// As LibTorch: an input that the outputs with a gradient do not depend on has none, and no zeros, which would
// make an optimiser decay what it should leave alone.
TEST(Autograd, WhatIsNotReachedHasNoGradient) {
  auto a = leaf({3}), b = leaf({3}), unused = leaf({3});
  auto f = [](Tensor a, Tensor b, Tensor unused) { return std::make_tuple(a * 2, a * b, b.exp()); };
  auto c = cladtorch::compile(f, {a, b, unused});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto g = torch::ones({3});
  for (int kept = 1; kept < 8; ++kept) {
    auto defined = [&](int i) { return kept >> i & 1 ? g : Tensor(); };
    c.forward_all({a, b, unused});
    auto got = c.backward_all({defined(0), defined(1), defined(2)});
    auto run = [&](auto&& called) {
      auto [x, y, z] = called(a, b, unused);
      Tensors outs = {x, y, z}, some;
      for (int i = 0; i < 3; ++i)
        if (kept >> i & 1) some.push_back(outs[i]);
      return torch::autograd::grad(some, {a, b, unused}, Tensors(some.size(), g), false, false, /*allow_unused=*/true);
    };
    auto joined = run(c), want = run(f);
    for (int i = 0; i < 3; ++i) {
      SCOPED_TRACE(testing::Message() << "outputs " << kept << " input " << i);
      EXPECT_EQ(got[i].defined(), want[i].defined());
      EXPECT_EQ(joined[i].defined(), want[i].defined());
      EXPECT_TRUE(agree(got[i], want[i], true));
      EXPECT_TRUE(agree(joined[i], want[i], true));
    }
  }
}

TEST(Autograd, SecondBackwardNeedsRetainGraph) {
  auto x = leaf({8});
  auto c = cladtorch::compile([](Tensor x) { return (x * x).sum(); }, {x});
  auto y = c(x);
  y.backward({}, /*retain_graph=*/true);
  y.backward();
  EXPECT_TRUE(agree(x.grad(), 4 * x, true));
  EXPECT_THROW(y.backward(), c10::Error);
}

TEST(Autograd, SecondDerivativesThrow) {
  auto x = leaf({8});
  auto c = cladtorch::compile([](Tensor x) { return (x * x * x).sum(); }, {x});
  auto g = torch::autograd::grad({c(x)}, {x}, {}, true, /*create_graph=*/true)[0];
  EXPECT_TRUE(agree(g, 3 * x * x, true));
  EXPECT_THROW(torch::autograd::grad({g.sum()}, {x}, {}, true, false, /*allow_unused=*/true), c10::Error);
}

// What leak checkers cannot tell from what LibTorch itself keeps.
TEST(Autograd, KeepsNothingAlive) {
  auto w = leaf({4});
  const std::vector<std::pair<const char*, Function>> functions = {
      {"a result", [](Tensors in) { return Tensors{(in[0] * in[0]).tanh()}; }},
      {"a captured tensor",
       [w](Tensors in) {
         return Tensors{in[0] * w, in[0].sum()};
       }},
      {"a view",
       [](Tensors in) {
         return Tensors{in[0].slice(0, 1), in[0] * 2};
       }},
      {"a write",
       [](Tensors in) {
         auto y = in[0].clone();
         y.slice(0, 0, 2).mul_(in[0].slice(0, 2, 4));
         return Tensors{y};
       }},
      {"LibTorch's turn", [](Tensors in) { return Tensors{in[0] * in[0].sum().item<float>()}; }},
  };
  for (const auto& [name, f] : functions) {
    SCOPED_TRACE(name);
    std::vector<c10::weak_intrusive_ptr<c10::StorageImpl>> seen;
    auto see = [&](const Tensors& tensors) {
      for (const auto& t : tensors) seen.push_back(t.storage().getWeakStorageImpl());
    };
    {
      auto x = leaf({4});
      auto c = cladtorch::compile(f, {x});
      auto y = c(Tensors{x});
      y[0].sum().backward();
      auto z = c.forward_all({x});
      auto g = Tensors(z.size());
      g[0] = torch::ones_like(z[0]);
      see(y), see(z), see({x, x.grad(), g[0]}), see(c.backward_all(g));
    }
    for (size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i].expired()) << i;
  }
}

TEST(Autograd, NoGradAndInferenceMode) {
  auto x = leaf({8});
  auto c = cladtorch::compile([](Tensor x) { return x.sin(); }, {x});
  {
    torch::NoGradGuard no_grad;
    EXPECT_FALSE(c(x).requires_grad());
    c.forward({x});
    EXPECT_THROW(c.backward(torch::ones({8})), c10::Error);
  }
  {
    c10::InferenceMode mode;
    auto y = c(x);
    EXPECT_TRUE(y.is_inference());
    EXPECT_TRUE(agree(y, x.sin(), true));
  }
  EXPECT_TRUE(c(x).requires_grad());
}

TEST(Autograd, BackwardNeedsItsForward) {
  auto x = leaf({8});
  auto c = cladtorch::compile([](Tensor x) { return x.sin(); }, {x});
  EXPECT_THROW(c.backward(torch::ones({8})), c10::Error);
  c.forward({x});
  EXPECT_THROW(c.backward(torch::ones({7})), c10::Error);
  EXPECT_THROW(c.backward(torch::ones({8}, torch::kDouble)), c10::Error);
  EXPECT_TRUE(agree(c.backward(torch::ones({2, 4}).t().reshape({8})), x.cos(), true));
}

}  // namespace
