// A compiled library, loaded.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <cladopt_abi.h>
#include <cladtorch/report.h>
#include <torch/types.h>

namespace cladtorch::detail {

struct Value {
  at::ScalarType dtype;
  std::vector<int64_t> shape, strides;  // an output has no strides
  bool requires_grad;
  bool unread;  // an input that backward does not read
  int64_t numel;
};

struct Meta {
  std::vector<Value> inputs, outputs;
  std::vector<std::pair<int, int>> mutated;  // input, output
  size_t workspace_bytes = 0, alignment = 1;
  std::string engine;
  std::vector<std::string> guards, assertions;
  std::vector<Kernel> kernels;
};

// What cladopt is told that graphs are called: messages of libraries name places in it.
constexpr char graph_name[] = "observed.graph";

// Never unloaded: derived code may still be referred to.
struct Library {
  decltype(&ct_forward) forward = nullptr;
  decltype(&ct_backward) backward = nullptr;
  Meta meta;
};

// Loads the library at an absolute path and reads its description; throws ToolError.
Library load_library(const std::string& path);

}  // namespace cladtorch::detail
