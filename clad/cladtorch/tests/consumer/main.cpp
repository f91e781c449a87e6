#include <cladtorch/compile.h>

#include <iostream>

int main() {
  auto my_graph = [](torch::Tensor x) { return (x * x).sum(); };
  auto x = torch::randn({5});
  auto compiled = cladtorch::compile(my_graph, {x});
  auto y = compiled.forward({x});
  auto dx = compiled.backward(torch::ones_like(y));
  std::cout << compiled.report();
  return compiled.report().engine != "eager" && torch::allclose(dx, 2 * x) ? 0 : 1;
}
