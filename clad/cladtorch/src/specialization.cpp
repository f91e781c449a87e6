#include "specialization.h"

#include <algorithm>

namespace cladtorch::detail {

Specialization::Specialization(const Environment& now, const Tensors& inputs,
                               const std::vector<const at::Tensor*>& variables, Watch modules)
    : environment(now), watch(std::move(modules)) {
  for (const auto& t : inputs) guards.emplace_back(t);
  for (const auto* v : variables) {
    size_t same_as = 0;
    while (!variables[same_as]->is_same(*v)) ++same_as;
    captures.push_back({v, v->defined() ? std::optional<TensorGuard>(*v) : std::nullopt, same_as});
  }
}

// ---- guards

bool Specialization::captures_match() const {
  for (size_t i = 0; i < captures.size(); ++i) {
    const auto& [variable, guard, same_as] = captures[i];
    if (variable->defined() != guard.has_value() || (guard && !guard->holds(*variable)) ||
        (same_as != i && !variable->is_same(*captures[same_as].variable)))
      return false;
  }
  return true;
}

bool Specialization::matches(const Environment& now, const Tensors& inputs) const {
  if (!(environment == now) || inputs.size() != guards.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].defined() || !guards[i].holds(inputs[i])) return false;
  if (!captures_match()) return false;
  for (size_t i = 0; i < lifted.size(); ++i)
    if (lifted[i].source == LiftedInput::fixed && !lifted_guards[i].holds(lifted[i].tensor)) return false;
  if (state.load(std::memory_order_acquire) == forgotten) return false;
  return watch.holds() && (!aliasing_matters() || shares_memory(inputs) == shared);
}

std::string Specialization::difference(const Environment& now, const Tensors& inputs) const {
  if (auto d = environment.difference(now); !d.empty()) return d;
  if (inputs.size() != guards.size())
    return "got " + std::to_string(inputs.size()) + " inputs, had " + std::to_string(guards.size()) +
           "; compile a function for each number of inputs";
  for (size_t i = 0; i < inputs.size(); ++i)
    if (auto d = guards[i].difference(inputs[i]); !d.empty()) return "input " + std::to_string(i) + ": " + d;
  if (auto d = captures_difference(); !d.empty()) return d;
  for (size_t i = 0; i < lifted.size(); ++i)
    if (lifted[i].source == LiftedInput::fixed)
      if (auto d = lifted_guards[i].difference(lifted[i].tensor); !d.empty()) return names[i] + ": " + d;
  if (auto d = watch.difference(); !d.empty()) return d;
  return aliasing_difference(inputs);
}

std::string Specialization::captures_difference() const {
  for (size_t i = 0; i < captures.size(); ++i) {
    const auto& [variable, guard, same_as] = captures[i];
    auto name = "captures." + std::to_string(i);
    if (variable->defined() != guard.has_value())
      return name + (variable->defined() ? ": is defined, was not" : ": is undefined, was not") +
             "; compile a function for each";
    if (guard)
      if (auto d = guard->difference(*variable); !d.empty()) return name + ": " + d;
    if (same_as != i && !variable->is_same(*captures[same_as].variable))
      return name + ": is another tensor than captures." + std::to_string(same_as) +
             ", was the same; keep apart what is not always one";
  }
  return "";
}

// A program reads all inputs before it writes to any: two names for one memory would be told apart. What was
// refused because of such names may not be without them.
bool Specialization::aliasing_matters() const {
  return !written.empty() || (shared && state.load(std::memory_order_acquire) == refused);
}

// The first two inputs that share memory such that it matters: one of them is written to or, if nothing is, is an
// argument. {-1, -1}: there are none.
std::pair<int, int> Specialization::shared_pair(const Tensors& inputs) const {
  auto memory = [&](int i) -> const void* {
    const auto& t = size_t(i) < inputs.size() ? inputs[size_t(i)] : lifted_tensor(lifted[size_t(i) - inputs.size()]);
    return t.storage().nbytes() > 0 ? t.storage().unsafeGetStorageImpl() : nullptr;
  };
  int n = int(inputs.size() + lifted.size());
  auto among = [&](int i) -> std::pair<int, int> {
    const void* m = memory(i);
    for (int k = 0; m && k < n; ++k)
      if (k != i && memory(k) == m) return std::minmax(i, k);
    return {-1, -1};
  };
  for (int i : written)
    if (auto p = among(i); p.first >= 0) return p;
  for (int i = 0; written.empty() && i < int(inputs.size()); ++i)
    if (auto p = among(i); p.first >= 0) return p;
  return {-1, -1};
}

