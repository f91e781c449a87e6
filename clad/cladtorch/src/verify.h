// Holds a compiled program against what LibTorch computed.
#pragma once

#include <string>

#include "capture.h"
#include "program.h"

namespace cladtorch::detail {

// The first difference between a and b by the file contract's tolerance times factor, or "".
std::string difference(const at::Tensor& got, const at::Tensor& want, bool single, double factor);

// Runs the program on the inputs and compares outputs, gradients and changed inputs with
// expected; changes no input. Returns the first difference, or "".
std::string verify(const Program& program, const TensorRefs& inputs, const Expected& expected, double factor);

}  // namespace cladtorch::detail
