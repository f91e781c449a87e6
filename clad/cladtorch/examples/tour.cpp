// The model of docs/tour.md: two layers and a loss, its observed graph, its gradients.
#include <cladtorch/compile.h>
#include <cladtorch/observe.h>
#include <torch/torch.h>

#include "check.h"

std::vector<torch::Tensor> model(std::vector<torch::Tensor> v) {
  auto x = v[0], w1 = v[1], b1 = v[2], w2 = v[3], b2 = v[4], target = v[5];
  auto y = torch::linear(torch::relu(torch::linear(x, w1, b1)), w2, b2);
  return {torch::mse_loss(y, target), y};
}

int main() {
  auto weight = [](auto... sizes) { return torch::randn({sizes...}).requires_grad_(); };
  std::vector<torch::Tensor> inputs = {torch::randn({8, 5}), weight(16, 5), weight(16),
                                       weight(3, 16),        weight(3),     torch::randn({8, 3})};

  auto compiled = cladtorch::compile(model, inputs);
  cladtorch::observe(model, inputs, "mlp");  // writes mlp.graph and mlp.safetensors

  auto results = compiled(inputs);
  results[0].backward();
  auto gradient = inputs[1].grad().clone();

  inputs[1].mutable_grad().zero_();
  model(inputs)[0].backward();
  CHECK_THAT(compiled.report().engine != "eager");
  CHECK_THAT(torch::allclose(gradient, inputs[1].grad(), 1e-4, 1e-5));
}
