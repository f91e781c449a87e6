// Forward and backward of compiled functions against eager LibTorch, in one process and one thread, as
// users write them. Prints a table of medians; asserts nothing.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include <dlfcn.h>
#include <unistd.h>

#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "bare_node.h"
#include "guard.h"

namespace {

using torch::Tensor;
using Tensors = std::vector<Tensor>;
using Clock = std::chrono::steady_clock;

double once(const std::function<void()>& f, int repeat) {
  auto start = Clock::now();
  for (int i = 0; i < repeat; ++i) f();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / repeat;
}

// Medians of microseconds, the candidates taking turns.
std::vector<double> medians(const std::vector<std::function<void()>>& candidates) {
  std::vector<std::vector<double>> all(candidates.size());
  std::vector<int> repeat;
  for (const auto& f : candidates) {
    for (int i = 0; i < 3; ++i) f();
    repeat.push_back(std::max(1, int(5000 / std::max(0.1, once(f, 3)))));
  }
  for (int round = 0; round < 21; ++round)
    for (size_t i = 0; i < candidates.size(); ++i) all[i].push_back(once(candidates[i], repeat[i]));
  std::vector<double> m;
  for (auto& a : all) {
    std::nth_element(a.begin(), a.begin() + 10, a.end());
    m.push_back(a[10]);
  }
  return m;
}

void row(const char* name, const std::function<Tensor(Tensors)>& f, const Tensors& inputs) {
  auto c = cladtorch::compile(f, inputs);
  Tensors wanted;
  for (const auto& t : inputs)
    if (t.requires_grad()) wanted.push_back(t);
  std::function<void()> users = [&] {
    auto y = c.forward(inputs);
    c.backward_all({torch::ones_like(y)});
  };
  if (inputs.size() == 1)
    users = [&c, x = inputs[0]] {
      auto y = c.forward({x});
      auto dx = c.backward(torch::ones_like(y));
    };
  auto m = medians({[&] { torch::autograd::grad({f(inputs)}, wanted); }, users,
                    [&] { torch::autograd::grad({c(inputs)}, wanted); }});
  std::printf("%-34s %-8s %12.2f %12.2f %7.2f %12.2f %7.2f\n", name, c.report().engine.c_str(), m[0], m[1], m[0] / m[1],
              m[2], m[0] / m[2]);
}

Tensor leaf(torch::IntArrayRef sizes) { return torch::randn(sizes).requires_grad_(); }

// Weights as torch::nn::Linear starts with them: larger ones saturate the loss.
Tensor weight(int64_t out, int64_t in) { return torch::randn({out, in}).div(std::sqrt(double(in))).requires_grad_(); }

// A table of LibTorch against LibTorch would be taken for one of compiled functions.
bool compiles() {
  auto r = cladtorch::compile([](Tensor x) { return x.exp(); }, {torch::ones({4})}).report();
  if (r.engine != "eager") return true;
  std::fprintf(stderr, "NOTHING IS COMPILED, so there is nothing to measure: %s\n", r.reason.c_str());
  return false;
}

void autograd_overhead() {
  auto x = leaf({1000});
  auto c = cladtorch::compile([](Tensor x) { return (x * x).sum(); }, {x});
  auto m = medians({[&] { torch::autograd::grad({bare::square_sum(x)}, {x}); },
                    [&] { torch::autograd::grad({c(x)}, {x}); }, [&] { c.forward({x}); }});
  std::printf(
      "\nsquare-sum 1,000 through autograd: bare node %.2f us, compiled %.2f us: %.2f us more; explicit forward alone "
      "%.2f us\n",
      m[0], m[1], m[1] - m[0], m[2]);
}

void guard_check() {
  constexpr int n = 64;
  Tensors inputs;
  std::vector<cladtorch::detail::TensorGuard> guards;
  for (int i = 0; i < n; ++i) inputs.push_back(leaf({2, 3, 4, 5}));
  for (const auto& t : inputs) guards.emplace_back(t);
  int held = 0;
  auto m = medians({[&] {
    int count = 0;
    for (int i = 0; i < n; ++i) count += guards[size_t(i)].holds(inputs[size_t(i)]);
    held = count;
  }});
  if (held != n) std::printf("the guards do not hold, so that this is something else: ");
  std::printf("guard check: %.1f ns an input of 4 dimensions\n", m[0] * 1000 / n);
}

Tensor ten_operators(Tensor x) { return (((x * 2).sin() + x).exp() * 0.5).tanh().sigmoid().sqrt().sum().log(); }

// In a process of its own: from compile to the first result.
int start(const char* cache) {
  cladtorch::Options o;
  o.verify = cladtorch::Verify::off;
  o.cache_dir = cache;
  auto x = leaf({1000});
  auto begin = Clock::now();
  auto c = cladtorch::compile(ten_operators, {x}, o);
  auto y = c.forward({x});
  double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  auto r = c.report();
  std::printf("%s %.3f", r.from_cache ? "warm" : "cold", ms);
  for (const auto& p : r.phases) std::printf(" %s %.3f", p.name.c_str(), p.seconds * 1e3);
  std::printf("\n");
  return r.engine == "eager";
}

void starts(const char* self) {
  std::string cache = (std::filesystem::temp_directory_path() / "cladtorch-bench-XXXXXX").string();
  if (!mkdtemp(cache.data())) return;
  std::printf("\nmilliseconds from compile to the first result, 10 operators, verify off, and the phases of it:\n");
  for (int i = 0; i < 6; ++i) {
    std::fflush(stdout);
    if (std::system(("'" + std::string(self) + "' --start '" + cache + "'").c_str()) != 0) break;
  }
  std::filesystem::remove_all(cache);
}

// The library that eager products of matrices come from: a reference BLAS takes fifty times as long as others.
std::string blas() {
  Dl_info info;
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (!sgemm || !dladdr(sgemm, &info) || !info.dli_fname) return "within LibTorch";
  std::error_code ec;
  auto file = std::filesystem::canonical(info.dli_fname, ec);  // Debian's are told apart by their folders
  return (file.parent_path().filename() / file.filename()).string();
}

// OpenBLAS has threads of its own, whose number it reads when it is loaded.
void limit_blas(const char* threads, char** argv) {
  if (std::getenv("OPENBLAS_NUM_THREADS")) return;
  setenv("OPENBLAS_NUM_THREADS", threads, 1);
  execv("/proc/self/exe", argv);
}

}  // namespace

