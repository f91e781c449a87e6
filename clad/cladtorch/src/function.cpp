// Calls of a compiled function, and what its threads keep of them.
#include <cladtorch/detail/function.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include <c10/core/GradMode.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include "eager.h"
#include "node.h"
#include "specializer.h"

namespace cladtorch::detail {
namespace {

// What one thread keeps of its calls of one compiled function.
struct Kept {
  enum Kind { none, compiled, eager, traced };
  Kind kind = none;
  SpecializationPtr last;  // served the last call: tried first
  SpecializationPtr of;    // the one call belongs to
  Call call;
  EagerCall eager_call;
  std::vector<std::string> grad_names;
  Tensors grads;
};

struct ThreadState : Kept {
  std::weak_ptr<void> owner;
};

using ThreadStates = std::unordered_map<uint64_t, std::shared_ptr<ThreadState>>;

thread_local uint64_t recent_id = 0;
thread_local ThreadState* recent_state = nullptr;

// Static objects may call and destroy compiled functions when this thread's variables are gone already: then
// there are new states, for the rest of the process.
ThreadStates& thread_states() {
  thread_local ThreadStates* all = nullptr;
  struct Owner {
    ~Owner() {
      recent_id = 0;
      delete std::exchange(all, nullptr);
    }
  };
  if (!all) {
    thread_local Owner owner;
    all = new ThreadStates;
  }
  return *all;
}

std::atomic<uint64_t> next_id{1};

Tensors vector_of(Results r) { return Tensors(std::make_move_iterator(r.begin()), std::make_move_iterator(r.end())); }

bool is_compiled(const SpecializationPtr& s) {
  return s && s->state.load(std::memory_order_acquire) == Specialization::compiled;
}

}  // namespace

struct Function::Impl {
  Impl(Callable c, Options o) : specializer(std::move(c), std::move(o)), id(next_id++) {}

  ThreadState& state();
  Results forward(const Tensors& inputs);
  Results forward_eager(ThreadState& state, const SpecializationPtr& s, const Tensors& inputs);
  Results backward(c10::ArrayRef<at::Tensor> grad_outputs);
  Results backward_eager(ThreadState& state, c10::ArrayRef<at::Tensor> grad_outputs);

