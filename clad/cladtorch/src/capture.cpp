#include "capture.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>

#include "observer.h"

namespace cladtorch::detail {
namespace {

using torch::autograd::Node;

bool same_storage(const at::Tensor& a, const at::Tensor& b) {
  return a.has_storage() && b.has_storage() &&
         a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl() && a.storage().nbytes() > 0;
}

// First and last element that t reaches in its storage.
std::pair<int64_t, int64_t> extent(const at::Tensor& t) {
  int64_t first = t.storage_offset(), last = first;
  for (int64_t d = 0; d < t.dim(); ++d) last += (t.size(d) - 1) * t.stride(d);
  return {first, last};
}

// Whether the two have an element in common, not only a stretch of memory, as the parts of a chunk have.
bool overlap(const at::Tensor& a, const at::Tensor& b) {
  if (!same_storage(a, b) || a.numel() == 0 || b.numel() == 0) return false;
  auto [af, al] = extent(a);
  auto [bf, bl] = extent(b);
  if (af > bl || bf > al) return false;
  auto first = std::min(af, bf);
  auto touched = at::zeros({std::max(al, bl) - first + 1}, at::kBool);
  touched.as_strided(a.sizes(), a.strides(), af - first).fill_(true);
  return touched.as_strided(b.sizes(), b.strides(), bf - first).any().item<bool>();
}

// Whether elements of t are at one place, as in what expand() gives.
bool repeats(const at::Tensor& t) {
  auto [first, last] = extent(t);
  auto touched = at::zeros({t.numel() == 0 ? 0 : last - first + 1}, at::kBool);
  touched.as_strided(t.sizes(), t.strides(), 0).fill_(true);
  return touched.sum().item<int64_t>() < t.numel();
}

// The generator's state is put back if the callable drew from it.
class GeneratorGuard {
 public:
  GeneratorGuard() : state_(generator().get_state()) {}
  void restore() { generator().set_state(state_); }

