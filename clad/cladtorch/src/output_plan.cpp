#include "output_plan.h"

#include <algorithm>
#include <tuple>

#include "overlap.h"

namespace cladtorch::detail {
namespace {

std::string plan_view(OutputPlan& p, OutputPlan::Kind kind, int base, const at::Tensor& from, const at::Tensor& t,
                      size_t i) {
  if (from.scalar_type() != t.scalar_type())
    return "output " + std::to_string(i) + " is a view of another type; return a clone()";
  if (t.requires_grad() && !from.requires_grad())
    return "output " + std::to_string(i) +
           " is a view that has a gradient of memory that is also returned without one; return a clone()";
  // as_strided, which makes the view again, would spread the gradient evenly over all of one place.
  if (t.requires_grad() && repeats(from))
    return "output " + std::to_string(i) +
           " is a view that has a gradient of an expanded tensor, whose elements are one place; return a clone()";
  p.detached = from.requires_grad() && !t.requires_grad();
  p.kind = kind;
  p.index = base;
  p.sizes = t.sizes().vec();
  p.strides = t.strides().vec();
  p.offset = t.storage_offset() - from.storage_offset();
  return "";
}

// Plans output i as (a view of) an input, if it is one.
std::string plan_by_inputs(OutputPlan& p, const Tensors& in, const at::Tensor& t, size_t i) {
  int owners = 0, owner = -1;
  for (size_t k = 0; k < in.size(); ++k) {
    if (!in[k].defined()) continue;
    if (in[k].is_same(t)) {
      p.kind = OutputPlan::input;
      p.index = int(k);
      return "";
    }
    if (!same_storage(in[k], t)) continue;
    ++owners;
    owner = int(k);
  }
  if (owners > 1) return "output " + std::to_string(i) + " is a view of inputs that share memory; return a clone()";
  return owners == 1 ? plan_view(p, OutputPlan::input_view, owner, in[owner], t, i) : "";
}

// Plans output i as a view of the output k, if it is one.
std::string plan_by_output(OutputPlan& p, const OutputPlan& base, const at::Tensor& o, size_t k, const at::Tensor& t,
                           size_t i) {
  if (!overlap(o, t)) return "";
  auto [of, ol] = extent(o);
  auto [tf, tl] = extent(t);
  if (base.kind != OutputPlan::computed || !o.is_contiguous() || tf < of || tl > ol)
    return "outputs " + std::to_string(std::min(i, k)) + " and " + std::to_string(std::max(i, k)) +
           " have memory in common that neither holds as a whole; return a clone() of one";
  return plan_view(p, OutputPlan::output_view, int(k), o, t, i);
}

}  // namespace

std::string plan_outputs(const Tensors& inputs, const Tensors& outputs, std::vector<OutputPlan>& plans) {
  plans.resize(outputs.size());
  int defined = 0;
  std::vector<size_t> order;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined()) continue;
    auto& p = plans[i];
    p.kind = OutputPlan::computed;
    p.library_output = p.index = defined++;
    order.push_back(i);
  }
  // A view comes after what it is a view of, which may be returned behind it.
  auto rank = [&](size_t i) {
    const auto& t = outputs[i];
    return std::make_tuple(-t.numel(), !t.is_contiguous(), !t.requires_grad());
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  for (auto i = order.begin(); i != order.end(); ++i) {
    auto& p = plans[*i];
    const auto& t = outputs[*i];
    auto twin = std::find_if(order.begin(), i, [&](size_t k) { return outputs[k].is_same(t); });
    if (twin != i) {
      p.kind = OutputPlan::output;
      p.index = int(*twin);
      continue;
    }
    if (auto why = plan_by_inputs(p, inputs, t, *i); !why.empty()) return why;
    for (auto k = order.begin(); k != i && p.kind == OutputPlan::computed; ++k)
      if (auto why = plan_by_output(p, plans[*k], outputs[*k], *k, t, *i); !why.empty()) return why;
  }
  return defined ? "" : "the function returns no defined tensor";
}

}  // namespace cladtorch::detail
