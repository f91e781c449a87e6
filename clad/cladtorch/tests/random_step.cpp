#include "random_step.h"

#include <cmath>
#include <sstream>

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>

#include "random_steps.h"

namespace random_program {
namespace {

std::string shown(const c10::IValue& v) {
  std::ostringstream s;
  s.precision(17);
  s << v;
  return s.str();
}

double magnitude(const c10::IValue& v) {
  return v.isDouble() ? std::abs(v.toDouble()) : v.isInt() ? std::abs(double(v.toInt())) : 1;
}

// Whether sizes x, y broadcast; with `to`, whether x broadcasts to y.
bool broadcasts(torch::IntArrayRef x, torch::IntArrayRef y, bool to = false) {
  if (to && x.size() > y.size()) return false;
  for (size_t i = 1; i <= std::min(x.size(), y.size()); ++i) {
    auto n = x[x.size() - i], m = y[y.size() - i];
    if (n != m && n != 1 && (to || m != 1)) return false;
  }
  return true;
}

bool is_kind(Kind k, const Tensor& t) { return k == anything || t.is_floating_point() != (k == wholes); }

// Integers are few among the variables, and take part rarely.
Kind settled(Kind k, Random& r) { return k != numbers ? k : r.chance(12) ? wholes : floats; }

c10::optional<c10::OperatorHandle> find_operator(const std::string& op) {
  auto dot = std::min(op.find('.'), op.size());
  return c10::Dispatcher::singleton().findSchema(
      {"aten::" + op.substr(0, dot), dot == op.size() ? "" : op.substr(dot + 1)});
}

// The overload of name that takes what op takes, and `more` after it; "" if there is none.
std::string overload_like(const std::string& op, const std::string& name, size_t more) {
  auto like = find_operator(op);
  if (!like) return "";
  const auto& x = like->schema().arguments();
  for (const auto& candidate : torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString("aten::" + name))) {
    const auto& schema = candidate->schema();
    const auto& y = schema.arguments();
    if (!schema.is_mutable() || schema.returns().size() != 1 || y.size() != x.size() + more) continue;
    if (std::equal(x.begin(), x.end(), y.begin(), [](auto& a, auto& b) { return *a.type() == *b.type(); }))
      return schema.overload_name().empty() ? name : name + "." + schema.overload_name();
  }
  return "";
}

// The operator that writes its result to one argument more.
std::string with_out(const std::string& op) { return overload_like(op, op.substr(0, op.find('.')), 1); }

}  // namespace

Arg::Arg(c10::IValue constant) : value(std::move(constant)), text(shown(value)), bound(magnitude(value)) {}

int64_t size_of(const Tensor& t, int64_t d) { return t.sizes()[size_t(d < 0 ? d + t.dim() : d)]; }

bool has_operator(const std::string& op) { return find_operator(op).has_value(); }

std::string written(const std::string& op) { return overload_like(op, op.substr(0, op.find('.')) + "_", 0); }

// ---- Step

int64_t Step::dimension(const Tensor& t) {
  TORCH_CHECK(t.dim() > 0, "no dimension");
  int64_t d = random.below(t.dim());
  return random.chance(30) ? d - t.dim() : d;
}

std::optional<Variable> Step::find(const Fits& fits) {
  std::vector<size_t> order;
  for (size_t i = 0; i < all_.size(); ++i)
    if (fits(all_[i].t)) order.push_back(i);
  if (order.empty()) return {};
  size_t n = order.size();
  size_t back = size_t(random.below(random.chance(60) ? std::min<int64_t>(int64_t(n), 4) : int64_t(n)));
  return all_[order[n - 1 - back]];
}

Variable Step::pick(const Operand& o) {
  auto kind = settled(o.kind, random);
  auto v = find([&](const Tensor& t) { return is_kind(kind, t) && t.dim() >= o.least && t.dim() <= o.most; });
  if (!v && kind == wholes) {
    auto x = pick(Operand{floats, o.least, o.most, o.rank, bounded});
    v = random.chance(50) ? call("gt.Scalar", {x, Arg(0.25)}, 1)[0]
                          : call("to.dtype", {x, Arg(int64_t(torch::kLong))}, x.bound)[0];
  }
  TORCH_CHECK(v, "no operand fits");
  return into(to_rank(*v, o.rank), o.domain);
}

Variable Step::to_rank(Variable v, int64_t rank) {
  if (rank < 0) return v;
  if (rank == 0 && v.t.dim() > 0) return call("mean", {v}, v.bound)[0];
  if (v.t.dim() > rank) v = call("flatten.using_ints", {v, Arg(0), Arg(v.t.dim() - rank)}, v.bound)[0];
  while (v.t.dim() < rank)
    v = call("unsqueeze", {v, Arg(random.between(0, std::min<int64_t>(v.t.dim(), 1)))}, v.bound)[0];
  return v;
}

