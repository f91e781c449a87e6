// What LibTorch's tracer shows and hides, case by case.
#include "support.h"

#include <atomic>
#include <thread>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/frontend/tracer.h>

using namespace test;

namespace {

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

// A named variable may decide what the function does without being an operand.
TEST(Lifted, CapturesThatAreNoOperands) {
  auto x = torch::ones({3});
  Tensor w = torch::ones({3}), bias, other = w;
  Options o;
  o.captures = {&w, &bias, &other};
  auto f = [&](Tensor x) {
    auto y = x * w.size(0) + (w * other).sum();
    return bias.defined() ? y + bias : y;
  };
  auto c = cladtorch::compile(f, {x}, o);
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto told = [&](const std::string& part) {
    EXPECT_TRUE(agree(c(x), f(x), true));
    EXPECT_NE(c.report().engine, "eager") << c.report();
    EXPECT_TRUE(has(c.report().recompiles.back(), part)) << c.report();
  };
  bias = torch::full({3}, 5.);
  told("captures.1: is defined, was not");
  bias = Tensor();
  EXPECT_TRUE(agree(c(x), f(x), true));
  other = torch::full({3}, 7.);
  told("captures.2: is another tensor than captures.0, was the same");
  w = torch::ones({1});
  told("captures.0: shape [1], was [3]");
  o.captures = {nullptr};
  EXPECT_THROW(cladtorch::compile(f, {x}, o), c10::Error);
}

// Nothing shows that w stands for another tensor: the README says so, and what to do.
TEST(Hidden, ARebountCaptureThatIsNotNamed) {
  auto w = torch::ones({3}), x = torch::ones({3});
  auto c = cladtorch::compile([&w](Tensor x) { return x * w; }, {x});
  w = torch::zeros({3});
  EXPECT_TRUE(agree(c(x), torch::ones({3}), true));
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
  expect_like_eager(
      [](Tensors in) {
        return one(in[0] * torch::tensor({0.1234567890123, 1e-9, 3.3333333333}, torch::kDouble));
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto c = torch::tensor({1.0, 2.0, 3.0}, torch::kDouble);
        c.add_(1).mul_(c);  // written to: each call starts anew
        return one(in[0] * c);
      },
      {x});
}

// Training moves the running statistics and counts batches, as eager does; compiling does neither.
TEST(BatchNorm, TrainsAndEvaluates) {
  torch::manual_seed(6);
  torch::nn::BatchNorm2d ours(torch::nn::BatchNorm2dOptions(4).momentum(0.3)), eager(ours->options);
  auto x = leaf({6, 4, 3, 2}), g = torch::randn({6, 4, 3, 2});
  auto c = cladtorch::compile(ours, {x});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  EXPECT_TRUE(torch::equal(ours->running_mean, eager->running_mean));
  EXPECT_EQ(ours->num_batches_tracked.item<int64_t>(), 0);
  for (int step = 0; step < 3; ++step) {
    auto y = c(x), want = eager(x);
    EXPECT_TRUE(agree(y, want, true));
    auto got_grads = torch::autograd::grad({y}, {x, ours->weight, ours->bias}, {g});
    auto want_grads = torch::autograd::grad({want}, {x, eager->weight, eager->bias}, {g});
    for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(agree(got_grads[i], want_grads[i], true)) << i;
    EXPECT_TRUE(agree(ours->running_mean, eager->running_mean, true));
    EXPECT_TRUE(agree(ours->running_var, eager->running_var, true));
    EXPECT_EQ(ours->num_batches_tracked.item<int64_t>(), step + 1);
    torch::NoGradGuard no_grad;
    x.add_(0.5);
  }
  ours->eval(), eager->eval();
  EXPECT_TRUE(agree(c(x), eager(x), true));
  EXPECT_NE(c.report().engine, "eager") << c.report();
  EXPECT_EQ(c.report().specializations, 2);
}

TEST(BatchNorm, WritesStatisticsThatAreInputs) {
  torch::manual_seed(7);
  for (auto dtype : {torch::kFloat, torch::kDouble}) {
    auto f = [](Tensors in) {
      return Tensors{torch::batch_norm(in[0], in[1], in[2], in[3], in[4], true, 0.2, 1e-3, false)};
    };
    auto statistics = torch::rand({2, 3}, dtype) + 0.5;
    expect_like_eager(
        f, {leaf({5, 3}, dtype), leaf({3}, dtype), leaf({3}, dtype), statistics[0].clone(), statistics[1].clone()});
    expect_like_eager(
        f, {leaf({2, 3, 4}, dtype), leaf({3}, dtype), leaf({3}, dtype), statistics[0].clone(), statistics[1].clone()});
  }
  // A view of them sees the new values.
  expect_like_eager(
      [](Tensors in) {
        auto v = in[1].slice(0, 1);
        auto y = torch::batch_norm(in[0], {}, {}, in[1], in[2], true, 0.2, 1e-3, false);
        return Tensors{y * 2, v + 1};
      },
      {leaf({5, 3}), torch::zeros({3}), torch::ones({3})});
}

TEST(BatchNorm, BuffersAreKeptIfTheTraceFailsLater) {
  torch::nn::BatchNorm1d bn(4);
  torch::nn::InstanceNorm1d in(torch::nn::InstanceNorm1dOptions(4).track_running_stats(true));
  auto x = torch::randn({8, 4, 5});
  auto before = {bn->running_mean.clone(), bn->running_var.clone(), bn->num_batches_tracked.clone(),
                 in->running_mean.clone(), in->running_var.clone()};
  expect_refused(
      [&](Tensors v) {
        // Not again where LibTorch serves the call.
        if (torch::jit::tracer::isTracing()) {
          bn(v[0]);
          in(v[0]);
        }
        TORCH_CHECK(!torch::jit::tracer::isTracing(), "later");
        return one(v[0] * 2);
      },
      {x}, "the trace failed: later");
  auto now = {bn->running_mean, bn->running_var, bn->num_batches_tracked, in->running_mean, in->running_var};
  for (auto b = before.begin(), n = now.begin(); b != before.end(); ++b, ++n)
    EXPECT_TRUE(torch::equal(*b, *n)) << b - before.begin();
}

TEST(Hidden, PointersAreFoundByVerification) {
  auto x = torch::randn({3}).abs();
  // A write that LibTorch does not see differs from the compiled result at once.
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.data_ptr<float>()[0] = 100;
        return one(y + 1);
      },
      {x}, "does not agree");
  // A value read through a pointer is a constant of the graph: only strict verification runs on other values.
  Options o;
  o.verify = cladtorch::Verify::strict;
  expect_refused([](Tensors in) { return one(in[0] * double(in[0].accessor<float, 1>()[0])); }, {x},
                 "changes with the values", o);
}

