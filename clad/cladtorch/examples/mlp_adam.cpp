// A classifier trained by Adam, once by LibTorch and once compiled: the same losses, step by step.
// The loss is part of the compiled function; parameters get their gradients by loss.backward().
#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "check.h"

struct Classifier : torch::nn::Module {
  torch::nn::Linear a, b, c;
  Classifier() : a(16, 32), b(32, 32), c(32, 10) {
    register_module("a", a);
    register_module("b", b);
    register_module("c", c);
  }
  torch::Tensor forward(torch::Tensor x, torch::Tensor label) {
    return torch::cross_entropy_loss(c(torch::relu(b(torch::relu(a(x))))), label);
  }
};

template <class Loss>
std::vector<double> train(Classifier& net, Loss loss) {
  torch::optim::Adam adam(net.parameters(), 1e-2);
  torch::manual_seed(5);
  std::vector<double> losses;
  for (int step = 0; step < 40; ++step) {
    auto x = torch::randn({16, 16});
    auto label = x.slice(1, 0, 10).argmax(1);
    adam.zero_grad();
    auto l = loss(x, label);
    l.backward();
    adam.step();
    losses.push_back(l.template item<double>());
  }
  return losses;
}

int main() {
  torch::manual_seed(1);
  auto eager = std::make_shared<Classifier>();
  torch::manual_seed(1);
  auto net = std::make_shared<Classifier>();

  auto compiled = cladtorch::compile(net, {torch::randn({16, 16}), torch::randint(10, {16})});
  auto want = train(*eager, [&](auto x, auto label) { return eager->forward(x, label); });
  auto got = train(*net, compiled);

  std::cout << compiled.report();
  CHECK_THAT(compiled.report().engine != "eager");
  CHECK_THAT(compiled.report().specializations == 1);
  for (size_t i = 0; i < want.size(); ++i) CHECK_THAT(std::abs(got[i] - want[i]) < 2e-4 * std::max(1.0, want[i]));
  CHECK_THAT(got.back() < 0.7 * got.front());
  std::cout << "loss " << got.front() << " to " << got.back() << "\n";
}
