// The cache on disk, by itself and between processes. This file is a program of its own: it
// starts itself for what concerns another process.
#include "support.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <map>
#include <numeric>
#include <thread>

#include "cache.h"
#include "process.h"

using namespace test;
namespace fs = std::filesystem;

namespace {

std::string self() { return fs::read_symlink("/proc/self/exe").string(); }

Options at(const Folder& f) {
  Options o;
  o.cache_dir = f.path() + "/cache";
  return o;
}

// A function with as many operators as steps, so that tests have graphs of their own.
Tensor chain(Tensor x, int steps) {
  for (int i = 0; i < steps; ++i) x = x.sin() * (0.5 + i);
  return x.sum();
}

int count(const std::string& folder, const std::string& extension) {
  int n = 0;
  std::error_code ec;
  for (const auto& f : fs::directory_iterator(folder, ec)) n += f.path().extension() == extension;
  return n;
}

// What the other process does: compile, compare, and say how.
int other(const std::string& folder, int steps) {
  Options o;
  o.cache_dir = folder;
  auto x = torch::linspace(0, 1, 16).requires_grad_();
  auto c = cladtorch::compile([steps](Tensor x) { return chain(x, steps); }, {x}, o);
  auto y = c(x);
  bool right = c.report().engine != "eager" && agree(y, chain(x, steps), true);
  std::cout << (c.report().from_cache ? "warm" : "cold") << " processes " << cladtorch::detail::processes_started()
            << "\n";
  if (!right) std::cerr << c.report();
  return right ? 0 : 1;
}

// Calls a compiled function when this thread's variables are gone already.
struct LateCaller {
  std::function<bool()> call;
  ~LateCaller() {
    if (call) std::cout << (call() ? "right\n" : "wrong\n") << std::flush;
  }
} late_caller;

int at_exit(const std::string& folder) {
  Options o;
  o.cache_dir = folder;
  auto x = torch::linspace(0, 1, 16).requires_grad_();
  auto c = cladtorch::compile([](Tensor x) { return chain(x, 2); }, {x}, o);
  auto want = torch::autograd::grad({chain(x, 2)}, {x})[0];
  // Not by way of autograd: LibTorch's engine reads what it keeps for this thread, which is gone by then.
  late_caller.call = [c, x, want] {
    auto y = c.forward({x});
    auto g = c.backward(torch::ones({}));
    return bool(agree(y, chain(x, 2), true)) && bool(agree(g, want, true));
  };
  return 0;
}

cladtorch::detail::Outcome start(const std::string& folder, int steps) {
  return cladtorch::detail::run({self(), "--other", folder, std::to_string(steps)}, 120);
}

TEST(Cache, AWarmStartRunsNoProcess) {
  Folder f;
  auto o = at(f);
  auto cold = start(o.cache_dir, 3);
  EXPECT_EQ(cold.status, 0) << cold.err;
  EXPECT_EQ(cold.out, "cold processes 1\n");
  auto warm = start(o.cache_dir, 3);
  EXPECT_EQ(warm.status, 0) << warm.err;
  EXPECT_EQ(warm.out, "warm processes 0\n");
}

// A thread of a pool, which lives on.
TEST(Threads, KeepNothingOfADestroyedFunction) {
  auto x = torch::randn({1000}).requires_grad_();
  auto c =
      std::make_unique<cladtorch::CompiledFunction>(cladtorch::compile([](Tensor x) { return (x * x).sum(); }, {x}));
  std::atomic<bool> called{false}, done{false};
  std::thread thread([&] {
    c->forward({x});
    called = true;
    while (!done) usleep(1000);
  });
  while (!called) usleep(1000);
  EXPECT_GT(x.storage().use_count(), 1u);
  c.reset();
  EXPECT_EQ(x.storage().use_count(), 1u);
  done = true;
  thread.join();
}

TEST(Threads, CallsAfterTheEndOfMain) {
  Folder f;
  auto r = cladtorch::detail::run({self(), "--at-exit", f.path()}, 120);
  EXPECT_EQ(r.status, 0) << r.err << r.failure;
  EXPECT_EQ(r.out, "right\n");
}

TEST(Cache, IsTheOwnersAlone) {
  Folder f;
  auto o = at(f);
  fs::create_directory(o.cache_dir);
  fs::permissions(o.cache_dir, fs::perms::all);
  cladtorch::compile([](Tensor x) { return chain(x, 2); }, {torch::ones({4})}, o);
  struct stat s;
  ASSERT_EQ(stat(o.cache_dir.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0700u);
  for (const auto& e : fs::directory_iterator(o.cache_dir)) {
    ASSERT_EQ(stat(e.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0077, 0u) << e.path();
  }
  EXPECT_EQ(count(o.cache_dir, ".so"), 1);
  EXPECT_EQ(count(o.cache_dir, ".json"), 1);
}

TEST(Cache, DamagedEntriesAreMadeAgain) {
  Folder f;
  auto o = at(f);
  ASSERT_EQ(start(o.cache_dir, 4).status, 0);
  for (const char* extension : {".so", ".json"})
    for (int damage = 0; damage < 5; ++damage) {
      for (const auto& e : fs::directory_iterator(o.cache_dir)) {
        if (e.path().extension() != extension) continue;
        if (damage == 0) fs::resize_file(e.path(), fs::file_size(e.path()) / 2);
        if (damage == 1)
          std::fstream(e.path(), std::ios::in | std::ios::out | std::ios::binary)
              .seekp(fs::file_size(e.path()) / 2)
              .put('\x7f')
              .put('\x01');
        if (damage == 2) fs::resize_file(e.path(), 0);
        if (damage == 3) std::ofstream(e.path()) << R"({"format": "2", "key": [], "library": 3})";
        if (damage == 4) fs::remove(e.path()), fs::create_directory(e.path());
      }
      SCOPED_TRACE(testing::Message() << extension << " damage " << damage);
      auto r = start(o.cache_dir, 4);
      EXPECT_EQ(r.status, 0) << r.err;
      if (!(damage == 1 && extension == std::string(".json"))) { EXPECT_EQ(r.out, "cold processes 1\n"); }
      EXPECT_EQ(start(o.cache_dir, 4).out, "warm processes 0\n");
    }
}

TEST(Cache, TwoProcessesMakeOneEntry) {
  Folder f;
  auto o = at(f);
  cladtorch::detail::Outcome a, b;
  std::thread t([&] { a = start(o.cache_dir, 5); });
  b = start(o.cache_dir, 5);
  t.join();
  EXPECT_EQ(a.status, 0) << a.err;
  EXPECT_EQ(b.status, 0) << b.err;
  EXPECT_EQ(count(o.cache_dir, ".so"), 1);
  EXPECT_NE(a.out.find("cold") != a.out.npos, b.out.find("cold") != b.out.npos) << a.out << b.out;
}

TEST(Cache, AKilledCompilationLeavesNothingHalf) {
  Folder f;
  auto o = at(f);
  auto wait = f.path() + "/cladopt";
  std::ofstream(wait) << "#!/bin/sh\nfor a; do out=$a; done; echo half > \"$out\"; touch " << f.path()
                      << "/started; sleep 20\n";
  fs::permissions(wait, fs::perms::owner_all);
  std::vector<std::string> args = {"env", "CLADOPT=" + wait, self(), "--other", o.cache_dir, "6"};
  pid_t pid = fork();
  if (pid == 0) {
    std::vector<char*> argv;
    for (auto& a : args) argv.push_back(a.data());
    argv.push_back(nullptr);
    execvp("env", argv.data());
    _exit(127);
  }
  while (!fs::exists(f.path() + "/started") && waitpid(pid, nullptr, WNOHANG) == 0) usleep(10000);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  auto r = start(o.cache_dir, 6);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out, "cold processes 1\n");
}

TEST(Cache, AnotherCladoptMakesEntriesAgain) {
  Folder f;
  auto o = at(f);
  ASSERT_EQ(start(o.cache_dir, 7).out, "cold processes 1\n");
  auto script = f.path() + "/cladopt";
  std::ofstream(script) << "#!/bin/sh\nexec " << std::getenv("CLADOPT") << " \"$@\"\n";
  fs::permissions(script, fs::perms::owner_all);
  auto r = cladtorch::detail::run({"/usr/bin/env", "CLADOPT=" + script, self(), "--other", o.cache_dir, "7"}, 120);
  EXPECT_EQ(r.out, "cold processes 1\n") << r.err;
}

TEST(Cache, ExportAndImport) {
  Folder f;
  auto o = at(f);
  ASSERT_EQ(start(o.cache_dir, 8).status, 0);
  EXPECT_EQ(cladtorch::export_cache(f.path() + "/shipped", o.cache_dir), 1);
  auto there = f.path() + "/there";
  EXPECT_EQ(cladtorch::import_cache(f.path() + "/shipped", there), 1);
  // No cladopt on that machine.
  auto r = cladtorch::detail::run({"/usr/bin/env", "CLADOPT=/nonexistent", self(), "--other", there, "8"}, 120);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out, "warm processes 0\n");
  // Nor does its environment name the tools that there were here.
  r = cladtorch::detail::run({"/usr/bin/env", "-u", "CLADOPT_CLAD_PLUGIN", "CLADOPT=/nonexistent",
                              "CLADOPT_CXX=/other/c++", self(), "--other", there, "8"},
                             120);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out, "warm processes 0\n");
  // What was imported can be passed on.
  EXPECT_EQ(cladtorch::export_cache(f.path() + "/again", there), 1);
  EXPECT_EQ(cladtorch::import_cache(f.path() + "/again", f.path() + "/elsewhere"), 1);
  r = cladtorch::detail::run({"/usr/bin/env", "CLADOPT=/nonexistent", self(), "--other", f.path() + "/elsewhere", "8"},
                             120);
  EXPECT_EQ(r.out, "warm processes 0\n") << r.err;
  for (const auto& e : fs::directory_iterator(f.path() + "/shipped"))
    if (e.path().extension() == ".so") std::ofstream(e.path(), std::ios::app) << "x";
  EXPECT_EQ(cladtorch::import_cache(f.path() + "/shipped", f.path() + "/third"), 0);
  EXPECT_THROW(cladtorch::import_cache(f.path() + "/missing", there), std::runtime_error);
}

