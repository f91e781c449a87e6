// What LibTorch's tracer shows and hides, case by case.
#include "support.h"

#include <atomic>
#include <thread>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/forward_grad.h>
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

TEST(Writes, ToInputsAreCopiedBack) {
  auto f = [](Tensor x) {
    x.add_(1);
    return x * 2;
  };
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
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y[0].add_(1);
        y.slice(0, 1, 3).mul_(3);
        return one(y.exp());
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        auto v = y.view({12});
        y.add_(1);
        return one(v * v);
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto z = torch::zeros({4, 6});
        z.slice(1, 0, 3).copy_(in[0]);
        return one(z);
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto z = torch::zeros({4, 6});
        z.slice(1, 0, 3).copy_(in[0]);
        z.slice(1, 3, 6).copy_(in[0] * in[0]);
        return one(z);
      },
      {x}, by_anyone);
}

// What renames the elements of a tensor and is memory of its own: a write to it is none to the tensor.
TEST(Writes, ToCopies) {
  using F = Tensor (*)(const Tensor&);
  for (F copy : std::initializer_list<F>{
           [](const Tensor& y) { return y.diag(); }, [](const Tensor& y) { return y.tile({1}); },
           [](const Tensor& y) {
             return y.repeat({1, 1});
           },
           [](const Tensor& y) { return y.repeat_interleave(1, 0); }, [](const Tensor& y) { return y.roll({0}, {0}); },
           [](const Tensor& y) { return y.clone(); }, [](const Tensor& y) { return torch::cat({y}); },
           [](const Tensor& y) {
             return torch::constant_pad_nd(y, {-1, 0});
           },
           [](const Tensor& y) { return y.sum({0}).sum(0).sum(); }})
    expect_like_eager(
        [copy](Tensors in) {
          auto y = in[0] * 1;
          auto z = copy(y);
          z.mul_(3);
          return Tensors{y, z};
        },
        {leaf({3, 3})});
  expect_like_eager(
      [](Tensors in) {
        auto z = in[0].nan_to_num();
        z.add_(1);
        return Tensors{in[0] * 2, z};
      },
      {torch::arange(3)});
  // Without changing its elements einsum gives a view, as does a reshape of what has one.
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 1;
        torch::einsum("ij->ji", {y}).select(0, 1).mul_(3);
        auto z = y.sum();
        z.reshape({1, 1}).mul_(2);
        return Tensors{y, z};
      },
      {leaf({2, 3})});
}

// LibTorch lets the gradient through as if nothing was written.
TEST(Writes, ThatAutogradDoesNotSeeAreRefused) {
  using F = void (*)(Tensor);
  for (F write : {F([](Tensor y) { y.logical_not_(); }), F([](Tensor y) { y.logical_or_(y); }),
                  F([](Tensor y) { y.logical_and_(y); }), F([](Tensor y) { y.logical_xor_(y); })}) {
    auto f = [write](Tensors in) {
      auto y = in[0] * 2;
      write(y);
      return one(y);
    };
    expect_refused(f, {leaf({3})}, "which LibTorch leaves as it was before the write");
    // Nothing is lost without one.
    torch::NoGradGuard no_grad;
    expect_like_eager(f, {torch::randn({3})});
  }
}

// Such a leaf may not be written to, and nothing is.
TEST(Writes, ThatWriteNothing) {
  expect_like_eager(
      [](Tensors in) {
        auto y = torch::dropout_(in[0], 0.5, false);
        return Tensors{in[0] * y, y};
      },
      {leaf({3})});
}