TEST(Refused, ValuesReadIntoCpp) {
  auto x = torch::ones({3});
  expect_refused([](Tensors in) { return one(in[0].sum().item<float>() > 0 ? in[0] * 2 : in[0]); }, {x}, "aten::item");
  expect_refused([](Tensors in) { return one(in[0] * in[0].max().item<float>()); }, {x}, "aten::item");
  expect_refused([](Tensors in) { return one(torch::equal(in[0], in[0]) ? in[0] * 2 : in[0]); }, {x}, "aten::equal");
  expect_refused([](Tensors in) { return one(torch::allclose(in[0], in[0]) ? in[0] * 2 : in[0]); }, {x},
                 "aten::allclose");
  expect_refused([](Tensors in) { return one(in[0][0].is_nonzero() ? in[0] * 2 : in[0]); }, {x}, "aten::is_nonzero");
}

TEST(Refused, ShapesThatDependOnValues) {
  auto x = torch::randn({5});
  expect_refused([](Tensors in) { return one(in[0] * double(torch::nonzero(in[0] > 0).size(0))); }, {x},
                 "aten::nonzero");
  expect_refused([](Tensors in) { return one(in[0].masked_select(in[0] > 0).sum()); }, {x}, "aten::masked_select");
  expect_refused([](Tensors in) { return one(in[0].index({in[0] > 0}).sum()); }, {x}, "shape depends on the data");
  // What an operator looks up inside, to choose at each place, is its own business.
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.index_put_({y > 0}, torch::full({}, 0.5, y.options()));
        return one(y);
      },
      {leaf({5})});
  expect_refused([](Tensors in) { return one(std::get<0>(torch::_unique2(in[0]))); }, {x}, "unique");
}

