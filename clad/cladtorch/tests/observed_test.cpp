// The functions behind testdata/observed, written as a user would, in both precisions.
#include "support.h"

#include <map>

using namespace test;

namespace {

struct Program {
  Function f;
  std::function<Tensors(torch::Dtype)> inputs;
};

Tensor value(torch::IntArrayRef sizes, torch::Dtype t) { return torch::randn(sizes, t); }
Tensor grad(torch::IntArrayRef sizes, torch::Dtype t) { return torch::randn(sizes, t).requires_grad_(); }
Tensor labels(int64_t classes, torch::IntArrayRef sizes) { return torch::randint(classes, sizes); }

Tensor rms_norm(Tensor x, Tensor w) { return x * torch::rsqrt((x * x).mean({-1}, true) + 1e-6) * w; }

const std::map<std::string, Program>& programs() {
  using D = torch::Dtype;
  static const std::map<std::string, Program> all = {
      {"square_sum", {[](Tensors v) { return Tensors{(v[0] * v[0]).sum()}; }, [](D t) { return Tensors{grad({7}, t)}; }}},
      {"squared_error", {[](Tensors v) { return Tensors{torch::pow(v[0] - v[1], 2).mean()}; }, [](D t) { return Tensors{grad({4, 5}, t), value({4, 5}, t)}; }}},
      {"rosenbrock", {[](Tensors v) { auto x = v[0].slice(0, 0, -1), y = v[0].slice(0, 1); return Tensors{(100 * torch::pow(y - x * x, 2) + torch::pow(1 - x, 2)).sum()}; }, [](D t) { return Tensors{grad({6}, t)}; }}},
      {"linear_relu_linear_mse", {[](Tensors v) { auto y = torch::linear(torch::relu(torch::linear(v[0], v[1], v[2])), v[3], v[4]); return Tensors{torch::mse_loss(y, v[5]), y}; },
                                  [](D t) { return Tensors{value({8, 5}, t), grad({16, 5}, t), grad({16}, t), grad({3, 16}, t), grad({3}, t), value({8, 3}, t)}; }}},
      {"activations", {[](Tensors v) { auto x = v[0]; return Tensors{torch::gelu(x) + torch::silu(x) + torch::softplus(x) + torch::leaky_relu(x, 0.1) + torch::elu(x) + torch::hardtanh(x)}; }, [](D t) { return Tensors{grad({3, 7}, t)}; }}},
      {"pointwise_math", {[](Tensors v) { auto x = v[0].abs() + 0.5; return Tensors{torch::log(x) + torch::sqrt(x) * torch::erf(x) + torch::exp(-x) + torch::atan2(x, v[1]) + torch::lgamma(x)}; }, [](D t) { return Tensors{grad({5, 3}, t), grad({3}, t)}; }}},
      {"broadcast_mul_relu_sum", {[](Tensors v) { return Tensors{torch::relu(v[0] * v[1]).sum({1})}; }, [](D t) { return Tensors{grad({4, 6}, t), grad({6}, t)}; }}},
      {"scalar_promotion", {[](Tensors v) { return Tensors{v[0] * 2 + v[1].to(v[0].scalar_type()) / 3}; }, [](D t) { return Tensors{grad({4}, t), torch::arange(4)}; }}},
      {"softmax_last", {[](Tensors v) { return Tensors{torch::softmax(v[0], -1)}; }, [](D t) { return Tensors{grad({4, 9}, t)}; }}},
      {"log_softmax_nll", {[](Tensors v) { return Tensors{torch::nll_loss(torch::log_softmax(v[0], 1), v[1])}; }, [](D t) { return Tensors{grad({6, 5}, t), labels(5, {6})}; }}},
      {"cross_entropy", {[](Tensors v) { return Tensors{torch::cross_entropy_loss(v[0], v[1])}; }, [](D t) { return Tensors{grad({6, 5}, t), labels(5, {6})}; }}},
      {"layer_norm_affine", {[](Tensors v) { return Tensors{torch::layer_norm(v[0], {8}, v[1], v[2])}; }, [](D t) { return Tensors{grad({4, 8}, t), grad({8}, t), grad({8}, t)}; }}},
      {"batch_norm_eval", {[](Tensors v) { return Tensors{torch::batch_norm(v[0], v[1], v[2], v[3], v[4].abs() + 1, false, 0.1, 1e-5, false)}; },
                           [](D t) { return Tensors{grad({4, 3, 5}, t), grad({3}, t), grad({3}, t), value({3}, t), value({3}, t)}; }}},
      {"mean_var", {[](Tensors v) { return Tensors{v[0].mean({0}), v[0].var(1, true)}; }, [](D t) { return Tensors{grad({5, 4}, t)}; }}},
      {"matmul_batched", {[](Tensors v) { return Tensors{torch::matmul(v[0], v[1]) + torch::bmm(v[0], v[1])}; }, [](D t) { return Tensors{grad({2, 3, 4}, t), grad({2, 4, 5}, t)}; }}},
      {"causal_attention", {[](Tensors v) { auto s = torch::matmul(v[0], v[1].transpose(-1, -2)) / 2; auto m = torch::ones({5, 5}, torch::kBool).triu(1); return Tensors{torch::matmul(torch::softmax(s.masked_fill(m, -INFINITY), -1), v[2])}; },
                            [](D t) { return Tensors{grad({2, 5, 4}, t), grad({2, 5, 4}, t), grad({2, 5, 4}, t)}; }}},
      {"embedding_lookup", {[](Tensors v) { return Tensors{torch::embedding(v[1], v[0]).sum({1})}; }, [](D t) { return Tensors{labels(7, {3, 4}), grad({7, 5}, t)}; }}},
      {"index_select_gather", {[](Tensors v) { return Tensors{v[0].index_select(0, v[1]) * 2, v[0].gather(1, v[2])}; }, [](D t) { return Tensors{grad({4, 6}, t), labels(4, {5}), labels(6, {4, 3})}; }}},
      {"conv1d_strain", {[](Tensors v) { return Tensors{torch::relu(torch::conv1d(v[0], v[1], v[2], 2))}; }, [](D t) { return Tensors{grad({2, 3, 17}, t), grad({4, 3, 5}, t), grad({4}, t)}; }}},
      {"conv2d_pool_classifier", {[](Tensors v) { auto h = torch::max_pool2d(torch::relu(torch::conv2d(v[0], v[1], v[2])), 2); return Tensors{torch::linear(h.flatten(1), v[3])}; },
                                  [](D t) { return Tensors{value({2, 1, 10, 10}, t), grad({3, 1, 3, 3}, t), grad({3}, t), grad({5, 48}, t)}; }}},
      {"gaussian_mixture_logsumexp", {[](Tensors v) { auto z = (v[0].unsqueeze(1) - v[1]) * torch::exp(-v[2]); return Tensors{-torch::logsumexp(-0.5 * (z * z).sum(2) - v[2].sum(1) + torch::log_softmax(v[3], 0), {1}).mean()}; },
                                      [](D t) { return Tensors{value({6, 2}, t), grad({3, 2}, t), grad({3, 2}, t), grad({3}, t)}; }}},
      {"deep_sets", {[](Tensors v) { auto h = torch::relu(torch::linear(v[0], v[2])) * v[1].unsqueeze(-1); return Tensors{torch::linear(h.sum({1}), v[3])}; },
                     [](D t) { return Tensors{value({4, 6, 3}, t), torch::randint(2, {4, 6}).to(t), grad({8, 3}, t), grad({2, 8}, t)}; }}},
      {"rms_norm_swiglu", {[](Tensors v) { auto h = rms_norm(v[0], v[1]); return Tensors{torch::matmul(torch::silu(torch::matmul(h, v[2])) * torch::matmul(h, v[3]), v[4])}; },
                           [](D t) { return Tensors{grad({3, 6}, t), grad({6}, t), grad({6, 8}, t), grad({6, 8}, t), grad({8, 6}, t)}; }}},
      {"cat_stack_split", {[](Tensors v) { auto c = torch::cat({v[0], v[1]}, 1); auto p = c.split(3, 1); return Tensors{torch::stack({p[0], p[1] * 2}, 0), c.chunk(2, 0)[1]}; }, [](D t) { return Tensors{grad({4, 2}, t), grad({4, 4}, t)}; }}},
      {"cumsum_minmax", {[](Tensors v) { return Tensors{v[0].cumsum(1), v[0].amax({1}), v[0].amin({0})}; }, [](D t) { return Tensors{grad({3, 5}, t)}; }}},
      {"expand_reshape", {[](Tensors v) { return Tensors{(v[0].unsqueeze(1).expand({4, 3, 2}) * v[1]).reshape({4, 6}).t()}; }, [](D t) { return Tensors{grad({4, 2}, t), grad({3, 2}, t)}; }}},
      {"transposed_input", {[](Tensors v) { return Tensors{torch::matmul(v[0], v[1]).exp()}; }, [](D t) { return Tensors{value({4, 3}, t).t().requires_grad_(), grad({4, 2}, t)}; }}},
      {"sliced_strided_input", {[](Tensors v) { return Tensors{(v[0] * v[0]).sum({0})}; }, [](D t) { return Tensors{value({6, 8}, t).slice(1, 1, 8, 3).requires_grad_()}; }}},
      {"scalar_input", {[](Tensors v) { return Tensors{v[0].sin() * v[1]}; }, [](D t) { return Tensors{grad({}, t), grad({}, t)}; }}},
      {"sum_dims", {[](Tensors v) { return Tensors{v[0].sum(torch::IntArrayRef({0, 2})), v[0].sum({1}, true)}; }, [](D t) { return Tensors{grad({2, 3, 4}, t)}; }}},
      {"dead_and_duplicate", {[](Tensors v) { v[0].exp(); auto y = v[0] * 2; return Tensors{y, y}; }, [](D t) { return Tensors{grad({3}, t)}; }}},
      {"inplace_intermediate", {[](Tensors v) { auto y = v[0] * 2; y.add_(1).mul_(v[0]); return Tensors{y}; }, [](D t) { return Tensors{grad({3}, t)}; }}},
  };
  return all;
}

struct Observed : testing::TestWithParam<std::tuple<std::string, torch::Dtype>> {};

TEST_P(Observed, IsAsLibTorchs) {
  torch::manual_seed(3);
  const auto& p = programs().at(std::get<0>(GetParam()));
  expect_like_eager(p.f, p.inputs(std::get<1>(GetParam())));
}

std::vector<std::string> names() {
  std::vector<std::string> n;
  for (const auto& p : programs()) n.push_back(p.first);
  return n;
}

INSTANTIATE_TEST_SUITE_P(All, Observed, testing::Combine(testing::ValuesIn(names()), testing::Values(torch::kFloat, torch::kDouble)), [](const auto& info) {
  return std::get<0>(info.param) + (std::get<1>(info.param) == torch::kFloat ? "_f32" : "_f64");
});

}  // namespace
