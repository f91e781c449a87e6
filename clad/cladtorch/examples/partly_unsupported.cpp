// A function with a part that cannot be compiled: LibTorch serves it and the report says why. Compiling
// the rest alone keeps the gain.
#include <cladtorch/compile.h>
#include <torch/torch.h>

#include "check.h"

torch::Tensor features(torch::Tensor x) { return torch::tanh(x * 2) + torch::sigmoid(x); }

// The number of elements depends on the values.
torch::Tensor selected(torch::Tensor x) { return x.masked_select(x > 0).sum(); }

int main() {
  auto x = torch::randn({64}).requires_grad_();

  auto whole = cladtorch::compile([](torch::Tensor x) { return selected(features(x)); }, {x});
  std::cout << whole.report();
  CHECK_THAT(whole.report().engine == "eager");
  CHECK_THAT(whole.report().reason.find("masked_select") != std::string::npos);
  CHECK_THAT(torch::allclose(whole(x), selected(features(x))));

  auto part = cladtorch::compile(features, {x});
  std::cout << part.report();
  CHECK_THAT(part.report().engine != "eager");
  auto got = torch::autograd::grad({selected(part(x))}, {x})[0];
  auto want = torch::autograd::grad({selected(features(x))}, {x})[0];
  CHECK_THAT(torch::allclose(got, want));

  // Who wants no silent loss of speed asks for an error.
  cladtorch::Options strict;
  strict.fallback = false;
  try {
    cladtorch::compile([](torch::Tensor x) { return selected(x); }, {x}, strict);
    CHECK_THAT(!"reached");
  } catch (const cladtorch::CompileError& e) { std::cout << e.what() << "\n"; }
}
