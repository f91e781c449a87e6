#include "random_program.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <sstream>

namespace random_program {
namespace {

using torch::indexing::Slice;

class Random {
 public:
  explicit Random(uint64_t seed) : g_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  int64_t below(int64_t n) { return int64_t(g_() % uint64_t(n)); }
  bool chance(int percent) { return below(100) < percent; }
  double number() { return double(below(33) - 16) / 8; }

 private:
  std::mt19937_64 g_;
};

struct Variable {
  Tensor t;
  double bound;  // of the absolute values, roughly: keeps programs from overflowing
  std::string name;
};

struct Step;
using Op = std::function<void(Step&)>;

// What a step works with: it picks operands, tells what it does, and adds results.
struct Step {
  Random random;
  std::vector<Variable>& all;
  std::vector<std::string> text;
  torch::Dtype main;

  // Recent variables are picked more often, so that programs are deep.
  const Variable& pick(const std::function<bool(const Tensor&)>& fits) {
    std::vector<size_t> order;
    for (size_t i = 0; i < all.size(); ++i)
      if (fits(all[i].t)) order.push_back(i);
    TORCH_CHECK(!order.empty(), "no operand fits");
    size_t n = order.size();
    size_t back = size_t(random.below(random.chance(60) ? std::min<int64_t>(int64_t(n), 4) : int64_t(n)));
    return all[order[n - 1 - back]];
  }
  Variable floating(int64_t least = 0, int64_t most = 5) {
    return pick([&](const Tensor& t) { return t.is_floating_point() && t.dim() >= least && t.dim() <= most; });
  }
  Variable whole() {
    return pick([](const Tensor& t) { return !t.is_floating_point(); });
  }
  Variable add(Tensor t, double bound, const std::string& what) {
    TORCH_CHECK(t.numel() <= 4096 && t.dim() <= 5, "too large");
    std::string name = "v" + std::to_string(all.size());
    text.push_back(name + " = " + what);
    Variable v{std::move(t), bound, name};
    if (bound > 30 && v.t.is_floating_point()) {
      all.push_back(v);
      return add(v.t * (2 / bound), 2, name + " * " + number(2 / bound));
    }
    all.push_back(v);
    return v;
  }
  void write(const std::string& what) { text.push_back(what); }
  static std::string number(double x) {
    std::ostringstream s;
    s.precision(17);
    s << x;
    return s.str();
  }
  static std::string list(torch::IntArrayRef l) {
    std::ostringstream s;
    s << "{";
    for (size_t i = 0; i < l.size(); ++i) s << (i ? ", " : "") << l[i];
    s << "}";
    return s.str();
  }
  int64_t dimension(const Tensor& t) {
    TORCH_CHECK(t.dim() > 0, "no dimension");
    int64_t d = random.below(t.dim());
    return random.chance(30) ? d - t.dim() : d;
  }
  static int64_t size(const Tensor& t, int64_t d) { return t.sizes()[size_t(d < 0 ? d + t.dim() : d)]; }
};

std::string num(int64_t x) { return std::to_string(x); }

// ---- one operand

enum Domain { any, positive, unit, bounded };

Variable into(Step& s, Variable v, Domain d) {
  switch (d) {
    case positive: return s.add(v.t.abs() + 0.5, v.bound + 0.5, v.name + ".abs() + 0.5");
    case unit: return s.add(v.t.tanh() * 0.875, 0.875, v.name + ".tanh() * 0.875");
    case bounded:
      if (v.bound > 3) return s.add(v.t.tanh() * 2, 2, v.name + ".tanh() * 2");
      break;
    case any: break;
  }
  return v;
}

Op unary(const char* name, Tensor (*f)(const Tensor&), Domain domain, std::function<double(double)> bound) {
  return [=](Step& s) {
    auto v = into(s, s.floating(), domain);
    s.add(f(v.t), bound(v.bound), std::string(name) + "(" + v.name + ")");
  };
}

double same(double b) { return b; }
std::function<double(double)> at_most(double x) {
  return [x](double) { return x; };
}

#define UNARY(name, domain, bound) \
  unary(                           \
      #name, [](const Tensor& x) { return torch::name(x); }, domain, bound)

std::vector<Op> unaries() {
  return {
      UNARY(sin, any, at_most(1)),
      UNARY(cos, any, at_most(1)),
      UNARY(tan, unit, at_most(2)),
      UNARY(tanh, any, at_most(1)),
      UNARY(sigmoid, any, at_most(1)),
      UNARY(relu, any, same),
      UNARY(gelu, any, same),
      UNARY(silu, any, same),
      UNARY(exp, bounded, at_most(21)),
      UNARY(exp2, bounded, at_most(8)),
      UNARY(expm1, bounded, at_most(21)),
      UNARY(log, positive, same),
      UNARY(log2, positive, same),
      UNARY(log10, positive, same),
      UNARY(log1p, positive, same),
      UNARY(sqrt, positive, same),
      UNARY(rsqrt, positive, at_most(1.5)),
      UNARY(reciprocal, positive, at_most(2)),
      UNARY(square, any, [](double b) { return b * b; }),
      UNARY(neg, any, same),
      UNARY(abs, any, same),
      UNARY(asin, unit, at_most(1.6)),
      UNARY(acos, unit, at_most(3)),
      UNARY(atan, any, at_most(1.6)),
      UNARY(sinh, bounded, at_most(11)),
      UNARY(cosh, bounded, at_most(11)),
      UNARY(asinh, any, same),
      UNARY(atanh, unit, at_most(1.4)),
      unary(
          "acosh(1 + ", [](const Tensor& x) { return torch::acosh(x + 1); }, positive, same),
      UNARY(erf, any, at_most(1)),
      UNARY(erfc, any, at_most(2)),
      UNARY(lgamma, positive, [](double b) { return b * b + 2; }),
      UNARY(digamma, positive, [](double b) { return b + 2; }),
      UNARY(sign, any, at_most(1)),
      UNARY(sgn, any, at_most(1)),
      UNARY(floor, any, [](double b) { return b + 1; }),
      UNARY(ceil, any, [](double b) { return b + 1; }),
      UNARY(round, any, [](double b) { return b + 1; }),
      UNARY(trunc, any, same),
      UNARY(frac, any, at_most(1)),
      UNARY(relu6, any, at_most(6)),
      UNARY(hardsigmoid, any, at_most(1)),
      UNARY(hardswish, any, same),
      UNARY(mish, any, same),
      UNARY(log_sigmoid, any, same),
      UNARY(softplus, any, [](double b) { return b + 1; }),
      UNARY(selu, any, [](double b) { return 2 * b; }),
      UNARY(celu, any, same),
      UNARY(hardshrink, any, same),
      UNARY(softshrink, any, same),
      UNARY(elu, any, same),
      UNARY(leaky_relu, any, same),
      UNARY(hardtanh, any, at_most(1)),
      UNARY(clone, any, same),
      UNARY(detach, any, same),
      UNARY(zeros_like, any, at_most(0)),
      UNARY(ones_like, any, at_most(1)),
      unary(
          "gelu(tanh)", [](const Tensor& x) { return torch::gelu(x, "tanh"); }, any, same),
      unary(
          "elu(0.5)", [](const Tensor& x) { return torch::elu(x, 0.5); }, any, same),
      unary(
          "softplus(2, 1)", [](const Tensor& x) { return torch::softplus(x, 2, 1); }, any,
          [](double b) { return b + 1; }),
      unary(
          "threshold(0.25, -1)", [](const Tensor& x) { return torch::threshold(x, 0.25, -1); }, any,
          [](double b) { return b + 1; }),
      unary(
          "clamp(-0.5, 1)", [](const Tensor& x) { return torch::clamp(x, -0.5, 1); }, any, at_most(1)),
      unary(
          "clamp_min(0.125)", [](const Tensor& x) { return torch::clamp_min(x, 0.125); }, any,
          [](double b) { return b + 1; }),
      unary(
          "clamp_max(0.5)", [](const Tensor& x) { return torch::clamp_max(x, 0.5); }, any,
          [](double b) { return b + 1; }),
      unary(
          "pow(3)", [](const Tensor& x) { return torch::pow(x, 3); }, bounded, at_most(27)),
      unary(
          "pow(2)", [](const Tensor& x) { return torch::pow(x, 2); }, bounded, at_most(9)),
      unary(
          "pow(-1.5)", [](const Tensor& x) { return torch::pow(x, -1.5); }, positive, at_most(3)),
      unary(
          "pow(1.5, x)", [](const Tensor& x) { return torch::pow(1.5, x); }, bounded, at_most(4)),
      unary(
          "1 - x", [](const Tensor& x) { return 1 - x; }, any, [](double b) { return b + 1; }),
      unary(
          "2 / x", [](const Tensor& x) { return 2 / x; }, positive, at_most(4)),
      unary(
          "x + 1", [](const Tensor& x) { return x + 1; }, any, [](double b) { return b + 1; }),
      unary(
          "x * 1.5", [](const Tensor& x) { return x * 1.5; }, any, [](double b) { return 1.5 * b; }),
      unary(
          "x / 3", [](const Tensor& x) { return x / 3; }, any, same),
      unary(
          "remainder(0.75)", [](const Tensor& x) { return torch::remainder(x, 0.75); }, any, at_most(1)),
      unary(
          "fmod(0.75)", [](const Tensor& x) { return torch::fmod(x, 0.75); }, any, at_most(1)),
      unary(
          "to double", [](const Tensor& x) { return x.to(torch::kDouble); }, any, same),
      unary(
          "to float", [](const Tensor& x) { return x.to(torch::kFloat); }, any, same),
      unary(
          "logit", [](const Tensor& x) { return torch::logit(x * 0.5 + 0.5); }, unit, at_most(4)),
      unary(
          "nan_to_num", [](const Tensor& x) { return torch::nan_to_num(x); }, any, same),
      unary(
          "contiguous", [](const Tensor& x) { return x.contiguous(); }, any, same),
      unary(
          "no_grad exp",
          [](const Tensor& x) {
            torch::NoGradGuard no_grad;
            return torch::exp(x);
          },
          bounded, at_most(21)),
  };
}

// ---- two operands

// A second operand that broadcasts with the first; of a floating dtype.
Variable partner(Step& s, const Variable& a) {
  auto fits = [&](const Tensor& t) {
    if (!t.is_floating_point()) return false;
    auto x = a.t.sizes(), y = t.sizes();
    for (size_t i = 1; i <= std::min(x.size(), y.size()); ++i)
      if (x[x.size() - i] != y[y.size() - i] && x[x.size() - i] != 1 && y[y.size() - i] != 1) return false;
    return true;
  };
  return s.pick(fits);
}

Op binary(const char* name, Tensor (*f)(const Tensor&, const Tensor&), std::function<double(double, double)> bound,
          Domain of_second = any) {
  return [=](Step& s) {
    auto a = s.floating();
    auto b = into(s, partner(s, a), of_second);
    s.add(f(a.t, b.t), bound(a.bound, b.bound), std::string(name) + "(" + a.name + ", " + b.name + ")");
  };
}
#define BINARY(name, bound, ...) \
  binary(                        \
      #name, [](const Tensor& x, const Tensor& y) { return torch::name(x, y); }, bound, ##__VA_ARGS__)

double plus(double a, double b) { return a + b; }
double times(double a, double b) { return a * b; }
double larger(double a, double b) { return std::max(a, b); }

std::vector<Op> binaries() {
  return {
      BINARY(add, plus),
      BINARY(sub, plus),
      BINARY(mul, times),
      BINARY(mul, times),
      BINARY(add, plus),
      BINARY(
          div, [](double a, double) { return 2 * a; }, positive),
      BINARY(maximum, larger),
      BINARY(minimum, larger),
      BINARY(fmax, larger),
      BINARY(fmin, larger),
      BINARY(
          atan2, [](double, double) { return 3.2; }, positive),
      BINARY(rsub, plus),
      BINARY(logaddexp, [](double a, double b) { return std::max(a, b) + 1; }),
      BINARY(
          xlogy, [](double a, double b) { return a * (b + 1); }, positive),
      BINARY(remainder, larger, positive),
      BINARY(fmod, larger, positive),
      binary(
          "floor_divide", [](const Tensor& x, const Tensor& y) { return torch::div(x, y, "floor"); },
          [](double a, double) { return 2 * a + 1; }, positive),
      binary(
          "div_trunc", [](const Tensor& x, const Tensor& y) { return torch::div(x, y, "trunc"); },
          [](double a, double) { return 2 * a + 1; }, positive),
      binary(
          "add(alpha=0.5)", [](const Tensor& x, const Tensor& y) { return torch::add(x, y, 0.5); }, plus),
      binary(
          "sub(alpha=2)", [](const Tensor& x, const Tensor& y) { return torch::sub(x, y, 2); },
          [](double a, double b) { return a + 2 * b; }),
      binary(
          "pow", [](const Tensor& x, const Tensor& y) { return torch::pow(x.abs() + 0.5, y.tanh()); },
          [](double a, double) { return a + 2; }),
      binary(
          "lerp", [](const Tensor& x, const Tensor& y) { return torch::lerp(x, y, 0.25); }, plus),
      binary(
          "where", [](const Tensor& x, const Tensor& y) { return torch::where(x > y, x, y * 2); },
          [](double a, double b) { return a + 2 * b; }),
      binary(
          "where(scalar)", [](const Tensor& x, const Tensor& y) { return torch::where(x.lt(y), x, 0.5); }, plus),
      binary(
          "addcmul", [](const Tensor& x, const Tensor& y) { return torch::addcmul(x, y, x, 0.5); },
          [](double a, double b) { return a + a * b; }),
      binary(
          "addcdiv", [](const Tensor& x, const Tensor& y) { return torch::addcdiv(x, x, y, 0.5); },
          [](double a, double) { return 2 * a; }, positive),
      binary(
          "mse_loss",
          [](const Tensor& x, const Tensor& y) { return torch::mse_loss(x, y.expand_as(x), at::Reduction::None); },
          [](double a, double b) { return (a + b) * (a + b); }),
      binary(
          "smooth_l1_loss", [](const Tensor& x, const Tensor& y) { return torch::smooth_l1_loss(x, y.expand_as(x)); },
          plus),
      binary(
          "huber_loss",
          [](const Tensor& x, const Tensor& y) {
            return torch::huber_loss(x, y.expand_as(x), at::Reduction::Sum, 0.75);
          },
          [](double a, double b) { return 30 * (a + b); }),
      binary(
          "l1_loss", [](const Tensor& x, const Tensor& y) { return torch::l1_loss(x, y.expand_as(x)); }, plus),
      binary(
          "bce_with_logits",
          [](const Tensor& x, const Tensor& y) {
            return torch::binary_cross_entropy_with_logits(x, y.expand_as(x).sigmoid());
          },
          plus),
      binary(
          "bce",
          [](const Tensor& x, const Tensor& y) {
            return torch::binary_cross_entropy(x.sigmoid() * 0.75 + 0.125, y.expand_as(x).sigmoid());
          },
          [](double, double) { return 2.5; }),
      binary(
          "kl_div", [](const Tensor& x, const Tensor& y) { return torch::kl_div(x, y.expand_as(x).sigmoid()); }, plus),
  };
}

// ---- views and shapes

std::vector<int64_t> order(Step& s, int64_t n) {
  std::vector<int64_t> d;
  for (int64_t i = 0; i < n; ++i) d.push_back(i);
  for (int64_t i = n; i > 1; --i) std::swap(d[size_t(i - 1)], d[size_t(s.random.below(i))]);
  return d;
}

struct View {
  Tensor t;
  std::string what;
};

// A view of x that keeps at least one element where x has some.
View view_of(Step& s, const Tensor& x) {
  int64_t kind = s.random.below(14);
  auto dims = std::to_string(x.dim());
  if (x.dim() == 0)
    return s.random.chance(50) ? View{x.unsqueeze(0), ".unsqueeze(0)"} : View{x.expand({2, 3}), ".expand({2, 3})"};
  int64_t d = s.dimension(x), n = Step::size(x, d);
  switch (kind) {
    case 0: {
      int64_t e = s.dimension(x);
      return {x.transpose(d, e), ".transpose(" + num(d) + ", " + num(e) + ")"};
    }
    case 1: {
      auto p = order(s, x.dim());
      return {x.permute(p), ".permute(" + Step::list(p) + ")"};
    }
    case 2: return {x.unsqueeze(d), ".unsqueeze(" + num(d) + ")"};
    case 3: return {x.squeeze(), ".squeeze()"};
    case 4: return {x.squeeze(d), ".squeeze(" + num(d) + ")"};
    case 5: {
      if (n == 0) return {x.squeeze(), ".squeeze()"};
      int64_t i = s.random.below(n) - (s.random.chance(50) ? n : 0);
      return {x.select(d, i), ".select(" + num(d) + ", " + num(i) + ")"};
    }
    case 6:
    case 7: {
      int64_t from = s.random.below(std::max<int64_t>(n, 1)),
              to = from + 1 + s.random.below(std::max<int64_t>(n - from, 1)), step = 1 + s.random.below(2);
      if (s.random.chance(30)) from -= n, to = INT64_MAX;
      return {x.slice(d, from, to, step),
              ".slice(" + num(d) + ", " + num(from) + ", " + num(to) + ", " + num(step) + ")"};
    }
    case 8: {
      int64_t length = n == 0 ? 0 : 1 + s.random.below(n), start = s.random.below(n - length + 1);
      return {x.narrow(d, start, length), ".narrow(" + num(d) + ", " + num(start) + ", " + num(length) + ")"};
    }
    case 9: return {x.flatten(), ".flatten()"};  // a copy where strides ask for one
    case 10: return {x.view({-1}), ".view({-1})"};
    case 11: return {x.movedim(d, 0), ".movedim(" + num(d) + ", 0)"};
    case 12: {
      auto sizes = x.sizes().vec();
      sizes.insert(sizes.begin(), 2);
      return {x.expand(sizes), ".expand(" + Step::list(sizes) + ")"};
    }
    default: {
      auto sizes = x.sizes().vec();
      int64_t last = sizes.back();
      sizes.pop_back();
      sizes.push_back(last % 2 == 0 && last > 0 ? 2 : 1);
      sizes.push_back(last % 2 == 0 && last > 0 ? last / 2 : last);
      return {x.view(sizes), ".view(" + Step::list(sizes) + ")"};
    }
  }
}

void take_view(Step& s) {
  auto v = s.floating();
  auto w = view_of(s, v.t);
  s.add(w.t, v.bound, v.name + w.what);
}

template <class F>
Op shaped(const char* name, int64_t least, F f) {
  return [=](Step& s) {
    auto v = s.floating(least);
    std::string what = std::string(name) + "(" + v.name;
    double bound = v.bound;
    Tensor t = f(s, v.t, what, bound);
    s.add(t, bound, what + ")");
  };
}
#define SHAPED(name, least, ...)                                                                 \
  shaped(name, least, [](Step& s, const Tensor& x, std::string& what, double& bound) -> Tensor { \
    (void)s, (void)what, (void)bound;                                                            \
    __VA_ARGS__                                                                                  \
  })
#define DIM                   \
  int64_t d = s.dimension(x); \
  what += ", " + num(d)

void pieces(Step& s) {
  auto v = s.floating(1);
  int64_t d = s.dimension(v.t), kind = s.random.below(4), n = Step::size(v.t, d);
  std::vector<Tensor> parts;
  std::string what;
  if (kind == 0) parts = v.t.chunk(2, d), what = ".chunk(2, " + num(d) + ")";
  if (kind == 1) parts = v.t.split(2, d), what = ".split(2, " + num(d) + ")";
  if (kind == 2) parts = v.t.unbind(d), what = ".unbind(" + num(d) + ")";
  if (kind == 3)
    parts = v.t.split_with_sizes({1, n - 1}, d), what = ".split_with_sizes({1, " + num(n - 1) + "}, " + num(d) + ")";
  for (size_t i = 0; i < parts.size() && i < 2; ++i)
    s.add(parts[i], v.bound, v.name + what + "[" + std::to_string(i) + "]");
}

std::vector<Op> shapes() {
  return {
    take_view, take_view, take_view, take_view, pieces, SHAPED("reshape(-1)", 1, return x.reshape({-1});),
        SHAPED("reshape to column", 1, return x.reshape({-1, 1});), SHAPED("flip", 1, DIM; return x.flip({d});),
        SHAPED("roll", 1, DIM; return x.roll({1}, {d});), SHAPED("diagonal", 2, return x.diagonal();),
        SHAPED("repeat", 0, auto r = std::vector<int64_t>(size_t(x.dim()), 1); if (r.empty()) r = {2}; else r[0] = 2;
               return x.repeat(r);),
        SHAPED("stack(x, x * 2)", 0, bound *= 2; return torch::stack({x, x * 2}, s.random.below(x.dim() + 1));),
        SHAPED("cat(x, x.sin())", 1, DIM; bound += 1; return torch::cat({x, x.sin()}, d);),
        SHAPED("constant_pad_nd({1, 2}, 0.5)", 1, bound += 1; return torch::constant_pad_nd(x, {1, 2}, 0.5);),
        SHAPED("constant_pad_nd({-1, 1})", 1, return torch::constant_pad_nd(x, {-1, 1});),
        SHAPED("tril", 2, int64_t k = s.random.below(3) - 1; what += ", " + num(k); return x.tril(k);),
        SHAPED("triu", 2, int64_t k = s.random.below(3) - 1; what += ", " + num(k); return x.triu(k);),
        SHAPED("swapaxes(0, -1)", 1, return x.swapaxes(0, -1);),
        SHAPED("unflatten", 1, return x.unflatten(-1, {1, -1});),
  };
}

// ---- reductions and normalisations

std::vector<Op> reductions() {
  return {
    SHAPED("sum", 0, bound *= double(std::max<int64_t>(x.numel(), 1)); return x.sum();),
        SHAPED("sum", 1, DIM; bound *= 6; return x.sum(d, s.random.chance(50));),
        SHAPED("sum {0, -1} keepdim", 2, bound *= 16; return x.sum(torch::IntArrayRef({0, -1}), true);),
        SHAPED("mean", 0, return x.mean();), SHAPED("mean", 1, DIM; return x.mean(d, s.random.chance(50));),
        SHAPED("amax", 1, DIM; return x.amax({d}, s.random.chance(50));),
        SHAPED("amin", 1, DIM; return x.amin({d}, s.random.chance(50));), SHAPED("amax all", 0, return x.amax();),
        SHAPED("max", 0, return x.max();), SHAPED("min", 0, return x.min();),
        SHAPED("max.dim", 1, DIM; return std::get<0>(x.max(d));),
        SHAPED("min.dim keepdim", 1, DIM; return std::get<0>(x.min(d, true));),
        SHAPED("prod(tanh)", 1, DIM; bound = 1; return x.tanh().prod(d);),
        SHAPED("var", 1, DIM; bound *= bound; return x.var(d, s.random.chance(50));),
        SHAPED("std of x + arange", 1, DIM; bound += 6;
               return (x + torch::arange(x.sizes().back(), x.options())).std(d, true, true);),
        SHAPED("logsumexp", 1, DIM; bound += 3; return x.logsumexp({d});),
        SHAPED("norm", 1, DIM; bound *= 4; return (x.abs() + 0.5).norm(2, d);),
        SHAPED("norm(1)", 1, DIM; bound *= 6; return x.norm(1, d);),
        SHAPED("cumsum", 1, DIM; bound *= 6; return x.cumsum(d);),
        SHAPED("softmax", 1, DIM; bound = 1; return torch::softmax(x, d);),
        SHAPED("log_softmax", 1, DIM; bound = 2 * bound + 3; return torch::log_softmax(x, d);),
        SHAPED("layer_norm", 1, bound = 3; return torch::layer_norm(x, {x.sizes().back()});),
        SHAPED("layer_norm affine", 1, bound = 12; auto w = torch::arange(x.sizes().back(), x.options()) * 0.25 + 1;
               return torch::layer_norm(x, {x.sizes().back()}, w, w);),
        SHAPED("group_norm(1)", 2, bound = 3; return torch::group_norm(x, 1);),
        SHAPED("instance_norm", 3, bound = 3; return torch::instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false);),
        SHAPED("batch_norm eval", 2, bound += 1; auto one = torch::ones({x.sizes()[1]}, x.options());
               return torch::batch_norm(x, one * 1.5, one, one * 0.25, one * 2, false, 0.1, 1e-5, false);),
        SHAPED("sort values", 1, DIM; return std::get<0>(x.sort(d));),
        SHAPED("topk(2) values", 1, DIM; return std::get<0>(x.topk(2, d));),
        SHAPED("cross_entropy", 2, bound = 2 * bound + 3; auto f = x.flatten(0, -2);
               return torch::cross_entropy_loss(f, torch::arange(f.sizes()[0]).remainder(f.sizes()[1]));),
        SHAPED("nll_loss", 2, auto f = x.flatten(0, -2);
               return torch::nll_loss(f, torch::arange(f.sizes()[0]).remainder(f.sizes()[1]));),
        SHAPED("glu", 1, return torch::glu(torch::cat({x, x * 0.5}, 0), 0);),
  };
}

// ---- products, windows

std::vector<Op> products() {
  return {
    SHAPED("matmul(x, x^T)", 2, bound = 6 * bound * bound; return torch::matmul(x, x.transpose(-1, -2).tanh());),
        SHAPED("matmul(x^T, x)", 2, bound = 6 * bound; return torch::matmul(x.transpose(-1, -2), x.sin());),
        SHAPED("linear", 1, bound = 8 * bound + 1; int64_t n = x.sizes().back();
               auto w = torch::arange(3 * n, x.options()).view({3, n}).sin();
               return torch::linear(x, w, torch::ones({3}, x.options()));),
        SHAPED("einsum", 2, bound = 6 * bound; auto f = x.flatten(0, -2);
               return torch::einsum("ij,kj->ik", {f, f.sin()});),
        SHAPED("mm", 2, bound = 6 * bound; auto f = x.flatten(0, -2); return torch::mm(f.t(), f.cos());),
        SHAPED("addmm", 2, bound = 7 * bound + 7; auto f = x.flatten(0, -2);
               return torch::addmm(f[0], f, torch::mm(f.t(), f).tanh(), 0.5, 2);),
        SHAPED("bmm", 3, bound = 6 * bound; auto f = x.flatten(0, -3); return torch::bmm(f, f.transpose(1, 2).cos());),
        SHAPED("mv", 2, bound = 6 * bound; auto f = x.flatten(0, -2); return torch::mv(f, f[0].sin());),
        SHAPED("dot", 1, bound = 100 * bound; auto f = x.flatten(); return torch::dot(f, f.sin());),
        SHAPED("baddbmm", 3, bound = 7 * bound + 7; auto f = x.flatten(0, -3);
               return torch::baddbmm(f, torch::bmm(f, f.transpose(1, 2)).tanh(), f);),
        SHAPED("attention", 3, auto f = x.flatten(0, -3);
               auto p = torch::softmax(torch::bmm(f, f.transpose(1, 2)) * 0.5, -1); return torch::bmm(p, f);),
        SHAPED("conv1d", 1, bound = 3 * bound; auto f = x.flatten().view({1, 1, -1});
               auto w = torch::arange(6, x.options()).view({2, 1, 3}).cos();
               return torch::conv1d(f, w, {}, 1 + s.random.below(2), 1);),
        SHAPED("conv2d", 2, bound = 4 * bound + 1; auto f = x.flatten(0, -2).unsqueeze(0).unsqueeze(0);
               auto w = torch::arange(8, x.options()).view({2, 1, 2, 2}).cos();
               return torch::conv2d(f, w, torch::ones({2}, x.options()));),
        SHAPED("max_pool1d", 1, auto f = x.flatten().view({1, 1, -1}); return torch::max_pool1d(f, 2);),
        SHAPED("max_pool2d", 2, auto f = x.flatten(0, -2).unsqueeze(0).unsqueeze(0);
               return torch::max_pool2d(f, 2, 1);),
        SHAPED("avg_pool2d", 2, auto f = x.flatten(0, -2).unsqueeze(0).unsqueeze(0);
               return torch::avg_pool2d(f, 2, 1);),
        SHAPED("adaptive_avg_pool1d", 1, auto f = x.flatten().view({1, 1, -1});
               return torch::adaptive_avg_pool1d(f, 1);),
  };
}

// ---- indices

Tensor positions(int64_t n, int64_t count, int64_t step) { return torch::arange(count).mul(step).add(1).remainder(n); }

std::vector<Op> indices() {
  return {
    SHAPED("index_select", 1, DIM; return x.index_select(d, positions(Step::size(x, d), 4, 3));),
        SHAPED("gather", 1, DIM; return x.gather(d, torch::argsort(x, d));),
        SHAPED("gather of first", 1, DIM; return x.gather(d, torch::zeros_like(x, torch::kLong).slice(d, 0, 1));),
        SHAPED("scatter_add", 1, DIM; bound *= 6;
               return x.scatter_add(d, torch::argmax(x, d, true).expand_as(x), x.sin());),
        SHAPED("index_add", 1, DIM; bound *= 2; return x.index_add(
            d, positions(Step::size(x, d), 2, 0), torch::cat({x.slice(d, 0, 1), x.slice(d, 0, 1).sin()}, d));),
        SHAPED("index {positions}", 1, return x.index({positions(x.sizes()[0], 5, 2)});),
        SHAPED("index {slice, positions}", 2, return x.index({Slice(), positions(x.sizes()[1], 3, 2)});),
        SHAPED("index {positions, positions}", 2,
               return x.index({positions(x.sizes()[0], 3, 2), positions(x.sizes()[1], 3, 1)});),
        SHAPED("index_put accumulate", 1, bound *= 6;
               return x.index_put({positions(x.sizes()[0], 5, 2)}, x[0].sin(), true);),
        SHAPED("index_copy", 1, DIM;
               return x.index_copy(d, positions(Step::size(x, d), 1, 1), x.slice(d, 0, 1).cos());),
        SHAPED("masked_fill", 0, bound += 1; return x.masked_fill(x > 0.25, -1);),
        SHAPED("masked_fill tensor", 0, return x.masked_fill(x > 0, x.mean());),
        SHAPED("take_along_dim", 1, DIM; return torch::take_along_dim(x, torch::argmin(x, d, true), d);),
        SHAPED("embedding", 2, auto f = x.flatten(0, -2); return torch::embedding(f, positions(f.sizes()[0], 4, 2));),
        SHAPED("one_hot", 1, bound *= 2; int64_t n = x.sizes().back();
               return x + torch::one_hot(positions(n, 1, 1), n)[0].to(x.scalar_type());),
        SHAPED("slice_scatter", 1, DIM; return torch::slice_scatter(x, x.slice(d, 0, 1).sin(), d, 0, 1);),
        SHAPED("select_scatter", 1, DIM; return torch::select_scatter(x, x.select(d, 0).sin(), d, 0);),
  };
}

void from_integers(Step& s) {
  auto i = s.whole();
  auto x = s.floating();
  switch (s.random.below(5)) {
    case 0: s.add(i.t.to(s.main) * 0.5, i.bound, i.name + ".to(main) * 0.5"); break;
    case 1: s.add(x.t.mean() * i.t, x.bound * std::max(1.0, i.bound), x.name + ".mean() * " + i.name); break;
    case 2: s.add(i.t + 1, i.bound + 1, i.name + " + 1"); break;
    case 3:
      s.add(torch::where(i.t > 0, x.t.mean(), x.t.sum().tanh()), x.bound,
            "where(" + i.name + " > 0, " + x.name + ".mean(), " + x.name + ".sum().tanh())");
      break;
    case 4: s.add(i.t / 2, i.bound, i.name + " / 2"); break;
  }
}

void to_integers(Step& s) {
  auto x = s.floating(1);
  int64_t d = s.dimension(x.t);
  switch (s.random.below(5)) {
    case 0: s.add(x.t.argmax(d), 6, x.name + ".argmax(" + num(d) + ")"); break;
    case 1: s.add(x.t > 0.25, 1, x.name + " > 0.25"); break;
    case 2: s.add((x.t * 2).to(torch::kLong), 2 * x.bound, "(" + x.name + " * 2).to(kLong)"); break;
    case 3: s.add((x.t > 0).any(d), 1, "(" + x.name + " > 0).any(" + num(d) + ")"); break;
    case 4: s.add((x.t > -1).sum(d), 6, "(" + x.name + " > -1).sum(" + num(d) + ")"); break;
  }
}

// ---- writes in place

// Something to write to: a variable, a copy of one, or a view of either.
Variable place(Step& s) {
  auto v = s.floating();
  if (s.random.chance(60))
    v = s.random.chance(50) ? s.add(v.t.clone(), v.bound, v.name + ".clone()")
                            : s.add(v.t * 0.5, v.bound, v.name + " * 0.5");
  for (int64_t n = s.random.below(3); n > 0; --n) {
    auto w = view_of(s, v.t);
    v = s.add(w.t, v.bound, v.name + w.what);
  }
  return v;
}

void write(Step& s) {
  auto p = place(s);
  auto fits = [&](const Tensor& t) {
    auto x = p.t.sizes(), y = t.sizes();
    if (!t.is_floating_point() || y.size() > x.size()) return false;
    for (size_t i = 1; i <= y.size(); ++i)
      if (x[x.size() - i] != y[y.size() - i] && y[y.size() - i] != 1) return false;
    return true;
  };
  Variable o = s.pick(fits);
  switch (s.random.below(15)) {
    case 0: s.write(p.name + ".add_(" + o.name + ")"), p.t.add_(o.t); break;
    case 1: s.write(p.name + ".mul_(0.75)"), p.t.mul_(0.75); break;
    case 2: s.write(p.name + ".mul_(" + o.name + ".tanh())"), p.t.mul_(o.t.tanh()); break;
    case 3: s.write(p.name + ".copy_(" + o.name + ")"), p.t.copy_(o.t); break;
    case 4: s.write(p.name + ".fill_(0.5)"), p.t.fill_(0.5); break;
    case 5: s.write(p.name + ".zero_()"), p.t.zero_(); break;
    case 6: s.write(p.name + ".tanh_()"), p.t.tanh_(); break;
    case 7: s.write(p.name + ".sigmoid_()"), p.t.sigmoid_(); break;
    case 8: s.write(p.name + ".relu_()"), p.t.relu_(); break;
    case 9: s.write(p.name + ".clamp_(-1, 0.5)"), p.t.clamp_(-1, 0.5); break;
    case 10: s.write(p.name + ".masked_fill_(" + p.name + " > 0, 0.25)"), p.t.masked_fill_(p.t > 0, 0.25); break;
    case 11: s.write(p.name + ".sub_(" + o.name + ", 0.5)"), p.t.sub_(o.t, 0.5); break;
    case 12: s.write(p.name + ".index({0}).fill_(1.5)"), p.t.index({0}).fill_(1.5); break;
    case 13: s.write(p.name + ".div_(2)"), p.t.div_(2); break;
    case 14:
      s.write(p.name + ".index_put_({positions}, " + p.name + "[0].sin())"),
          p.t.index_put_({positions(p.t.sizes()[0], 2, 1)}, p.t[0].sin());
      break;
  }
}

// A buffer that is filled by parts.
void fill_buffer(Step& s) {
  auto v = s.floating(1, 3);
  int64_t n = v.t.sizes()[0];
  auto buffer = s.random.chance(50) ? torch::zeros({2 * n, 2}, v.t.options())
                                    : torch::empty({2 * n, 2}, v.t.options()).fill_(0.5);
  auto row = v.t.flatten(1).sum(1);
  buffer.slice(0, 0, n).select(1, 0).copy_(row);
  if (s.random.chance(70)) buffer.slice(0, n).copy_(row.unsqueeze(1));
  if (s.random.chance(30)) buffer.select(1, 1).add_(1);
  s.add(buffer, v.bound * double(v.t.numel()), "buffer of " + v.name);
}

// What the importer does not know: the program is left to LibTorch, and says which op it is.
std::vector<Op> unsupported() {
  return {
    SHAPED("cumprod", 1, DIM; bound = 1; return x.tanh().cumprod(d);),
        unary(
            "sinc", [](const Tensor& x) { return torch::sinc(x); }, any, at_most(1)),
  };
}

struct Family {
  int weight;
  std::vector<Op> ops;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {24, unaries()},      {20, binaries()},   {18, shapes()},
      {12, reductions()},   {7, products()},    {6, indices()},
      {3, {from_integers}}, {2, {to_integers}}, {8, {write, write, write, fill_buffer}}};
  return all;
}

Op one_of(const std::vector<Op>& ops, Random& r) { return ops[size_t(r.below(int64_t(ops.size())))]; }

Op choose(Random& r) {
  int total = 0;
  for (const auto& f : families()) total += f.weight;
  auto k = r.below(total);
  for (const auto& f : families()) {
    if (k < f.weight) return one_of(f.ops, r);
    k -= f.weight;
  }
  return families().back().ops.back();
}

}  // namespace

Tensors Program::inputs(uint64_t values) const {
  Random r(seed_ * 2);
  torch::manual_seed(seed_ * 31 + values);
  auto main = r.chance(50) ? torch::kFloat : torch::kDouble;
  bool empty = r.chance(4);
  Tensors all;
  auto layout = [&](std::vector<int64_t> sizes, torch::Dtype t) -> Tensor {
    if (empty)
      for (auto& n : sizes)
        if (n == 3) n = 0;
    auto n = int64_t(sizes.size());
    switch (r.below(5)) {
      case 0:
        if (n >= 2) {
          std::swap(sizes[0], sizes[1]);
          return torch::randn(sizes, t).transpose(0, 1);
        }
        break;
      case 1:
        if (n >= 1) {
          sizes[0] = sizes[0] * 2 + 1;
          return torch::randn(sizes, t).slice(0, 1, INT64_MAX, 2);
        }
        break;
      case 2:
        if (n >= 2) {
          auto one = sizes;
          one[0] = 1;
          return torch::randn(one, t).expand(sizes);
        }
        break;
    }
    return torch::randn(sizes, t);
  };
  const std::vector<std::vector<int64_t>> sizes = {{3, 4}, {4}, {2, 3, 4}, {3, 1}, {}, {3, 4}, {2, 1, 4}, {1}};
  int64_t count = 2 + r.below(3);
  for (int64_t i = 0; i < count; ++i) {
    auto t = layout(sizes[size_t(r.below(int64_t(sizes.size())))], r.chance(10) ? torch::kDouble : main).clamp(-3, 3);
    // clamp keeps dense layouts only: slices and expanded ones are made again.
    auto kept = t.detach();
    all.push_back(kept.requires_grad_(i == 0 || r.chance(75)));
  }
  // Layouts that clamp does not keep.
  if (r.chance(40)) {
    auto wide = torch::randn({3, 9}, main).clamp(-3, 3);
    all.push_back((empty ? wide.slice(0, 0, 0) : wide).slice(1, 1, 9, 2).detach().requires_grad_(r.chance(70)));
  }
  if (r.chance(30))
    all.push_back(
        torch::randn({1, 4}, main).clamp(-3, 3).expand({empty ? 0 : 3, 4}).detach().requires_grad_(r.chance(70)));
  if (r.chance(40)) all.push_back(torch::randint(-2, 3, {3 * !empty, 4}));
  return all;
}

Tensors Program::run(const Tensors& inputs, std::string* text, std::set<int>* failed) const {
  std::vector<Variable> all;
  for (const auto& t : inputs) all.push_back({t, 3, "v" + std::to_string(all.size())});
  size_t given = all.size();
  for (int k = 0; k < depth_; ++k) {
    if (skipped_.count(k)) continue;
    size_t before = all.size();
    Step s{Random(seed_ * 1000 + uint64_t(k)), all, {}, inputs[0].scalar_type()};
    try {
      bool odd = seed_ % 25 == 0 && k == depth_ / 2;
      (odd ? one_of(unsupported(), s.random) : choose(s.random))(s);
    } catch (const c10::Error&) {
      if (!failed) throw;
      failed->insert(k);
      all.resize(before);
      return {};
    }
    if (text)
      for (const auto& line : s.text) *text += "  [" + std::to_string(k) + "] " + line + "\n";
  }
  Tensors out;
  std::string last;
  for (size_t i = all.size(); i > given && out.size() < 3; --i) {
    out.push_back(all[i - 1].t);
    last += " " + all[i - 1].name;
  }
  if (out.empty()) out.push_back(all[0].t * 2);
  if (text) *text += "  return" + last + "\n";
  return out;
}

void Program::settle() {
  for (;;) {
    std::set<int> failed;
    auto in = inputs(0);
    auto out = run(in, nullptr, &failed);
    if (failed.empty()) {
      Tensors o, g, leaves;
      for (const auto& t : out)
        if (t.requires_grad()) o.push_back(t), g.push_back(torch::ones_like(t));
      for (const auto& t : in)
        if (t.requires_grad()) leaves.push_back(t);
      if (o.empty()) return;
      try {
        torch::autograd::grad(o, leaves, g, false, false, true);
        return;
      } catch (const c10::Error&) {
        // A value that backward needs was written over: the last step goes that is still there.
        int last = depth_ - 1;
        while (skipped_.count(last)) --last;
        if (last < 0) return;
        failed.insert(last);
      }
    }
    skipped_.insert(failed.begin(), failed.end());
  }
}

std::string Program::text() const {
  std::string text;
  auto in = inputs(0);
  for (size_t i = 0; i < in.size(); ++i) {
    std::ostringstream s;
    s << "  v" << i << ": " << in[i].dtype() << " " << in[i].sizes() << " strides " << in[i].strides()
      << (in[i].requires_grad() ? " requires_grad" : "") << "\n";
    text += s.str();
  }
  run(in, &text, nullptr);
  return text;
}

}  // namespace random_program
