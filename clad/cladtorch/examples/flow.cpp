// A normalising flow of two affine couplings in double precision: the negative log-likelihood and its
// gradient by forward and backward, without autograd.
#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "check.h"

struct Coupling : torch::nn::Module {
  torch::nn::Linear a, s, t;
  Coupling() : a(2, 16), s(16, 2), t(16, 2) {
    register_module("a", a);
    register_module("s", s);
    register_module("t", t);
  }
  std::pair<torch::Tensor, torch::Tensor> step(torch::Tensor x) {
    auto fixed = x.slice(1, 0, 2), moved = x.slice(1, 2, 4);
    auto h = torch::tanh(a(fixed));
    auto scale = torch::tanh(s(h));
    return {torch::cat({moved * torch::exp(scale) + t(h), fixed}, 1), scale.sum(1)};
  }
};

struct Flow : torch::nn::Module {
  std::shared_ptr<Coupling> first = register_module("first", std::make_shared<Coupling>());
  std::shared_ptr<Coupling> second = register_module("second", std::make_shared<Coupling>());
  torch::Tensor forward(torch::Tensor x) {
    auto [y, a] = first->step(x);
    auto [z, b] = second->step(y);
    return (0.5 * (z * z).sum(1) - a - b).mean();
  }
};

int main() {
  torch::manual_seed(1);
  auto flow = std::make_shared<Flow>();
  flow->to(torch::kDouble);
  auto data = torch::randn({256, 4}, torch::kDouble).mul(0.5).add(1);

  auto nll = cladtorch::compile(flow, {data});
  std::cout << nll.report();
  CHECK_THAT(nll.report().engine != "eager");

  double first = 0, last = 0;
  for (int step = 0; step < 100; ++step) {
    auto loss = nll.forward({data});
    nll.backward_all({torch::ones_like(loss)});
    auto grads = nll.parameter_grads();
    if (step == 0) {
      first = loss.item<double>();
      flow->forward(data).backward();
      for (auto& p : flow->named_parameters())
        CHECK_THAT(torch::allclose(p.value().grad(), grads[p.key()], 1e-9, 1e-10));
    }
    torch::NoGradGuard no_grad;
    for (auto& p : flow->named_parameters()) p.value().sub_(grads[p.key()], 0.05);
    last = loss.item<double>();
  }
  CHECK_THAT(last < first - 0.5);
  std::cout << "negative log-likelihood " << first << " to " << last << "\n";
}