// Takes the number of threads, 1 if there is none.
int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--start") return start(argv[2]);
  const char* threads = argc > 1 ? argv[1] : "1";
  limit_blas(threads, argv);
  if (!compiles()) return 1;
  torch::set_num_threads(std::atoi(threads));
  std::printf("LibTorch %s, BLAS %s, threads: %d\n", TORCH_VERSION, blas().c_str(), torch::get_num_threads());
  std::printf("%-34s %-8s %12s %12s %7s %12s %7s\n", "microseconds, forward + backward", "engine", "eager", "explicit",
              "times", "operator()", "times");
  auto square = [](Tensors in) { return (in[0] * in[0]).sum(); };
  row("square-sum 1,000", square, {leaf({1000})});
  row("square-sum 1,000,000", square, {leaf({1000000})});
  row("tanh/sigmoid chain 1024x1024",
      [](Tensors in) {
        auto x = in[0] * in[1];
        for (int i = 0; i < 6; ++i) x = torch::tanh(x) * 0.9 + torch::sigmoid(x);
        return x.mean();
      },
      {leaf({1024, 1024}), leaf({1024})});
  row("softmax 512x256", [](Tensors in) { return (torch::softmax(in[0], 1) * in[1]).sum(); },
      {leaf({512, 256}), torch::randn({512, 256})});
  row("layer_norm 512x256", [](Tensors in) { return (torch::layer_norm(in[0], {256}, in[1], in[2]) * in[3]).sum(); },
      {leaf({512, 256}), leaf({256}), leaf({256}), torch::randn({512, 256})});
  auto mlp = [](Tensors in) {
    auto h = torch::relu(torch::linear(in[0], in[2], in[3]));
    h = torch::relu(torch::linear(h, in[4], in[5]));
    return torch::cross_entropy_loss(torch::linear(h, in[6], in[7]), in[1]);
  };
  row("MLP 16x16-32-32-10", mlp,
      {torch::randn({16, 16}), torch::randint(10, {16}), weight(32, 16), leaf({32}), weight(32, 32), leaf({32}),
       weight(10, 32), leaf({10})});
  row("MLP 256x784-512-512-10", mlp,
      {torch::randn({256, 784}), torch::randint(10, {256}), weight(512, 784), leaf({512}), weight(512, 512),
       leaf({512}), weight(10, 512), leaf({10})});

  autograd_overhead();
  guard_check();
  starts(argv[0]);
}
