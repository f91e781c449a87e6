// The parts of modules that a trace depends on and that a program may change. Members of modules that are not
// LibTorch's own are not among them: nothing knows where they are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>

namespace cladtorch::detail {

class Watch {
 public:
  Watch() = default;
  // Remembers the training flags and what stands in the slots of parameters, buffers and
  // submodules, of the modules and their submodules, and in the members that LibTorch's modules compute with.
  explicit Watch(const std::vector<std::shared_ptr<torch::nn::Module>>& roots);

  bool holds() const;
  // What differs and what to do about it, or "".
  std::string difference() const;

 private:
  struct Member {
    const char* name;
    const at::Tensor* place;
    const void* tensor;
    bool holds() const { return place->unsafeGetTensorImpl() == tensor; }
  };
  struct Seen {
    std::shared_ptr<torch::nn::Module> module;
    bool training;
    std::vector<const void*> slots;
    std::vector<std::string> texts;  // of the slots
    std::vector<Member> members;
  };
  std::vector<Seen> seen_;
};

}  // namespace cladtorch::detail