std::string Specialization::aliasing_difference(const Tensors& inputs) const {
  if (!aliasing_matters()) return "";
  auto [i, k] = shared_pair(inputs);
  if ((i >= 0) == shared) return "";
  if (i < 0) return "no inputs share memory, two did; always pass tensors of their own";
  auto all = input_names();
  return all[size_t(i)] + " shares memory with " + all[size_t(k)] +
         ", did not, and the function writes to one of them; pass a clone()";
}

// ---- its library

TensorRefs Specialization::all_inputs(const Tensors& inputs) const {
  TensorRefs all;
  for (const auto& t : inputs) all.push_back(&t);
  for (const auto& l : lifted) all.push_back(&lifted_tensor(l));
  return all;
}

std::vector<std::string> Specialization::input_names() const {
  std::vector<std::string> all;
  for (size_t i = 0; i < guards.size(); ++i) all.push_back("input " + std::to_string(i));
  all.insert(all.end(), names.begin(), names.end());
  return all;
}

std::string Specialization::misfit(const Meta& m) const {
  size_t arguments = guards.size();
  size_t computed = 0;
  for (const auto& p : outputs) computed += p.kind != OutputPlan::undefined;
  if (m.inputs.size() != arguments + lifted.size() || m.outputs.size() < computed)
    return "the library has other inputs or outputs than the graph";
  for (size_t i = 0; i < m.inputs.size(); ++i) {
    const auto& g = i < arguments ? guards[i] : lifted_guards[i - arguments];
    if (!g.is(m.inputs[i].dtype, m.inputs[i].shape, m.inputs[i].strides))
      return "input " + std::to_string(i) + " of the library is not " + g.text();
  }
  for (const auto& w : m.mutated)
    if (bool frozen = size_t(w.first) >= arguments && lifted[size_t(w.first) - arguments].source == LiftedInput::frozen;
        !frozen && std::find(written.begin(), written.end(), w.first) == written.end())
      return "the library writes to input " + std::to_string(w.first) + ", the function does not";
  return "";
}

void Specialization::install(std::shared_ptr<const Program> p, std::vector<char> outputs_require_grad) {
  program = std::move(p);
  const auto& m = program->meta();
  requires_grad = std::move(outputs_require_grad);
  // What a write brings to an input is the library's to say.
  for (size_t i = requires_grad.size(); i < m.outputs.size(); ++i) requires_grad.push_back(m.outputs[i].requires_grad);
  plain = outputs.size() == m.outputs.size() && m.mutated.empty();
  for (size_t i = 0; i < outputs.size(); ++i)
    plain = plain && outputs[i].kind == OutputPlan::computed && outputs[i].index == int(i);
  state.store(compiled, std::memory_order_release);
}

// ---- what the caller gets

void Specialization::copy_back(const TensorRefs& all, const Results& results) const {
  for (const auto& w : program->meta().mutated) {
    size_t arguments = guards.size(), i = size_t(w.first);
    if (i >= arguments && lifted[i - arguments].source == LiftedInput::frozen) continue;  // made anew by each call
    at::Tensor(*all[i]).copy_(results[w.second]);
  }
}

Results Specialization::present(const TensorRefs& all, Results results) const {
  Results out(outputs.size());
  auto view = [](const at::Tensor& base, const OutputPlan& p) {
    return (p.detached ? base.detach() : base).as_strided(p.sizes, p.strides, base.storage_offset() + p.offset);
  };
  for (size_t i = 0; i < out.size(); ++i) {
    const auto& p = outputs[i];
    if (p.kind == OutputPlan::computed) out[i] = std::move(results[size_t(p.index)]);
    if (p.kind == OutputPlan::input) out[i] = *all[size_t(p.index)];
    if (p.kind == OutputPlan::input_view) out[i] = view(*all[size_t(p.index)], p);
  }
  // Of those above.
  for (size_t i = 0; i < out.size(); ++i)
    if (const auto& p = outputs[i]; p.kind == OutputPlan::output_view) out[i] = view(out[size_t(p.index)], p);
  for (size_t i = 0; i < out.size(); ++i)
    if (const auto& p = outputs[i]; p.kind == OutputPlan::output) out[i] = out[size_t(p.index)];
  return out;
}

}  // namespace cladtorch::detail
