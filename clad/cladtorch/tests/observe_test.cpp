// Graphs and tensors as files, and the program that writes those of the observed functions.
#include "support.h"

#include <csignal>
#include <regex>
#include <set>

#include <sys/resource.h>

#include <cladtorch/observe.h>

#include "observed_programs.h"
#include "process.h"

using namespace test;
namespace fs = std::filesystem;

namespace {

using cladtorch::observe;
using cladtorch::detail::Outcome;

std::string read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What stands in front of the data.
std::string header(const std::string& path) {
  auto bytes = read(path + ".safetensors");
  uint64_t length = 0;
  EXPECT_GE(bytes.size(), sizeof length);
  std::memcpy(&length, bytes.data(), sizeof length);
  EXPECT_LE(sizeof length + length, bytes.size());
  return bytes.substr(sizeof length, length);
}

std::set<std::string> files(const std::string& folder) {
  std::set<std::string> all;
  for (const auto& f : fs::directory_iterator(folder)) all.insert(f.path().filename());
  return all;
}

Outcome check(const std::string& path, const std::string& engine = "interp") {
  return cladtorch::detail::run(
      {std::getenv("CLADOPT"), "check", path + ".graph", path + ".safetensors", "--engine=" + engine}, 300);
}

// Requires that cladopt computes what stands in the files, and returns its lines.
std::string expect_agreement(const std::string& path, const std::string& engine = "interp") {
  auto o = check(path, engine);
  EXPECT_EQ(o.status, 0) << o.failure << o.err << o.out << read(path + ".graph").substr(0, 4000);
  return o.out;
}

template <class F>
std::string refusal(F f) {
  try {
    f();
  } catch (const cladtorch::CompileError& e) { return e.what(); }
  return "nothing was refused";
}

// ---- the observed functions

// Those that the capture takes, and cladopt does not.
const std::set<std::string> refused_by_cladopt = {"unsupported_svd"};

struct Files : testing::TestWithParam<std::string> {};

TEST_P(Files, HoldWhatCladoptComputes) {
  const auto& p = observed::programs().at(GetParam());
  Folder f;
  auto path = f.path() + "/x";
  for (auto dtype : {p.observed, torch::kDouble}) {
    torch::manual_seed(5);
    auto inputs = p.inputs(dtype);
    if (!p.refused.empty() && !refused_by_cladopt.count(GetParam())) {
      EXPECT_TRUE(has(refusal([&] { observe(p.f, inputs, path); }), p.refused));
      EXPECT_TRUE(files(f.path()).empty());
      continue;
    }
    observe(p.f, inputs, path);
    EXPECT_EQ(files(f.path()), (std::set<std::string>{"x.graph", "x.safetensors"}));
    if (!p.refused.empty()) {
      auto o = check(path);
      EXPECT_EQ(o.status, 3);
      EXPECT_TRUE(has(o.err, p.refused)) << o.err;
      continue;
    }
    // The interpreter is not for large tensors.
    auto lines = expect_agreement(path, GetParam().rfind("big_", 0) == 0 ? "builtin" : "interp");
    EXPECT_TRUE(has(lines, "output.0")) << lines;
    EXPECT_TRUE(has(lines, "grad_input.")) << lines;
  }
}

// A graph's inputs, and its operators with their results, as types. Constants and lists are what a version makes
// of default arguments; names in place differ as the recorded graphs were traced with force_outplace; and 1 - x is
// full_like of an empty_like in LibTorch 2.15, fill_ in 1.13. That a convolution's result has a gradient is told by the
// library alone: LibTorch's tracer leaves it out.
std::multiset<std::string> shape_of(const std::string& graph) {
  static const std::regex name("%[A-Za-z0-9_.]+"), types(" : [A-Z][a-z]+\\([^()]*\\)"), op(" = (aten::[a-z0-9_]+)\\(");
  std::multiset<std::string> all;
  std::istringstream lines(graph);
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    bool is_op = std::regex_search(line, m, op);
    if (!is_op && line.find("requires_grad=") == line.npos) continue;
    std::string kind = is_op ? m[1].str() : line.find(" = ") != line.npos ? "unpack" : "input";
    while (kind.back() == '_') kind.pop_back();
    if (kind == "aten::full_like") kind = "aten::fill";
    if (kind == "aten::empty_like") continue;
    auto results = line.substr(0, line.find(" = "));
    if (auto at = results.find("requires_grad=1"); kind == "aten::_convolution" && at != results.npos)
      results.replace(at, 15, "requires_grad=0");
    for (std::sregex_iterator t(results.begin(), results.end(), types), end; t != end; ++t) kind += t->str();
    all.insert(std::regex_replace(kind, name, "%"));
  }
  return all;
}