Variable Step::into(Variable v, Domain d) {
  auto scaled = [&](const char* f, double bound, double factor, double more) {
    v = call(f, {v}, bound)[0];
    if (factor != 1) v = call("mul.Scalar", {v, Arg(factor)}, factor)[0];
    if (more != 0) v = call("add.Scalar", {v, Arg(more)}, bound * factor + more)[0];
  };
  switch (d) {
    case any: break;
    case positive: scaled("abs", v.bound, 1, 0.5); break;
    case above_one: scaled("abs", v.bound, 1, 1.5); break;
    case above_six: scaled("abs", v.bound, 1, 6); break;
    case unit: scaled("tanh", 1, 0.875, 0); break;
    case bounded:
      if (v.bound > 3) scaled("tanh", 1, 2, 0);
      break;
    case probability: scaled("tanh", 1, 0.375, 0.5); break;
  }
  return v;
}

Variable Step::partner(const Args& before, Kind kind, Domain domain) {
  kind = settled(kind, random);
  auto fits = [&](const Tensor& t) {
    if (!is_kind(kind, t) || (writes_ && !broadcasts(t.sizes(), before[0].tensor().sizes(), true))) return false;
    return std::all_of(before.begin(), before.end(),
                       [&](const Arg& a) { return !a.value.isTensor() || broadcasts(t.sizes(), a.tensor().sizes()); });
  };
  auto v = find(fits);
  if (!v && kind == wholes) return mask(before);
  TORCH_CHECK(v, "no operand fits");
  return into(*v, domain);
}

Variable Step::mask(const Args& before) {
  if (before.empty()) return call("gt.Scalar", {pick(Operand{}), Arg(0.25)}, 1)[0];
  const auto& first = before[0].tensor();
  auto v = find(
      [&](const Tensor& t) { return t.scalar_type() == torch::kBool && broadcasts(t.sizes(), first.sizes(), true); });
  return v && random.chance(50) ? *v : call("gt.Scalar", {before[0], Arg(0.25)}, 1)[0];
}

Variable Step::place(const Operand& o) {
  auto v = pick(o);
  if (o.domain == any && random.chance(60))
    v = random.chance(50) ? call("clone", {v}, v.bound)[0] : call("mul.Scalar", {v, Arg(0.5)}, v.bound)[0];
  static const Forms views = random_program::views();
  if (o.rank < 0 && v.t.dim() > 0) {
    for (int64_t n = random.below(3); n > 0; --n) {
      auto w = random.one_of(views).draw_on(*this, v);
      if (w.t.dim() >= o.least && w.t.dim() <= o.most) v = w;
    }
  }
  writes_ = true;
  return v;
}

Variable Step::filled(const Ints& sizes, torch::Dtype dtype) {
  int64_t n = 1;
  for (auto s : sizes) n *= s;
  auto v = pick(Operand{});
  auto t = (torch::arange(n, dtype).view(sizes) + v.t.sum().tanh()).sin();
  return add(t, 1,
             "(arange(" + std::to_string(n) + ").view(" + shown(sizes) + ") + " + v.name + ".sum().tanh()).sin()");
}

Variable Step::add(Tensor t, double bound, const std::string& what) {
  TORCH_CHECK(t.numel() <= 4096 && t.dim() <= 5, "too large");
  bool view = std::any_of(all_.begin(), all_.end(), [&](const Variable& v) { return v.t.is_alias_of(t); });
  if (noisy_ && !view && t.is_floating_point()) {
    double unit = t.scalar_type() == torch::kFloat ? 1e-7 : 2e-16;
    t = t * (torch::arange(1, t.numel() + 1, t.scalar_type()).mul(7).sin().mul(4 * unit).add(1).view(t.sizes()));
  }
  Variable v{std::move(t), bound, "v" + std::to_string(all_.size())};
  tell(v.name + " = " + what);
  all_.push_back(v);
  if (bound <= 30 || v.t.scalar_type() == torch::kBool) return v;
  if (v.t.is_floating_point()) return call("mul.Scalar", {v, Arg(2 / bound)}, 2)[0];
  return call("remainder.Scalar", {v, Arg(5)}, 5)[0];
}

void Step::note_write(const Tensor& t, double bound) {
  writes_ = true;
  for (auto& v : all_)
    if (v.t.is_alias_of(t)) v.bound = std::max(v.bound, bound);
}

std::vector<Variable> Step::call(const std::string& op, const Args& args, double bound) {
  auto handle = find_operator(op);
  TORCH_CHECK(handle, "LibTorch has no aten::", op);
  const auto& schema = handle->schema();
  TORCH_CHECK(args.size() <= schema.arguments().size(), "aten::", op, " takes fewer arguments");
  torch::jit::Stack stack;
  std::string what = "aten::" + op + "(";
  for (size_t i = 0; i < args.size(); ++i) {
    stack.push_back(args[i].value);
    what += (i ? ", " : "") + args[i].text;
  }
  for (size_t i = args.size(); i < schema.arguments().size(); ++i) {
    const auto& missing = schema.arguments()[i].default_value();
    TORCH_CHECK(missing, "aten::", op, " wants ", schema.arguments()[i].name());
    stack.push_back(*missing);
  }
  bool writes = schema.is_mutable();
  handle->callBoxed(&stack);
  called_.insert(op);
  std::vector<Variable> results;
  if (writes) {
    tell(what + ")");
    for (const auto& a : args)
      if (a.value.isTensor() && a.tensor().is_same(stack[0].toTensor())) {
        note_write(a.tensor(), bound);
        results.push_back({a.tensor(), bound, a.text});
      }
    return results;
  }
  std::vector<Tensor> tensors;
  for (const auto& v : stack) {
    if (v.isTensor() && v.toTensor().defined()) tensors.push_back(v.toTensor());
    if (v.isTensorList())
      for (const Tensor& t : v.toTensorVector()) tensors.push_back(t);
  }
  TORCH_CHECK(!tensors.empty(), "no result");
  tensors.resize(std::min<size_t>(tensors.size(), 3));
  for (size_t i = 0; i < tensors.size(); ++i)
    results.push_back(add(tensors[i], bound, what + ")" + (tensors.size() > 1 ? "[" + std::to_string(i) + "]" : "")));
  return results;
}

