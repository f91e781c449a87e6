// A compiled graph as one node of autograd.
#pragma once

#include <memory>

#include "program.h"

namespace cladtorch::detail {

// Makes those outputs (of program.forward(inputs, &call)) that require a gradient results of a
// node that computes the gradient of the inputs. Differentiating that gradient again throws.
void record(std::shared_ptr<const Program> program, const TensorRefs& inputs, Results& outputs,
            const std::vector<char>& requires_grad, Call call);

}  // namespace cladtorch::detail
