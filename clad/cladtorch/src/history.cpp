#include "history.h"

#include <unordered_map>
#include <unordered_set>

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>

namespace cladtorch::detail {
namespace {

using torch::autograd::Node;

std::string foreign(const Node& node) {
  std::string name = node.name();
  for (const char* known :
       {"torch::autograd::generated::", "torch::autograd::AccumulateGrad", "torch::autograd::CopySlices",
        "torch::autograd::CopyBackwards", "torch::autograd::Identity"})
    if (name.rfind(known, 0) == 0) return "";
  return name.find("::") == name.npos ? "" : name;
}

// Later versions keep the hooks of tensors apart.
template <class N>
auto tensor_hooks(N& node, int) -> decltype(node.tensor_pre_hooks(), bool()) {
  return !node.tensor_pre_hooks().empty() || !node.retains_grad_hooks().empty();
}
template <class N>
bool tensor_hooks(N&, long) {
  return false;
}

bool hooked(const Node& node) {
  return !node.pre_hooks().empty() || !node.post_hooks().empty() || tensor_hooks(const_cast<Node&>(node), 0);
}

}  // namespace

std::string foreign_gradient(const Tensors& outputs, const Tensors& sources) {
  std::unordered_set<const Node*> seen;
  for (const auto& s : sources)
    if (auto n = s.grad_fn()) seen.insert(&*n);
  std::vector<const Node*> stack;
  auto push = [&](const auto& n) {
    if (n && seen.insert(&*n).second) stack.push_back(&*n);
  };
  for (const auto& o : outputs)
    if (o.defined()) push(o.grad_fn());
  while (!stack.empty()) {
    const Node* n = stack.back();
    stack.pop_back();
    if (n->name().find("NotImplemented") != std::string::npos)
      return "LibTorch has no derivative of an operator inside; call it on a detach()ed tensor";
    if (auto name = foreign(*n); !name.empty())
      return name +
             ": a custom autograd function has a gradient that the graph does not show; leave it out of the compiled "
             "function";
    bool leaf = n->name() == "torch::autograd::AccumulateGrad";
    if (!leaf && hooked(*n))
      return n->name() +
             ": a tensor hook inside the function is not part of the graph; register it on inputs or outputs";
    for (const auto& e : n->next_edges()) push(e.function);
  }
  return "";
}

std::vector<char> reached(const at::Tensor& t, const Tensors& sources, const Observer& observer) {
  std::vector<char> found(sources.size());
  std::unordered_map<const Node*, std::vector<size_t>> ends;
  for (size_t i = 0; i < sources.size(); ++i) {
    // A write gives a tensor another history.
    found[i] = t.is_same(sources[i]) || (sources[i].requires_grad() && observer.wrote(sources[i]));
    if (auto n = sources[i].grad_fn()) ends[&*n].push_back(i);
  }
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> stack;
  auto push = [&](const auto& n) {
    if (n && seen.insert(&*n).second) stack.push_back(&*n);
  };
  push(t.grad_fn());
  while (!stack.empty()) {
    const Node* n = stack.back();
    stack.pop_back();
    if (auto* a = dynamic_cast<const torch::autograd::AccumulateGrad*>(n))
      for (size_t i = 0; i < sources.size(); ++i) found[i] = found[i] || sources[i].is_same(a->variable);
    if (auto end = ends.find(n); end != ends.end()) {
      for (size_t i : end->second) found[i] = true;
      continue;
    }
    for (const auto& e : n->next_edges()) push(e.function);
  }
  return found;
}

}  // namespace cladtorch::detail
