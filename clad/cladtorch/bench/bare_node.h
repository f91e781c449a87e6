// The least that a function of autograd can cost: a hand-written node that computes the sum of
// squares, to measure compiled functions against.
#pragma once

#include <memory>

#include <ATen/EmptyTensor.h>
#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/torch.h>

namespace bare {

using torch::autograd::Node;

struct SquareSum : Node {
  torch::autograd::SavedVariable x;
  torch::autograd::variable_list apply(torch::autograd::variable_list&& g) override {
    auto in = x.unpack();
    at::Tensor out(at::detail::empty_cpu(in.sizes(), at::kFloat));
    const float* p = in.data_ptr<float>();
    float* o = out.data_ptr<float>();
    float s = 2 * *g[0].data_ptr<float>();
    for (int64_t i = 0; i < in.numel(); ++i) o[i] = s * p[i];
    return {out};
  }
  void release_variables() override { x.reset_data(); }
};

template <class N>
std::shared_ptr<N> adopt(N* n, const std::shared_ptr<Node>*) {
  return std::shared_ptr<N>(n, [](N* p) { deleteNode(p); });
}
template <class N, class Pointer>
auto adopt(N* n, const Pointer*) {
  return c10::intrusive_ptr<N>::unsafe_steal_from_new(n);
}

inline at::Tensor square_sum(const at::Tensor& x) {
  at::Tensor out(at::detail::empty_cpu({}, at::kFloat));
  const float* p = x.data_ptr<float>();
  float lanes[16] = {};
  int64_t i = 0, n = x.numel();
  for (; i + 16 <= n; i += 16)
    for (int k = 0; k < 16; ++k) lanes[k] += p[i + k] * p[i + k];
  float s = 0;
  for (float l : lanes) s += l;
  for (; i < n; ++i) s += p[i] * p[i];
  *out.data_ptr<float>() = s;
  using Pointer = decltype(torch::autograd::Edge::function);
  auto node = adopt(new SquareSum, static_cast<const Pointer*>(nullptr));
  node->x = torch::autograd::SavedVariable(x, false);
  node->set_next_edges(torch::autograd::collect_next_edges(x));
  torch::autograd::set_history(out, node);
  return out;
}

}  // namespace bare
