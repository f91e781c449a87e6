// Dispatch: which specialisation serves a call, and what happens if none does.
#include <cladtorch/detail/function.h>
#include <cladtorch/detail/signature.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>
#include <unordered_map>

#include <c10/core/GradMode.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include "cache.h"
#include "capture.h"
#include "eager.h"
#include "error.h"
#include "guard.h"
#include "log.h"
#include "node.h"
#include "program.h"
#include "verify.h"
#include "watch.h"

namespace cladtorch::detail {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

struct NoGrad {
  bool was = c10::GradMode::is_enabled();
  NoGrad() { c10::GradMode::set_enabled(false); }
  ~NoGrad() { c10::GradMode::set_enabled(was); }
};

// What serves calls of one kind: a program, or LibTorch for a reason.
struct Specialization {
  enum State { pending, compiled, refused, forgotten };

  // A variable of Options::captures, whether or not the callable computes with it: it may read its shape.
  struct CaptureGuard {
    std::optional<TensorGuard> tensor;  // none: it was undefined
    size_t same_as;                     // the first variable that was the same tensor, itself at last
  };

  Environment environment;
  std::vector<TensorGuard> guards;  // of the arguments
  std::vector<CaptureGuard> captures;
  std::vector<LiftedInput> lifted;
  std::vector<TensorGuard> lifted_guards;  // of fixed ones; others unused
  Watch watch;
  std::vector<OutputPlan> outputs;
  std::vector<std::string> names;   // of the lifted inputs
  std::vector<char> requires_grad;  // of the library's outputs, as LibTorch has it
  std::vector<char> mark;           // arguments that have a gradient if none asks for one
  std::string graph;
  std::vector<int> written;  // inputs of the library that the callable writes to
  bool shared = false;       // there is a shared_pair
  Report told;               // guarded by report_mutex
  bool plain = false;        // the library's outputs are what the caller gets, and no input changes
  std::string why;           // none of before served the call
  bool failed = false;       // refused since the callable threw, which may be the trace's fault or its own
  std::once_flag warned, added;

  std::atomic<State> state{pending};
  std::shared_ptr<const Program> program;  // once compiled
  std::string reason;                      // once refused

  std::vector<std::string> input_names() const {  // of the library
    std::vector<std::string> all;
    for (size_t i = 0; i < guards.size(); ++i) all.push_back("input " + std::to_string(i));
    all.insert(all.end(), names.begin(), names.end());
    return all;
  }
};

using SpecializationPtr = std::shared_ptr<Specialization>;

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

}  // namespace

struct Function::Impl {
  Impl(Callable c, Options o) : callable(std::move(c)), options(std::move(o)), id(next_id++) {
    if (callable.module) watched.push_back(callable.module);
    watched.insert(watched.end(), options.modules.begin(), options.modules.end());
    for (const auto& m : watched) TORCH_CHECK(m, "cladtorch: a module of Options::modules is null");
    for (const auto* t : options.captures) TORCH_CHECK(t, "cladtorch: a pointer of Options::captures is null");
  }

  ThreadState& state();
  const SpecializationPtr& find(ThreadState& s, const Tensors& inputs);
  bool matches(const Specialization& s, const Environment& now, const Tensors& inputs) const;
  std::string captures_difference(const Specialization& s) const;
  bool aliasing_matters(const Specialization& s) const;
  std::pair<int, int> shared_pair(const Specialization& s, const Tensors& inputs) const;
  std::string aliasing_difference(const Specialization& s, const Tensors& inputs) const;
  enum Other { unfit_input, over_limit };
  template <class Reason>
  void serve_others(Other kind, Reason reason);
  const at::Tensor& lifted_tensor(const LiftedInput& l) const {
    return l.source == LiftedInput::capture ? *options.captures[size_t(l.capture_index)] : l.tensor;
  }
  SpecializationPtr miss(const Environment& now, const Tensors& inputs, const Specialization* last);
  std::string why_missed(const Environment& now, const Tensors& inputs, const Specialization* last) const;
  SpecializationPtr create(const Environment& now, const Tensors& inputs);
  Capture observe(const Tensors& inputs, std::vector<char>& mark) const;
  struct Job {
    SpecializationPtr of;
    std::shared_ptr<Capture> first;
    std::vector<std::string> guards;
    Tensors examples;                 // of all inputs
    std::shared_ptr<Capture> second;  // on perturbed, for Verify::strict
    Tensors perturbed;
  };
  void build(const Job& job);
  std::string misfit(const Specialization& s, const Meta& m) const;
  void refuse(Specialization& s, const std::string& reason);
  void warn(Specialization& s) const;
  template <class Run>
  auto by_libtorch(const SpecializationPtr& s, Run run);
  void add(const SpecializationPtr& s);
  void name_lifted(Specialization& s) const;