TEST_P(Files, AreTheRecordedGraph) {
  const auto& p = observed::programs().at(GetParam());
  if (!p.refused.empty() && !refused_by_cladopt.count(GetParam()))
    return;  // there is no graph: HoldWhatCladoptComputes
  Folder f;
  torch::manual_seed(5);
  observe(p.f, p.inputs(p.observed), f.path() + "/x");
  auto recorded = shape_of(read(CLADTORCH_OBSERVED "/" + GetParam() + ".graph"));
  EXPECT_FALSE(recorded.empty());
  EXPECT_EQ(shape_of(read(f.path() + "/x.graph")), recorded);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& p : observed::programs()) all.push_back(p.first);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Observe, Files, testing::ValuesIn(names()), [](const auto& info) { return info.param; });

// ---- what files hold

TEST(Observe, ParametersAndCapturedTensorsAreInputs) {
  Folder f;
  auto path = f.path() + "/linear";
  torch::nn::Linear linear(3, 2);
  observe(linear, {torch::randn({4, 3})}, path);
  auto h = header(path);
  EXPECT_TRUE(has(h, "\"input.1\":{\"dtype\":\"F32\",\"shape\":[2,3]")) << h;
  auto lines = expect_agreement(path);
  EXPECT_TRUE(has(lines, "grad_input.2")) << lines;
  EXPECT_FALSE(has(lines, "grad_input.0")) << lines;  // the example asks for none
  observe(torch::nn::Sequential(linear, torch::nn::Tanh()), {leaf({4, 3})}, path);
  EXPECT_TRUE(has(expect_agreement(path), "grad_input.0"));
  observe(torch::nn::AnyModule(linear), {torch::randn({4, 3})}, path);
  expect_agreement(path);
}

TEST(Observe, LayoutsAndTypes) {
  Folder f;
  auto path = f.path() + "/x";
  auto base = torch::randn({6, 8});
  for (auto x : {base.t(), base.slice(1, 1, 8, 3), base[0].expand({6, 8}), torch::randn({}), torch::randn({0, 3}),
                 torch::randn({2, 3, 4, 5}).contiguous(torch::MemoryFormat::ChannelsLast)}) {
    SCOPED_TRACE(testing::Message() << x.sizes() << x.strides());
    observe([](Tensor x) { return (x * x).sin(); }, {x.detach().requires_grad_()}, path);
    EXPECT_TRUE(has(expect_agreement(path), "grad_input.0"));
  }
  auto any = [](Tensor x) { return x.to(torch::kDouble) * 2; };
  for (const auto& [dtype, name] : {std::pair(torch::kFloat, "F32"),
                                    {torch::kDouble, "F64"},
                                    {torch::kLong, "I64"},
                                    {torch::kInt, "I32"},
                                    {torch::kBool, "BOOL"}}) {
    SCOPED_TRACE(name);
    observe(any, {torch::arange(5).to(dtype)}, path);
    EXPECT_TRUE(has(header(path), std::string("\"input.0\":{\"dtype\":\"") + name + "\",\"shape\":[5]"))
        << header(path);
    EXPECT_TRUE(has(expect_agreement(path), "output.0"));
  }
  observe(any, {torch::arange(1, 6).to(torch::kByte)}, path);  // of which cladopt knows nothing
  EXPECT_TRUE(has(header(path), "\"input.0\":{\"dtype\":\"U8\",\"shape\":[5]")) << header(path);
  EXPECT_TRUE(has(read(path + ".safetensors"), "\1\2\3\4\5"));
}

// The interpreter's line of output.1 compares the values after the call.
TEST(Observe, WrittenInputsAreFurtherOutputs) {
  Folder f;
  auto path = f.path() + "/x";
  auto x = torch::ones({3}), y = leaf({3});
  observe(
      [](Tensor x, Tensor y) {
        x.add_(1);
        return (x * y).sum();
      },
      {x, y}, path);
  EXPECT_TRUE(torch::equal(x, torch::ones({3})));
  EXPECT_TRUE(has(expect_agreement(path), "ok   interp output.1: "));
  // A constant that the function makes and changes is a written input too, whose last value nobody has.
  observe(
      [](Tensor y, Tensor x) {
        auto c = torch::tensor({1.f, 2.f, 3.f});
        c.mul_(2);
        x.add_(c);
        return y * c;
      },
      {y, x}, path);
  auto lines = expect_agreement(path);
  EXPECT_TRUE(has(lines, "output.1")) << lines << header(path);
  auto w = torch::ones({3});
  observe(
      [w](Tensor y) {
        w.mul_(3);
        return y * w;
      },
      {y}, path);
  EXPECT_TRUE(has(expect_agreement(path), "output.1"));
}

