// Every shape is compiled for itself. Batches of any size compile again and again; padding them to
// a few sizes does not. CLADTORCH_LOG=recompiles prints each reason as it happens.
#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "check.h"

torch::Tensor loss(torch::Tensor x, torch::Tensor weight) { return ((x * x).sum(1) * weight).sum() / weight.sum(); }

int main() {
  std::vector<int64_t> sizes = {32, 32, 31, 32, 17, 32, 5};

  auto naive = cladtorch::compile(loss, {torch::randn({32, 4}), torch::ones({32})});
  for (auto n : sizes) naive(torch::randn({n, 4}), torch::ones({n}));
  std::cout << "as they come:\n" << naive.report();
  CHECK_THAT(naive.report().specializations == 4);
  CHECK_THAT(naive.report().recompiles.size() == 3);

  auto padded = cladtorch::compile(loss, {torch::randn({32, 4}), torch::ones({32})});
  for (auto n : sizes) {
    auto x = torch::randn({n, 4});
    auto fill = torch::zeros({32 - n, 4});
    auto weight = torch::cat({torch::ones({n}), torch::zeros({32 - n})});
    CHECK_THAT(torch::allclose(padded(torch::cat({x, fill}), weight), loss(x, torch::ones({n}))));
  }
  std::cout << "padded:\n" << padded.report();
  CHECK_THAT(padded.report().specializations == 1);
  CHECK_THAT(padded.report().recompiles.empty());
}