  TensorRefs all_inputs(const Specialization& s, const Tensors& inputs) const;
  void copy_back(const Specialization& s, const TensorRefs& all, const Results& results) const;
  Results present(const Specialization& s, const TensorRefs& all, Results results) const;
  Results forward(const Tensors& inputs);
  Results forward_eager(ThreadState& state, const SpecializationPtr& s, const Tensors& inputs);
  Results backward(c10::ArrayRef<at::Tensor> grad_outputs);
  Results backward_eager(ThreadState& state, c10::ArrayRef<at::Tensor> grad_outputs);
  void complain(const SpecializationPtr& s);

  Callable callable;
  Options options;
  uint64_t id;
  std::shared_ptr<void> alive = std::make_shared<int>(0);
  std::mutex states_mutex;
  std::vector<std::weak_ptr<ThreadState>> states;  // of all threads
  std::vector<std::shared_ptr<torch::nn::Module>> watched;

  // Readers take the table without a lock; tables live as long as this.
  using Table = std::vector<SpecializationPtr>;
  std::atomic<const Table*> table{nullptr};
  std::vector<std::unique_ptr<const Table>> tables;
  std::mutex create_mutex;  // one specialisation is made at a time

  mutable std::mutex report_mutex;
  SpecializationPtr latest;  // the last that was made
  std::vector<std::string> recompiles;
  int compiled = 0, building = 0;     // specialisations
  std::array<std::string, 2> others;  // why LibTorch serves calls that no specialisation is made for
  std::array<std::atomic<bool>, 2> others_told{};

  std::atomic<bool> cancel{false};
  std::mutex workers_mutex;
  std::vector<std::thread> workers;
};

// ---- state of threads

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

// ---- choosing a specialisation

bool Function::Impl::matches(const Specialization& s, const Environment& now, const Tensors& inputs) const {
  if (!(s.environment == now) || inputs.size() != s.guards.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].defined() || !s.guards[i].holds(inputs[i])) return false;
  for (size_t i = 0; i < s.captures.size(); ++i) {
    const auto& t = *options.captures[i];
    const auto& [guard, same_as] = s.captures[i];
    if (t.defined() != guard.has_value() || (guard && !guard->holds(t)) ||
        (same_as != i && !t.is_same(*options.captures[same_as])))
      return false;
  }
  for (size_t i = 0; i < s.lifted.size(); ++i)
    if (s.lifted[i].source == LiftedInput::fixed && !s.lifted_guards[i].holds(s.lifted[i].tensor)) return false;
  if (s.state.load(std::memory_order_acquire) == Specialization::forgotten) return false;
  return s.watch.holds() && (!aliasing_matters(s) || (shared_pair(s, inputs).first >= 0) == s.shared);
}

// A program reads all inputs before it writes to any: two names for one memory would be told apart. What was
// refused because of such names may not be without them.
bool Function::Impl::aliasing_matters(const Specialization& s) const {
  return !s.written.empty() || (s.shared && s.state.load(std::memory_order_acquire) == Specialization::refused);
}

