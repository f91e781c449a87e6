#include "capture.h"

#include <algorithm>

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>

#include "conventions.h"
#include "history.h"
#include "observer.h"
#include "overlap.h"

namespace cladtorch::detail {
namespace {

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

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

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
  Tensors grads;
  try {
    grads = torch::autograd::grad(outs, targets, gos, /*retain_graph=*/false, /*create_graph=*/false,
                                  /*allow_unused=*/true);
  } catch (const std::exception& error) {
    c.ungraded = true;
    return "LibTorch has no gradient of it: " + first_line(error.what());
  }
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
             ": a tensor was made inside the function without the tracer's knowledge (a number for index_put_, "
             "from_blob, x.data(), another thread); write numbers with fill_, or make it outside and pass it as "
             "an input";
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

// The library's inputs that outputs may be (views of); constants are made anew by each call.
Tensors planned_inputs(const Run& run, const std::vector<Lifted>& lifted) {
  Tensors in = run.inputs;
  for (const auto& l : lifted) in.push_back(l.frozen ? at::Tensor() : l.tensor);
  return in;
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
    if (c.refusal.empty() && torch::autograd::impl::get_autograd_meta(t) && !torch::autograd::impl::hooks(t).empty())
      c.refusal =
          "a tensor hook that the function registers on an argument is not part of the graph; register it outside";
  if (c.refusal.empty()) c.refusal = foreign_gradient(run.outputs, sources);
  if (c.refusal.empty()) c.refusal = untold_gradient(run);
  if (c.refusal.empty()) c.refusal = plan_outputs(planned_inputs(run, lifted), run.outputs, c.outputs);
  for (const auto& o : run.outputs)
    if (c.refusal.empty() && o.defined()) c.reach.push_back(reached(o, sources, observer));
  if (c.refusal.empty()) c.refusal = expect(c, run, sources, observer, r.gradients);
  if (c.refusal.empty()) c.refusal = aliased_writes(c, sources);
  auto kinks = conventions(*run.graph);
  if (c.refusal.empty()) c.refusal = kinks.refusal;
  // What the outputs' history holds must be gone before owners are counted.
  std::string text = kinks.text + run.graph->toString(false);
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
      c.refusal = "the trace failed: " + first_line(e.what());
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
  if (!marked.failed && !marked.ungraded) return marked;
  // It works without gradients only, as what writes to out= or to what a gradient is computed from.
  mark.assign(inputs.size(), 0);
  return c;
}

}  // namespace cladtorch::detail
