#include "verify.h"

#include <sstream>

#include <c10/core/GradMode.h>

namespace cladtorch::detail {
namespace {

bool single_precision(const Meta& m) {
  for (const auto* list : {&m.inputs, &m.outputs})
    for (const auto& v : *list)
      if (at::isFloatingType(v.dtype) && v.dtype != at::kDouble) return true;
  return false;
}

std::string verify_gradients(const Program& p, Call& call, const Expected& e, bool single, double factor) {
  size_t n = p.meta().inputs.size();
  Results grads(n);
  if (p.has_gradient()) grads = p.backward(call, refs(e.grad_outputs), {});
  for (size_t i = 0; i < grads.size(); ++i) {
    const auto& want = e.grad_inputs[i];
    if (!grads[i].defined() && !want.defined()) continue;
    auto zero = [&](const at::Tensor& like) { return at::zeros(like.sizes(), like.options()); };
    auto got = grads[i].defined() ? grads[i] : zero(want);
    if (auto d = difference(got, want.defined() ? want : zero(got), single, factor); !d.empty())
      return "gradient of input " + std::to_string(i) + ": " + d;
  }
  return "";
}

}  // namespace

std::string difference(const at::Tensor& got, const at::Tensor& want, bool single, double factor) {
  std::ostringstream s;
  if (got.sizes() != want.sizes() || got.scalar_type() != want.scalar_type()) {
    s << got.scalar_type() << " " << got.sizes() << ", LibTorch has " << want.scalar_type() << " " << want.sizes();
    return s.str();
  }
  if (want.numel() == 0) return "";
  auto a = got.reshape({-1}), b = want.reshape({-1});
  at::Tensor bad;
  if (!at::isFloatingType(want.scalar_type())) {
    bad = a.ne(b);
  } else {
    a = a.to(at::kDouble), b = b.to(at::kDouble);
    auto finite = b.isfinite();
    double largest = at::where(finite, b.abs(), at::zeros_like(b)).max().item<double>();
    double absolute = (single ? 1e-6 : 1e-10) * factor * std::max(1.0, largest),
           relative = (single ? 1e-5 : 1e-10) * factor;
    auto near = (a - b).abs().le(b.abs() * relative + absolute).logical_and(finite);
    bad = near.logical_or(a.eq(b)).logical_or(a.isnan().logical_and(b.isnan())).logical_not();
  }
  int64_t count = bad.sum().item<int64_t>();
  if (count == 0) return "";
  int64_t at = bad.to(at::kInt).argmax().item<int64_t>();
  s << count << " of " << want.numel() << " elements differ, the first at " << at << ": " << a[at].item<double>()
    << ", LibTorch has " << b[at].item<double>();
  return s.str();
}

std::string verify(const Program& p, const TensorRefs& inputs, const Expected& e, double factor) {
  c10::NoGradGuard no_grad;
  const auto& m = p.meta();
  if (m.inputs.size() != inputs.size() || m.outputs.size() < e.outputs.size())
    return "the library has " + std::to_string(m.inputs.size()) + " inputs and " + std::to_string(m.outputs.size()) +
           " outputs, the graph " + std::to_string(inputs.size()) + " and " + std::to_string(e.outputs.size());
  bool single = single_precision(m);
  Call call;
  auto outputs = p.forward(inputs, &call);
  for (size_t i = 0; i < e.outputs.size(); ++i)
    if (auto d = difference(outputs[i], e.outputs[i], single, factor); !d.empty())
      return "output " + std::to_string(i) + ": " + d;
  for (const auto& [input, value] : e.written) {
    at::Tensor now = inputs[input]->detach();
    for (const auto& w : m.mutated)
      if (w.first == input) now = outputs[w.second];
    if (auto d = difference(now, value, single, factor); !d.empty())
      return "input " + std::to_string(input) + " after the call: " + d;
  }
  return e.grad_inputs.empty() ? "" : verify_gradients(p, call, e, single, factor);
}

}  // namespace cladtorch::detail
