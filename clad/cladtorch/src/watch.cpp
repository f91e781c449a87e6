#include "watch.h"

namespace cladtorch::detail {
namespace {

// named_parameters() copies names and handles; this looks at the slots themselves, at each call.
struct Slots : torch::nn::Module {
  static const auto& parameters(const torch::nn::Module& m) { return m.*(&Slots::parameters_); }
};

template <class F>
bool each_slot(const torch::nn::Module& m, bool has_buffers, F f) {
  for (const auto& item : Slots::parameters(m))
    if (!f(item.value().unsafeGetTensorImpl())) return false;
  if (has_buffers)
    for (const auto& t : m.buffers(/*recurse=*/false))
      if (!f(t.unsafeGetTensorImpl())) return false;
  return true;
}

}  // namespace

Watch::Watch(const std::vector<std::shared_ptr<torch::nn::Module>>& roots) {
  for (const auto& root : roots)
    for (auto& m : root->modules()) {
      Seen s{m, m->is_training(), !m->buffers(false).empty(), {}};
      each_slot(*m, s.has_buffers, [&](const c10::TensorImpl* t) { return s.tensors.push_back(t), true; });
      seen_.push_back(std::move(s));
    }
}

bool Watch::holds() const {
  for (const auto& s : seen_) {
    if (s.module->is_training() != s.training) return false;
    size_t i = 0;
    if (!each_slot(*s.module, s.has_buffers, [&](const c10::TensorImpl* t) { return i < s.tensors.size() && s.tensors[i++] == t; }) || i != s.tensors.size())
      return false;
  }
  return true;
}

std::string Watch::difference() const {
  for (const auto& s : seen_)
    if (s.module->is_training() != s.training)
      return "module " + s.module->name() + " is in " + (s.training ? "evaluation" : "training") + " mode now";
  return holds() ? "" : "a parameter or buffer of a module was replaced; change its values in place";
}

}  // namespace cladtorch::detail