// Loops over sizes are unrolled: another shape is another program.
TEST(Guards, SizesThatTheFunctionReads) {
  auto f = [](Tensor x) {
    auto y = torch::zeros({x.size(1)}, x.options());
    for (int64_t i = 0; i < x.size(0); ++i) y = y + x[i] * double(i + 1);
    return x.dim() == 2 && x.numel() > 6 ? y / double(x.numel()) : y;
  };
  auto c = cladtorch::compile(f, {torch::randn({2, 3})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  for (auto sizes : {std::vector<int64_t>{2, 3}, {3, 3}, {1, 4}, {3, 3}, {5, 2}}) {
    auto x = torch::randn(sizes);
    EXPECT_TRUE(agree(c(x), f(x), true)) << x.sizes();
  }
  EXPECT_EQ(c.report().specializations, 4);
}

// LibTorch makes the argument itself the result, and no leaf any more.
TEST(Refused, ALeafWithAnotherHistory) {
  Tensors leaves;
  expect_refused(
      [&](Tensors in) {
        leaves.push_back(in[0]);
        auto before = in[0].exp();
        return one(torch::lift_fresh(in[0]).sin() + before);
      },
      {leaf({3})}, "another history");
  for (auto& t : leaves) t.detach_();  // the history holds the leaf, which holds the history
  expect_like_eager(
      [](Tensors in) {
        auto x = in[0] * 2, before = x.exp();
        return one(torch::lift_fresh(x).sin() + before);
      },
      {leaf({3})});
}

TEST(Refused, RandomNumbers) {
  auto x = torch::randn({64});
  expect_refused([](Tensors in) { return one(torch::dropout(in[0], 0.5, true)); }, {x}, "random");
  expect_refused([](Tensors in) { return one(in[0] + torch::rand({64})); }, {x}, "aten::rand");
  expect_refused([](Tensors in) { return one(in[0] * torch::randn_like(in[0])); }, {x}, "aten::randn_like");
  expect_refused([](Tensors in) { return one(in[0] * torch::bernoulli(torch::full({64}, 0.5))); }, {x},
                 "aten::bernoulli");
  expect_refused([](Tensors in) { return one(in[0] * torch::empty({64}).normal_()); }, {x}, "aten::normal_");
  expect_like_eager([](Tensors in) { return one(torch::dropout(in[0], 0.5, false) * 2); }, {x});
  // A generator of the caller's is where it was.
  auto mine = at::make_generator<at::CPUGeneratorImpl>(5), same = at::make_generator<at::CPUGeneratorImpl>(5);
  auto c = cladtorch::compile([mine](Tensor x) { return x + torch::rand({64}, mine); }, {x});
  EXPECT_TRUE(torch::equal(c(x), x + torch::rand({64}, same)));
}

TEST(Refused, TensorsFromNowhere) {
  auto x = torch::randn({3});
  static float memory[3] = {1, 2, 3};
  expect_refused([](Tensors in) { return one(in[0] * torch::from_blob(memory, {3})); }, {x},
                 "without the tracer's knowledge");
  expect_refused([](Tensors in) { return one(in[0] * in[0].data()); }, {x}, "without the tracer's knowledge");
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        return one(in[0] * y.data());
      },
      {x}, "use x.detach()");
  expect_refused([](Tensors in) { return one(in[0] * in[0].tensor_data()); }, {x}, "without the tracer's knowledge");
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        return one(in[0] * y.variable_data());
      },
      {x}, "without the tracer's knowledge");
  auto w = leaf({3});
  expect_refused([w](Tensors in) { return one(in[0] * w.data()); }, {x}, "without the tracer's knowledge");
  expect_refused(
      [](Tensors in) {
        Tensor t;
        std::thread([&] { t = torch::full({3}, 2.); }).join();
        return one(in[0] * t);
      },
      {x}, "without the tracer's knowledge");
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
#if TORCH_VERSION_MAJOR == 1
  auto n = torch::ones({3}).refine_names({at::Dimname::fromSymbol(at::Symbol::dimname("N"))});
  auto g = cladtorch::compile([](Tensor a) { return a.exp(); }, {n});
  EXPECT_TRUE(has(g.report().reason, "has named dimensions")) << g.report();
  EXPECT_TRUE(g(n).has_names());
#endif
}

TEST(Modes, AutocastAroundAndInside) {
  auto f = [](Tensor x, Tensor w) { return torch::mm(x, w).to(torch::kFloat); };
  auto x = torch::randn({4, 4}), w = torch::randn({4, 4});
  auto c = cladtorch::compile(f, {x, w});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto plain = f(x, w);
  EXPECT_TRUE(agree(c(x, w), plain, true));
  {
    Autocast on;
    auto rounded = f(x, w);
    EXPECT_FALSE(torch::equal(rounded, plain));
    EXPECT_TRUE(torch::equal(c(x, w), rounded));
  }
  EXPECT_TRUE(agree(c(x, w), plain, true));
  auto inside = [f](Tensors in) {
    Autocast on;
    return one(f(in[0], in[1]));
  };
  auto d = cladtorch::compile(inside, {x, w});
  EXPECT_TRUE(torch::equal(d(Tensors{x, w})[0], inside({x, w})[0])) << d.report();
}

