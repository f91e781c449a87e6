// A compiled graph as one node of autograd.
#pragma once

#include <memory>

#include "program.h"

namespace cladtorch::detail {

// Makes outputs (of program.forward(inputs, &call)) results of a node that computes the
// gradient of the inputs. Differentiating that gradient again throws.
void record(std::shared_ptr<const Program> program, const TensorRefs& inputs, Tensors& outputs, Call call);

}  // namespace cladtorch::detail
