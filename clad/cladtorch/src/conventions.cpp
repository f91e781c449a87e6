#include "conventions.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace cladtorch::detail {
namespace {

at::Tensor number(double x) { return at::full({}, x, at::kDouble); }

// What a number computed by LibTorch is tells whether it follows the convention.
struct Probe {
  const char* convention;
  std::set<std::string> operators;  // that depend on it
  double (*ask)();
  double with, without;
};

template <class F>
double gradient(double at, F function) {
  c10::InferenceMode no_inference(false);
  c10::AutoGradMode grad(true);
  auto x = number(at).requires_grad_();
  return torch::autograd::grad({function(x)}, {x})[0].template item<double>();
}

// Made when it is first asked for and never destroyed: static objects compile functions too.
const std::vector<Probe>& probes() {
  using T = const at::Tensor&;
  static const auto* all = [] {
    const std::set<std::string> clamps = {"aten::clamp", "aten::clip", "aten::clamp_min", "aten::clamp_max",
                                          // spelled by it
                                          "aten::margin_ranking_loss", "aten::hinge_embedding_loss",
                                          "aten::cosine_embedding_loss", "aten::triplet_margin_loss"};
    return new std::vector<Probe>{
        {"clamp.through_bounds", clamps, [] { return gradient(1, [](T x) { return x.clamp(1, 2); }); }, 1, 0},
        {"clamp_min.first_ties", clamps, [] { return gradient(1, [](T x) { return x.clamp_min(number(1)); }); }, 1, .5},
        {"clamp_max.first_ties", clamps, [] { return gradient(1, [](T x) { return x.clamp_max(number(1)); }); }, 1, .5},
        {"fmax.first_ties",
         {"aten::fmax"},
         [] { return gradient(1, [](T x) { return at::fmax(x, number(1)); }); },
         1,
         .5},
        {"fmin.first_ties",
         {"aten::fmin"},
         [] { return gradient(1, [](T x) { return at::fmin(x, number(1)); }); },
         1,
         .5},
        {"hardswish.through_ends",
         {"aten::hardswish"},
         [] { return gradient(3, [](T x) { return at::hardswish(x); }); },
         1.5,
         1},
        {"softshrink.zero_of_nan",
         {"aten::softshrink"},
         [] { return at::softshrink(number(NAN)).item<double>(); },
         0,
         NAN},
        {"atan2.nan_at_origin",
         {"aten::atan2", "aten::arctan2"},
         [] { return gradient(0, [](T x) { return at::atan2(x, number(0)); }); },
         NAN,
         0},
    };
  }();
  return *all;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

Conventions conventions(const torch::jit::Graph& graph) {
  std::set<std::string> operators;
  for (const auto* n : graph.nodes()) {
    std::string name = n->kind().toQualString();
    if (name.back() == '_') name.pop_back();
    operators.insert(name);
  }
  Conventions c;
  for (const auto& p : probes()) {
    if (std::none_of(p.operators.begin(), p.operators.end(), [&](const auto& o) { return operators.count(o) > 0; }))
      continue;
    double g = p.ask();
    if (same(g, p.with)) {
      c.text += std::string(" ") + p.convention;
    } else if (!same(g, p.without)) {
      c.refusal = std::string("this LibTorch has a value or gradient at a kink that cladopt does not know, ") +
                  std::to_string(g) + " where " + p.convention + " would make it " + std::to_string(p.with) +
                  " and its absence " + std::to_string(p.without) + "; use a newer cladopt";
    }
  }
  if (!c.text.empty()) c.text = "# conventions:" + c.text + "\n";
  return c;
}

}  // namespace cladtorch::detail