// What is shipped is no cache: others may read it, and it may be another user's, such as the system's.
TEST(Cache, WhatIsShippedIsAnyones) {
  Folder f;
  auto o = at(f);
  ASSERT_EQ(start(o.cache_dir, 8).status, 0);
  auto shipped = f.path() + "/shipped";
  fs::create_directory(shipped);
  fs::permissions(shipped, fs::perms(0755));
  mode_t was = umask(022);
  EXPECT_EQ(cladtorch::export_cache(shipped, o.cache_dir), 1);
  umask(was);
  struct stat s;
  ASSERT_EQ(stat(shipped.c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0755u);
  for (const auto& e : fs::directory_iterator(shipped)) {
    ASSERT_EQ(stat(e.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777, 0644u) << e.path();
    // Only root can give files away.
    if (geteuid() == 0) { ASSERT_EQ(chown(e.path().c_str(), 12345, 12345), 0); }
  }
  auto there = f.path() + "/there";
  EXPECT_EQ(cladtorch::import_cache(shipped, there), 1);
  for (const auto& e : fs::directory_iterator(there)) {
    ASSERT_EQ(stat(e.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_uid, geteuid());
    EXPECT_EQ(s.st_mode & 0777, 0600u) << e.path();
  }
}

TEST(Cache, IsBounded) {
  Folder f;
  auto o = at(f);
  o.cache_bytes = 60000;
  fs::create_directories(o.cache_dir);
  for (const char* left : {"/tmp.killed", "/killed.lock"}) {
    std::ofstream(o.cache_dir + left) << "";
    fs::last_write_time(o.cache_dir + left, fs::file_time_type::clock::now() - std::chrono::hours(2));
  }
  for (int steps = 9; steps < 14; ++steps) {
    cladtorch::compile([=](Tensor x) { return chain(x, steps); }, {torch::ones({4})}, o);
    uint64_t total = 0;
    for (const auto& e : fs::directory_iterator(o.cache_dir)) total += fs::file_size(e.path());
    EXPECT_LE(total, o.cache_bytes);
  }
  EXPECT_FALSE(fs::exists(o.cache_dir + "/tmp.killed"));
  EXPECT_FALSE(fs::exists(o.cache_dir + "/killed.lock"));
}

TEST(Cache, AnUnusableFolderIsDoneWithout) {
  Folder f;
  std::ofstream(f.path() + "/file") << "";
  Options o;
  o.cache_dir = f.path() + "/file";
  auto x = torch::ones({4});
  auto c = cladtorch::compile([](Tensor x) { return chain(x, 3); }, {x}, o);
  EXPECT_NE(c.report().engine, "eager") << c.report();
  EXPECT_TRUE(agree(c(x), chain(x, 3), true));
}

// Many threads, several shapes, the cache emptied all the while.
TEST(Threads, CallsAtOnce) {
  Folder f;
  auto o = at(f);
  int calls = std::getenv("CLADTORCH_LONG") ? 10000 : 500;
  std::vector<int64_t> sizes = {3, 8, 17, 64, 200};
  auto w = torch::tensor(1.5, torch::kDouble).requires_grad_();
  auto fn = [w](Tensor x) { return (x * w).tanh().sum(); };
  auto c = cladtorch::compile(fn, {torch::ones({2}, torch::kDouble)}, o);
  std::atomic<int> wrong{0};
  std::atomic<bool> stop{false};
  std::thread wiper([&] {
    while (!stop) {
      std::error_code ec;
      fs::remove_all(o.cache_dir, ec);
      usleep(3000);
    }
  });
  std::vector<std::thread> all;
  for (int t = 0; t < 8; ++t)
    all.emplace_back([&, t] {
      std::vector<Tensor> xs, ys, gs;
      for (auto n : sizes) {
        xs.push_back(torch::linspace(-1, 1 + t, n, torch::kDouble).requires_grad_());
        ys.push_back(fn(xs.back()).detach());
        gs.push_back(torch::autograd::grad({fn(xs.back())}, {xs.back()})[0]);
      }
      for (int i = 0; i < calls; ++i) {
        size_t k = size_t(i + t) % sizes.size();
        if (i % 2) {
          auto y = c(xs[k]);
          if (!agree(y, ys[k], false) || !agree(torch::autograd::grad({y}, {xs[k]})[0], gs[k], false)) ++wrong;
        } else {
          auto y = c.forward({xs[k]});
          auto g = c.backward(torch::ones({}, torch::kDouble));
          if (!agree(y, ys[k], false) || !agree(g, gs[k], false)) ++wrong;
        }
      }
    });
  for (auto& t : all) t.join();
  stop = true;
  wiper.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(c.report().specializations, 6);
}

TEST(Threads, BackwardBelongsToTheThread) {
  auto x = leaf({4});
  auto c = cladtorch::compile([](Tensor x) { return x.sin().sum(); }, {x});
  c.forward({x});
  std::thread([&] { EXPECT_THROW(c.backward(torch::ones({})), c10::Error); }).join();
  EXPECT_TRUE(agree(c.backward(torch::ones({})), x.cos(), true));
}

int threads_of_process() {
  return int(std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
}

// The processor time of each thread, in nanoseconds; empty where the kernel does not tell.
std::map<std::string, double> time_of_threads() {
  std::map<std::string, double> all;
  for (const auto& t : fs::directory_iterator("/proc/self/task"))
    if (double ns; std::ifstream(t.path() / "schedstat") >> ns) all[t.path().filename()] = ns;
  return all;
}

// How many threads did a tenth or more of the work since then.
int busy_since(const std::map<std::string, double>& start) {
  std::vector<double> spent;
  for (const auto& [thread, ns] : time_of_threads()) spent.push_back(ns - (start.count(thread) ? start.at(thread) : 0));
  double all = std::accumulate(spent.begin(), spent.end(), 0.);
  return int(std::count_if(spent.begin(), spent.end(), [&](double ns) { return ns > all / 10; }));
}

TEST(Threads, TheThreadCountIsRespected) {
  auto x = torch::randn({1 << 21});
  auto fn = [](Tensor x) { return (x * x + 1).log(); };
  auto c = cladtorch::compile(fn, {x});
  for (int n : {1, 2}) {
    torch::set_num_threads(n);
    EXPECT_TRUE(agree(c(x), fn(x), true)) << n;
    // LibTorch has its threads now; the kernels use them, as many as asked for, and start none.
    int before = threads_of_process();
    auto start = time_of_threads();
    for (int i = 0; i < 20; ++i) c(x);
    EXPECT_EQ(threads_of_process(), before);
    if (start.empty())
      std::cout << "SKIPPED: this kernel does not tell the time of threads\n";
    else
      EXPECT_EQ(busy_since(start), n);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && argv[1] == std::string("--other")) return other(argv[2], std::stoi(argv[3]));
  if (argc == 3 && argv[1] == std::string("--at-exit")) return at_exit(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
