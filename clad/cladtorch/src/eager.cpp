#include "eager.h"

#include <algorithm>
#include <unordered_set>

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>

namespace cladtorch::detail {
namespace {

using torch::autograd::AccumulateGrad;
using torch::autograd::Node;

Tensors leaves_of(const Tensors& outputs, const Tensors& inputs) {
  std::unordered_set<Node*> seen;
  std::vector<Node*> order;
  auto push = [&](const auto& n) {
    if (n && seen.insert(&*n).second) order.push_back(&*n);
  };
  for (const auto& o : outputs)
    if (o.defined()) push(o.grad_fn());
  Tensors leaves;
  for (size_t i = 0; i < order.size(); ++i) {
    if (auto* a = dynamic_cast<AccumulateGrad*>(order[i])) {
      bool argument =
          std::any_of(inputs.begin(), inputs.end(), [&](const at::Tensor& t) { return t.is_same(a->variable); });
      if (!argument) leaves.push_back(a->variable);
    }
    for (const auto& e : order[i]->next_edges()) push(e.function);
  }
  return leaves;
}

}  // namespace

Tensors eager_forward(const Callable& callable, const Tensors& inputs, const std::vector<char>& mark, EagerCall& call) {
  call = {};
  bool any =
      std::any_of(inputs.begin(), inputs.end(), [](const at::Tensor& t) { return t.defined() && t.requires_grad(); });
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto& t = inputs[i];
    if (!t.defined() || !c10::GradMode::is_enabled()) {
      call.inputs.push_back(t);
      continue;
    }
    call.inputs.push_back(t.detach());
    if (any ? t.requires_grad() : bool(mark[i])) call.inputs.back().requires_grad_();
  }
  call.outputs = callable.call(call.inputs);
  Tensors plain;
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    const auto& o = call.outputs[i];
    auto same = std::find_if(call.inputs.begin(), call.inputs.end(),
                             [&](const at::Tensor& t) { return t.defined() && t.is_same(o); });
    plain.push_back(same != call.inputs.end()          ? inputs[size_t(same - call.inputs.begin())]
                    : o.defined() && o.requires_grad() ? o.detach()
                                                       : o);
  }
  if (c10::GradMode::is_enabled()) call.leaves = leaves_of(call.outputs, call.inputs);
  return plain;
}

EagerGrads eager_backward(const EagerCall& call, c10::ArrayRef<at::Tensor> grad_outputs) {
  Tensors outs, gos, targets;
  std::vector<size_t> index;
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    if (!call.outputs[i].defined() || !call.outputs[i].requires_grad() || !grad_outputs[i].defined()) continue;
    outs.push_back(call.outputs[i]);
    gos.push_back(grad_outputs[i]);
  }
  EagerGrads g;
  g.inputs.resize(call.inputs.size());
  g.leaves.resize(call.leaves.size());
  for (size_t i = 0; i < call.inputs.size(); ++i)
    if (call.inputs[i].defined() && call.inputs[i].requires_grad())
      targets.push_back(call.inputs[i]), index.push_back(i);
  size_t arguments = targets.size();
  targets.insert(targets.end(), call.leaves.begin(), call.leaves.end());
  if (outs.empty() || targets.empty()) return g;
  // As with compiled programs, backward may be called again.
  auto grads =
      torch::autograd::grad(outs, targets, gos, /*retain_graph=*/true, /*create_graph=*/false, /*allow_unused=*/true);
  for (size_t k = 0; k < arguments; ++k) g.inputs[index[k]] = grads[k];
  for (size_t k = arguments; k < grads.size(); ++k) g.leaves[k - arguments] = grads[k];
  return g;
}

}  // namespace cladtorch::detail