TEST(Observe, BatchNormalisationForEvaluationWritesNothing) {
  Folder f;
  auto path = f.path() + "/x";
  torch::nn::BatchNorm1d bn(4);
  bn->eval();
  observe(bn, {torch::randn({8, 4})}, path);
  auto lines = expect_agreement(path);
  EXPECT_FALSE(has(lines, "output.1")) << lines;
}

TEST(Observe, WhichGradientsThereAre) {
  Folder f;
  auto path = f.path() + "/x";
  auto fn = [](Tensor x, Tensor y) { return std::make_pair(x.exp(), y.detach() + 1); };
  // An input that no output depends on has zeros; an output without a gradient contributes none.
  observe(fn, {leaf({3}), leaf({3})}, path);
  auto lines = expect_agreement(path);
  EXPECT_TRUE(has(lines, "grad_input.1")) << lines;
  EXPECT_TRUE(has(header(path), "grad_output.0"));
  EXPECT_FALSE(has(header(path), "grad_output.1")) << header(path);
  // Nobody asks: all have one.
  observe(fn, {torch::randn({3}), torch::randn({3})}, path);
  EXPECT_TRUE(has(expect_agreement(path), "grad_input.0"));
  // Gradients are off, or there are none.
  {
    torch::NoGradGuard no_grad;
    observe(fn, {leaf({3}), leaf({3})}, path);
  }
  EXPECT_FALSE(has(header(path), "grad")) << header(path);
  expect_agreement(path);
  observe([](Tensor x) { return x > 0; }, {leaf({3})}, path);
  EXPECT_FALSE(has(header(path), "grad")) << header(path);
  expect_agreement(path);
}

TEST(Observe, TheSameRunGivesTheSameFiles) {
  Folder f;
  auto x = leaf({5});
  auto fn = [](Tensor x) { return x.exp().sum(); };
  observe(fn, {x}, f.path() + "/a");
  observe(fn, {x}, f.path() + "/b");
  EXPECT_EQ(read(f.path() + "/a.graph"), read(f.path() + "/b.graph"));
  EXPECT_EQ(read(f.path() + "/a.safetensors"), read(f.path() + "/b.safetensors"));
  EXPECT_EQ(cladtorch::compile(fn, {x}).graph(), read(f.path() + "/a.graph"));
}

// ---- what is not written

TEST(Observe, RefusalsSayWhyAndLeaveNoFiles) {
  Folder f;
  auto path = f.path() + "/x";
  auto x = torch::randn({3});
  auto twice = [](Tensor x) { return x * 2; };
  EXPECT_TRUE(
      has(refusal([&] { observe([](Tensor x) { return x * x.sum().item<float>(); }, {x}, path); }),
          "cladtorch: observe: aten::item (operator 2 of the run, after aten::sum): the function depends on values"));
  EXPECT_TRUE(has(refusal([&] { observe(twice, {Tensor()}, path); }), "input 0 is undefined"));
  EXPECT_TRUE(has(refusal([&] { observe(twice, {torch::eye(3).to_sparse()}, path); }), "input 0 has layout Sparse"));
  EXPECT_TRUE(has(refusal([&] { observe([](Tensor x) { return torch::complex(x, x); }, {x}, path); }),
                  "output.0 is ComplexFloat, which a safetensors file cannot hold"));
  EXPECT_TRUE(has(refusal([&] {
                    Options o;
                    o.fallback = false;
                    cladtorch::compile(
                        [&](Tensor x) {
                          observe(twice, {x}, path);
                          return x;
                        },
                        {x}, o);
                  }),
                  "a trace is under way"));
  EXPECT_THROW(observe([](Tensor) -> Tensor { throw 3; }, {x}, path), int);
  EXPECT_TRUE(files(f.path()).empty());
}

