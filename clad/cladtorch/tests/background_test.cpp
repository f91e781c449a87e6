// Compiling in the background.
#include "support.h"

#include <algorithm>
#include <csignal>
#include <thread>

using namespace test;
namespace fs = std::filesystem;

namespace {

// A cladopt that waits for a file before it compiles graphs whose text has a pattern.
class SlowCladopt {
 public:
  SlowCladopt() {
    path_ = folder_.path() + "/cladopt";
    std::ofstream(path_) << "#!/bin/sh\n"
                         << "for gate in " << folder_.path() << "/closed.*; do\n"
                         << "  [ -e \"$gate\" ] && grep -qF \"$(cat \"$gate\" 2>/dev/null)\" \"$2\" || continue\n"
                         << "  touch \"" << folder_.path() << "/waiting.$$\"\n"
                         << "  while [ -e \"$gate\" ]; do sleep 0.02; done\n"
                         << "done\n"
                         << "exec " << std::getenv("CLADOPT") << " \"$@\"\n";
    fs::permissions(path_, fs::perms::owner_all);
  }
  // Graphs with this text wait until open is called for it.
  void close(const std::string& name, const std::string& text) { std::ofstream(gate(name)) << text; }
  void open(const std::string& name) { fs::remove(gate(name)); }
  // The processes that have waited, once there are as many.
  std::vector<pid_t> waiting(size_t n) const {
    for (int i = 0; i < 24000; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(5))) {
      std::vector<pid_t> all;
      for (const auto& f : fs::directory_iterator(folder_.path()))
        if (f.path().stem() == "waiting") all.push_back(std::stoi(f.path().extension().string().substr(1)));
      if (all.size() >= n) return all;
    }
    throw std::runtime_error("no " + std::to_string(n) + " compilers were started");
  }
  Options options() const {
    Options o;
    o.async = true;
    o.cladopt = path_;
    o.cache_dir = folder_.path() + "/cache";
    return o;
  }

 private:
  std::string gate(const std::string& name) const { return folder_.path() + "/closed." + name; }
  Folder folder_;
  std::string path_;
};

Tensor sines(Tensor x) { return (x * x).sin().sum(); }

template <class C>
void expect_sines(C& c, int64_t n) {
  auto x = leaf({n});
  auto want = torch::autograd::grad({sines(x)}, {x})[0];
  EXPECT_TRUE(agree(torch::autograd::grad({c(x)}, {x})[0], want, true)) << n;
  EXPECT_TRUE(agree(c.forward({x}), sines(x), true)) << n;
  EXPECT_TRUE(agree(c.backward(torch::ones({})), want, true)) << n;
}

int phases(const cladtorch::Report& r, const std::string& name) {
  return int(std::count_if(r.phases.begin(), r.phases.end(), [&](const auto& p) { return p.name == name; }));
}

TEST(Background, SeveralAtOnceUpToTheLimit) {
  SlowCladopt slow;
  slow.close("all", "aten::sin");
  auto o = slow.options();
  o.max_specializations = 3;
  auto c = cladtorch::compile(sines, {leaf({3})}, o);
  for (int64_t n : {3, 4, 5}) expect_sines(c, n);
  slow.waiting(3);  // all three compile at once
  auto r = c.report();
  EXPECT_TRUE(r.pending);
  EXPECT_EQ(r.engine, "eager");
  EXPECT_FALSE(r.reason.empty());
  EXPECT_EQ(r.specializations, 0);
  EXPECT_EQ(r.recompiles.size(), 2u) << r;
  expect_sines(c, 6);  // beyond the limit
  EXPECT_EQ(c.report().recompiles.size(), 2u);
  slow.open("all");
  c.wait();
  r = c.report();
  EXPECT_FALSE(r.pending);
  EXPECT_NE(r.engine, "eager") << r;
  EXPECT_EQ(r.specializations, 3);
  expect_told(r.reason, {"3 specializations already", "shape [6]", "was [5]"});
  // What is told is of one specialisation, not of all that were made at the time.
  for (const char* name : {"trace", "compile", "load", "verify"}) EXPECT_EQ(phases(r, name), 1) << r;
  EXPECT_TRUE(has(r.guards.at(0), "input 0: float [5]")) << r;
  for (int64_t n : {3, 4, 5, 6}) expect_sines(c, n);
  EXPECT_EQ(c.report().specializations, 3);
  EXPECT_FALSE(c.report().pending);
}

