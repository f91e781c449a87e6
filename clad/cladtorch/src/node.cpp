#include "node.h"

#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

namespace cladtorch::detail {
namespace {

using torch::autograd::edge_list;
using torch::autograd::Node;
using torch::autograd::variable_list;

// LibTorch counts references to nodes by std::shared_ptr (1.13) or c10::intrusive_ptr.
template <class N>
std::shared_ptr<N> adopt(std::unique_ptr<N> node, const std::shared_ptr<Node>*) {
  // Found by its argument: later versions have none.
  return std::shared_ptr<N>(node.release(), [](N* n) { deleteNode(n); });
}
template <class N, class Pointer>
auto adopt(std::unique_ptr<N> node, const Pointer*) {
  return c10::intrusive_ptr<N>::unsafe_steal_from_new(node.release());
}
template <class N, class... A>
auto make_node(A&&... a) {
  using Pointer = decltype(torch::autograd::Edge::function);
  return adopt(std::make_unique<N>(std::forward<A>(a)...), static_cast<const Pointer*>(nullptr));
}

// In the header, LibTorch marks a node that gets a parent without a lock (Node::topological_nr), so that
// two threads that use one leaf write the same byte. Apart by name for tests/tsan.supp.
[[gnu::noinline]] void set_edges(Node& node, edge_list edges) { node.set_next_edges(std::move(edges)); }

// Stands behind a computed gradient, with its way on to the inputs, so that a second derivative
// finds an error and not a missing (that is: zero) contribution.
struct SecondDerivative : Node {
  std::string name() const override { return "cladtorch::SecondDerivative"; }
  variable_list apply(variable_list&&) override {
    TORCH_CHECK(false,
                "cladtorch: a second derivative through a compiled function is not supported; "
                "differentiate the uncompiled function, or compile one that computes the first derivative");
  }
};

struct CompiledNode : Node {
  CompiledNode(std::shared_ptr<const Program> program, Call call)
      : program_(std::move(program)), call_(std::move(call)) {}

  std::string name() const override { return "cladtorch::Compiled"; }

  variable_list apply(variable_list&& grad_outputs) override {
    std::lock_guard<std::mutex> lock(mutex_);
    TORCH_CHECK(
        !released_,
        "cladtorch: trying to go backward through a compiled function a second time after its saved values were freed; "
        "specify retain_graph=true the first time");
    auto gos = refs(grad_outputs);
    auto wanted = program_->reached(gos);
    for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] && task_should_compute_output(i);
    auto grads = program_->backward(call_, gos, wanted);
    if (at::GradMode::is_enabled()) guard_second(grads, grad_outputs);
    return {std::make_move_iterator(grads.begin()), std::make_move_iterator(grads.end())};
  }

  void release_variables() override {
    std::lock_guard<std::mutex> lock(mutex_);
    call_ = Call();
    released_ = true;
  }

 private:
  void guard_second(Results& grads, const variable_list& grad_outputs) {
    auto error = make_node<SecondDerivative>();
    edge_list edges = next_edges();
    for (const auto& g : grad_outputs)
      if (g.defined() && g.requires_grad()) edges.push_back(torch::autograd::impl::gradient_edge(g));
    set_edges(*error, std::move(edges));
    for (auto& g : grads)
      if (g.defined()) torch::autograd::set_history(g, error);
  }

  std::shared_ptr<const Program> program_;
  Call call_;
  bool released_ = false;
};

edge_list edges_of(const TensorRefs& inputs) {
  edge_list edges;
  edges.reserve(inputs.size());
  for (const auto* t : inputs)
    edges.push_back(t->requires_grad() ? torch::autograd::impl::gradient_edge(*t) : torch::autograd::Edge());
  return edges;
}

}  // namespace

void record(std::shared_ptr<const Program> program, const TensorRefs& inputs, Results& outputs,
            const std::vector<char>& requires_grad, Call call) {
  auto node = make_node<CompiledNode>(program, std::move(call));
  set_edges(*node, edges_of(inputs));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (requires_grad[i])
      torch::autograd::set_history(outputs[i], node);
    else
      node->add_input_metadata(Node::undefined_input());  // keeps output numbers and gradients in step
  }
}

}  // namespace cladtorch::detail