// The first two inputs that share memory such that it matters: one of them is written to or, if the
// specialisation is none because of it, is an argument. {-1, -1}: there are none.
std::pair<int, int> Function::Impl::shared_pair(const Specialization& s, const Tensors& inputs) const {
  auto memory = [&](int i) -> const void* {
    const auto& t = size_t(i) < inputs.size() ? inputs[size_t(i)] : lifted_tensor(s.lifted[size_t(i) - inputs.size()]);
    return t.storage().nbytes() > 0 ? t.storage().unsafeGetStorageImpl() : nullptr;
  };
  int n = int(inputs.size() + s.lifted.size());
  auto among = [&](int i) -> std::pair<int, int> {
    const void* m = memory(i);
    for (int k = 0; m && k < n; ++k)
      if (k != i && memory(k) == m) return std::minmax(i, k);
    return {-1, -1};
  };
  for (int i : s.written)
    if (auto p = among(i); p.first >= 0) return p;
  for (int i = 0; s.written.empty() && i < int(inputs.size()); ++i)
    if (auto p = among(i); p.first >= 0) return p;
  return {-1, -1};
}

std::string Function::Impl::aliasing_difference(const Specialization& s, const Tensors& inputs) const {
  if (!aliasing_matters(s)) return "";
  auto [i, k] = shared_pair(s, inputs);
  if ((i >= 0) == s.shared) return "";
  if (i < 0) return "no inputs share memory, two did; always pass tensors of their own";
  auto name = [&](int j) {
    return size_t(j) < inputs.size() ? "input " + std::to_string(j) : s.names[size_t(j) - inputs.size()];
  };
  return name(i) + " shares memory with " + name(k) +
         ", did not, and the function writes to one of them; pass a clone()";
}

// The result lives until the next call from this thread.
const SpecializationPtr& Function::Impl::find(ThreadState& s, const Tensors& inputs) {
  auto now = Environment::current();
  if (s.last && matches(*s.last, now, inputs)) return s.last;
  if (auto* t = table.load(std::memory_order_acquire))
    for (const auto& p : *t)
      if (matches(*p, now, inputs)) return s.last = p;
  return s.last = miss(now, inputs, s.last.get());
}

std::string Function::Impl::captures_difference(const Specialization& s) const {
  for (size_t i = 0; i < s.captures.size(); ++i) {
    const auto& t = *options.captures[i];
    const auto& [guard, same_as] = s.captures[i];
    auto name = "captures." + std::to_string(i);
    if (t.defined() != guard.has_value())
      return name + (t.defined() ? ": is defined, was not" : ": is undefined, was not") +
             "; compile a function for each";
    if (guard)
      if (auto d = guard->difference(t); !d.empty()) return name + ": " + d;
    if (same_as != i && !t.is_same(*options.captures[same_as]))
      return name + ": is another tensor than captures." + std::to_string(same_as) +
             ", was the same; keep apart what is not always one";
  }
  return "";
}

// What differs from the last call of this thread, else from those that a program was last made for.
std::string Function::Impl::why_missed(const Environment& now, const Tensors& inputs,
                                       const Specialization* last) const {
  auto* t = table.load();
  if (!t || t->empty()) return "";
  const auto& s = last ? *last : *t->back();
  if (auto d = s.environment.difference(now); !d.empty()) return d;
  if (inputs.size() != s.guards.size())
    return "got " + std::to_string(inputs.size()) + " inputs, had " + std::to_string(s.guards.size()) +
           "; compile a function for each number of inputs";
  for (size_t i = 0; i < inputs.size(); ++i)
    if (auto d = s.guards[i].difference(inputs[i]); !d.empty()) return "input " + std::to_string(i) + ": " + d;
  if (auto d = captures_difference(s); !d.empty()) return d;
  for (size_t i = 0; i < s.lifted.size(); ++i)
    if (s.lifted[i].source == LiftedInput::fixed)
      if (auto d = s.lifted_guards[i].difference(s.lifted[i].tensor); !d.empty()) return s.names[i] + ": " + d;
  if (auto d = s.watch.difference(); !d.empty()) return d;
  return aliasing_difference(s, inputs);
}

