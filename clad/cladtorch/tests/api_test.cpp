// The interface: signatures, modules, guards, fallback.
#include "support.h"

#include <csignal>
#include <limits>

using namespace test;

namespace {

TEST(Api, ForwardAndBackwardWithoutAGradientAskedFor) {
  auto x = torch::randn({1000});
  auto compiled = cladtorch::compile([](Tensor x) { return (x * x).sum(); }, {x});
  ASSERT_NE(compiled.report().engine, "eager") << compiled.report();
  auto y = compiled.forward({x});
  auto dx = compiled.backward(torch::ones_like(y));
  EXPECT_TRUE(agree(y, (x * x).sum(), true));
  EXPECT_TRUE(agree(dx, 2 * x, true));
  EXPECT_FALSE(compiled(x).requires_grad());  // as the function itself
}

TEST(Api, MirrorsSignatures) {
  auto a = leaf({4, 3}), b = leaf({3});
  auto pair =
      cladtorch::compile([](const Tensor& x, const Tensor& y) { return std::make_tuple(x * y, x.sum()); }, {a, b});
  auto [p, s] = pair(a, b);
  EXPECT_TRUE(agree(p, a * b, true));
  EXPECT_TRUE(agree(s, a.sum(), true));
  EXPECT_THROW(pair.forward({a, b}), c10::Error);
  EXPECT_EQ(pair.forward_all({a, b}).size(), 2u);

  auto list = cladtorch::compile([](const Tensors& in) { return in[0] - in[1]; }, {a, b});
  EXPECT_TRUE(agree(list(Tensors{a, b}), a - b, true));

  auto two = cladtorch::compile([](Tensor x) { return std::pair<Tensor, Tensor>(x.exp(), Tensor()); }, {a});
  EXPECT_FALSE(two(a).second.defined());
  EXPECT_TRUE(agree(two(a).first, a.exp(), true));
}

TEST(Api, LeavesProductsToLibTorchsBlasIfAsked) {
  auto x = leaf({128, 96}), w = leaf({80, 96});
  cladtorch::Options o;
  o.cladopt_flags = {"--gemm=blas"};
  auto f = [](Tensor x, Tensor w) { return torch::relu(x.mm(w.t())); };
  auto c = cladtorch::compile(f, {x, w}, o);
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto y = c(x, w), want = f(x, w);
  EXPECT_TRUE(agree(y, want, true));
  auto g = torch::randn_like(y);
  auto got = torch::autograd::grad({y}, {x, w}, {g}), expected = torch::autograd::grad({want}, {x, w}, {g});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(agree(got[i], expected[i], true));
}

Tensor free_function(Tensor x) { return x.tanh().mean(); }
TEST(Api, TakesFunctionPointers) {
  auto x = leaf({5, 2});
  auto c = cladtorch::compile(free_function, {x});
  EXPECT_NE(c.report().engine, "eager");
  EXPECT_TRUE(agree(c(x), free_function(x), true));
}

TEST(Api, ModulesHaveGradientsByName) {
  torch::manual_seed(1);
  auto net = std::make_shared<Net>();
  auto x = torch::randn({4, 6});
  auto c = cladtorch::compile(net, {x});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto y = c.forward({x});
  auto g = torch::randn_like(y);
  auto dx = c.backward_all({g});
  EXPECT_FALSE(dx[0].defined());
  net->forward(x).backward(g);
  auto grads = c.parameter_grads();
  EXPECT_EQ(grads.size(), 4u);
  for (auto& p : net->named_parameters()) EXPECT_TRUE(agree(grads[p.key()], p.value().grad(), true)) << p.key();
}

TEST(Api, HoldersSequentialAndAnyModule) {
  torch::manual_seed(2);
  auto x = torch::randn({4, 6});
  torch::nn::Linear linear(6, 2);
  auto a = cladtorch::compile(linear, {x});
  EXPECT_NE(a.report().engine, "eager") << a.report();
  EXPECT_TRUE(agree(a(x), linear(x), true));
  torch::nn::Sequential seq(torch::nn::Linear(6, 5), torch::nn::ReLU(), torch::nn::Linear(5, 2));
  auto b = cladtorch::compile(seq, {x});
  EXPECT_NE(b.report().engine, "eager") << b.report();
  EXPECT_TRUE(agree(b(x), seq->forward(x), true));
  torch::nn::AnyModule any(linear);
  auto d = cladtorch::compile(any, {x});
  EXPECT_TRUE(agree(d(x), any.forward(x), true));
}

// Wrong numbers of tensors are the caller's fault: no program is made of it.
TEST(Api, NumberOfArguments) {
  auto x = torch::ones({3});
  auto f = [](Tensor x, Tensor y) { return x * y; };
  EXPECT_THROW(cladtorch::compile(f, {x}), c10::Error);
  auto c = cladtorch::compile(f, {x, x});
  EXPECT_THROW(c.forward({x}), c10::Error);
  EXPECT_THROW(c.forward_all({x, x, x}), c10::Error);
  EXPECT_TRUE(c.report().recompiles.empty()) << c.report();
  EXPECT_THROW(cladtorch::compile(std::shared_ptr<torch::nn::LinearImpl>(), {x}), c10::Error);
  Options o;
  o.modules = {nullptr};
  EXPECT_THROW(cladtorch::compile(f, {x, x}, o), c10::Error);
}

TEST(Api, TrainingModeIsGuarded) {
  torch::nn::Sequential seq(torch::nn::Linear(3, 3), torch::nn::Dropout(0.5));
  seq->eval();
  auto x = torch::ones({64, 3});
  auto c = cladtorch::compile(seq, {x});
  EXPECT_NE(c.report().engine, "eager") << c.report();
  auto still = c(x);
  seq->train();
  EXPECT_FALSE(torch::equal(still, c(x)));
  EXPECT_EQ(c.report().engine, "eager");
  EXPECT_NE(c.report().recompiles.back().find("training mode"), std::string::npos);
  seq->eval();
  EXPECT_TRUE(torch::equal(still, c(x)));
}

TEST(Guards, MissesCompileAndThenFallBack) {
  Options o;
  o.max_specializations = 2;
  auto f = [](Tensor x) { return x.exp().sum(); };
  auto c = cladtorch::compile(f, {torch::randn({3})}, o);
  EXPECT_TRUE(agree(c(torch::ones({4})), f(torch::ones({4})), true));
  EXPECT_EQ(c.report().specializations, 2);
  EXPECT_NE(c.report().recompiles.at(0).find("input 0: shape [4], was [3]"), std::string::npos) << c.report();
  auto y = c.forward({torch::ones({5})});
  EXPECT_TRUE(agree(y, f(torch::ones({5})), true));
  EXPECT_TRUE(agree(c.backward(torch::ones({})), torch::ones({5}).exp(), true));
  EXPECT_EQ(c.report().specializations, 2);
  o.fallback = false;
  auto d = cladtorch::compile(f, {torch::randn({3})}, o);
  d(torch::ones({4}));
  EXPECT_THROW(d(torch::ones({5})), cladtorch::CompileError);
}

TEST(Guards, EveryProperty) {
  auto c = cladtorch::compile([](Tensor x) { return x * 2; }, {torch::randn({4, 6})});
  struct Case {
    Tensor x;
    const char* text;
  };
  for (const auto& [x, text] : std::vector<Case>{{torch::randn({4, 6}, torch::kDouble), "dtype double, was float"},
                                                 {torch::randn({6, 4}).t(), "strides [1, 4], were [6, 1]"},
                                                 {torch::randn({4, 6}).requires_grad_(), "requires_grad is true"},
                                                 {torch::randn({24}), "shape [24], was [4, 6]"}}) {
    auto d = cladtorch::compile([](Tensor x) { return x * 2; }, {torch::randn({4, 6})});
    EXPECT_TRUE(agree(d(x), x * 2, true));
    ASSERT_EQ(d.report().recompiles.size(), 1u);
    EXPECT_NE(d.report().recompiles[0].find(text), std::string::npos) << d.report().recompiles[0];
    EXPECT_TRUE(agree(c(x), x * 2, true));
  }
}

TEST(Guards, Layouts) {
  auto base = torch::randn({6, 8});
  for (auto x : {base, base.t(), base.slice(1, 0, 8, 2), base[0].expand({6, 8}), torch::randn({}), torch::randn({0, 3}),
                 torch::randn({1, 4}).as_strided({1, 4}, {99, 1}),
                 torch::randn({2, 3, 4, 5}).contiguous(torch::MemoryFormat::ChannelsLast)})
    for (auto dtype : {torch::kFloat, torch::kDouble}) {
      auto in = (dtype == torch::kFloat ? x : x.to(dtype)).requires_grad_(false);
      SCOPED_TRACE(testing::Message() << in.sizes() << in.strides() << dtype);
      auto given = in.detach().requires_grad_();
      expect_like_eager([](Tensors in) { return Tensors{(in[0] * in[0] + 1).log(), in[0].sum()}; }, {given});
    }
}

TEST(Fallback, NoCladopt) {
  Options o;
  o.cladopt = "/nonexistent/cladopt";
  o.cache = false;
  expect_refused([](Tensors in) { return Tensors{in[0].exp()}; }, {leaf({3})},
                 "no cladopt command at /nonexistent/cladopt", o);
  struct Environment {
    std::string was = std::getenv("CLADOPT");
    Environment() { setenv("CLADOPT", "/nonexistent/named", 1); }
    ~Environment() { setenv("CLADOPT", was.c_str(), 1); }
  } environment;
  o.cladopt.clear();
  expect_refused([](Tensors in) { return Tensors{in[0].exp()}; }, {leaf({3})},
                 "no cladopt command at /nonexistent/named, which the environment's CLADOPT names", o);
}

std::string script(const Folder& f, const std::string& text) {
  auto path = f.path() + "/cladopt";
  std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

TEST(Fallback, ToolsThatFail) {
  Folder f;
  Options o;
  o.cache_dir = f.path() + "/cache";
  auto g = [](Tensors in) { return Tensors{in[0].exp()}; };
  o.cladopt = script(f, "echo no compiler >&2; exit 1");
  expect_refused(g, {leaf({3})}, "no compiler", o);
  o.cladopt = script(f, "sleep 30");
  o.timeout_seconds = 1;
  expect_refused(g, {leaf({3})}, "took longer than 1 s", o);
  o.timeout_seconds = 20;
  o.cladopt = script(f, "kill -9 $$");
  expect_refused(g, {leaf({3})}, "signal 9", o);
  o.cladopt = script(f, "for a; do out=$a; done; echo garbage > \"$out\"");
  expect_refused(g, {leaf({3})}, "cannot load", o);
  o.cladopt = script(f, "exit 0");
  expect_refused(g, {leaf({3})}, "made no library; is it the cladopt command?", o);
}

TEST(Fallback, AnyTimeLimit) {
  Folder f;
  Options o;
  o.cache = false;
  for (double seconds : {std::numeric_limits<double>::infinity(), 1e300}) {
    o.timeout_seconds = seconds;
    auto c = cladtorch::compile([](Tensor x) { return x.exp(); }, {torch::ones({3})}, o);
    EXPECT_NE(c.report().engine, "eager") << c.report();
  }
  o.cladopt = script(f, "sleep 30");
  o.timeout_seconds = 0.25;
  expect_refused([](Tensors in) { return Tensors{in[0].exp()}; }, {leaf({3})}, "took longer than 0.25 s", o);
}

// A program may leave it to the system to clear up after children: then no one learns how they ended.
TEST(Fallback, ChildrenThatNobodyWaitsFor) {
  Folder f;
  Options o;
  o.cache = false;
  struct Ignored {
    void (*was)(int) = std::signal(SIGCHLD, SIG_IGN);
    ~Ignored() { std::signal(SIGCHLD, was); }
  } ignored;
  auto c = cladtorch::compile([](Tensor x) { return x.exp(); }, {torch::ones({3})}, o);
  EXPECT_NE(c.report().engine, "eager") << c.report();
  auto d = cladtorch::compile([](Tensor x) { return torch::linalg_inv(x); }, {torch::eye(3)}, o);
  EXPECT_TRUE(has(d.report().reason, "linalg_inv")) << d.report();
  o.cladopt = script(f, "exit 1");
  auto e = cladtorch::compile([](Tensor x) { return x.exp(); }, {torch::ones({3})}, o);
  EXPECT_TRUE(has(e.report().reason, "exit status is lost: SIGCHLD is ignored")) << e.report();
}

TEST(Fallback, UnsupportedOperatorsAreNamed) {
  auto x = leaf({4, 4});
  Folder f;
  Options o;
  o.cache_dir = f.path();
  expect_refused([](Tensors in) { return Tensors{std::get<0>(torch::linalg_qr(in[0]))}; }, {x}, "linalg_qr", o);
  // Without a compiled program, forward and backward are LibTorch's.
  auto c = cladtorch::compile([](Tensor x) { return torch::linalg_inv(x); }, {x}, o);
  auto y = c.forward({x});
  auto want = torch::autograd::grad({torch::linalg_inv(x).sum()}, {x})[0];
  EXPECT_TRUE(agree(c.backward(torch::ones_like(y)), want, true));
}

TEST(Async, LibTorchServesUntilItIsReady) {
  Folder f;
  Options o;
  o.async = true;
  o.cache_dir = f.path();
  auto x = leaf({32});
  auto w = leaf({32});
  auto fn = [&w](Tensor x) { return (x * w).sin().sum(); };
  auto c = cladtorch::compile(fn, {x}, o);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(agree(c(x), fn(x), true));
    torch::NoGradGuard g;
    w.add_(0.01);  // while the compiler runs
  }
  c.wait();
  EXPECT_NE(c.report().engine, "eager") << c.report();
  EXPECT_TRUE(agree(c(x), fn(x), true));
  // An end in mid-compile does not wait for the compiler.
  o.cladopt = script(f, "sleep 30");
  cladtorch::compile([](Tensor x) { return x.cos(); }, {x}, o);
}

TEST(Nested, ACompiledFunctionInsideOfAnother) {
  auto x = leaf({4});
  auto inner = cladtorch::compile([](Tensor x) { return x.exp(); }, {x});
  auto outer = cladtorch::compile([inner](Tensor x) { return inner(x).sum(); }, {x});
  EXPECT_NE(outer.report().engine, "eager") << outer.report();
  EXPECT_TRUE(agree(torch::autograd::grad({outer(x)}, {x})[0], x.exp(), true));
}

TEST(Explain, TellsWhatHappened) {
  auto text = cladtorch::explain([](Tensor x) { return x.exp(); }, {torch::randn({3})});
  EXPECT_NE(text.find("aten::exp"), std::string::npos);
  EXPECT_NE(text.find("guard: input 0: float [3]"), std::string::npos) << text;
}

}  // namespace
