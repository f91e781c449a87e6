// The parts of modules that a trace depends on and that a program may change.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>

namespace cladtorch::detail {

class Watch {
 public:
  Watch() = default;
  // Remembers the training flags and which tensors stand in the slots of parameters and
  // buffers, of the modules and their submodules.
  explicit Watch(const std::vector<std::shared_ptr<torch::nn::Module>>& roots);

  bool holds() const;
  // What differs and what to do about it, or "".
  std::string difference() const;

 private:
  struct Seen {
    std::shared_ptr<torch::nn::Module> module;
    bool training, has_buffers;
    std::vector<const c10::TensorImpl*> tensors;
    std::vector<std::string> texts;  // of the tensors, by name
  };
  std::vector<Seen> seen_;
};

}  // namespace cladtorch::detail
