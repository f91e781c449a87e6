// The smallest use: values and gradient of a function of a tensor.
#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "check.h"

int main() {
  auto x = torch::randn({1000});
  auto my_graph = [](torch::Tensor x) { return (x * x).sum(); };

  auto compiled = cladtorch::compile(my_graph, {x});
  auto y = compiled.forward({x});
  auto dx = compiled.backward(torch::ones_like(y));

  std::cout << compiled.report();
  CHECK_THAT(compiled.report().engine != "eager");
  CHECK_THAT(torch::allclose(y, my_graph(x)));
  CHECK_THAT(torch::allclose(dx, 2 * x));
}