// Either both files are new, or both are as before.
TEST(Observe, FilesThatCannotBeWritten) {
  Folder f;
  auto x = torch::randn({3});
  auto twice = [](Tensor x) { return x * 2; };
  auto error = [&](const std::string& path) -> std::string {
    try {
      observe(twice, {x}, path);
    } catch (const std::runtime_error& e) { return e.what(); }
    return "nothing was wrong";
  };
  EXPECT_TRUE(
      has(error(f.path() + "/missing/x"), "cannot write " + f.path() + "/missing/x.graph: No such file or directory"));
  std::ofstream(f.path() + "/x.safetensors") << "before";
  fs::create_directory(f.path() + "/x.graph");
  EXPECT_TRUE(has(error(f.path() + "/x"), "/x.graph: Is a directory"));
  EXPECT_EQ(read(f.path() + "/x.safetensors"), "before");
  EXPECT_EQ(files(f.path()), (std::set<std::string>{"x.graph", "x.safetensors"}));
  fs::remove(f.path() + "/x.graph");
  observe(twice, {x}, f.path() + "/x");
  expect_agreement(f.path() + "/x");
  EXPECT_EQ(files(f.path()), (std::set<std::string>{"x.graph", "x.safetensors"}));
}

// What is written half is no file.
TEST(Observe, AFullDisk) {
  Folder f;
  std::ofstream(f.path() + "/x.graph") << "before";
  struct Small {
    rlimit was;
    Small() {
      std::signal(SIGXFSZ, SIG_IGN);
      getrlimit(RLIMIT_FSIZE, &was);
      rlimit now = {20000, was.rlim_max};
      setrlimit(RLIMIT_FSIZE, &now);
    }
    ~Small() { setrlimit(RLIMIT_FSIZE, &was); }
  };
  std::string error;
  {
    Small files;
    try {
      observe([](Tensor x) { return x * 2; }, {torch::randn({100000})}, f.path() + "/x");
    } catch (const std::runtime_error& e) { error = e.what(); }
  }
  EXPECT_TRUE(has(error, "cannot write all of " + f.path() + "/x.safetensors")) << error;
  EXPECT_EQ(files(f.path()), std::set<std::string>{"x.graph"});
  EXPECT_EQ(read(f.path() + "/x.graph"), "before");
}

// ---- the program

Outcome tool(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CLADTORCH_OBSERVE_PROGRAM);
  return cladtorch::detail::run(arguments, 300);
}

TEST(ObserveProgram, WritesAllThatCanBeObserved) {
  Folder f;
  auto o = tool({"-o", f.path() + "/new/folder"});
  EXPECT_EQ(o.status, 0) << o.err;
  std::set<std::string> want;
  for (const auto& [name, p] : observed::programs()) {
    if (!p.refused.empty() && !refused_by_cladopt.count(name)) {
      EXPECT_TRUE(has(o.err, name + ": cladtorch: observe: ")) << o.err;
      continue;
    }
    want.insert(name + ".graph");
    want.insert(name + ".safetensors");
  }
  EXPECT_EQ(files(f.path() + "/new/folder"), want);
}

TEST(ObserveProgram, TheSeedDecidesTheFiles) {
  Folder f;
  auto bytes = [&](const std::string& seed) {
    auto o = tool({"-o", f.path(), "--seed", seed, "rosenbrock", "cross_entropy"});
    EXPECT_EQ(o.status, 0) << o.err;
    return read(f.path() + "/rosenbrock.safetensors") + read(f.path() + "/cross_entropy.safetensors");
  };
  auto first = bytes("7");
  EXPECT_EQ(files(f.path()).size(), 4u);
  EXPECT_EQ(bytes("7"), first);
  EXPECT_NE(bytes("8"), first);
  EXPECT_EQ(tool({"-o", f.path(), "--double", "rosenbrock"}).status, 0);
  EXPECT_TRUE(has(header(f.path() + "/rosenbrock"), "F64"));
}

TEST(ObserveProgram, TellsWhatIsWrong) {
  Folder f;
  auto expect = [&](std::vector<std::string> arguments, int status, const std::string& text) {
    auto o = tool(arguments);
    EXPECT_EQ(o.status, status) << text;
    EXPECT_TRUE(has(status ? o.err : o.out, text)) << o.out << o.err;
  };
  expect({"--help"}, 0, "usage: cladtorch_observe");
  expect({"--list"}, 0, "square_sum\n");
  expect({"no_such_function"}, 2, "there is no function \"no_such_function\"");
  expect({"--bad"}, 2, "there is no option --bad");
  expect({"-o"}, 2, "-o needs a value");
  expect({"--seed", "-3"}, 2, "--seed: got \"-3\"");
  expect({"-o", f.path(), "dropout_train"}, 1, "random numbers");  // named, so its files were wanted
  std::ofstream(f.path() + "/file") << "";
  expect({"-o", f.path() + "/file/x", "square_sum"}, 1, "cannot make the folder");
  EXPECT_EQ(files(f.path()), std::set<std::string>{"file"});
}

}  // namespace
