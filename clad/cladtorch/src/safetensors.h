// Writes the file format safetensors: eight bytes with the length of the header (little-endian), the
// header, a JSON object, and the data. https://github.com/huggingface/safetensors#format
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace cladtorch::detail {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// The format's name of an element type, or null if it has none.
const char* safetensors_dtype(at::ScalarType dtype);

// Writes dense tensors of the CPU, as if they were contiguous. Every dtype must have a name.
void write_safetensors(std::ostream& out, NamedTensors tensors);

}  // namespace cladtorch::detail