  Specializer specializer;
  uint64_t id;
  std::shared_ptr<void> alive = std::make_shared<int>(0);
  std::mutex states_mutex;
  std::vector<std::weak_ptr<ThreadState>> states;  // of all threads
};

ThreadState& Function::Impl::state() {
  if (recent_id == id) return *recent_state;
  auto& all = thread_states();
  auto& slot = all[id];
  if (!slot) {
    for (auto it = all.begin(); it != all.end();)
      it = it->second && it->second->owner.expired() ? all.erase(it) : std::next(it);
    auto& fresh = all[id];
    fresh = std::make_shared<ThreadState>();
    fresh->owner = alive;
    recent_state = fresh.get();
    std::lock_guard<std::mutex> lock(states_mutex);
    states.erase(std::remove_if(states.begin(), states.end(), [](const auto& s) { return s.expired(); }), states.end());
    states.push_back(fresh);
  } else {
    recent_state = slot.get();
  }
  recent_id = id;
  return *recent_state;
}

// ---- the function

Function::Function(Callable callable, Options options)
    : impl_(std::make_unique<Impl>(std::move(callable), std::move(options))) {}

Function::~Function() {
  impl_->specializer.stop();
  // Threads that go on shall not keep the tensors of calls that nobody can ask about.
  for (const auto& state : impl_->states)
    if (auto s = state.lock()) static_cast<Kept&>(*s) = Kept();
}

void Function::wait() { impl_->specializer.wait(); }

void Function::prepare(const Tensors& examples) {
  if (torch::jit::tracer::isTracing()) return;
  const auto& s = impl_->specializer.find(impl_->state().last, examples);
  if (s && s->failed) impl_->specializer.warn(*s);
}

Results Function::Impl::forward(const Tensors& inputs) {
  auto& state = this->state();
  if (torch::jit::tracer::isTracing()) {
    state.kind = ThreadState::traced;
    auto out = specializer.callable().call(inputs);
    return Results(out.begin(), out.end());
  }
  const auto& s = specializer.find(state.last, inputs);
  if (!is_compiled(s)) return forward_eager(state, SpecializationPtr(s), inputs);
  auto all = s->all_inputs(inputs);
  bool grad = s->environment.grad, keep = grad && s->program->has_gradient();
  if (state.of != s) {
    state.call = Call();
    state.of = s;
  }
  state.kind = ThreadState::none;
  auto results = s->program->forward(all, keep ? &state.call : nullptr);
  if (grad) state.kind = ThreadState::compiled;
  if (s->plain) return results;
  c10::NoGradGuard no_grad;
  s->copy_back(all, results);
  return s->present(all, std::move(results));
}

Results Function::Impl::forward_eager(ThreadState& state, const SpecializationPtr& s, const Tensors& inputs) {
  state.kind = ThreadState::none;
  auto mark = specializer.mark(s, inputs);
  auto out =
      specializer.by_libtorch(s, [&] { return eager_forward(specializer.callable(), inputs, mark, state.eager_call); });
  if (c10::GradMode::is_enabled()) state.kind = ThreadState::eager;
  return Results(out.begin(), out.end());
}

Tensors Function::forward(const Tensors& inputs) { return vector_of(impl_->forward(inputs)); }

at::Tensor Function::forward_one(const Tensors& inputs) {
  auto out = impl_->forward(inputs);
  TORCH_CHECK(out.size() == 1, "cladtorch: forward: the function has ", out.size(), " outputs; use forward_all");
  return std::move(out[0]);
}

Results Function::Impl::backward(c10::ArrayRef<at::Tensor> grad_outputs) {
  auto& state = this->state();
  TORCH_CHECK(state.kind != ThreadState::traced,
              "cladtorch: backward inside of a trace; use operator() and autograd there");
  TORCH_CHECK(state.kind != ThreadState::none,
              "cladtorch: backward without a forward in this thread with gradients enabled");
  size_t outputs = state.kind == ThreadState::eager ? state.eager_call.outputs.size() : state.of->outputs.size();
  TORCH_CHECK(grad_outputs.size() == outputs, "cladtorch: backward: got ", grad_outputs.size(), " gradients for ",
              outputs, " outputs");
  if (state.kind == ThreadState::eager) return backward_eager(state, grad_outputs);
  const auto* s = state.of.get();
  state.grads.clear();
  if (!s->program->has_gradient()) return Results(s->guards.size());  // as LibTorch: no input has one
  TensorRefs gos(s->program->meta().outputs.size(), nullptr);
  for (size_t i = 0; i < s->outputs.size(); ++i)
    if (auto k = s->outputs[i].library_output; k >= 0 && s->requires_grad[size_t(k)]) gos[size_t(k)] = &grad_outputs[i];
  auto grads = s->program->backward(state.call, gos, s->program->reached(gos));
  auto captured = grads.begin() + std::ptrdiff_t(s->guards.size());
  state.grads.assign(std::make_move_iterator(captured), std::make_move_iterator(grads.end()));
  if (state.grad_names != s->names) state.grad_names = s->names;
  grads.resize(s->guards.size());
  return grads;
}

Results Function::Impl::backward_eager(ThreadState& state, c10::ArrayRef<at::Tensor> grad_outputs) {
  c10::NoGradGuard no_grad;
  auto g = eager_backward(state.eager_call, grad_outputs);
  auto names = specializer.names();
  state.grad_names.clear();
  for (const auto& l : state.eager_call.leaves) state.grad_names.push_back(names.next(l));
  state.grads = std::move(g.leaves);
  return Results(g.inputs.begin(), g.inputs.end());
}

Tensors Function::backward(const Tensors& grad_outputs) { return vector_of(impl_->backward(grad_outputs)); }

at::Tensor Function::backward_one(const at::Tensor& grad_output) {
  auto grads = impl_->backward(grad_output);
  TORCH_CHECK(grads.size() == 1, "cladtorch: backward: the function has ", grads.size(), " inputs; use backward_all");
  return std::move(grads[0]);
}

Tensors Function::apply(const Tensors& inputs) {
  auto& specializer = impl_->specializer;
  const auto& callable = specializer.callable();
  if (torch::jit::tracer::isTracing()) return callable.call(inputs);
  SpecializationPtr s = specializer.find(impl_->state().last, inputs);  // the callable may call this function
  if (!is_compiled(s)) return specializer.by_libtorch(s, [&] { return callable.call(inputs); });
  auto all = s->all_inputs(inputs);
  bool joins = false;
  if (s->environment.grad && std::count(s->requires_grad.begin(), s->requires_grad.end(), char(true)) > 0)
    for (const auto* t : all) joins = joins || t->requires_grad();
  Call call;
  auto results = s->program->forward(all, joins ? &call : nullptr);
  if (joins) record(s->program, all, results, s->requires_grad, std::move(call));
  if (s->plain) return vector_of(std::move(results));
  s->copy_back(all, results);
  return vector_of(s->present(all, std::move(results)));
}

torch::OrderedDict<std::string, at::Tensor> Function::parameter_grads() {
  auto& state = impl_->state();
  torch::OrderedDict<std::string, at::Tensor> all;
  for (size_t i = 0; i < state.grads.size(); ++i)
    if (state.grads[i].defined() && !all.contains(state.grad_names[i])) all.insert(state.grad_names[i], state.grads[i]);
  return all;
}

Report Function::report() const { return impl_->specializer.report(); }

std::string Function::graph() const { return impl_->specializer.graph(); }

}  // namespace cladtorch::detail
