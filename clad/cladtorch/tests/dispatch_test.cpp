// What serves a call, and what is said about it.
#include "support.h"

#include <algorithm>

#include <torch/csrc/jit/frontend/tracer.h>

using namespace test;
namespace fs = std::filesystem;

namespace {

// ---- messages

// What the second call made the function say about the first.
template <class F, class First, class Second>
std::string change(F&& fn, First first, Second second, Options o = {}) {
  Folder f;
  o.cache_dir = f.path();
  auto c = cladtorch::compile(fn, first(), o);
  second(c);
  auto r = c.report();
  EXPECT_EQ(r.recompiles.size(), 1u) << r;
  return r.recompiles.empty() ? "" : r.recompiles[0];
}

Tensor twice(Tensor x) { return x * 2; }

std::string change_of(Tensor before, Tensor after) {
  return change(
      twice, [&] { return Tensors{before}; }, [&](auto& c) { EXPECT_TRUE(agree(c(after), after * 2, true)); });
}

TEST(Recompiles, TellWhatATensorWas) {
  auto x = torch::randn({4, 6});
  expect_told(change_of(x, x.to(torch::kDouble)), {"input 0: dtype double", "was float", "convert with .to()"});
  expect_told(change_of(x, torch::randn({8, 6})),
              {"input 0: shape [8, 6]", "was [4, 6]", "pad or batch inputs", "Options::max_specializations"});
  expect_told(change_of(x, torch::randn({6, 4}).t()), {"input 0: strides [1, 4]", "were [6, 1]", "pass .contiguous()"});
  expect_told(change_of(x, x.clone().requires_grad_()),
              {"input 0: requires_grad is true", "was false", "same flag each time"});
  expect_told(change_of(x.clone().requires_grad_(), x),
              {"input 0: requires_grad is false", "was true", "same flag each time"});
  Tensor inference;
  {
    c10::InferenceMode mode;
    inference = torch::randn({4, 6});
  }
  expect_told(change_of(x, inference),
              {"input 0: dispatch keys", "were", "ADInplaceOrView", "pass tensors of one kind"});
}

TEST(Recompiles, TellWhatCapturedTensorsWere) {
  auto w = torch::randn({3});
  Options o;
  o.captures = {&w};
  auto got = change([&w](Tensor x) { return x * w; }, [] { return Tensors{torch::ones({3})}; },
                    [&](auto& c) {
                      w = torch::randn({3}).requires_grad_();
                      c(torch::ones({3}));
                    },
                    o);
  expect_told(got, {"captures.0: requires_grad is true", "was false", "same flag"});
}

TEST(Recompiles, TellHowManyInputsThereWere) {
  auto got = change([](Tensors in) { return in.back() * 2; }, [] { return Tensors{torch::ones({3})}; },
                    [&](auto& c) {
                      c(Tensors{torch::ones({3}), torch::ones({3})});
                    });
  expect_told(got, {"got 2 inputs", "had 1", "compile a function for each"});
}

TEST(Recompiles, TellModes) {
  auto x = torch::randn({3});
  auto first = [&] { return Tensors{x}; };
  auto off = change(twice, first, [&](auto& c) {
    torch::NoGradGuard guard;
    c(x);
  });
  expect_told(off, {"grad mode is off", "was on", "compile a function for each"});
  auto inference = change(twice, first, [&](auto& c) {
    c10::InferenceMode mode;
    c(x);
  });
  expect_told(inference, {"inference mode is on", "was off", "compile a function for each"});
  auto dtype = change(twice, first, [&](auto& c) {
    auto was = torch::get_default_dtype();
    torch::set_default_dtype(caffe2::TypeMeta::Make<double>());
    c(x);
    torch::set_default_dtype(was);
  });
  expect_told(dtype, {"the default dtype is Double", "was Float", "set it once"});
  auto autocast = change(twice, first, [&](auto& c) {
    Autocast on;
    EXPECT_TRUE(agree(c(x), x * 2, true));
  });
  expect_told(autocast, {"autocast is on", "was off", "compile a function for each"});
}

struct Swappable : torch::nn::Module {
  Swappable() { register_parameter("weight", torch::randn({3})); }
  Tensor forward(Tensor x) { return x * parameters_["weight"]; }
  void swap(const std::string& name, Tensor t) { parameters_[name] = t.requires_grad_(); }
};

struct Replaceable : torch::nn::Module {
  torch::nn::Linear inner{nullptr}, spare{nullptr};
  Replaceable() {
    inner = register_module("inner", torch::nn::Linear(3, 3));
    spare = register_module("spare", torch::nn::Linear(3, 3));
  }
  Tensor forward(Tensor x) { return inner(x); }
};

TEST(Recompiles, TellWhatBecameOfModules) {
  auto net = std::make_shared<Swappable>();
  auto x = torch::ones({2, 3});
  auto first = [&] { return Tensors{x}; };
  auto same = [&](auto& c) { EXPECT_TRUE(agree(c(x), net->forward(x), true)); };
  auto mode = change(net, first, [&](auto& c) { net->eval(), same(c); });
  expect_told(mode, {"Swappable is in evaluation mode", "was in training mode", "compile a function for each"});
  auto parameter = change(net, first, [&](auto& c) { net->swap("weight", torch::randn({2, 3})), same(c); });
  expect_told(parameter,
              {"Swappable has another tensor weight (float [2, 3])", "had tensor weight (float [3])", "in place"});
  // What is put together after compiling.
  torch::nn::Sequential seq(torch::nn::Linear(3, 3));
  auto grown = change(seq, first, [&](auto& c) {
    seq->push_back(torch::nn::ReLU());
    EXPECT_TRUE(agree(c(x), seq->forward(x), true));
  });
  expect_told(grown, {"SequentialImpl has another module 1 (torch::nn::ReLUImpl)", "had nothing", "before compiling"});
  auto other = std::make_shared<Replaceable>();
  auto replaced = change(other, first, [&](auto& c) {
    other->inner = other->replace_module("inner", torch::nn::Linear(3, 3));
    EXPECT_TRUE(agree(c(x), other->forward(x), true));
  });
  expect_told(replaced, {"Replaceable has another module inner", "had module inner", "before compiling"});
  auto lost = change(other, first, [&](auto& c) {
    other->unregister_module("spare");
    EXPECT_TRUE(agree(c(x), other->forward(x), true));
  });
  expect_told(lost, {"Replaceable has lost module spare"});
  torch::nn::Linear linear(3, 2);
  auto tied = change(linear, first, [&](auto& c) {
    linear->weight = torch::randn({2, 3});
    EXPECT_TRUE(agree(c(x), linear->forward(x), true));
  });
  expect_told(tied, {"Linear", "computes with another tensor weight", "before compiling"});
  torch::nn::BatchNorm1d norm(3);
  norm->eval();
  auto statistics = change(norm, first, [&](auto& c) {
    norm->running_var = torch::full({3}, 4.);
    EXPECT_TRUE(agree(c(x), norm->forward(x), true));
  });
  expect_told(statistics, {"BatchNorm1d", "computes with another tensor running_var"});
  net = std::make_shared<Swappable>();
  auto type = change(net, first, [&](auto& c) { net->to(torch::kDouble), same(c); });
  expect_told(type, {"weight: dtype double", "was float", ".to()"});
}

TEST(Recompiles, TellSharedMemory) {
  auto f = [](Tensor x, Tensor y) {
    x.add_(1);
    return x + y;
  };
  Folder folder;
  Options o;
  o.cache_dir = folder.path();
  auto c = cladtorch::compile(f, {torch::zeros({3}), torch::zeros({3})}, o);
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto t = torch::zeros({3});
  EXPECT_TRUE(agree(c(t, t), torch::full({3}, 2.), true));
  EXPECT_TRUE(agree(t, torch::ones({3}), true));
  ASSERT_EQ(c.report().recompiles.size(), 1u);
  expect_told(c.report().recompiles[0], {"input 0 shares memory with input 1", "did not", "pass a clone()"});
  EXPECT_TRUE(has(c.report().reason, "writes to input 0, which shares memory with input 1; pass a clone()"))
      << c.report();
  // Others are still served by the program, and these without another word.
  auto a = torch::zeros({3}), b = torch::zeros({3});
  EXPECT_TRUE(agree(c.forward({a, b}), torch::ones({3}), true));
  EXPECT_TRUE(agree(c(t, t), torch::full({3}, 4.), true));
  EXPECT_EQ(c.report().recompiles.size(), 1u);
  EXPECT_EQ(c.report().specializations, 1);
  // Shared from the start: refused, but not for those that share nothing.
  auto d = cladtorch::compile(f, {t, t}, o);
  EXPECT_EQ(d.report().engine, "eager");
  EXPECT_TRUE(agree(d(a, b), torch::full({3}, 2.), true));
  EXPECT_NE(d.report().engine, "eager") << d.report();
  ASSERT_EQ(d.report().recompiles.size(), 1u);
  expect_told(d.report().recompiles[0], {"no inputs share memory", "two did", "tensors of their own"});
  o.fallback = false;
  auto e = cladtorch::compile(f, {a, b}, o);
  EXPECT_THROW(e(t, t), cladtorch::CompileError);
}

// Half of one storage each: what overlaps and what does not is not told apart.
TEST(Recompiles, WritesToSlicesOfOneTensor) {
  auto f = [](Tensor x, Tensor y) {
    x.mul_(3);
    return x * y;
  };
  auto c = cladtorch::compile(f, {torch::ones({2}), torch::ones({2})});
  auto base = torch::ones({4}), want = torch::ones({4});
  auto got = c(base.slice(0, 0, 2), base.slice(0, 1, 3));
  EXPECT_TRUE(agree(got, f(want.slice(0, 0, 2), want.slice(0, 1, 3)), true));
  EXPECT_TRUE(agree(base, want, true));
  // A captured tensor that is written to and passed as an argument too.
  auto w = torch::ones({3});
  auto g = [w](Tensor x) {
    w.add_(1);
    return x * w;
  };
  auto d = cladtorch::compile(g, {torch::ones({3})});
  EXPECT_NE(d.report().engine, "eager") << d.report();
  EXPECT_TRUE(agree(d(w), torch::full({3}, 4.), true));
  EXPECT_TRUE(has(d.report().recompiles.back(), "input 0 shares memory with captured.0")) << d.report();
}

TEST(Recompiles, BeyondTheLimitTheReportSaysWhy) {
  Options o;
  o.max_specializations = 1;
  auto c = cladtorch::compile(twice, {torch::ones({3})}, o);
  EXPECT_TRUE(c.report().reason.empty()) << c.report();
  for (int i = 0; i < 3; ++i) c(torch::ones({4}));
  auto r = c.report();
  EXPECT_NE(r.engine, "eager");
  expect_told(r.reason, {"1 specializations already", "Options::max_specializations", "shape [4]", "was [3]"});
  EXPECT_TRUE(r.recompiles.empty()) << r;
  // Another reason is told too.
  EXPECT_THROW(c(Tensor()), c10::Error);
  expect_told(c.report().reason, {"input 0 is undefined", "; and there are 1 specializations already"});
  o.fallback = false;
  auto d = cladtorch::compile(twice, {torch::ones({3})}, o);
  try {
    d(torch::ones({4}));
    FAIL();
  } catch (const cladtorch::CompileError& e) {
    expect_told(e.what(), {"Options::max_specializations", "shape [4]", "was [3]"});
  }
}

// ---- refusals

struct Refusal {
  const char* name;
  Function f;
  Tensors inputs;
  std::vector<std::string> told;  // operator, place, reason, remedy
  cladtorch::Verify verify = cladtorch::Verify::once;
};

void expect_refusal(const Refusal& r) {
  SCOPED_TRACE(r.name);
  Folder f;
  Options o;
  o.cache_dir = f.path();
  o.verify = r.verify;
  auto c = cladtorch::compile(r.f, r.inputs, o);
  EXPECT_EQ(c.report().engine, "eager");
  expect_told(c.report().reason, r.told);
  o.fallback = false;
  try {
    cladtorch::compile(r.f, r.inputs, o);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const cladtorch::CompileError& e) { expect_told(e.what(), r.told); }
}

struct Hundredfold : torch::autograd::Function<Hundredfold> {
  static Tensor forward(torch::autograd::AutogradContext*, Tensor x) { return x * 2; }
  static Tensors backward(torch::autograd::AutogradContext*, Tensors g) { return {g[0] * 100}; }
};

Tensors one(Tensor t) { return {std::move(t)}; }

TEST(Refusals, OfTheCaptureNameOperatorPlaceReasonAndRemedy) {
  auto x = leaf({3}), square = leaf({3, 3});
  auto sparse = torch::eye(3).to_sparse();
  static float memory[3] = {1, 2, 3};
  auto pair = torch::ones({2, 3});
  std::vector<Refusal> all = {
      {"a value",
       [](Tensors in) {
         auto y = in[0].exp();
         return one(y * y.sum().item<float>());
       },
       {x},
       {"aten::item", "operator 3 of the run, after aten::sum", "depends on values", "torch::where"}},
      {"a comparison",
       [](Tensors in) { return one(torch::equal(in[0], in[0]) ? in[0] * 2 : in[0]); },
       {x},
       {"aten::equal", "operator 1 of the run", "depends on values"}},
      {"a shape",
       [](Tensors in) { return one((in[0] * 2).masked_select(in[0] > 0)); },
       {x},
       {"aten::masked_select", "of the run", "shape of the result depends on values", "torch::where"}},
      {"random numbers",
       [](Tensors in) { return one(torch::dropout(in[0].exp(), 0.5, true)); },
       {x},
       {"aten::bernoulli_", "in aten::dropout, operator 2 of the run", "random numbers", "call eval()"}},
      {"sparse and captured",
       [&](Tensors in) { return one(torch::mm(sparse, in[0])); },
       {square},
       {"aten::mm", "operator 1 of the run", "not a dense tensor of the CPU"}},
      {"data of a traced tensor",
       [](Tensors in) {
         auto y = in[0] * 2;
         return one(in[0] * y.data());
       },
       {x},
       {"aten::mul", "operator 2 of the run, after aten::mul", "shares memory with a traced one", "use x.detach()"}},
      {"data of an input",
       [](Tensors in) { return one(in[0] * in[0].data()); },
       {x},
       {"aten::mul", "operator 1 of the run", "without the tracer's knowledge", "pass it as an input"}},
      {"a leaf made inside",
       [](Tensors in) {
         auto c = torch::tensor({1.f, 2.f, 3.f}).requires_grad_();
         return one(in[0] * c);
       },
       {x},
       {"aten::mul", "of the run", "requires a gradient", "make it outside"}},
      {"from_blob",
       [](Tensors in) { return one((in[0] + 1) * torch::from_blob(memory, {3})); },
       {x},
       {"aten::mul", "of the run, after", "without the tracer's knowledge", "pass it as an input"}},
      {"a custom function",
       [](Tensors in) { return one(Hundredfold::apply(in[0]) * 1.5); },
       {x},
       {"Hundredfold", "custom autograd function", "leave it out"}},
      {"a hook",
       [](Tensors in) {
         auto y = in[0].exp();
         y.register_hook([](Tensor g) { return g * 10; });
         return one(y * 3);
       },
       {x},
       {"ExpBackward", "hook inside", "register it on inputs or outputs"}},
      {"a flag set inside",
       [](Tensors in) {
         auto y = in[0].detach().exp();
         y.requires_grad_();
         return Tensors{in[0] * 2, y};
       },
       {x},
       {"output 1", "requires_grad is true", "requires_grad_()"}},
      {"views that overlap",
       [](Tensors in) {
         auto y = (in[0] * 2).view({9});
         return Tensors{y.slice(0, 0, 6), y.slice(0, 3, 9)};
       },
       {square},
       {"outputs 0 and 1", "memory in common", "a clone()"}},
      {"a view of another type",
       [](Tensors in) { return one(in[0].view(torch::kInt)); },
       {torch::ones({3})},
       {"output 0", "view of another type", "a clone()"}},
      {"a view with a gradient of one without",
       [](Tensors in) {
         auto y = in[0].exp();
         return Tensors{y.detach(), y[0]};
       },
       {x},
       {"output 1", "also returned without one", "a clone()"}},
      {"a view with a gradient of an expanded input",
       [](Tensors in) {
         return Tensors{in[0].t(), in[0].exp()};
       },
       {torch::randn({1, 3}).expand({2, 3}).detach().requires_grad_()},
       {"output 0", "an expanded tensor", "a clone()"}},
      {"a view of two inputs",
       [](Tensors in) {
         return Tensors{in[0].t(), in[1] * 2};
       },
       {pair, pair},
       {"output 0", "view of inputs that share memory", "a clone()"}},
      {"nothing", [](Tensors) { return Tensors{Tensor()}; }, {x}, {"returns no defined tensor"}},
      {"writes to shared memory",
       [](Tensors in) {
         in[0].add_(1);
         return one(in[1] * 2);
       },
       {pair[0], pair[1]},
       {"writes to input 0", "shares memory with input 1", "pass a clone()"}},
      {"an undefined input", [](Tensors in) { return one(in[0] * 2); }, {x, Tensor()}, {"input 1 is undefined"}},
      {"a sparse input",
       [](Tensors in) { return one(in[0] * 2); },
       {sparse},
       {"input 0 has layout Sparse", "pass a dense tensor"}},
      {"a lazy conjugate",
       [](Tensors in) { return one(in[0] * 2); },
       {torch::conj(torch::ones({2}, torch::kComplexFloat))},
       {"input 0", "lazy conjugate", "resolve_conj()"}},
      {"another graph",
       [](Tensors in) { return one(in[0] * double(in[0].accessor<float, 1>()[0])); },
       {torch::randn({3}).abs() + 1},
       {"changes with the values", "Options::verify is strict", "reads values"},
       cladtorch::Verify::strict},
      {"a hidden write",
       [](Tensors in) {
         auto y = in[0] * 2;
         y.data_ptr<float>()[0] = 100;
         return one(y + 1);
       },
       {torch::ones({3})},
       {"does not agree with LibTorch", "output 0", "1 of 3 elements differ"}},
      {"a trace that fails",
       [](Tensors in) {
         TORCH_CHECK(!torch::jit::tracer::isTracing(), "an operator without a trace");
         return one(in[0] * 2);
       },
       {torch::ones({3})},
       {"the trace failed", "an operator without a trace"}},
  };
  for (const auto& r : all) expect_refusal(r);
}

// In the middle of a graph; the line is that of graph().
TEST(Refusals, OfOptionsThatMeanNothing) {
  auto told = [](Options o) {
    try {
      cladtorch::compile(twice, {torch::ones({3})}, o);
    } catch (const c10::Error& e) { return std::string(e.what()); }
    return std::string("nothing");
  };
  Options o;
  o.engine = "eager";
  expect_told(told(o), {"Options::engine is \"eager\"", "want \"auto\", \"clad\" or \"builtin\""});
  o = {};
  o.timeout_seconds = -1;
  expect_told(told(o), {"Options::timeout_seconds is -1"});
}

TEST(Refusals, OfTheCompilerNameOperatorLineAndReason) {
  Folder f;
  Options o;
  o.cache_dir = f.path();
  auto fn = [](Tensor x) {
    auto y = torch::tanh(x * 2);
    return torch::exp(std::get<1>(torch::svd(y))).sum();
  };
  auto x = leaf({4, 4});
  auto c = cladtorch::compile(fn, {x}, o);
  std::istringstream lines(c.graph());
  int line = 0;
  for (std::string text; std::getline(lines, text);) {
    ++line;
    if (has(text, "aten::svd")) break;
  }
  EXPECT_GT(line, 2) << c.graph();
  std::vector<std::string> told = {"aten::svd, line " + std::to_string(line) + ": ", "matrix decomposition"};
  expect_told(c.report().reason, told);
  EXPECT_TRUE(agree(c(x), fn(x), true));
  o.fallback = false;
  try {
    cladtorch::compile(fn, {x}, o);
    FAIL();
  } catch (const cladtorch::CompileError& e) { expect_told(e.what(), told); }
}

}  // namespace