// ---- recipes

Recipe Y(Domain d) {
  return by([d](Step& s, const Args& before) { return s.partner(before, floats, d); });
}
Recipe Y(Kind k) {
  return by([k](Step& s, const Args& before) { return s.partner(before, k, any); });
}
Recipe Mask() {
  return by([](Step& s, const Args& before) { return s.mask(before); });
}
Recipe Like(Domain d) {
  return by([d](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    auto alike = [&](const Tensor& t) { return t.sizes() == x.sizes() && t.scalar_type() == x.scalar_type(); };
    return s.into(s.random.chance(50) ? *s.find(alike) : s.call("sin", {before[0]}, 1)[0], d);
  });
}
Recipe Filled(std::function<Ints(const Tensor&)> sizes) {
  return by([sizes](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    return s.filled(sizes(x), x.is_floating_point() ? x.scalar_type() : s.main);
  });
}
Recipe Single() { return Rank(0); }
Recipe Dim() {
  return by([](Step& s, const Args& before) { return Arg(s.dimension(before[0].tensor())); });
}
Recipe Dims() {
  return by([](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    Ints dims = {s.dimension(x)};
    if (x.dim() > 1 && s.random.chance(40)) dims.push_back((dims[0] + x.dim() + 1) % x.dim());
    return Arg(dims);
  });
}
Recipe Flag() {
  return by([](Step& s, const Args&) { return Arg(s.random.chance(50)); });
}
Recipe Int(int64_t least, int64_t most) {
  return by([=](Step& s, const Args&) { return Arg(s.random.between(least, most)); });
}
Recipe Number() {
  return by([](Step& s, const Args&) {
    return s.random.chance(30) ? Arg(s.random.between(-2, 2)) : Arg(double(s.random.between(-16, 16)) / 8);
  });
}
Recipe Main() {
  return by([](Step& s, const Args&) { return Arg(int64_t(s.main)); });
}
Recipe Narrow() {
  return by([](Step& s, const Args&) { return Arg(int64_t(s.narrow)); });
}

// ---- forms

namespace {

Args rest(const Form& f, Step& s, Args args) {
  for (size_t i = args.size(); i < f.recipes.size(); ++i) args.push_back(f.recipes[i].make(s, args));
  return args;
}

Choices choices(const Forms& forms, const std::function<std::string(const Form&)>& op,
                void (Form::*draw)(Step&) const) {
  Choices out;
  for (const auto& f : forms)
    if (auto name = op(f); !name.empty()) out.push_back({name, [f, draw](Step& s) { (f.*draw)(s); }});
  return out;
}

}  // namespace

void Form::draw(Step& s) const {
  auto args = rest(*this, s, {});
  s.call(op, args, bound(args));
}

Variable Form::draw_on(Step& s, const Variable& first) const {
  auto args = rest(*this, s, {first});
  return s.call(op, args, bound(args))[0];
}

void Form::draw_in_place(Step& s) const {
  auto args = rest(*this, s, {s.place(*recipes[0].operand)});
  s.call(written(op), args, bound(args));
}

void Form::draw_to_out(Step& s) const {
  torch::NoGradGuard no_grad;
  s.tell("no_grad:");
  auto args = rest(*this, s, {});
  auto like = s.call(op, args, bound(args))[0];
  auto schema = find_operator(with_out(op))->schema();
  for (size_t i = args.size(); i + 1 < schema.arguments().size(); ++i)
    args.push_back(Arg(*schema.arguments()[i].default_value()));
  args.push_back(s.add(torch::zeros_like(like.t), 0, "zeros_like(" + like.name + ")"));
  s.call(with_out(op), args, bound(args));
}

Choices plain(const Forms& forms) {
  return choices(
      forms, [](const Form& f) { return f.op; }, &Form::draw);
}
Choices in_place(const Forms& forms) {
  return choices(
      forms, [](const Form& f) { return f.recipes[0].operand ? written(f.op) : ""; }, &Form::draw_in_place);
}
Choices to_out(const Forms& forms) {
  return choices(
      forms, [](const Form& f) { return with_out(f.op); }, &Form::draw_to_out);
}

}  // namespace random_program
