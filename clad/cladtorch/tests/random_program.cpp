#include "random_program.h"

#include <sstream>

#include "random_steps.h"

namespace random_program {
namespace {

struct Family {
  int weight;
  Choices choices;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = [] {
    Forms everything;
    for (const auto& forms :
         {pointwise(), views(), shapes(), creations(), reductions(), losses(), products(), windows(), indices()})
      everything.insert(everything.end(), forms.begin(), forms.end());
    return std::vector<Family>{{34, plain(pointwise())},   {14, plain(views())},      {7, plain(shapes())},
                               {2, plain(creations())},    {12, plain(reductions())}, {3, plain(losses())},
                               {5, plain(products())},     {4, plain(windows())},     {5, plain(indices())},
                               {10, in_place(everything)}, {1, to_out(everything)},   {5, code()}};
  }();
  return all;
}

const Choice& choose(Random& r) {
  int total = 0;
  for (const auto& f : families()) total += f.weight;
  auto k = r.below(total);
  for (const auto& f : families()) {
    if (k < f.weight) return r.one_of(f.choices);
    k -= f.weight;
  }
  return families().back().choices.back();
}

// A tensor of such sizes in one of several layouts.
Tensor laid_out(Ints sizes, torch::Dtype t, Random& r) {
  auto values = [&](const Ints& n) {
    if (t == torch::kBool) return torch::randint(0, 2, n).to(t);
    return torch::isFloatingType(t) ? torch::randn(n).clamp(-3, 3).to(t) : torch::randint(-2, 3, n).to(t);
  };
  size_t n = sizes.size();
  switch (r.below(6)) {
    case 0:
      if (n < 2) break;
      std::swap(sizes[0], sizes[1]);
      return values(sizes).transpose(0, 1);
    case 1:
      if (n < 1) break;
      sizes[n - 1] = sizes[n - 1] * 2 + 1;
      return values(sizes).slice(int64_t(n) - 1, 1, INT64_MAX, 2);
    case 2:
      if (n < 2) break;
      {
        auto one = sizes;
        one[0] = 1;
        return values(one).expand(sizes);
      }
    case 3: sizes.insert(sizes.begin(), 2); return values(sizes).select(0, 1);
  }
  return values(sizes);
}

}  // namespace

Tensors Program::inputs(uint64_t values) const {
  Random r(seed_ * 2);
  torch::manual_seed(seed_ * 31 + values);
  auto main = r.chance(50) ? torch::kFloat : torch::kDouble;
  bool empty = r.chance(4);
  const std::vector<Ints> shapes = {{3, 4}, {4}, {2, 3, 4}, {3, 1}, {}, {3, 4}, {2, 1, 4}, {1}, {3, 3}};
  const std::vector<torch::Dtype> wholes = {torch::kLong, torch::kLong, torch::kInt, torch::kShort,
                                            torch::kChar, torch::kBool, torch::kBool};
  auto make = [&](Ints sizes, torch::Dtype t) {
    if (empty)
      for (auto& n : sizes)
        if (n == 3) n = 0;
    if (in_double_ && t == torch::kFloat) t = torch::kDouble;
    return laid_out(sizes, t, r).detach();
  };
  Tensors all;
  int64_t count = 2 + r.below(3);
  for (int64_t i = 0; i < count; ++i) {
    auto t = make(r.one_of(shapes), r.chance(10) ? torch::kDouble : main);
    all.push_back(t.requires_grad_(i == 0 || r.chance(75)));
  }
  if (r.chance(50)) all.push_back(make(r.one_of(shapes), r.one_of(wholes)));
  if (r.chance(8)) all.push_back(r.one_of(all));
  if (r.chance(8)) {
    auto t = r.one_of(all).detach();
    t = t.dim() > 1 ? t.transpose(0, 1) : t.unsqueeze(0);
    all.push_back(t.requires_grad_(t.is_floating_point() && r.chance(50)));
  }
  return all;
}

Tensors Program::run(const Tensors& inputs, Trace* trace) const {
  std::vector<Variable> all;
  for (const auto& t : inputs) all.push_back({t, 3, "v" + std::to_string(all.size())});
  size_t given = all.size();
  for (int k = 0; k < depth_; ++k) {
    if (skipped_.count(k)) continue;
    size_t before = all.size();
    Step s(seed_ * 1000 + uint64_t(k), all, inputs[0].scalar_type(), in_double_ ? torch::kDouble : torch::kFloat,
           noisy_);
    try {
      bool odd = seed_ % 25 == 0 && k == depth_ / 2;
      static const Choices unknown = refused();
      const auto& choice = odd ? s.random.one_of(unknown) : choose(s.random);
      bool no_grad = s.random.chance(5);
      if (no_grad) s.tell("no_grad:");
      torch::AutoGradMode mode(!no_grad);
      choice.draw(s);
    } catch (const std::exception&) {
      if (!trace) throw;
      trace->failed.insert(k);
      return {};
    }
    if (!trace) continue;
    if (s.writes()) trace->writes.insert(k);
    trace->operators.insert(s.called().begin(), s.called().end());
    for (const auto& line : s.text()) trace->text += "  [" + std::to_string(k) + "] " + line + "\n";
    for (size_t i = before; i < all.size(); ++i)
      trace->narrow = trace->narrow || all[i].t.scalar_type() == torch::kFloat;
  }
  // The last results and now and then an earlier one, an input, or the same again.
  Random r(seed_ * 2 + 1);
  Tensors out;
  std::string names;
  for (int64_t n = 1 + r.below(4); n > 0; --n) {
    size_t size = all.size(), made = size - given;
    size_t i = r.chance(70) && made ? size - 1 - size_t(r.below(std::min<int64_t>(int64_t(made), 4)))
                                    : size_t(r.below(int64_t(size)));
    out.push_back(all[i].t);
    names += " " + all[i].name;
  }
  if (trace) trace->text += "  return" + names + "\n";
  return out;
}

void Program::settle() {
  for (;;) {
    Trace trace;
    auto in = inputs(0);
    auto out = run(in, &trace);
    if (trace.failed.empty()) {
      Tensors o, g, leaves;
      for (const auto& t : out)
        if (t.requires_grad()) o.push_back(t), g.push_back(torch::ones_like(t));
      for (const auto& t : in)
        if (t.requires_grad()) leaves.push_back(t);
      if (o.empty()) return;
      try {
        torch::autograd::grad(o, leaves, g, false, false, true);
        return;
      } catch (const std::exception&) {
        // A value that backward needs was written over, by the last step that writes or by one before.
        int last = depth_ - 1;
        while (last >= 0 && skipped_.count(last)) --last;
        trace.failed.insert(trace.writes.empty() ? last : *trace.writes.rbegin());
      }
    }
    skipped_.insert(trace.failed.begin(), trace.failed.end());
  }
}

std::string Program::text() const {
  Trace trace;
  auto in = inputs(0);
  std::ostringstream s;
  for (size_t i = 0; i < in.size(); ++i)
    s << "  v" << i << ": " << in[i].dtype() << " " << in[i].sizes() << " strides " << in[i].strides()
      << (in[i].requires_grad() ? " requires_grad" : "") << "\n";
  run(in, &trace);
  return s.str() + trace.text;
}

std::set<std::string> Program::operators() const {
  Trace trace;
  run(inputs(0), &trace);
  return trace.operators;
}

bool Program::narrows() const {
  Trace trace;
  run(inputs(0), &trace);
  return trace.narrow;
}

std::vector<Drawn> draw_each_step() {
  std::vector<Drawn> out;
  for (const auto& family : families())
    for (const auto& choice : family.choices) {
      Drawn d{choice.op, "no seed was tried"};
      for (uint64_t seed = 1; seed <= 60 && !d.failure.empty(); ++seed) {
        auto in = Program(seed, 0).inputs(0);
        std::vector<Variable> all;
        for (const auto& t : in) all.push_back({t, 3, "v" + std::to_string(all.size())});
        Step s(seed, all, in[0].scalar_type(), torch::kFloat);
        try {
          choice.draw(s);
          d.failure = choice.op.empty() || s.called().count(choice.op) ? "" : "the step calls another operator";
        } catch (const std::exception& e) { d.failure = std::string(e.what()).substr(0, 300); }
      }
      out.push_back(d);
    }
  return out;
}

}  // namespace random_program