// They give a tensor another shape in the memory that it has, and write nothing.
TEST(Writes, ThatRenameTheTensorItself) {
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 1;
        auto v = y.view({9}), w = y[0];
        y.t_();
        y[0].mul_(2);
        return Tensors{y.exp(), v * 3, w * 1};
      },
      {leaf({3, 3})});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 1;
        auto z = y.view({3, 1, 2});
        z.squeeze_(1).transpose_(0, 1).unsqueeze_(0).swapdims_(0, 2);
        z.mul_(in[1]);
        return Tensors{y.exp(), z};
      },
      {leaf({3, 2}), leaf({3, 2, 1})});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].sin();
        auto z = y * 2;
        y.detach_();
        return one(y * z * in[0]);
      },
      {leaf({3})});
  expect_refused(
      [](Tensors in) {
        if (torch::jit::tracer::isTracing()) in[0].t_();
        return one(in[0] * 2);
      },
      {torch::randn({2, 2})}, "changes the shape or the gradient of input");
}

// Autograd does not know that their results are memory of the operand.
TEST(Writes, ToPartsThatAreUnsafe) {
  auto gates = [](Tensors in) {
    auto parts = (in[0] * 2).unsafe_chunk(2, 0);
    return Tensors{parts[0].sigmoid_() * parts[1].tanh_()};
  };
  expect_like_eager(gates, {leaf({4, 2})});
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.unsafe_split(2, 0)[0].sigmoid_();
        return one(y * 2);
      },
      {leaf({4, 2})}, "aten::unsafe_split, of which autograd keeps no account");
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        auto part = y.unsafe_chunk(2, 0)[0];
        y.add_(1);
        return one(part);
      },
      {leaf({4, 2})}, "aten::unsafe_chunk, of which autograd keeps no account");
}

TEST(Writes, ThroughExpandedTensors) {
  auto x = leaf({4, 3});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].detach() * 2;
        y.slice(0, 1, 2).expand({5, 3}).zero_();
        return one(y * in[0]);
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.expand({1, 4, 3}).relu_();
        return one(y.exp());
      },
      {x});
  expect_refused(
      [](Tensors in) {
        auto y = in[0].detach() * 2;
        y.slice(0, 1, 2).expand({4, 3}).masked_fill_(in[0].detach() > 0, 7.);
        return one(y * in[0]);
      },
      {x}, "one element of an expanded tensor");
}

TEST(Writes, SeenByDetachedTensors) {
  auto x = leaf({4, 3});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        auto d = y.detach();
        y.mul_(3);
        return one(y * d.sin());
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0].detach() * 2;
        auto d = y.detach()[1];
        d.mul_(3);
        return one(y * in[0]);
      },
      {x});
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.detach().mul_(3);
        return one(y.exp());
      },
      {x}, "writes to a detached tensor");
}

// Afterwards the gradient is that of the values before.
TEST(Writes, WithoutGradientToATensorThatHasOneAreRefused) {
  auto x = leaf({4, 3});
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        {
          torch::NoGradGuard g;
          y.mul_(3);
        }
        return one(y * in[0]);
      },
      {x}, "writes without gradients");
  Options trusting;
  trusting.verify = cladtorch::Verify::off;
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        {
          torch::NoGradGuard g;
          y[0].mul_(3);
        }
        return one(y * in[0]);
      },
      {x}, "", trusting);
}

TEST(Writes, ThroughViewsOfInputs) {
  auto x = torch::randn({4, 3}), y = leaf({3});
  expect_like_eager(
      [](Tensors in) {
        in[0][0].add_(1);
        return one(in[0] * in[1]);
      },
      {x, y});
  expect_like_eager(
      [](Tensors in) {
        in[0].slice(1, 0, 2).mul_(3);
        in[0].t()[2].zero_();
        return one((in[0] * in[1]).sum());
      },
      {x, y});
  expect_like_eager(
      [](Tensors in) {
        in[0].narrow(0, 1, 2).copy_(in[2]);
        return one(in[0] * in[1]);
      },
      {x, y, torch::randn({3})});
}

