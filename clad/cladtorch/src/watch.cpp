#include "watch.h"

#include <sstream>

#include <torch/nn/modules.h>

namespace cladtorch::detail {
namespace {

// Module gives its lists as copies only; this looks at the lists themselves, at each call. An explicit
// instantiation may name what is private.
using torch::nn::Module;
using TensorList = torch::OrderedDict<std::string, at::Tensor>;
using ModuleList = torch::OrderedDict<std::string, std::shared_ptr<Module>>;

template <class Tag, class List, List Module::*member>
struct Opens {
  friend const List& list(const Module& m, Tag) { return m.*member; }
};
struct Buffers {};
struct Children {};
const TensorList& list(const Module& m, Buffers);
const ModuleList& list(const Module& m, Children);
template struct Opens<Buffers, TensorList, &Module::buffers_>;
template struct Opens<Children, ModuleList, &Module::children_>;

struct Slots : Module {
  static const TensorList& parameters(const Module& m) { return m.*(&Slots::parameters_); }
};

// What stands in the slots of parameters, buffers and submodules.
template <class F>
bool each_slot(const Module& m, F f) {
  for (const auto* tensors : {&Slots::parameters(m), &list(m, Buffers())})
    for (const auto& item : *tensors)
      if (!f(item.value().unsafeGetTensorImpl())) return false;
  for (const auto& item : list(m, Children()))
    if (!f(item.value().get())) return false;
  return true;
}

// The slots in the order of each_slot: "tensor weight (float [2, 3])".
std::vector<std::string> texts_of(const Module& m) {
  std::vector<std::string> all;
  for (const auto* tensors : {&Slots::parameters(m), &list(m, Buffers())})
    for (const auto& item : *tensors) {
      const auto& t = item.value();
      std::ostringstream s;
      s << "tensor " << item.key() << " (";
      if (t.defined())
        s << t.dtype() << " " << t.sizes();
      else
        s << "undefined";
      s << ")";
      all.push_back(s.str());
    }
  for (const auto& item : list(m, Children()))
    all.push_back("module " + item.key() + " (" + (item.value() ? item.value()->name() : "none") + ")");
  return all;
}

using Place = std::pair<const char*, const at::Tensor*>;
using Places = std::vector<Place>;

template <class M>
auto add_bias(const M& m, Places& all, int) -> decltype(m.bias.defined(), void()) {
  all.push_back({"bias", &m.bias});
}
template <class M>
void add_bias(const M&, Places&, long) {}
template <class M>
auto add_statistics(const M& m, Places& all, int) -> decltype(m.running_mean.defined(), void()) {
  all.insert(all.end(), {{"running_mean", &m.running_mean}, {"running_var", &m.running_var}});
}
template <class M>
void add_statistics(const M&, Places&, long) {}

template <class... M>
Places places_of(const Module& module) {
  Places all;
  auto add = [&](const auto* m) {
    if (!m) return;
    all.push_back({"weight", &m->weight});
    add_bias(*m, all, 0);
    add_statistics(*m, all, 0);
  };
  (add(dynamic_cast<const M*>(&module)), ...);
  return all;
}

// LibTorch's modules register their tensors and compute with members, which may be made to stand for others.
Places members_of(const Module& m) {
  using namespace torch::nn;
  return places_of<LinearImpl, BilinearImpl, Conv1dImpl, Conv2dImpl, Conv3dImpl, ConvTranspose1dImpl,
                   ConvTranspose2dImpl, ConvTranspose3dImpl, BatchNorm1dImpl, BatchNorm2dImpl, BatchNorm3dImpl,
                   InstanceNorm1dImpl, InstanceNorm2dImpl, InstanceNorm3dImpl, LayerNormImpl, GroupNormImpl,
                   EmbeddingImpl, EmbeddingBagImpl, PReLUImpl>(m);
}

}  // namespace

Watch::Watch(const std::vector<std::shared_ptr<torch::nn::Module>>& roots) {
  for (const auto& root : roots)
    for (auto& m : root->modules()) {
      Seen s{m, m->is_training(), {}, texts_of(*m), {}};
      for (const auto& [name, tensor] : members_of(*m))
        s.members.push_back({name, tensor, tensor->unsafeGetTensorImpl()});
      each_slot(*m, [&](const void* slot) { return s.slots.push_back(slot), true; });
      seen_.push_back(std::move(s));
    }
}

bool Watch::holds() const {
  for (const auto& s : seen_) {
    if (s.module->is_training() != s.training) return false;
    for (const auto& m : s.members)
      if (!m.holds()) return false;
    size_t i = 0;
    if (!each_slot(*s.module, [&](const void* slot) { return i < s.slots.size() && s.slots[i++] == slot; }) ||
        i != s.slots.size())
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
    for (const auto& m : s.members)
      if (!m.holds())
        return name + " computes with another tensor " + m.name +
               " than it did; put modules together before compiling, and change the values of parameters and buffers "
               "in "
               "place";
    size_t i = 0;
    each_slot(*s.module, [&](const void* slot) { return i < s.slots.size() && s.slots[i] == slot && ++i; });
    auto now = texts_of(*s.module);
    if (i == s.slots.size() && i == now.size()) continue;
    auto what = i == now.size() ? " has lost " + s.texts[i]
                                : " has another " + now[i] + ", had " + (i < s.texts.size() ? s.texts[i] : "nothing");
    return name + what +
           "; put modules together before compiling, and change the values of parameters and buffers in place";
  }
  return "";
}

}  // namespace cladtorch::detail