 private:
  static at::Generator generator() { return at::detail::getDefaultCPUGenerator(); }
  at::Tensor state_;
};

// An argument of its own: the trace must not confuse it with the same tensor captured or
// passed twice.
at::Tensor alias(const at::Tensor& x, bool wanted) {
  auto a = x.detach();
  if (wanted) a.requires_grad_();
  return a;
}

std::string foreign(const Node& node) {
  std::string name = node.name();
  for (const char* known :
       {"torch::autograd::generated::", "torch::autograd::AccumulateGrad", "torch::autograd::CopySlices",
        "torch::autograd::CopyBackwards", "torch::autograd::Identity"})
    if (name.rfind(known, 0) == 0) return "";
  return name.find("::") == name.npos ? "" : name;
}

// Later versions keep the hooks of tensors apart.
template <class N>
auto tensor_hooks(N& node, int) -> decltype(node.tensor_pre_hooks(), bool()) {
  return !node.tensor_pre_hooks().empty() || !node.retains_grad_hooks().empty();
}
template <class N>
bool tensor_hooks(N&, long) {
  return false;
}

bool hooked(const Node& node) {
  return !node.pre_hooks().empty() || !node.post_hooks().empty() || tensor_hooks(const_cast<Node&>(node), 0);
}

// Looks for gradients that are not LibTorch's own between the outputs and the
// tensors from outside.
std::string foreign_gradient(const Tensors& outputs, const Tensors& sources) {
  std::unordered_set<const Node*> seen;
  for (const auto& s : sources)
    if (auto n = s.grad_fn()) seen.insert(&*n);
  std::vector<const Node*> stack;
  auto push = [&](const auto& n) {
    if (n && seen.insert(&*n).second) stack.push_back(&*n);
  };
  for (const auto& o : outputs)
    if (o.defined()) push(o.grad_fn());
  while (!stack.empty()) {
    const Node* n = stack.back();
    stack.pop_back();
    if (auto name = foreign(*n); !name.empty())
      return name +
             ": a custom autograd function has a gradient that the graph does not show; leave it out of the compiled "
             "function";
    bool leaf = n->name() == "torch::autograd::AccumulateGrad";
    if (!leaf && hooked(*n))
      return n->name() +
             ": a tensor hook inside the function is not part of the graph; register it on inputs or outputs";
    for (const auto& e : n->next_edges()) push(e.function);
  }
  return "";
}

// Whether the history of t leads to each of the sources.
std::vector<char> reached(const at::Tensor& t, const Tensors& sources, const Observer& observer) {
  std::vector<char> found(sources.size());
  std::unordered_map<const Node*, std::vector<size_t>> ends;
  for (size_t i = 0; i < sources.size(); ++i) {
    // A write gives a tensor another history.
    found[i] = t.is_same(sources[i]) || (sources[i].requires_grad() && observer.wrote(sources[i]));
    if (auto n = sources[i].grad_fn()) ends[&*n].push_back(i);
  }
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> stack;
  auto push = [&](const auto& n) {
    if (n && seen.insert(&*n).second) stack.push_back(&*n);
  };
  push(t.grad_fn());
  while (!stack.empty()) {
    const Node* n = stack.back();
    stack.pop_back();
    if (auto* a = dynamic_cast<const torch::autograd::AccumulateGrad*>(n))
      for (size_t i = 0; i < sources.size(); ++i) found[i] = found[i] || sources[i].is_same(a->variable);
    if (auto end = ends.find(n); end != ends.end()) {
      for (size_t i : end->second) found[i] = true;
      continue;
    }
    for (const auto& e : n->next_edges()) push(e.function);
  }
  return found;
}

struct Run {
  Tensors inputs;   // the aliases
  Tensors outputs;  // of the callable
  std::shared_ptr<torch::jit::Graph> graph;
};

// The text's types must tell the truth about gradients.
std::string untold_gradient(const Run& run) {
  // A value's type is that of its making: a later write can bring a gradient, which the importer follows.
  for (const auto* n : run.graph->nodes())
    if (std::string(n->kind().toUnqualString()).back() == '_') return "";
  size_t j = 0;
  for (const auto& o : run.outputs) {
    if (!o.defined()) continue;
    auto* value = run.graph->outputs().at(j);
    auto type = value->type()->cast<c10::TensorType>();
    if (type && type->requiresGrad() && *type->requiresGrad() != o.requires_grad())
      return "output " + std::to_string(j) + ": requires_grad is " + (o.requires_grad() ? "true" : "false") +
             " but the graph says otherwise (requires_grad_() or a custom autograd function inside)";
    ++j;
  }
  return "";
}

// LibTorch's tracer, while it lives. This is tracer::trace without its cleaning of the graph, which in a
// process takes ten milliseconds the first time: it wants the schemas of all operators.
class Tracing {
 public:
  Tracing() : state_(std::make_shared<torch::jit::tracer::TracingState>()) {
    TORCH_CHECK(!torch::jit::tracer::isTracing(), "cladtorch: a trace inside of a trace");
    state_->strict = true;
    state_->force_outplace = false;
    state_->lookup_var_name_fn = [](const at::Tensor&) { return std::string(); };
    torch::jit::tracer::setTracingState(state_);
  }
  ~Tracing() { end(); }
  void end() { torch::jit::tracer::setTracingState(nullptr); }

  const std::shared_ptr<torch::jit::Graph>& graph() const { return state_->graph; }
  void add_input(const at::Tensor& t) {
    auto* v = state_->graph->addInput();
    v->inferTypeFrom(t);
    state_->setValue(t, v);
  }
  void add_outputs(const Tensors& outputs) {
    size_t i = 0;
    for (const auto& o : outputs)
      if (o.defined()) state_->graph->registerOutput(state_->getOutput(o, i++));
  }