TEST(Background, OneMayBeReadyBeforeAnother) {
  SlowCladopt slow;
  slow.close("four", "Float(4,");
  auto c = cladtorch::compile(sines, {leaf({4})}, slow.options());
  slow.waiting(1);
  expect_sines(c, 3);
  while (c.report().specializations < 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  auto r = c.report();
  EXPECT_NE(r.engine, "eager") << r;  // the latest is ready
  EXPECT_TRUE(r.pending);             // the first is not
  expect_sines(c, 3);
  expect_sines(c, 4);
  EXPECT_EQ(c.report().specializations, 1);
  slow.open("four");
  c.wait();
  EXPECT_FALSE(c.report().pending);
  EXPECT_EQ(c.report().specializations, 2);
  EXPECT_TRUE(has(c.report().guards.at(0), "float [3]")) << c.report();
  expect_sines(c, 4);
}

TEST(Background, WithoutFallback) {
  SlowCladopt slow;
  slow.close("all", "aten::sin");
  auto o = slow.options();
  o.fallback = false;
  o.max_specializations = 2;
  auto c = cladtorch::compile(sines, {leaf({3})}, o);
  expect_sines(c, 3);  // until it is ready
  expect_sines(c, 4);
  EXPECT_THROW(c(leaf({5})), cladtorch::CompileError);
  EXPECT_THROW(c.forward({leaf({5})}), cladtorch::CompileError);
  slow.open("all");
  c.wait();
  expect_sines(c, 3);
  expect_sines(c, 4);
  EXPECT_THROW(c(leaf({5})), cladtorch::CompileError);
  EXPECT_EQ(c.report().specializations, 2);
  // What fails in the background throws at the next call.
  slow.close("all", "aten::svd");
  auto d = cladtorch::compile([](Tensor x) { return std::get<1>(torch::svd(x)).sum(); }, {leaf({3, 3})}, o);
  d(leaf({3, 3}));
  slow.open("all");
  d.wait();
  try {
    d(leaf({3, 3}));
    FAIL();
  } catch (const cladtorch::CompileError& e) { expect_told(e.what(), {"aten::svd, line ", "matrix decomposition"}); }
}

TEST(Background, FailuresLeaveTheCallsToLibTorch) {
  SlowCladopt slow;
  auto c =
      cladtorch::compile([](Tensor x) { return std::get<1>(torch::svd(x)).sum(); }, {leaf({3, 3})}, slow.options());
  c(leaf({4, 4}));
  c.wait();
  auto r = c.report();
  EXPECT_FALSE(r.pending);
  EXPECT_EQ(r.engine, "eager");
  EXPECT_EQ(r.specializations, 0);
  expect_told(r.reason, {"aten::svd"});
}

TEST(Background, AnEndInMidCompileEndsAllCompilers) {
  SlowCladopt slow;
  slow.close("all", "aten::sin");
  std::vector<pid_t> pids;
  {
    auto c = cladtorch::compile(sines, {leaf({3})}, slow.options());
    for (int64_t n : {4, 5, 6}) expect_sines(c, n);
    pids = slow.waiting(4);
  }
  for (auto pid : pids) EXPECT_EQ(kill(pid, 0), -1) << pid;  // their threads have seen them off
}

TEST(Background, CallsFromManyThreadsMeanwhile) {
  SlowCladopt slow;
  slow.close("all", "aten::sin");
  auto o = slow.options();
  o.max_specializations = 4;
  auto c = cladtorch::compile(sines, {leaf({3})}, o);
  std::atomic<int> before{0}, wrong{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        auto x = torch::linspace(-1, 1, 3 + (i + t) % 6).requires_grad_();  // six shapes, two beyond the limit
        auto y = c(x);
        auto want = torch::autograd::grad({sines(x)}, {x})[0];
        wrong += !agree(y, sines(x), true) || !agree(torch::autograd::grad({y}, {x})[0], want, true);
        auto z = c.forward({x});
        wrong += !agree(c.backward(torch::ones({})), want, true) || !agree(z, y, true);
        auto r = c.report();
        wrong += r.specializations > 4 || r.recompiles.size() > 3;
        ++before;
      }
    });
  slow.waiting(4);
  while (before < 200) std::this_thread::yield();
  EXPECT_TRUE(c.report().pending);
  slow.open("all");
  c.wait();
  for (int after = before; before < after + 200;) std::this_thread::yield();
  stop = true;
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  auto r = c.report();
  EXPECT_EQ(r.specializations, 4);
  EXPECT_EQ(r.recompiles.size(), 3u) << r;
  EXPECT_FALSE(r.pending);
}

}  // namespace
