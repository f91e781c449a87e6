// The functions behind testdata/observed, written as a user would, with the inputs they were observed on.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace observed {

using torch::Tensor;
using Tensors = std::vector<Tensor>;

struct Program {
  std::function<Tensors(Tensors)> f;
  std::function<Tensors(torch::Dtype)> inputs;  // random ones, whose floating tensors have the type
  std::string refused = {};                     // the reason why it cannot be compiled, or part of it
  torch::Dtype observed = torch::kFloat;        // the type in the observed graph
};

// By the name of the graph.
const std::map<std::string, Program>& programs();

}  // namespace observed
