// What autograd's history of a run tells.
#pragma once

#include <string>
#include <vector>

#include <cladtorch/detail/function.h>

#include "observer.h"

namespace cladtorch::detail {

// Why gradients between the outputs and the tensors from outside are not LibTorch's own, or "".
std::string foreign_gradient(const Tensors& outputs, const Tensors& sources);

// Whether the history of t leads to each of the sources.
std::vector<char> reached(const at::Tensor& t, const Tensors& sources, const Observer& observer);

}  // namespace cladtorch::detail
