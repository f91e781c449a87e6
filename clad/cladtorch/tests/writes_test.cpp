// What a callable writes to: arguments, captured tensors, views of them.
#include "support.h"

#include <torch/csrc/jit/frontend/tracer.h>

using namespace test;

namespace {

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
  // The sine's gradient reads the part.
  expect_refused(
      [](Tensors in) {
        auto y = in[0] * 2;
        auto sine = y.unsafe_split(2, 0)[0].sin();
        y.add_(1);
        return one(sine);
      },
      {leaf({4, 2})}, "aten::unsafe_split, of which autograd keeps no account");
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

}  // namespace
