// CLADTORCH_LOG, which is read once a process: this program starts itself for each set of topics.
#include "support.h"

#include <map>
#include <regex>
#include <set>

#include <cladtorch/observe.h>

#include "process.h"

using namespace test;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> topics = {"graph", "guards", "recompiles", "ir", "cpp", "llvm", "cache", "perf"};

// The process that logs: two shapes of one function, on an engine.
int child(const std::string& engine, const std::string& cache) {
  Options o;
  o.engine = engine;
  o.cache_dir = cache;
  auto c = cladtorch::compile([](Tensor x) { return (x.tanh() * x).sum(); }, {leaf({16})}, o);
  c(leaf({16}));
  c(leaf({8}));
  std::cout << c.report();
  return c.report().engine == engine ? 0 : 1;
}

struct Log {
  std::map<std::string, std::string> of;  // what each topic said, line after line
  std::string all;
};

Log run(const std::string& set, const std::string& engine, const std::string& cache,
        std::vector<std::string> environment = {}) {
  std::vector<std::string> argv = {"/usr/bin/env", "CLADTORCH_LOG=" + set};
  argv.insert(argv.end(), environment.begin(), environment.end());
  for (const auto& a : {fs::read_symlink("/proc/self/exe").string(), std::string("--child"), engine, cache})
    argv.push_back(a);
  auto o = cladtorch::detail::run(argv, 300);
  EXPECT_EQ(o.status, 0) << o.failure << o.out << o.err;
  Log log;
  log.all = o.err;
  static const std::regex mark("^cladtorch\\[([a-z]+)\\]: (.*)");
  std::istringstream lines(o.err);
  std::string topic;
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    if (std::regex_match(line, m, mark)) topic = m[1], line = m[2];
    log.of[topic] += line + "\n";
  }
  return log;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// Whether cladopt can look into the kernels, for which it needs Clang.
bool inspects() {
  Folder f;
  cladtorch::observe([](Tensor x) { return x * 2; }, {leaf({3})}, f.path() + "/x");
  auto o = cladtorch::detail::run({std::getenv("CLADOPT"), "inspect", f.path() + "/x.graph", "--engine=builtin"}, 120);
  if (o.status != 0) std::cout << "SKIPPED: topic llvm: " << o.err;
  return o.status == 0;
}

// Each topic alone says what it is for, twice, as there are two specialisations; and nothing else is said.
void expect_topics(const std::string& engine, const std::map<std::string, std::vector<std::string>>& want) {
  Folder f;
  bool llvm = inspects();
  for (const auto& [topic, parts] : want)
    for (const char* start : {"cold", "warm"}) {
      if (topic == "llvm" && !llvm) continue;
      SCOPED_TRACE(engine + " " + topic + " " + start);
      auto log = run(topic, engine, f.path() + "/" + topic);
      EXPECT_EQ(log.of.size(), 1u) << log.all;
      for (const auto& p : parts) EXPECT_EQ(count(log.of[topic], p), 2) << "\"" << p << "\" in\n" << log.of[topic];
    }
}

TEST(Log, EachTopicOfEngineBuiltin) {
  expect_topics("builtin", {{"graph", {"graph(%0 : Float(", "aten::tanh(%0)"}},
                            {"guards", {"input 0: float ["}},
                            {"ir", {"func.func @graph(", "func.func @k0("}},
                            {"cpp", {"// Made by cladopt from observed.graph, engine builtin, pipeline grad-pairs."}},
                            {"llvm", {"; k0, forward, observed.graph:"}},
                            {"perf", {"trace ", "load ", "verify "}}});
}

TEST(Log, EachTopicOfEngineClad) {
  if (!std::getenv("CLADOPT_CLAD_PLUGIN")) GTEST_SKIP() << "SKIPPED: CLADOPT_CLAD_PLUGIN is not set: there is no Clad";
  expect_topics(
      "clad",
      {{"ir", {"func.func @graph("}},
       {"cpp",
        {"// Made by cladopt from observed.graph, engine clad", "#include \"clad/Differentiator/Differentiator.h\""}},
       {"llvm", {"; k0, forward, observed.graph:"}}});
}

TEST(Log, Recompiles) {
  Folder f;
  auto log = run("recompiles", "builtin", f.path());
  EXPECT_EQ(log.of["recompiles"],
            "input 0: shape [8], was [16]; pad or batch inputs to few shapes, or raise Options::max_specializations\n")
      << log.all;
}

TEST(Log, Cache) {
  Folder f;
  auto cold = run("cache", "builtin", f.path()).of["cache"];
  EXPECT_EQ(count(cold, "miss "), 2) << cold;
  EXPECT_EQ(count(cold, "hit "), 0) << cold;
  auto warm = run("cache", "builtin", f.path()).of["cache"];
  EXPECT_EQ(count(warm, "miss "), 0) << warm;
  EXPECT_EQ(count(warm, "hit "), 2) << warm;
  for (const auto& e : fs::directory_iterator(f.path()))
    if (e.path().extension() == ".so") fs::resize_file(e.path(), 10);
  EXPECT_EQ(count(run("cache", "builtin", f.path()).of["cache"], "is damaged"), 2);
}

TEST(Log, PerfTellsColdFromWarm) {
  Folder f;
  EXPECT_EQ(count(run("perf", "builtin", f.path()).of["perf"], "compile "), 2);
  EXPECT_EQ(count(run("perf", "builtin", f.path()).of["perf"], "compile "), 0);
}

TEST(Log, SetsOfTopics) {
  Folder f;
  auto names = [](const Log& log) {
    std::set<std::string> all;
    for (const auto& t : log.of) all.insert(t.first);
    return all;
  };
  EXPECT_EQ(names(run("guards,perf", "builtin", f.path())), (std::set<std::string>{"guards", "perf"}));
  EXPECT_EQ(names(run("all", "builtin", f.path())), (std::set<std::string>{topics.begin(), topics.end()}));
  EXPECT_TRUE(names(run("", "builtin", f.path())).empty());
  auto wrong = run("guards,grpah", "builtin", f.path());
  EXPECT_TRUE(has(wrong.all, "unknown topic \"grpah\"; known: graph guards")) << wrong.all;
  EXPECT_TRUE(has(wrong.of["guards"], "input 0: float [16]"));
}

// What cannot be shown says why.
TEST(Log, AStageThatFails) {
  Folder f;
  auto script = f.path() + "/cladopt";
  std::ofstream(script) << "#!/bin/sh\ncase \"$*\" in *--emit=so*) exec " << std::getenv("CLADOPT")
                        << " \"$@\";; esac\necho this stage is shut >&2; exit 1\n";
  fs::permissions(script, fs::perms::owner_all);
  auto log = run("ir,cpp,llvm", "builtin", f.path() + "/cache", {"CLADOPT=" + script});
  EXPECT_TRUE(has(log.of["ir"], "there is no ir: this stage is shut")) << log.all;
  EXPECT_TRUE(has(log.of["cpp"], "there is no cpp: this stage is shut")) << log.all;
  EXPECT_TRUE(has(log.of["llvm"], "there is no llvm: this stage is shut")) << log.all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && argv[1] == std::string("--child")) return child(argv[2], argv[3]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