TEST(Threads, TracesAtOnce) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> all;
  for (int t = 0; t < 4; ++t)
    all.emplace_back([&, t] {
      for (int i = 0; i < 8; ++i) {
        auto w = torch::full({3}, double(t + 1)).requires_grad_();
        auto f = [w, i](Tensor x) {
          auto y = x * w;
          for (int k = 0; k < i % 2 + 1; ++k) y = y.sin();
          return y;
        };
        auto x = torch::linspace(0, 1 + i, 3);
        auto c = cladtorch::compile(f, {x});
        auto y = c(x);
        wrong += c.report().engine == "eager" || !agree(y, f(x), true) ||
                 !agree(torch::autograd::grad({y.sum()}, {w})[0], torch::autograd::grad({f(x).sum()}, {w})[0], true);
      }
    });
  for (auto& t : all) t.join();
  EXPECT_EQ(wrong, 0);
}

// Operators that run in LibTorch's own threads, inside.
TEST(Threads, ParallelForInside) {
  auto x = torch::randn({2, 3});
  expect_like_eager(
      [](Tensors in) {
        Tensors parts(2);
        at::parallel_for(0, 2, 1, [&](int64_t begin, int64_t end) {
          for (auto i = begin; i < end; ++i) parts[size_t(i)] = in[0][i] * double(i + 2);
        });
        return one(torch::stack(parts));
      },
      {x}, by_anyone);
}

TEST(Exceptions, OfTheFunctionPassAndLeaveNoTrace) {
  auto x = torch::randn({3});
  auto c = cladtorch::compile(
      [](Tensor x) {
        TORCH_CHECK(x.size(0) != 3, "three");
        return x * 2;
      },
      {torch::randn({4})});
  EXPECT_THROW(c(x), c10::Error);
  EXPECT_FALSE(torch::jit::tracer::isTracing());
  EXPECT_TRUE(agree(c(torch::ones({4})), torch::full({4}, 2.), true));
  // What it throws once, it may not throw again.
  int calls = 0;
  auto late = [&calls](Tensor x) {
    TORCH_CHECK(++calls > 4, "not yet");
    return x * 3;
  };
  auto d = cladtorch::compile(late, {x});
  EXPECT_TRUE(has(d.report().reason, "the trace failed: not yet")) << d.report();
  EXPECT_THROW(d(x), c10::Error);
  EXPECT_THROW(d(x), c10::Error);
  EXPECT_EQ(calls, 4);
  EXPECT_TRUE(agree(d(x), x * 3, true));
  EXPECT_TRUE(d.report().engine != "eager" && d.report().recompiles.empty()) << d.report();
  auto odd = [](Tensor x) -> Tensor { throw 3; };
  EXPECT_THROW(cladtorch::compile(odd, {x}), int);
  EXPECT_FALSE(torch::jit::tracer::isTracing());
}

TEST(Exceptions, AnUntraceableFunctionFallsBack) {
  auto x = torch::randn({3});
  expect_refused(
      [](Tensors in) {
        TORCH_CHECK(!torch::jit::tracer::isTracing(), "no trace");
        return one(in[0] + 1);
      },
      {x}, "the trace failed: no trace");
  // It is traced once, not at each call.
  int traces = 0;
  auto c = cladtorch::compile(
      [&traces](Tensor x) {
        traces += torch::jit::tracer::isTracing();
        TORCH_CHECK(!torch::jit::tracer::isTracing(), "no trace");
        return x + 1;
      },
      {x});
  int compiled = traces;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(agree(c(x), x + 1, true));
  std::thread([&] { EXPECT_TRUE(agree(c(x), x + 1, true)); }).join();
  EXPECT_EQ(traces, compiled);
}

// LibTorch's own trace of it fails in cleaning the graph, which this library leaves out.
TEST(Exceptions, ABooleanOperandIsNoFailure) {
  expect_like_eager([](Tensors in) { return one(in[0] + true); }, {leaf({3})});
}

}  // namespace
