// What LibTorch's tracer shows and hides, case by case.
#include "support.h"

#include <thread>

#include <torch/csrc/jit/frontend/tracer.h>

using namespace test;

namespace {

Tensors one(Tensor t) { return {std::move(t)}; }

TEST(Lifted, CapturedTensorsAreInputs) {
  auto w = leaf({3}), k = torch::randn({3});
  auto x = leaf({3});
  expect_like_eager([&](Tensors in) { return one(in[0] * w + k); }, {x});
  auto f = [&](Tensor x) { return x * w + k; };
  auto c = cladtorch::compile(f, {x});
  auto y = c.forward({x});
  c.backward(torch::ones({3}));
  EXPECT_TRUE(agree(c.parameter_grads()["captured.0"], x, true));
  torch::NoGradGuard g;
  k.fill_(5);  // their values are read at each call
  EXPECT_TRUE(agree(c(x), f(x), true));
}

TEST(Lifted, NonLeavesAndViews) {
  auto base = leaf({3});
  auto w = base.exp();
  auto f = [&](Tensor x) { return (x * w).sum() + w.slice(0, 1, 3).sum(); };
  auto c = cladtorch::compile(f, {torch::randn({3})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto x = torch::randn({3});
  auto got = torch::autograd::grad({c(x)}, {base}, {}, true)[0];
  EXPECT_TRUE(agree(got, torch::autograd::grad({f(x)}, {base}, {}, true)[0], true));
}

TEST(Lifted, ARebountCaptureThatIsNamed) {
  auto w = leaf({3});
  auto x = torch::randn({3});
  Options o;
  o.captures = {&w};
  auto f = [&w](Tensor x) { return (x * w).sum(); };
  auto c = cladtorch::compile(f, {x}, o);
  for (int i = 0; i < 3; ++i) {
    c.forward({x});
    c.backward_all({torch::ones({})});
    auto g = c.parameter_grads()["captures.0"];
    EXPECT_TRUE(agree(g, x, true));
    w = (w - 0.1 * g).detach().requires_grad_();
    EXPECT_TRUE(agree(c(x), f(x), true)) << i;
  }
  EXPECT_EQ(c.report().specializations, 1);
}

TEST(Lifted, TheExampleItselfCaptured) {
  auto x = leaf({3});
  auto f = [&x](Tensor a) { return a * x; };
  auto c = cladtorch::compile(f, {x});
  auto other = leaf({3});
  EXPECT_TRUE(agree(c(other), f(other), true));
}

TEST(Lifted, OutputsThatAreCaptured) {
  auto w = leaf({3});
  auto f = [&w](Tensor x) { return std::make_pair(x + 1, w); };
  auto c = cladtorch::compile(f, {torch::randn({3})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  EXPECT_TRUE(c(torch::randn({3})).second.is_same(w));
}

TEST(Lifted, ConstantsMadeInsideAreExact) {
  auto x = leaf({3}, torch::kDouble);
  expect_like_eager([](Tensors in) { return one(in[0] * torch::tensor({0.1234567890123, 1e-9, 3.3333333333}, torch::kDouble)); }, {x});
  expect_like_eager([](Tensors in) {
    auto c = torch::tensor({1.0, 2.0, 3.0}, torch::kDouble);
    c.add_(1).mul_(c);  // written to: each call starts anew
    return one(in[0] * c);
  }, {x});
}

TEST(BatchNorm, EvaluationCompilesTrainingIsRefusedAndKeepsBuffers) {
  torch::nn::BatchNorm1d bn(4);
  auto x = torch::randn({8, 4});
  auto mean = bn->running_mean.clone(), count = bn->num_batches_tracked.clone();
  auto c = cladtorch::compile(bn, {x});
  EXPECT_EQ(c.report().engine, "eager");
  EXPECT_NE(c.report().reason.find("batch_norm"), std::string::npos) << c.report();
  EXPECT_TRUE(torch::equal(mean, bn->running_mean));
  EXPECT_TRUE(torch::equal(count, bn->num_batches_tracked));
  c(x);
  EXPECT_FALSE(torch::equal(mean, bn->running_mean));
  EXPECT_EQ(bn->num_batches_tracked.item<int64_t>(), count.item<int64_t>() + 1);
  bn->eval();
  EXPECT_TRUE(agree(c(x), bn(x), true));
  EXPECT_NE(c.report().engine, "eager") << c.report();
}

TEST(Writes, ToInputsAreCopiedBack) {
  auto f = [](Tensor x) { x.add_(1); return x * 2; };
  auto x = torch::randn({3}), before = x.clone();
  auto c = cladtorch::compile(f, {x});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  EXPECT_TRUE(torch::equal(x, before));  // compiling changes nothing
  auto y = c.forward({x});
  EXPECT_TRUE(agree(x, before + 1, true));
  EXPECT_TRUE(agree(y, (before + 1) * 2, true));
  c(x);
  EXPECT_TRUE(agree(x, before + 2, true));
}

TEST(Writes, ThroughViewsOfIntermediates) {
  auto x = leaf({4, 3});
  expect_like_eager([](Tensors in) { auto y = in[0] * 2; y[0].add_(1); y.slice(0, 1, 3).mul_(3); return one(y.exp()); }, {x});
  expect_like_eager([](Tensors in) { auto y = in[0] * 2; auto v = y.view({12}); y.add_(1); return one(v * v); }, {x});
  expect_like_eager([](Tensors in) { auto z = torch::zeros({4, 6}); z.slice(1, 0, 3).copy_(in[0]); return one(z); }, {x});
  expect_like_eager([](Tensors in) { auto z = torch::zeros({4, 6}); z.slice(1, 0, 3).copy_(in[0]); z.slice(1, 3, 6).copy_(in[0] * in[0]); return one(z); }, {x}, by_anyone);
}

TEST(Writes, OutVariants) {
  auto x = leaf({3});
  auto c = cladtorch::compile([](Tensor x) { auto o = torch::empty({3}); torch::NoGradGuard g; torch::mul_out(o, x.detach(), x.detach()); return o; }, {x});
  EXPECT_TRUE(agree(c(x), x * x, true));
}

TEST(Writes, AliasedInputsAreLeftToLibTorch) {
  auto f = [](Tensor x, Tensor y) { x.add_(1); return x + y; };
  auto c = cladtorch::compile(f, {torch::zeros({3}), torch::zeros({3})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto t = torch::zeros({3});
  EXPECT_TRUE(agree(c(t, t), torch::full({3}, 2.), true));
  EXPECT_TRUE(agree(t, torch::ones({3}), true));
}

TEST(Hidden, PointersAreFoundByVerification) {
  auto x = torch::randn({3}).abs();
  // A write that LibTorch does not see differs from the compiled result at once.
  expect_refused([](Tensors in) { auto y = in[0] * 2; y.data_ptr<float>()[0] = 100; return one(y + 1); }, {x}, "does not agree");
  // A value read through a pointer is a constant of the graph: only strict verification runs on other values.
  Options o;
  o.verify = cladtorch::Verify::strict;
  expect_refused([](Tensors in) { return one(in[0] * double(in[0].accessor<float, 1>()[0])); }, {x}, "changes with the values", o);
}

TEST(Refused, ValuesReadIntoCpp) {
  auto x = torch::ones({3});
  expect_refused([](Tensors in) { return one(in[0].sum().item<float>() > 0 ? in[0] * 2 : in[0]); }, {x}, "aten::item");
  expect_refused([](Tensors in) { return one(in[0] * in[0].max().item<float>()); }, {x}, "aten::item");
  expect_refused([](Tensors in) { return one(torch::equal(in[0], in[0]) ? in[0] * 2 : in[0]); }, {x}, "aten::equal");
  expect_refused([](Tensors in) { return one(torch::allclose(in[0], in[0]) ? in[0] * 2 : in[0]); }, {x}, "aten::allclose");
  expect_refused([](Tensors in) { return one(in[0][0].is_nonzero() ? in[0] * 2 : in[0]); }, {x}, "aten::is_nonzero");
}

TEST(Refused, ShapesThatDependOnValues) {
  auto x = torch::randn({5});
  expect_refused([](Tensors in) { return one(in[0] * double(torch::nonzero(in[0] > 0).size(0))); }, {x}, "aten::nonzero");
  expect_refused([](Tensors in) { return one(in[0].masked_select(in[0] > 0).sum()); }, {x}, "aten::masked_select");
  expect_refused([](Tensors in) { return one(in[0].index({in[0] > 0}).sum()); }, {x}, "aten::nonzero");
  expect_refused([](Tensors in) { return one(std::get<0>(torch::_unique2(in[0]))); }, {x}, "unique");
}

TEST(Refused, RandomNumbers) {
  auto x = torch::randn({64});
  expect_refused([](Tensors in) { return one(torch::dropout(in[0], 0.5, true)); }, {x}, "random");
  expect_refused([](Tensors in) { return one(in[0] + torch::rand({64})); }, {x}, "aten::rand");
  expect_refused([](Tensors in) { return one(in[0] * torch::randn_like(in[0])); }, {x}, "aten::randn_like");
  expect_refused([](Tensors in) { return one(in[0] * torch::bernoulli(torch::full({64}, 0.5))); }, {x}, "aten::bernoulli");
  expect_refused([](Tensors in) { return one(in[0] * torch::empty({64}).normal_()); }, {x}, "aten::normal_");
  expect_like_eager([](Tensors in) { return one(torch::dropout(in[0], 0.5, false) * 2); }, {x});
}

TEST(Refused, TensorsFromNowhere) {
  auto x = torch::randn({3});
  static float memory[3] = {1, 2, 3};
  expect_refused([](Tensors in) { return one(in[0] * torch::from_blob(memory, {3})); }, {x}, "without the tracer's knowledge");
  expect_refused([](Tensors in) { return one(in[0] * in[0].data()); }, {x}, "without the tracer's knowledge");
  expect_refused([](Tensors in) { auto y = in[0] * 2; return one(in[0] * y.data()); }, {x}, "use x.detach()");
  auto w = leaf({3});
  expect_refused([w](Tensors in) { return one(in[0] * w.data()); }, {x}, "without the tracer's knowledge");
  expect_refused([](Tensors in) {
    Tensor t;
    std::thread([&] { t = torch::full({3}, 2.); }).join();
    return one(in[0] * t);
  }, {x}, "without the tracer's knowledge");
}

TEST(Outputs, InputsViewsAndDuplicates) {
  auto f = [](Tensor x) { auto y = x * 2; return std::make_tuple(x, x.t(), y, y, y.t()); };
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
}

TEST(Outputs, DetachedViewsHaveNoGradient) {
  auto x = leaf({2, 3});
  expect_like_eager([](Tensors in) { auto y = in[0].exp(); return Tensors{y, y.detach(), in[0].detach().t()}; }, {x});
  // The one without a gradient comes first, and cannot be the base of the other.
  expect_refused([](Tensors in) { auto y = in[0].exp(); return Tensors{y.detach(), y}; }, {x}, "also returned without one");
}

// A cladopt that loses a detach inside of a kernel is found out by verification: the values are
// right either way.
TEST(Gradients, NoGradRegionsAndDetach) {
  auto x = leaf({3});
  expect_like_eager([](Tensors in) { Tensor e; { torch::NoGradGuard g; e = in[0].exp(); } return one(in[0] * e); }, {x});
  expect_like_eager([](Tensors in) { return one(in[0] * in[0].detach().sin()); }, {x});
  expect_like_eager([](Tensors in) { return Tensors{in[0].exp(), in[0].detach().sin()}; }, {x});
}

struct Foreign : torch::autograd::Function<Foreign> {
  static Tensor forward(torch::autograd::AutogradContext*, Tensor x) { return x * 2; }
  static Tensors backward(torch::autograd::AutogradContext*, Tensors g) { return {g[0] * 100}; }
};

TEST(Gradients, ForeignOnesAreRefused) {
  auto x = leaf({3});
  expect_refused([](Tensors in) { return one(Foreign::apply(in[0]) * 1.5); }, {x}, "custom autograd function");
  expect_refused([](Tensors in) { auto y = in[0] * 2; y.register_hook([](Tensor g) { return g * 10; }); return one(y * 3); }, {x}, "hook");
}

TEST(Gradients, ALeafMadeInsideTakesNothingFromTheInputs) {
  auto x = leaf({3});
  expect_like_eager([](Tensors in) { auto y = in[0].detach().exp(); y.requires_grad_(); return one(y * in[0]); }, {x});
}

TEST(Gradients, AutogradInside) {
  auto x = leaf({3});
  expect_like_eager([](Tensors in) {
    auto y = (in[0] * in[0] * in[0]).sum();
    return one(torch::autograd::grad({y}, {in[0]}, {}, true, true)[0]);
  }, {x});
}

TEST(Inputs, OddOnes) {
  auto x = leaf({3});
  auto c = cladtorch::compile([](Tensor a, Tensor b) { return a * b; }, {x, x});
  EXPECT_TRUE(agree(c(x, x), x * x, true));
  EXPECT_TRUE(agree(torch::autograd::grad({c(x, x).sum()}, {x})[0], 2 * x, true));
  auto d = cladtorch::compile([](Tensor a, Tensor b) { return b.defined() ? a * b : a; }, {x, Tensor()});
  EXPECT_EQ(d.report().engine, "eager");
  EXPECT_TRUE(agree(d(x, Tensor()), x, true));
  auto s = torch::eye(3).to_sparse();
  auto e = cladtorch::compile([](Tensor a) { return a * 2; }, {s});
  EXPECT_NE(e.report().reason.find("layout"), std::string::npos) << e.report();
}

TEST(Exceptions, OfTheFunctionPassAndLeaveNoTrace) {
  auto x = torch::randn({3});
  auto c = cladtorch::compile([](Tensor x) { TORCH_CHECK(x.size(0) != 3, "three"); return x * 2; }, {torch::randn({4})});
  EXPECT_THROW(c(x), c10::Error);
  EXPECT_FALSE(torch::jit::tracer::isTracing());
  EXPECT_TRUE(agree(c(torch::ones({4})), torch::full({4}, 2.), true));
  auto odd = [](Tensor x) -> Tensor { throw 3; };
  EXPECT_THROW(cladtorch::compile(odd, {x}), int);
  EXPECT_FALSE(torch::jit::tracer::isTracing());
}

TEST(Exceptions, AnUntraceableFunctionFallsBack) {
  auto x = torch::randn({3});
  expect_refused([](Tensors in) { TORCH_CHECK(!torch::jit::tracer::isTracing(), "no trace"); return one(in[0] + 1); }, {x}, "the trace failed: no trace");
}

// LibTorch's own trace of it fails in cleaning the graph, which this library leaves out.
TEST(Exceptions, ABooleanOperandIsNoFailure) { expect_like_eager([](Tensors in) { return one(in[0] + true); }, {leaf({3})}); }

}  // namespace
