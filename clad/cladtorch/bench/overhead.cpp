// Forward and backward of compiled functions against eager LibTorch, in one process and one thread, as
// users write them. Prints a table of medians; asserts nothing.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "bare_node.h"

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
  auto m = medians({[&] { torch::autograd::grad({f(inputs)}, wanted); },
                    [&] {
                      auto y = c.forward_all(inputs);
                      c.backward_all({torch::ones_like(y[0])});
                    },
                    [&] { torch::autograd::grad({c(inputs)}, wanted); }});
  std::printf("%-34s %-8s %12.2f %12.2f %7.2f %12.2f %7.2f\n", name, c.report().engine.c_str(), m[0], m[1], m[0] / m[1], m[2], m[0] / m[2]);
}

Tensor leaf(torch::IntArrayRef sizes) { return torch::randn(sizes).requires_grad_(); }

// Weights as torch::nn::Linear starts with them: larger ones saturate the loss.
Tensor weight(int64_t out, int64_t in) { return torch::randn({out, in}).div(std::sqrt(double(in))).requires_grad_(); }

}  // namespace

// Takes the number of threads, 1 if there is none.
int main(int argc, char** argv) {
  torch::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  std::printf("threads: %d\n", torch::get_num_threads());
  std::printf("%-34s %-8s %12s %12s %7s %12s %7s\n", "microseconds, forward + backward", "engine", "eager", "explicit", "times", "operator()", "times");
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
  row("softmax 512x256", [](Tensors in) { return (torch::softmax(in[0], 1) * in[1]).sum(); }, {leaf({512, 256}), torch::randn({512, 256})});
  row("layer_norm 512x256", [](Tensors in) { return (torch::layer_norm(in[0], {256}, in[1], in[2]) * in[3]).sum(); },
      {leaf({512, 256}), leaf({256}), leaf({256}), torch::randn({512, 256})});
  auto mlp = [](Tensors in) {
    auto h = torch::relu(torch::linear(in[0], in[2], in[3]));
    h = torch::relu(torch::linear(h, in[4], in[5]));
    return torch::cross_entropy_loss(torch::linear(h, in[6], in[7]), in[1]);
  };
  row("MLP 16x16-32-32-10", mlp, {torch::randn({16, 16}), torch::randint(10, {16}), weight(32, 16), leaf({32}), weight(32, 32), leaf({32}), weight(10, 32), leaf({10})});
  row("MLP 256x784-512-512-10", mlp, {torch::randn({256, 784}), torch::randint(10, {256}), weight(512, 784), leaf({512}), weight(512, 512), leaf({512}), weight(10, 512), leaf({10})});

  auto x = leaf({1000});
  auto c = cladtorch::compile([](Tensor x) { return (x * x).sum(); }, {x});
  auto m = medians({[&] { torch::autograd::grad({bare::square_sum(x)}, {x}); }, [&] { torch::autograd::grad({c(x)}, {x}); }, [&] { c.forward({x}); }});
  std::printf("\nsquare-sum 1,000 through autograd: bare node %.2f us, compiled %.2f us: %.2f us more; explicit forward alone %.2f us\n", m[0], m[1], m[1] - m[0], m[2]);
}