// LibTorch serves what there is no specialisation for: each kind is told once, and in the report.
template <class Reason>
void Function::Impl::serve_others(Other kind, Reason reason) {
  if (!options.fallback) throw CompileError("cladtorch: " + reason());
  if (others_told[kind].exchange(true, std::memory_order_relaxed)) return;
  auto text = reason();
  TORCH_WARN("cladtorch: LibTorch serves other calls: ", text);
  std::lock_guard<std::mutex> lock(report_mutex);
  others[kind] = text;
}

SpecializationPtr Function::Impl::miss(const Environment& now, const Tensors& inputs, const Specialization* last) {
  expect_arguments(callable.arguments, inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    if (auto why = unfit(inputs[i]); !why.empty())
      return serve_others(unfit_input, [&] { return "input " + std::to_string(i) + " " + why; }), nullptr;
  std::unique_lock<std::mutex> lock(create_mutex, std::defer_lock);
  for (;;) {
    auto* t = table.load(std::memory_order_acquire);
    for (size_t i = 0; t && i < t->size(); ++i)
      if (matches(*(*t)[i], now, inputs)) return (*t)[i];
    // Calls beyond the limit wait for nobody.
    if (t && t->size() >= size_t(std::max(options.max_specializations, 1)))
      return serve_others(over_limit,
                          [&] {
                            return "there are " + std::to_string(t->size()) +
                                   " specializations already (Options::max_specializations); " +
                                   why_missed(now, inputs, last);
                          }),
             nullptr;
    if (lock.owns_lock()) break;
    lock.lock();
  }
  std::string why = why_missed(now, inputs, last);
  if (!why.empty() && logs(Topic::recompiles)) log(Topic::recompiles, why);
  auto s = create(now, inputs);
  s->why = why;
  if (!s->failed) add(s);
  return s;
}

// ---- making a specialisation

Capture Function::Impl::observe(const Tensors& inputs, std::vector<char>& mark) const {
  return capture_call(callable, inputs, options.captures, options.verify != Verify::off, mark);
}

// A copy with the same strides, gaps and overlaps.
at::Tensor copy_layout(const at::Tensor& t, bool perturb = false) {
  int64_t extent = 1;
  for (int64_t d = 0; d < t.dim(); ++d) extent += (t.size(d) - 1) * t.stride(d);
  if (t.numel() == 0) extent = 0;
  auto flat = t.detach().as_strided({extent}, {1}, t.storage_offset());
  flat = perturb && at::isFloatingType(t.scalar_type()) ? flat.mul(-1.25).add(0.0625) : flat.clone();
  return flat.as_strided(t.sizes(), t.strides(), 0);
}

void Function::Impl::name_lifted(Specialization& s) const {
  std::unordered_map<const c10::TensorImpl*, std::string> known;
  for (const auto& m : watched) {
    for (const auto& p : m->named_parameters()) known.emplace(p.value().unsafeGetTensorImpl(), p.key());
    for (const auto& p : m->named_buffers()) known.emplace(p.value().unsafeGetTensorImpl(), p.key());
  }
  int n = 0;
  for (const auto& l : s.lifted) {
    auto it = known.find(l.tensor.unsafeGetTensorImpl());
    if (l.source == LiftedInput::frozen)
      s.names.push_back("constant");
    else if (l.source == LiftedInput::capture)
      s.names.push_back("captures." + std::to_string(l.capture_index));
    else
      s.names.push_back(it != known.end() ? it->second : "captured." + std::to_string(n++));
  }
}

void Function::Impl::refuse(Specialization& s, const std::string& reason) {
  s.reason = reason;
  {
    std::lock_guard<std::mutex> lock(report_mutex);
    s.told.engine = "eager";
    s.told.reason = reason;
  }
  s.state.store(Specialization::refused, std::memory_order_release);
  if (!s.failed) warn(s);
}

void Function::Impl::warn(Specialization& s) const {
  if (options.fallback && !cancel)
    std::call_once(s.warned, [&] { TORCH_WARN("cladtorch: LibTorch serves this function: ", s.reason); });
}

// Calls of kind s by LibTorch. If the callable threw under the trace and throws here too, it was no
// fault of the trace: what it throws passes, and the next call tries again.
template <class Run>
auto Function::Impl::by_libtorch(const SpecializationPtr& s, Run run) {
  if (!s || !s->failed) return run();
  try {
    auto out = run();
    warn(*s);
    std::call_once(s->added, [&] {
      std::lock_guard<std::mutex> lock(create_mutex);
      add(s);
    });
    return out;
  } catch (...) {
    s->state.store(Specialization::forgotten, std::memory_order_release);
    throw;
  }
}

// Lets s serve all threads; create_mutex is held.
void Function::Impl::add(const SpecializationPtr& s) {
  auto* t = table.load();
  auto grown = std::make_unique<Table>(t ? *t : Table());
  grown->push_back(s);
  table.store(grown.get(), std::memory_order_release);
  tables.push_back(std::move(grown));
  std::lock_guard<std::mutex> lock(report_mutex);
  if (!s->why.empty()) recompiles.push_back(s->why);
}

SpecializationPtr Function::Impl::create(const Environment& now, const Tensors& inputs) {
  auto s = std::make_shared<Specialization>();
  s->environment = now;
  for (const auto& t : inputs) s->guards.emplace_back(t);
  for (size_t i = 0; i < options.captures.size(); ++i) {
    const auto& t = *options.captures[i];
    size_t same_as = 0;
    while (!options.captures[same_as]->is_same(t)) ++same_as;
    s->captures.push_back({t.defined() ? std::optional<TensorGuard>(t) : std::nullopt, same_as});
  }
  s->watch = Watch(watched);
  auto start = Clock::now();
  auto c = std::make_shared<Capture>(observe(inputs, s->mark));
  double traced = seconds_since(start);
  s->lifted = c->lifted;
  for (const auto& l : s->lifted) {
    s->lifted_guards.emplace_back(l.tensor);
    if (auto why = unfit(l.tensor); c->refusal.empty() && !why.empty()) c->refusal = "a captured tensor " + why;
  }
  s->outputs = c->outputs;
  s->graph = c->text;
  name_lifted(*s);
  for (const auto& w : c->expected.written) s->written.push_back(w.first);
  s->shared = shared_pair(*s, inputs).first >= 0;
  std::vector<std::string> guards;
  for (size_t i = 0; i < inputs.size(); ++i)
    guards.push_back("input " + std::to_string(i) + ": " + s->guards[i].text());
  for (size_t i = 0; i < s->lifted.size(); ++i) guards.push_back(s->names[i] + ": " + s->lifted_guards[i].text());
  {
    std::lock_guard<std::mutex> lock(report_mutex);
    s->told.engine = "eager";
    s->told.reason = "it is not compiled yet";
    s->told.guards = guards;
    s->told.phases.push_back({"trace", traced});
    latest = s;
  }
  if (logs(Topic::graph) && !c->text.empty()) log(Topic::graph, c->text);
  if (logs(Topic::guards))
    for (const auto& g : guards) log(Topic::guards, g);
  if (!c->refusal.empty()) {
    s->failed = c->failed;
    refuse(*s, c->refusal);
    return s;
  }
  Job job{s, std::move(c), guards, {}, nullptr, {}};
  if (options.verify == Verify::strict) {
    // On other values of the same kind, a graph that depends on values shows another text.
    for (const auto& t : inputs) job.perturbed.push_back(copy_layout(t, true).requires_grad_(t.requires_grad()));
    std::vector<char> mark;
    job.second = std::make_shared<Capture>(observe(job.perturbed, mark));
    if (job.second->text != job.first->text) {
      refuse(*s,
             "the graph changes with the values of the inputs (Options::verify is strict): the function reads values "
             "that the graph does not show" +
                 (job.second->refusal.empty() ? "" : "; " + job.second->refusal));
      return s;
    }
  }
  // The caller may change its tensors while the compiler runs in the background.
  for (const auto* t : all_inputs(*s, inputs)) job.examples.push_back(options.async ? copy_layout(*t) : *t);
  for (size_t i = inputs.size(); i < job.examples.size() && job.second; ++i) job.perturbed.push_back(job.examples[i]);
  if (!options.async) {
    build(job);
    return s;
  }
  {
    std::lock_guard<std::mutex> lock(report_mutex);
    ++building;
  }
  std::lock_guard<std::mutex> lock(workers_mutex);
  workers.emplace_back([this, job = std::move(job)] {
    build(job);
    std::lock_guard<std::mutex> lock(report_mutex);
    --building;
  });
  return s;
}

void Function::Impl::build(const Job& job) {
  auto& s = *job.of;
  std::string reason;
  Obtained got;
  try {
    got = obtain(s.graph, job.guards, options, &cancel);
    reason = got.reason;
    if (got.library) s.program = std::make_shared<const Program>(*got.library, s.input_names(), job.first->reach);
    if (s.program && options.verify != Verify::off) {
      auto start = Clock::now();
      auto d = verify(*s.program, refs(job.examples), job.first->expected, options.tolerance_factor);
      if (d.empty() && job.second)
        d = verify(*s.program, refs(job.perturbed), job.second->expected, options.tolerance_factor);
      if (!d.empty()) reason = "the compiled program does not agree with LibTorch: " + d;
      got.phases.push_back({"verify", seconds_since(start)});
    }
  } catch (const std::exception& e) { reason = e.what(); }
  if (reason.empty()) reason = s.program ? misfit(s, s.program->meta()) : "no library";
  // A gradient that is zero whatever comes (of floor, of what fill_ wrote) may be missing, if verification saw that it
  // is.
  for (size_t i = 0;
       options.verify == Verify::off && reason.empty() && s.program && i < job.first->expected.requires_grad.size();
       ++i)
    if (job.first->expected.requires_grad[i] && !s.program->meta().outputs[i].requires_grad)
      reason = "output " + std::to_string(i) + " requires a gradient that the library does not have";
  {
    std::lock_guard<std::mutex> lock(report_mutex);
    auto& told = s.told;
    told.phases.insert(told.phases.end(), got.phases.begin(), got.phases.end());
    if (reason.empty()) {
      const auto& m = s.program->meta();
      told.engine = m.engine;
      told.reason.clear();
      told.from_cache = got.from_cache;
      told.verified = options.verify != Verify::off;
      told.kernels = m.kernels;
      told.guards.insert(told.guards.end(), m.guards.begin(), m.guards.end());
      ++compiled;
    }
    if (logs(Topic::perf))
      for (const auto& p : told.phases) log(Topic::perf, p.name + " " + std::to_string(p.seconds * 1e3) + " ms");
  }
  if (!reason.empty()) return refuse(s, reason);
  // What a write brings to an input is the library's to say.
  s.requires_grad = job.first->expected.requires_grad;
  for (size_t i = 0; i < s.program->meta().outputs.size(); ++i) {
    bool has = s.program->meta().outputs[i].requires_grad;
    if (i >= s.requires_grad.size()) s.requires_grad.push_back(has);
  }
  s.plain = s.outputs.size() == s.program->meta().outputs.size() && s.program->meta().mutated.empty();
  for (size_t i = 0; i < s.outputs.size(); ++i)
    s.plain = s.plain && s.outputs[i].kind == OutputPlan::computed && s.outputs[i].index == int(i);
  s.state.store(Specialization::compiled, std::memory_order_release);
}

// The library must be one for this call's tensors, whatever a cache held.
std::string Function::Impl::misfit(const Specialization& s, const Meta& m) const {
  size_t arguments = s.guards.size();
  size_t outputs = 0;
  for (const auto& p : s.outputs) outputs += p.kind != OutputPlan::undefined;
  if (m.inputs.size() != arguments + s.lifted.size() || m.outputs.size() < outputs)
    return "the library has other inputs or outputs than the graph";
  for (size_t i = 0; i < m.inputs.size(); ++i) {
    const auto& g = i < arguments ? s.guards[i] : s.lifted_guards[i - arguments];
    if (!g.is(m.inputs[i].dtype, m.inputs[i].shape, m.inputs[i].strides))
      return "input " + std::to_string(i) + " of the library is not " + g.text();
  }
  for (const auto& w : m.mutated)
    if (bool frozen =
            size_t(w.first) >= arguments && s.lifted[size_t(w.first) - arguments].source == LiftedInput::frozen;
        !frozen && std::find(s.written.begin(), s.written.end(), w.first) == s.written.end())
      return "the library writes to input " + std::to_string(w.first) + ", the function does not";
  return "";
}

// ---- running

TensorRefs Function::Impl::all_inputs(const Specialization& s, const Tensors& inputs) const {
  TensorRefs all;
  for (const auto& t : inputs) all.push_back(&t);
  for (const auto& l : s.lifted) all.push_back(&lifted_tensor(l));
  return all;
}

Tensors vector_of(Results r) { return Tensors(std::make_move_iterator(r.begin()), std::make_move_iterator(r.end())); }

void Function::Impl::copy_back(const Specialization& s, const TensorRefs& all, const Results& results) const {
  for (const auto& w : s.program->meta().mutated) {
    size_t arguments = s.guards.size(), i = size_t(w.first);
    if (i >= arguments && s.lifted[i - arguments].source == LiftedInput::frozen) continue;  // made anew by each call
    at::Tensor(*all[i]).copy_(results[w.second]);
  }
}

Results Function::Impl::present(const Specialization& s, const TensorRefs& all, Results results) const {
  Results out(s.outputs.size());
  auto view = [](const at::Tensor& base, const OutputPlan& p) {
    return (p.detached ? base.detach() : base).as_strided(p.sizes, p.strides, base.storage_offset() + p.offset);
  };
  for (size_t i = 0; i < out.size(); ++i) {
    const auto& p = s.outputs[i];
    if (p.kind == OutputPlan::computed) out[i] = std::move(results[size_t(p.index)]);
    if (p.kind == OutputPlan::input) out[i] = *all[size_t(p.index)];
    if (p.kind == OutputPlan::input_view) out[i] = view(*all[size_t(p.index)], p);
  }
  // Of those above.
  for (size_t i = 0; i < out.size(); ++i)
    if (const auto& p = s.outputs[i]; p.kind == OutputPlan::output_view) out[i] = view(out[size_t(p.index)], p);
  for (size_t i = 0; i < out.size(); ++i)
    if (const auto& p = s.outputs[i]; p.kind == OutputPlan::output) out[i] = out[size_t(p.index)];
  return out;
}

// Without fallback, what LibTorch would serve is an error.
void Function::Impl::complain(const SpecializationPtr& s) {
  if (options.fallback || !s || s->state.load() != Specialization::refused) return;
  if (s->failed) s->state.store(Specialization::forgotten, std::memory_order_release);
  throw CompileError("cladtorch: " + s->reason);
}

// ---- the function

Function::Function(Callable callable, Options options)
    : impl_(std::make_unique<Impl>(std::move(callable), std::move(options))) {}

Function::~Function() {
  impl_->cancel = true;
  wait();
  // Threads that go on shall not keep the tensors of calls that nobody can ask about.
  for (const auto& state : impl_->states)
    if (auto s = state.lock()) static_cast<Kept&>(*s) = Kept();
}

void Function::wait() {
  std::vector<std::thread> running;
  {
    std::lock_guard<std::mutex> lock(impl_->workers_mutex);
    running.swap(impl_->workers);
  }
  for (auto& t : running) t.join();
}

void Function::prepare(const Tensors& examples) {
  if (torch::jit::tracer::isTracing()) return;
  auto s = impl_->find(impl_->state(), examples);
  impl_->complain(s);
  if (s && s->failed) impl_->warn(*s);
}

Results Function::Impl::forward(const Tensors& inputs) {
  auto& state = this->state();
  if (torch::jit::tracer::isTracing()) {
    state.kind = ThreadState::traced;
    auto out = callable.call(inputs);
    return Results(out.begin(), out.end());
  }
  const auto& s = find(state, inputs);
  complain(s);
  if (!s || s->state.load(std::memory_order_acquire) != Specialization::compiled)
    return forward_eager(state, SpecializationPtr(s), inputs);
  auto all = all_inputs(*s, inputs);
  bool grad = s->environment.grad, keep = grad && s->program->has_gradient();
  if (state.of != s) {
    state.call = Call();
    state.of = s;
  }
  state.kind = ThreadState::none;
  auto results = s->program->forward(all, keep ? &state.call : nullptr);
  if (grad) state.kind = ThreadState::compiled;
  if (s->plain) return results;
  NoGrad no_grad;
  copy_back(*s, all, results);
  return present(*s, all, std::move(results));
}

Results Function::Impl::forward_eager(ThreadState& state, const SpecializationPtr& s, const Tensors& inputs) {
  state.kind = ThreadState::none;
  std::vector<char> mark = s ? s->mark : std::vector<char>(inputs.size(), 0);
  auto* t = table.load(std::memory_order_acquire);
  if (!s && t && !t->empty() && t->back()->mark.size() == inputs.size())
    mark = t->back()->mark;  // it knows which are written to
  else if (!s)
    for (size_t i = 0; i < inputs.size(); ++i)
      mark[i] = inputs[i].defined() && at::isFloatingType(inputs[i].scalar_type());
  auto out = by_libtorch(s, [&] { return eager_forward(callable, inputs, mark, state.eager_call); });
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
  NoGrad no_grad;
  auto g = eager_backward(state.eager_call, grad_outputs);
  std::unordered_map<const c10::TensorImpl*, std::string> known;
  for (const auto& w : watched)
    for (const auto& p : w->named_parameters()) known.emplace(p.value().unsafeGetTensorImpl(), p.key());
  for (size_t j = 0; j < options.captures.size(); ++j)
    known.emplace(options.captures[j]->unsafeGetTensorImpl(), "captures." + std::to_string(j));
  state.grad_names.clear();
  int n = 0;
  for (const auto& l : state.eager_call.leaves) {
    auto it = known.find(l.unsafeGetTensorImpl());
    state.grad_names.push_back(it != known.end() ? it->second : "captured." + std::to_string(n++));
  }
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
  auto& m = *impl_;
  if (torch::jit::tracer::isTracing()) return m.callable.call(inputs);
  SpecializationPtr s = m.find(m.state(), inputs);  // the callable may call this function
  m.complain(s);
  if (!s || s->state.load(std::memory_order_acquire) != Specialization::compiled)
    return m.by_libtorch(s, [&] { return m.callable.call(inputs); });
  auto all = m.all_inputs(*s, inputs);
  bool joins = false;
  if (s->environment.grad && std::count(s->requires_grad.begin(), s->requires_grad.end(), char(true)) > 0)
    for (const auto* t : all) joins = joins || t->requires_grad();
  Call call;
  auto results = s->program->forward(all, joins ? &call : nullptr);
  if (joins) record(s->program, all, results, s->requires_grad, std::move(call));
  if (s->plain) return vector_of(std::move(results));
  m.copy_back(*s, all, results);
  return vector_of(m.present(*s, all, std::move(results)));
}

torch::OrderedDict<std::string, at::Tensor> Function::parameter_grads() {
  auto& state = impl_->state();
  torch::OrderedDict<std::string, at::Tensor> all;
  for (size_t i = 0; i < state.grads.size(); ++i)
    if (state.grads[i].defined() && !all.contains(state.grad_names[i])) all.insert(state.grad_names[i], state.grads[i]);
  return all;
}

Report Function::report() const {
  const auto& m = *impl_;
  std::lock_guard<std::mutex> lock(m.report_mutex);
  Report r;
  r.engine = "eager";
  r.reason = "not called yet";
  if (m.latest) r = m.latest->told;
  std::string others;
  for (const auto& other : m.others) others += (others.empty() || other.empty() ? "" : "; and ") + other;
  if (!others.empty() && (!m.latest || r.reason.empty())) r.reason = others;
  r.recompiles = m.recompiles;
  r.specializations = m.compiled;
  r.pending = m.building > 0;
  return r;
}

std::string Function::graph() const {
  std::lock_guard<std::mutex> lock(impl_->report_mutex);
  return impl_->latest ? impl_->latest->graph : "";
}

}  // namespace cladtorch::detail
