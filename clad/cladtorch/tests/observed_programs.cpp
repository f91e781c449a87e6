#include "observed_programs.h"

#include <cmath>

namespace observed {
namespace {

Tensor value(torch::IntArrayRef sizes, torch::Dtype t) { return torch::randn(sizes, t); }
Tensor grad(torch::IntArrayRef sizes, torch::Dtype t) { return torch::randn(sizes, t).requires_grad_(); }
Tensor labels(int64_t classes, torch::IntArrayRef sizes) { return torch::randint(classes, sizes); }

// Weights as torch::nn::Linear starts with them.
Tensor weight(int64_t out, int64_t in, torch::Dtype t) {
  return torch::randn({out, in}, t).div(std::sqrt(double(in))).requires_grad_();
}

Tensors gpt2_inputs(torch::Dtype t, int64_t batch, int64_t length, int64_t width) {
  return {grad({batch, length, width}, t),
          grad({width}, t),
          grad({width}, t),
          weight(3 * width, width, t),
          grad({3 * width}, t),
          weight(width, width, t),
          grad({width}, t),
          grad({width}, t),
          grad({width}, t),
          weight(4 * width, width, t),
          grad({4 * width}, t),
          weight(width, 4 * width, t),
          grad({width}, t),
          torch::ones({length, length}, torch::kBool).tril()};
}

Tensors gpt2_block(Tensors v) {
  auto x = v[0];
  int64_t batch = x.size(0), length = x.size(1), width = x.size(2), heads = std::max<int64_t>(2, width / 64),
          each = width / heads;
  auto qkv = torch::linear(torch::layer_norm(x, {width}, v[1], v[2]), v[3], v[4]).split(width, 2);
  auto head = [&](Tensor t) { return t.view({batch, length, heads, each}).transpose(1, 2); };
  auto q = head(qkv[0]), k = head(qkv[1]), value = head(qkv[2]);
  auto scores =
      (torch::matmul(q, k.transpose(-2, -1)) * (1 / std::sqrt(double(each)))).masked_fill(v[13].logical_not(), -1e9);
  auto mixed =
      torch::matmul(torch::softmax(scores, -1), value).transpose(1, 2).contiguous().view({batch, length, width});
  x = x + torch::linear(mixed, v[5], v[6]);
  auto h = torch::linear(torch::layer_norm(x, {width}, v[7], v[8]), v[9], v[10]);
  h = 0.5 * h * (1 + torch::tanh(0.7978845608028654 * (h + 0.044715 * torch::pow(h, 3))));
  return {x + torch::linear(h, v[11], v[12])};
}

}  // namespace

const std::map<std::string, Program>& programs() {
  using D = torch::Dtype;
  static const std::map<std::string, Program> all = {
      {"square_sum",
       {[](Tensors v) { return Tensors{(v[0] * v[0]).sum()}; },
        [](D t) {
          return Tensors{grad({4, 8}, t)};
        }}},
      {"squared_error",
       {[](Tensors v) {
          auto d = v[0] - v[1];
          return Tensors{(d * d).sum()};
        },
        [](D t) {
          return Tensors{grad({16}, t), value({16}, t)};
        }}},
      {"rosenbrock",
       {[](Tensors v) {
          auto x = v[0].slice(0, 0, -1), y = v[0].slice(0, 1);
          return Tensors{(100 * torch::pow(y - x * x, 2) + torch::pow(1 - x, 2)).sum()};
        },
        [](D t) { return Tensors{grad({10}, t)}; }}},
      {"linear_relu_linear_mse",
       {[](Tensors v) {
          auto y = torch::linear(torch::relu(torch::linear(v[0], v[1], v[2])), v[3], v[4]);
          auto both = torch::broadcast_tensors({y, v[5]});  // as torch::nn::functional::mse_loss does
          return Tensors{torch::mse_loss(both[0], both[1]), both[0]};
        },
        [](D t) {
          return Tensors{value({8, 5}, t), grad({16, 5}, t), grad({16}, t),
                         grad({3, 16}, t), grad({3}, t),     value({8, 3}, t)};
        }}},
      {"activations",
       {[](Tensors v) {
          auto x = v[0];
          return Tensors{torch::sigmoid(x) + torch::tanh(x) * torch::gelu(x) + torch::silu(x) + torch::softplus(x) +
                         torch::elu(x) + torch::leaky_relu(x)};
        },
        [](D t) {
          return Tensors{grad({4, 6}, t)};
        }}},
      {"pointwise_math",
       {[](Tensors v) {
          auto a = v[0], b = v[1];
          return Tensors{torch::exp(a) * torch::log(torch::abs(b) + 1.5) + torch::sqrt(a * a + 1) -
                         torch::sin(b) * torch::cos(a) + torch::pow(b, 3) / (torch::abs(a) + 1) + torch::erf(a) +
                         torch::maximum(a, b) + torch::clamp(a, -0.5, 0.5) + torch::where(a > b, a, b * 2)};
        },
        [](D t) {
          return Tensors{grad({4, 6}, t), grad({4, 6}, t)};
        }}},
      {"broadcast_mul_relu_sum",
       {[](Tensors v) { return Tensors{torch::relu(v[0] * v[1]).sum()}; },
        [](D t) {
          return Tensors{grad({6, 8}, t), grad({8}, t)};
        }}},
      {"scalar_promotion",
       {[](Tensors v) { return Tensors{(v[0] * 2 + 1).to(torch::kDouble) * v[1]}; },
        [](D t) {
          return Tensors{grad({3, 5}, t), grad({3, 5}, torch::kDouble)};
        }}},
      {"softmax_last",
       {[](Tensors v) { return Tensors{torch::softmax(v[0], -1)}; },
        [](D t) {
          return Tensors{grad({5, 7}, t)};
        }}},
      {"log_softmax_nll",
       {[](Tensors v) { return Tensors{torch::nll_loss_nd(torch::log_softmax(v[0], 1), v[1])}; },
        [](D t) {
          return Tensors{grad({6, 4}, t), labels(4, {6})};
        }}},
      {"cross_entropy",
       {[](Tensors v) { return Tensors{torch::cross_entropy_loss(v[0], v[1])}; },
        [](D t) {
          return Tensors{grad({6, 4}, t), labels(4, {6})};
        }}},
      {"layer_norm_affine",
       {[](Tensors v) { return Tensors{torch::layer_norm(v[0], {6}, v[1], v[2])}; },
        [](D t) {
          return Tensors{grad({4, 6}, t), grad({6}, t), grad({6}, t)};
        }}},
      {"batch_norm_eval",
       {[](Tensors v) { return Tensors{torch::batch_norm(v[0], v[1], v[2], v[3], v[4], false, 0.1, 1e-5, false)}; },
        [](D t) {
          return Tensors{grad({4, 3, 5}, t), grad({3}, t), grad({3}, t), value({3}, t), torch::rand({3}, t) + 0.5};
        }}},
      {"mean_var",
       {[](Tensors v) {
          auto centred = v[0] - v[0].mean({1}, true);
          return Tensors{centred * torch::rsqrt((centred * centred).mean({1}, true) + 1e-5)};
        },
        [](D t) {
          return Tensors{grad({6, 10}, t)};
        }}},
      {"matmul_batched",
       {[](Tensors v) { return Tensors{torch::matmul(v[0], v[1])}; },
        [](D t) {
          return Tensors{grad({2, 3, 4}, t), grad({2, 4, 5}, t)};
        }}},
      {"causal_attention",
       {[](Tensors v) {
          auto scores = torch::matmul(v[0], v[1].transpose(-2, -1)) / 2.;
          return Tensors{torch::matmul(torch::softmax(scores.masked_fill(v[3].logical_not(), -1e9), -1), v[2])};
        },
        [](D t) {
          return Tensors{grad({2, 2, 5, 4}, t), grad({2, 2, 5, 4}, t), grad({2, 2, 5, 4}, t),
                         torch::ones({5, 5}, torch::kBool).tril()};
        }}},
      {"embedding_lookup",
       {[](Tensors v) { return Tensors{torch::embedding(v[1], v[0]).sum({1})}; },
        [](D t) {
          return Tensors{labels(10, {3, 4}), grad({10, 6}, t)};
        }}},
      {"index_select_gather",
       {[](Tensors v) {
          return Tensors{v[0].index_select(0, v[1]).sum({1}), v[0].gather(1, v[2])};
        },
        [](D t) {
          return Tensors{grad({5, 4}, t), labels(5, {7}), labels(4, {5, 2})};
        }}},
      {"conv1d_strain",
       {[](Tensors v) {
          auto h = torch::relu(torch::conv1d(v[0], v[1], v[2], 2, 2)).mean({2});
          return Tensors{torch::binary_cross_entropy_with_logits(torch::linear(h, v[3], v[4]), v[5])};
        },
        [](D t) {
          return Tensors{value({2, 1, 32}, t), grad({4, 1, 5}, t), grad({4}, t),
                         grad({1, 4}, t),      grad({1}, t),       torch::randint(2, {2, 1}).to(t)};
        }}},
      {"conv2d_pool_classifier",
       {[](Tensors v) {
          auto h = torch::max_pool2d(torch::relu(torch::conv2d(v[0], v[1], v[2])), 2);
          return Tensors{torch::cross_entropy_loss(torch::linear(h.flatten(1), v[3], v[4]), v[5])};
        },
        [](D t) {
          return Tensors{value({2, 1, 8, 8}, t), grad({4, 1, 3, 3}, t), grad({4}, t),
                         grad({3, 36}, t),       grad({3}, t),          labels(3, {2})};
        }}},
      {"gaussian_mixture_logsumexp",
       {[](Tensors v) {
          auto z = (v[0] - v[1]) * torch::exp(-v[2]);
          return Tensors{-torch::logsumexp(z * -0.5 * z - v[2] + torch::log_softmax(v[3], 0), {1}).sum()};
        },
        [](D t) {
          return Tensors{value({7, 1}, t), grad({1, 3}, t), grad({1, 3}, t), grad({3}, t)};
        }}},
      {"deep_sets",
       {[](Tensors v) {
          auto sum = (torch::relu(torch::linear(v[0], v[1], v[2])) * v[5]).sum({1});
          return Tensors{torch::log_softmax(torch::linear(sum, v[3], v[4]), 1)};
        },
        [](D t) {
          return Tensors{value({3, 6, 4}, t), grad({8, 4}, t), grad({8}, t),
                         grad({2, 8}, t),     grad({2}, t),    torch::randint(2, {3, 6, 1}).to(t)};
        }}},
      {"rms_norm_swiglu",
       {[](Tensors v) {
          auto h = v[0] * torch::rsqrt(torch::pow(v[0], 2).mean({-1}, true) + 1e-6) * v[1];
          return Tensors{torch::linear(torch::silu(torch::linear(h, v[2])) * torch::linear(h, v[3]), v[4])};
        },
        [](D t) {
          return Tensors{grad({4, 8}, t), grad({8}, t), grad({16, 8}, t), grad({16, 8}, t), grad({8, 16}, t)};
        }}},
      {"cat_stack_split",
       {[](Tensors v) {
          auto all = torch::cat({v[0], v[1]}, 1);
          return Tensors{torch::stack(all.chunk(2, 1), 0) * all.sum()};
        },
        [](D t) {
          return Tensors{grad({3, 4}, t), grad({3, 2}, t)};
        }}},
      {"cumsum_minmax",
       {[](Tensors v) {
          return Tensors{(v[0] - std::get<0>(v[0].max(1, true))).cumsum(1), v[0].amin({0})};
        },
        [](D t) {
          return Tensors{grad({4, 5}, t)};
        }}},
      {"expand_reshape",
       {[](Tensors v) {
          return Tensors{v[0].expand({3, 5, 4}).reshape({15, 4}).permute({1, 0}).contiguous().view({60}) * 0.5};
        },
        [](D t) {
          return Tensors{grad({3, 1, 4}, t)};
        }}},
      {"transposed_input",
       {[](Tensors v) { return Tensors{(v[0] * v[1]).sum({1})}; },
        [](D t) {
          return Tensors{value({6, 4}, t).t().requires_grad_(), grad({4, 6}, t)};
        }}},
      {"sliced_strided_input",
       {[](Tensors v) { return Tensors{torch::tanh(v[0]).sum({0})}; },
        [](D t) {
          return Tensors{value({8, 6}, t).slice(1, 1, 6, 2).requires_grad_()};
        }}},
      {"scalar_input",
       {[](Tensors v) { return Tensors{v[0].sin() * v[0]}; }, [](D t) { return Tensors{grad({}, t)}; }}},
      {"sum_dims",
       {[](Tensors v) {
          return Tensors{(v[0] * v[0]).sum(torch::IntArrayRef({0, 2}))};
        },
        [](D t) {
          return Tensors{grad({3, 4, 5}, t)};
        }}},
      {"dead_and_duplicate",
       {[](Tensors v) {
          v[0].exp();
          auto once = v[0] * v[1], again = v[0] * v[1];
          return Tensors{(once + again).sum()};
        },
        [](D t) {
          return Tensors{grad({6}, t), grad({6}, t)};
        }}},
      {"inplace_intermediate",
       {[](Tensors v) {
          auto y = v[0] * 2;
          return Tensors{y.add_(1).relu_().sum()};
        },
        [](D t) { return Tensors{grad({5}, t)}; }}},
      {"coupling_flow_logprob",
       {[](Tensors v) {
          auto a = v[0].slice(1, 0, 2), b = v[0].slice(1, 2, 4);
          auto h = torch::linear(torch::tanh(torch::linear(a, v[1], v[2])), v[3], v[4]);
          auto log_scale = torch::tanh(h.slice(1, 0, 2)), shift = h.slice(1, 2, 4);
          auto z = (b - shift) * torch::exp(-log_scale);
          return Tensors{-((z * z + a * a) * -0.5 - log_scale - 1.8378770664093453).sum({1}).mean()};
        },
        [](D t) {
          return Tensors{value({6, 4}, t), grad({8, 2}, t), grad({8}, t), grad({4, 8}, t), grad({4}, t)};
        }}},
      {"double_poly",
       {[](Tensors v) {
          auto x = v[0];
          return Tensors{(x * 3 * x * x - x * 2 * x + x).mean()};
        },
        [](D t) { return Tensors{grad({9}, t)}; }, "", torch::kDouble}},
      {"gpt2_block", {gpt2_block, [](D t) { return gpt2_inputs(t, 2, 5, 8); }}},
      {"lstm_cell_unrolled",
       {[](Tensors v) {
          auto h = torch::zeros({2, 4}, v[0].options()), c = torch::zeros({2, 4}, v[0].options());
          for (int i = 0; i < 3; ++i) {
            auto gates = (torch::linear(v[0][i], v[1], v[3]) + torch::linear(h, v[2])).chunk(4, 1);
            c = torch::sigmoid(gates[1]) * c + torch::sigmoid(gates[0]) * torch::tanh(gates[2]);
            h = torch::sigmoid(gates[3]) * torch::tanh(c);
          }
          return Tensors{h.sum()};
        },
        [](D t) {
          return Tensors{value({3, 2, 4}, t), grad({16, 4}, t), grad({16, 4}, t), grad({16}, t)};
        }}},
      {"vae_elbo",
       {[](Tensors v) {
          auto h = torch::linear(v[0], v[1], v[2]);
          auto mean = h.slice(1, 0, 2), log_variance = h.slice(1, 2, 4);
          auto z = mean + torch::exp(log_variance * 0.5) * v[5];
          auto error = torch::pow(torch::linear(z, v[3], v[4]) - v[0], 2).sum({1});
          auto divergence = (log_variance + 1 - torch::pow(mean, 2) - torch::exp(log_variance)).sum({1}) * -0.5;
          return Tensors{(error + divergence).mean()};
        },
        [](D t) {
          return Tensors{value({4, 6}, t), grad({4, 6}, t), grad({4}, t),
                         grad({6, 2}, t),  grad({6}, t),    value({4, 2}, t)};
        }}},
      {"zero_size",
       {[](Tensors v) { return Tensors{(v[0] * 2).sum()}; },
        [](D t) {
          return Tensors{grad({0, 4}, t)};
        }}},
      {"inplace_alias_chain",
       {[](Tensors v) {
          auto y = v[0] * v[1];
          auto flat = y.view({-1});
          flat.slice(0, 0, 6).mul_(2);
          auto t = y.t().add_(1);
          return Tensors{y * flat.sum(), t.sum({0})};
        },
        [](D t) {
          return Tensors{grad({3, 4}, t), grad({4}, t)};
        }}},
      {"inplace_copy_broadcast",
       {[](Tensors v) {
          auto y = torch::zeros({3, 4}, v[0].options());
          y.copy_(v[0]);
          y.narrow(0, 1, 2).sub_(v[1].narrow(0, 1, 2));
          return Tensors{torch::exp(y)};
        },
        [](D t) {
          return Tensors{grad({1, 4}, t), grad({3, 1}, t)};
        }}},
      {"inplace_input_write",
       {[](Tensors v) {
          v[0].add_(1);
          return Tensors{(v[0] * v[1]).sum(), v[0] * 1};
        },
        [](D t) {
          return Tensors{value({4}, t), grad({4}, t)};
        }}},
      {"inplace_masked_and_index",
       {[](Tensors v) { return Tensors{v[0].clone().masked_fill_(v[1], 0.25).clamp_(-1, 1).sum({0})}; },
        [](D t) {
          return Tensors{grad({4, 3}, t), torch::rand({4, 3}) > 0.5};
        }}},
      {"inplace_view_write",
       {[](Tensors v) {
          auto y = v[0].clone();
          y[0].fill_(5.);
          y.slice(1, 0, 2).mul_(3);
          y.select(1, 3).add_(y.select(1, 2));
          return Tensors{y, (y * y).sum()};
        },
        [](D t) {
          return Tensors{grad({3, 4}, t)};
        }}},
      {"dropout_train",
       {[](Tensors v) { return Tensors{torch::dropout(v[0], 0.5, true).sum()}; },
        [](D t) {
          return Tensors{grad({6, 6}, t)};
        },
        "random numbers"}},
      {"unsupported_nonzero",
       {[](Tensors v) { return Tensors{v[0].index_select(0, torch::nonzero(v[0]).squeeze(1)).sum()}; },
        [](D t) { return Tensors{grad({6}, t)}; }, "aten::nonzero"}},
      {"unsupported_svd",
       {[](Tensors v) { return Tensors{std::get<1>(torch::svd(v[0])).sum()}; },
        [](D t) {
          return Tensors{grad({4, 4}, t)};
        },
        "aten::svd"}},
      {"big_square_sum",
       {[](Tensors v) { return Tensors{(v[0] * v[0]).sum()}; }, [](D t) { return Tensors{grad({1000000}, t)}; }}},
      {"big_pointwise_chain",
       {[](Tensors v) {
          auto x = v[0] * v[1];
          for (int i = 0; i < 6; ++i) x = torch::tanh(x) * 0.9 + torch::sigmoid(x);
          return Tensors{x.mean()};
        },
        [](D t) {
          return Tensors{grad({1024, 1024}, t), grad({1024}, t)};
        }}},
      {"big_mlp",
       {[](Tensors v) {
          auto h = torch::relu(torch::linear(v[0], v[1], v[2]));
          h = torch::relu(torch::linear(h, v[3], v[4]));
          return Tensors{torch::cross_entropy_loss(torch::linear(h, v[5], v[6]), v[7])};
        },
        [](D t) {
          return Tensors{value({256, 784}, t), weight(512, 784, t), grad({512}, t), weight(512, 512, t),
                         grad({512}, t),       weight(10, 512, t),  grad({10}, t),  labels(10, {256})};
        }}},
      {"big_gpt2_block", {gpt2_block, [](D t) { return gpt2_inputs(t, 4, 64, 768); }}},
  };
  return all;
}

}  // namespace observed
