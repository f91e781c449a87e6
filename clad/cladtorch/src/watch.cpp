#include "watch.h"

#include <sstream>

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

// The tensors of each_slot in its order: "weight (float [2, 3])".
std::vector<std::string> texts_of(const torch::nn::Module& m) {
  std::vector<std::string> all;
  auto add = [&](const std::string& name, const at::Tensor& t) {
    std::ostringstream s;
    s << name << " (";
    if (t.defined())
      s << t.dtype() << " " << t.sizes();
    else
      s << "undefined";
    s << ")";
    all.push_back(s.str());
  };
  for (const auto& item : Slots::parameters(m)) add(item.key(), item.value());
  for (const auto& item : m.named_buffers(/*recurse=*/false)) add(item.key(), item.value());
  return all;
}

}  // namespace

Watch::Watch(const std::vector<std::shared_ptr<torch::nn::Module>>& roots) {
  for (const auto& root : roots)
    for (auto& m : root->modules()) {
      Seen s{m, m->is_training(), !m->buffers(false).empty(), {}, texts_of(*m)};
      each_slot(*m, s.has_buffers, [&](const c10::TensorImpl* t) { return s.tensors.push_back(t), true; });
      seen_.push_back(std::move(s));
    }
}

bool Watch::holds() const {
  for (const auto& s : seen_) {
    if (s.module->is_training() != s.training) return false;
    size_t i = 0;
    if (!each_slot(*s.module, s.has_buffers,
                   [&](const c10::TensorImpl* t) { return i < s.tensors.size() && s.tensors[i++] == t; }) ||
        i != s.tensors.size())
      return false;
  }
  return true;
}

std::string Watch::difference() const {
  if (holds()) return "";
  for (const auto& s : seen_) {
    auto name = "module " + s.module->name();
    if (s.module->is_training() != s.training) {
      auto mode = [](bool training) { return training ? "training" : "evaluation"; };
      return name + " is in " + mode(!s.training) + " mode, was in " + mode(s.training) +
             " mode; compile a function for each, or set the mode once";
    }
    size_t i = 0;
    each_slot(*s.module, !s.module->buffers(false).empty(),
              [&](const c10::TensorImpl* t) { return i < s.tensors.size() && s.tensors[i] == t && ++i; });
    auto now = texts_of(*s.module);
    if (i == s.tensors.size() && i == now.size()) continue;
    auto text = [i](const std::vector<std::string>& texts) { return i < texts.size() ? texts[i] : "nothing"; };
    return name + " has another tensor " + text(now) + ", had " + text(s.texts) +
           "; change the values of parameters and buffers in place";
  }
  return "";
}

}  // namespace cladtorch::detail