TEST(Writes, ByIndex) {
  using namespace torch::indexing;
  auto x = leaf({4, 3});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y[1] = in[0][0];
        return one(y.exp());
      },
      {x});  // rebinds, as LibTorch's y[1] is a tensor
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.index_put_({1}, in[0].index({0}));
        return one(y.exp());
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.index_put_({Slice(1, 3)}, in[0].index({Slice(0, 2)}));
        return one(y.exp());
      },
      {x});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.index_put_({Slice(), 1}, in[0].sum());
        return one(y.exp());
      },
      {x}, by_anyone);
  auto i = torch::tensor({2, 0});
  expect_like_eager(
      [](Tensors in) {
        auto y = in[0] * 2;
        y.index_put_({in[1]}, in[0].slice(0, 0, 2));
        return one(y.exp());
      },
      {x, i}, by_anyone);
}

TEST(Writes, OutToInputsAndViews) {
  auto x = torch::randn({3}), o = torch::zeros({3}), wide = torch::zeros({2, 3});
  expect_like_eager(
      [](Tensors in) {
        torch::add_out(in[1], in[0], in[0]);
        return one(in[1] * 2);
      },
      {x, o}, by_anyone);
  expect_like_eager(
      [](Tensors in) {
        auto row = in[1][1];
        torch::mul_out(row, in[0], in[0]);
        return one(in[1] * 2);
      },
      {x, wide}, by_anyone);
  auto base = torch::zeros({3});
  expect_like_eager(
      [](Tensors in) {
        auto z = torch::zeros({2, 3});
        auto row = z[1];
        torch::mul_out(row, in[0], in[0]);
        return one(z + 1);
      },
      {x}, by_anyone);
}

// Nobody asks for a gradient: forward gives none to inputs that are written to, whoever serves the call.
TEST(Writes, ToInputsWithoutAnyGradient) {
  auto expect = [](auto f, Options o) {
    auto x = torch::ones({3}), want = torch::ones({3});
    auto c = cladtorch::compile(f, {torch::ones({2})}, o);
    EXPECT_TRUE(agree(c.forward({x}), f(want), true)) << c.report();
    EXPECT_TRUE(agree(x, want, true));
  };
  Options one_only;
  one_only.max_specializations = 1;
  expect(
      [](Tensor x) {
        x.add_(1);
        return x * 2;
      },
      {});
  expect(
      [](Tensor x) {
        x.add_(1);
        return x * 2;
      },
      one_only);
  expect(
      [](Tensor x) {
        x.add_(1);
        return x * x.sum().item<float>();
      },
      {});
  expect(
      [](Tensor x) {
        x[0].add_(1);
        TORCH_CHECK(!torch::jit::tracer::isTracing(), "no trace");
        return x * 2;
      },
      {});
}

TEST(Writes, OutVariants) {
  auto x = leaf({3});
  auto c = cladtorch::compile(
      [](Tensor x) {
        auto o = torch::empty({3});
        torch::NoGradGuard g;
        torch::mul_out(o, x.detach(), x.detach());
        return o;
      },
      {x});
  EXPECT_TRUE(agree(c(x), x * x, true));
  // As many operands as another form of the op takes.
  expect_like_eager(
      [](Tensors in) {
        auto o = torch::zeros({});
        auto v = o.view({1});
        torch::NoGradGuard g;
        at::_ops::prod_out::call(in[0], c10::nullopt, o);
        return Tensors{o, v * 2};
      },
      {torch::randn({3})});
}

TEST(Writes, AliasedInputsAreLeftToLibTorch) {
  auto f = [](Tensor x, Tensor y) {
    x.add_(1);
    return x + y;
  };
  auto c = cladtorch::compile(f, {torch::zeros({3}), torch::zeros({3})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto t = torch::zeros({3});
  EXPECT_TRUE(agree(c(t, t), torch::full({3}, 2.), true));
  EXPECT_TRUE(agree(t, torch::ones({3}), true));
  expect_refused(
      [](Tensors in) {
        if (torch::jit::tracer::isTracing()) in[0][0].add_(1);
        return one(in[0] * 2);
      },
      {torch::zeros({3}).expand({2, 3})}, "writes to input 0, which is expanded");
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