 private:
  std::shared_ptr<torch::jit::tracer::TracingState> state_;
};

// Whether a node does nothing but give its results. What writes without saying so in its name (out=,
// running statistics) has a tensor as its last operand, or a name that tells.
bool only_gives(const torch::jit::Node& n) {
  std::string name = n.kind().toQualString();
  if (name.rfind("prim::", 0) == 0) return true;
  if (name.back() == '_' || name.find("norm") != name.npos || n.inputs().empty()) return n.inputs().empty();
  return n.inputs().size() < 2 || n.inputs().back()->type()->kind() != c10::TypeKind::TensorType;
}

// Drops nodes whose results nobody reads.
void drop_unused(torch::jit::Graph& g) {
  for (auto it = g.nodes().rbegin(); it != g.nodes().rend(); ++it)
    if (!it->hasUses() && only_gives(**it)) it.destroyCurrent();
}

Run trace(const CaptureRequest& r, Observer*& observer, std::unique_ptr<Observer>& owner) {
  Run run;
  for (size_t i = 0; i < r.inputs.size(); ++i) run.inputs.push_back(alias(r.inputs[i], r.wanted[i]));
  Tracing state;
  run.graph = state.graph();
  for (const auto& t : run.inputs) state.add_input(t);
  owner = std::make_unique<Observer>(run.inputs);
  observer = owner.get();
  run.outputs = r.callable.call(run.inputs);
  observer->finish(run.outputs);
  state.add_outputs(run.outputs);
  state.end();
  drop_unused(*run.graph);
  return run;
}

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

// Decides how the caller gets each output; returns why it cannot.
std::string plan_outputs(Capture& c, const Run& run, const std::vector<Lifted>& lifted) {
  Tensors in = run.inputs;
  for (const auto& l : lifted) in.push_back(l.frozen ? at::Tensor() : l.tensor);
  c.outputs.resize(run.outputs.size());
  std::vector<size_t> order;
  for (size_t i = 0; i < run.outputs.size(); ++i) {
    if (!run.outputs[i].defined()) continue;
    auto& p = c.outputs[i];
    p.kind = OutputPlan::computed;
    p.library_output = p.index = c.library_outputs++;
    order.push_back(i);
  }
  // A view comes after what it is a view of, which may be returned behind it.
  auto rank = [&](size_t i) {
    const auto& t = run.outputs[i];
    return std::make_tuple(-t.numel(), !t.is_contiguous(), !t.requires_grad());
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  for (auto i = order.begin(); i != order.end(); ++i) {
    auto& p = c.outputs[*i];
    const auto& t = run.outputs[*i];
    auto twin = std::find_if(order.begin(), i, [&](size_t k) { return run.outputs[k].is_same(t); });
    if (twin != i) {
      p.kind = OutputPlan::output;
      p.index = int(*twin);
      continue;
    }
    if (auto why = plan_by_inputs(p, in, t, *i); !why.empty()) return why;
    for (auto k = order.begin(); k != i && p.kind == OutputPlan::computed; ++k)
      if (auto why = plan_by_output(p, c.outputs[*k], run.outputs[*k], *k, t, *i); !why.empty()) return why;
  }
  return c.library_outputs ? "" : "the function returns no defined tensor";
}

at::Tensor random_like(const at::Tensor& t, at::Generator& generator) {
  return at::rand(t.sizes(), generator, t.options().requires_grad(false)).add_(0.5);
}

// Outputs and gradients by LibTorch, as plain values; returns why no program has such.
std::string expect(Capture& c, const Run& run, const Tensors& library_inputs, const Observer& observer,
                   bool gradients) {
  auto& e = c.expected;
  auto generator = at::detail::createCPUGenerator(20211);
  Tensors outs, gos, targets;
  std::vector<size_t> index;
  for (const auto& o : run.outputs) {
    if (!o.defined()) continue;
    e.outputs.push_back(o.detach().clone(at::MemoryFormat::Contiguous));
    e.requires_grad.push_back(o.requires_grad());
    e.grad_outputs.emplace_back();
    if (!gradients || !o.requires_grad()) continue;
    e.grad_outputs.back() = random_like(o, generator);
    outs.push_back(o);
    gos.push_back(e.grad_outputs.back());
  }
  e.grad_inputs.resize(library_inputs.size());
  for (size_t i = 0; i < library_inputs.size(); ++i) {
    e.differentiated.push_back(library_inputs[i].requires_grad());
    if (library_inputs[i].requires_grad()) targets.push_back(library_inputs[i]), index.push_back(i);
    if (observer.wrote(library_inputs[i])) e.written.emplace_back(int(i), library_inputs[i].detach().clone());
  }
  if (outs.empty() || targets.empty()) return "";
  auto grads =
      torch::autograd::grad(outs, targets, gos, /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
  for (size_t k = 0; k < grads.size(); ++k) {
    if (!grads[k].defined()) continue;
    if (grads[k].layout() != at::kStrided)
      return "the gradient of input " + std::to_string(index[k]) +
             " (captured tensors count after the arguments) is sparse; ask the embedding for a dense one";
    e.grad_inputs[index[k]] = grads[k].detach().clone(at::MemoryFormat::Contiguous);
  }
  return "";
}

// The tensors that only this trace holds were made inside the callable, unseen.
std::string ownerless(const std::vector<Lifted>& lifted) {
  for (const auto& l : lifted)
    if (!l.frozen && l.tensor.use_count() == 1)
      return l.where +
             ": a tensor was made inside the function without the tracer's knowledge (from_blob, x.data(), another "
             "thread, a number for "
             "index_put_); make it outside and pass it as an input, or write numbers with fill_";
  return "";
}

std::string aliased_writes(const Capture& c, const Tensors& library_inputs) {
  for (const auto& w : c.expected.written) {
    if (repeats(library_inputs[w.first]))
      return "the function writes to input " + std::to_string(w.first) +
             ", which is expanded: elements of it are one place; pass a clone()";
    for (size_t k = 0; k < library_inputs.size(); ++k)
      if (int(k) != w.first && same_storage(library_inputs[w.first], library_inputs[k]))
        return "the function writes to input " + std::to_string(w.first) + ", which shares memory with input " +
               std::to_string(k) + "; pass a clone()";
  }
  return "";
}

void note_writes(Capture& c, const CaptureRequest& r, const Observer* observer) {
  for (const auto& t : r.inputs) c.writes.push_back(observer && observer->wrote(t));
}

void fill(Capture& c, const CaptureRequest& r, Run run, Observer& observer) {
  auto& lifted = observer.lifted();
  Tensors sources = run.inputs;
  for (const auto& l : lifted) {
    sources.push_back(l.tensor);
    LiftedInput in{l.tensor, l.frozen ? LiftedInput::frozen : LiftedInput::fixed, -1, l.written};
    for (size_t j = 0; j < r.captures.size() && in.source == LiftedInput::fixed; ++j)
      if (r.captures[j]->is_same(l.tensor)) in.source = LiftedInput::capture, in.capture_index = int(j);
    c.lifted.push_back(std::move(in));
  }
  for (const auto& s : sources) c.any_grad = c.any_grad || s.requires_grad();
  for (const auto& t : run.inputs)
    if (c.refusal.empty() && !torch::autograd::impl::hooks(t).empty())
      c.refusal =
          "a tensor hook that the function registers on an argument is not part of the graph; register it outside";
  if (c.refusal.empty()) c.refusal = foreign_gradient(run.outputs, sources);
  if (c.refusal.empty()) c.refusal = untold_gradient(run);
  if (c.refusal.empty()) c.refusal = plan_outputs(c, run, lifted);
  for (const auto& o : run.outputs)
    if (c.refusal.empty() && o.defined()) c.reach.push_back(reached(o, sources, observer));
  if (c.refusal.empty()) c.refusal = expect(c, run, sources, observer, r.gradients);
  if (c.refusal.empty()) c.refusal = aliased_writes(c, sources);
  // What the outputs' history holds must be gone before owners are counted.
  std::string text = run.graph->toString(false);
  sources.clear();
  run = {};
  for (auto& l : c.lifted) l.tensor.reset();
  if (c.refusal.empty()) c.refusal = ownerless(lifted);
  for (size_t i = 0; i < lifted.size(); ++i) c.lifted[i].tensor = lifted[i].tensor;
  if (c.refusal.empty()) c.text = std::move(text);
}

}  // namespace

Capture capture(const CaptureRequest& r) {
  Capture c;
  GeneratorGuard generator;
  Observer* observer = nullptr;
  std::unique_ptr<Observer> owner;
  // Whatever happens, the tensors from outside and the generator get their values back.
  struct Restore {
    std::unique_ptr<Observer>& owner;
    GeneratorGuard& generator;
    ~Restore() {
      if (!owner) return;
      owner->restore();
      if (owner->drew_random_numbers()) generator.restore();
    }
  } restore{owner, generator};
  Run run;
  try {
    run = trace(r, observer, owner);
  } catch (const std::exception& e) {
    c.failed = true;
    note_writes(c, r, observer);
    if (observer && !observer->refusal().empty()) {
      c.refusal = observer->refusal();
    } else {
      std::string what = e.what();
      c.refusal = "the trace failed: " + what.substr(0, what.find('\n'));
    }
    return c;
  }
  c.refusal = observer->refusal();
  note_writes(c, r, observer);
  fill(c, r, std::move(run), *observer);
  return c;
}

Capture capture_call(const Callable& callable, const Tensors& inputs, const std::vector<const at::Tensor*>& captures,
                     bool gradients, std::vector<char>& mark) {
  bool enabled = c10::GradMode::is_enabled();
  std::vector<char> wanted;
  for (const auto& t : inputs) wanted.push_back(enabled && t.requires_grad());
  auto c = capture({callable, inputs, wanted, captures, enabled && gradients});
  mark.assign(inputs.size(), 0);
  if (c.any_grad || !enabled) return c;
  bool any = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    mark[i] = at::isFloatingType(inputs[i].scalar_type()) && !c.writes[i] && !inputs[i].is_inference();
    any = any || mark[i];
  }
  if (!any || !c.refusal.empty()) return c;
  auto marked = capture({callable, inputs, mark, captures, gradients});
  if (!marked.failed) return marked;
  // It works without gradients only, as what writes to out=.
  mark.assign(inputs.size(), 0);
  return c;
}

}  // namespace cladtorch::detail
