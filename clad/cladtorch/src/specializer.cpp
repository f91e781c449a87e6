#include "specializer.h"

#include <cladtorch/detail/signature.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "cache.h"
#include "error.h"
#include "log.h"
#include "verify.h"

namespace cladtorch::detail {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

// A copy with the same strides, gaps and overlaps.
at::Tensor copy_layout(const at::Tensor& t, bool perturb = false) {
  int64_t extent = 1;
  for (int64_t d = 0; d < t.dim(); ++d) extent += (t.size(d) - 1) * t.stride(d);
  if (t.numel() == 0) extent = 0;
  auto flat = t.detach().as_strided({extent}, {1}, t.storage_offset());
  flat = perturb && at::isFloatingType(t.scalar_type()) ? flat.mul(-1.25).add(0.0625) : flat.clone();
  return flat.as_strided(t.sizes(), t.strides(), 0);
}

// The graph with some of its results only.
std::string returning(const std::string& graph, const std::vector<char>& outputs) {
  static const std::string start = "return (";
  auto begin = graph.rfind(start) + start.size(), end = graph.find(')', begin);
  std::string kept, name;
  std::istringstream all(graph.substr(begin, end - begin));
  for (size_t i = 0; std::getline(all >> std::ws, name, ','); ++i)
    if (i < outputs.size() && outputs[i]) kept += (kept.empty() ? "" : ", ") + name;
  return graph.substr(0, begin) + kept + graph.substr(end);
}

}  // namespace

CapturedNames::CapturedNames(const std::vector<std::shared_ptr<torch::nn::Module>>& modules,
                             const std::vector<const at::Tensor*>& variables) {
  for (const auto& m : modules) {
    for (const auto& p : m->named_parameters()) known_.emplace(p.value().unsafeGetTensorImpl(), p.key());
    for (const auto& p : m->named_buffers()) known_.emplace(p.value().unsafeGetTensorImpl(), p.key());
  }
  for (size_t i = 0; i < variables.size(); ++i)
    known_.emplace(variables[i]->unsafeGetTensorImpl(), "captures." + std::to_string(i));
}

std::string CapturedNames::next(const at::Tensor& t) {
  auto it = known_.find(t.unsafeGetTensorImpl());
  return it != known_.end() ? it->second : "captured." + std::to_string(unknown_++);
}

Specializer::Specializer(Callable c, Options o) : callable_(std::move(c)), options_(std::move(o)) {
  if (callable_.module) watched_.push_back(callable_.module);
  watched_.insert(watched_.end(), options_.modules.begin(), options_.modules.end());
  for (const auto& m : watched_) TORCH_CHECK(m, "cladtorch: a module of Options::modules is null");
  for (const auto* t : options_.captures) TORCH_CHECK(t, "cladtorch: a pointer of Options::captures is null");
  const auto& e = options_.engine;
  TORCH_CHECK(e == "auto" || e == "clad" || e == "builtin", "cladtorch: Options::engine is \"", e,
              "\", want \"auto\", \"clad\" or \"builtin\"");
  TORCH_CHECK(options_.timeout_seconds >= 0, "cladtorch: Options::timeout_seconds is ", options_.timeout_seconds,
              ", want a number of seconds");
}

// ---- choosing

const SpecializationPtr& Specializer::find(SpecializationPtr& last, const Tensors& inputs) {
  auto now = Environment::current();
  bool found = last && last->matches(now, inputs);
  if (auto* t = table_.load(std::memory_order_acquire); !found && t)
    for (size_t i = 0; i < t->size() && !found; ++i)
      if ((found = (*t)[i]->matches(now, inputs))) last = (*t)[i];
  if (!found) last = miss(now, inputs, last.get());
  complain(last);
  return last;
}

// Without fallback, what LibTorch would serve is an error.
void Specializer::complain(const SpecializationPtr& s) const {
  if (options_.fallback || !s || s->state.load(std::memory_order_acquire) != Specialization::refused) return;
  if (s->failed) s->state.store(Specialization::forgotten, std::memory_order_release);
  throw CompileError("cladtorch: " + s->reason);
}

SpecializationPtr Specializer::miss(const Environment& now, const Tensors& inputs, const Specialization* last) {
  expect_arguments(callable_.arguments, inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    if (auto why = unfit(inputs[i]); !why.empty())
      return serve_others(unfit_input, [&] { return "input " + std::to_string(i) + " " + why; }), nullptr;
  std::unique_lock<std::mutex> lock(create_mutex_, std::defer_lock);
  for (;;) {
    auto* t = table_.load(std::memory_order_acquire);
    for (size_t i = 0; t && i < t->size(); ++i)
      if ((*t)[i]->matches(now, inputs)) return (*t)[i];
    // Calls beyond the limit wait for nobody.
    if (t && t->size() >= size_t(std::max(options_.max_specializations, 1)))
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

// What differs from the last call of this thread, else from those that a program was last made for.
std::string Specializer::why_missed(const Environment& now, const Tensors& inputs, const Specialization* last) const {
  auto* t = table_.load(std::memory_order_acquire);
  if (!t || t->empty()) return "";
  return (last ? *last : *t->back()).difference(now, inputs);
}

// LibTorch serves what there is no specialisation for: each kind is told once, and in the report.
template <class Reason>
void Specializer::serve_others(Other kind, Reason reason) {
  if (!options_.fallback) throw CompileError("cladtorch: " + reason());
  if (others_told_[kind].exchange(true, std::memory_order_relaxed)) return;
  auto text = reason();
  TORCH_WARN("cladtorch: LibTorch serves other calls: ", text);
  std::lock_guard<std::mutex> lock(report_mutex_);
  others_[kind] = text;
}

std::vector<char> Specializer::mark(const SpecializationPtr& s, const Tensors& inputs) const {
  if (s) return s->mark;
  auto* t = table_.load(std::memory_order_acquire);
  if (t && !t->empty() && t->back()->mark.size() == inputs.size())
    return t->back()->mark;  // it knows which are written to
  std::vector<char> floating;
  for (const auto& x : inputs) floating.push_back(x.defined() && at::isFloatingType(x.scalar_type()));
  return floating;
}

// ---- making

Capture Specializer::observe(const Tensors& inputs, std::vector<char>& mark) const {
  return capture_call(callable_, inputs, options_.captures, options_.verify != Verify::off, mark);
}

void Specializer::name_lifted(Specialization& s) const {
  auto names = this->names();
  for (const auto& l : s.lifted) {
    if (l.source == LiftedInput::frozen)
      s.names.push_back("constant");
    else if (l.source == LiftedInput::capture)
      s.names.push_back("captures." + std::to_string(l.capture_index));
    else
      s.names.push_back(names.next(l.tensor));
  }
}

void Specializer::refuse(Specialization& s, const std::string& reason) {
  s.reason = reason;
  {
    std::lock_guard<std::mutex> lock(report_mutex_);
    s.told.engine = "eager";
    s.told.reason = reason;
  }
  s.state.store(Specialization::refused, std::memory_order_release);
  if (!s.failed) warn(s);
}

void Specializer::warn(Specialization& s) const {
  if (options_.fallback && !cancel_)
    std::call_once(s.warned, [&] { TORCH_WARN("cladtorch: LibTorch serves this function: ", s.reason); });
}

// It was the trace's fault: LibTorch serves these calls from now on.
void Specializer::accept(const SpecializationPtr& s) {
  warn(*s);
  std::call_once(s->added, [&] {
    std::lock_guard<std::mutex> lock(create_mutex_);
    add(s);
  });
}

// Lets s serve all threads; create_mutex_ is held.
void Specializer::add(const SpecializationPtr& s) {
  auto* t = table_.load(std::memory_order_relaxed);
  auto grown = std::make_unique<Table>(t ? *t : Table());
  grown->push_back(s);
  table_.store(grown.get(), std::memory_order_release);
  tables_.push_back(std::move(grown));
  std::lock_guard<std::mutex> lock(report_mutex_);
  if (!s->why.empty()) recompiles_.push_back(s->why);
}

SpecializationPtr Specializer::create(const Environment& now, const Tensors& inputs) {
  auto s = std::make_shared<Specialization>(now, inputs, options_.captures, Watch(watched_));
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
  s->shared = s->shares_memory(inputs);
  std::vector<std::string> guards;
  auto names = s->input_names();
  for (size_t i = 0; i < names.size(); ++i) {
    const auto& g = i < inputs.size() ? s->guards[i] : s->lifted_guards[i - inputs.size()];
    guards.push_back(names[i] + ": " + g.text());
  }
  {
    std::lock_guard<std::mutex> lock(report_mutex_);
    s->told.engine = "eager";
    s->told.reason = "it is not compiled yet";
    s->told.guards = guards;
    s->told.phases.push_back({"trace", traced});
    latest_ = s;
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
  if (options_.verify == Verify::strict) {
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
  for (const auto* t : s->all_inputs(inputs)) job.examples.push_back(options_.async ? copy_layout(*t) : *t);
  for (size_t i = inputs.size(); i < job.examples.size() && job.second; ++i) job.perturbed.push_back(job.examples[i]);
  if (!options_.async) {
    build(job);
    return s;
  }
  {
    std::lock_guard<std::mutex> lock(report_mutex_);
    ++building_;
  }
  std::lock_guard<std::mutex> lock(workers_mutex_);
  workers_.emplace_back([this, job = std::move(job)] {
    build(job);
    std::lock_guard<std::mutex> lock(report_mutex_);
    --building_;
  });
  return s;
}

Program::Part Specializer::part_of(const std::string& graph, const std::vector<std::string>& names) const {
  return [graph, names, options = options_](const std::vector<char>& outputs) {
    auto got = obtain(returning(graph, outputs), {}, options, nullptr);
    TORCH_CHECK(
        got.library,
        "cladtorch: backward: the gradient is not finite with zeros for the outputs that have none, and there is "
        "no program without them: ",
        got.reason, "; differentiate the uncompiled function");
    return std::make_shared<const Program>(*got.library, names);
  };
}

void Specializer::build(const Job& job) {
  auto& s = *job.of;
  const auto& expected = job.first->expected;
  std::string reason;
  Obtained got;
  std::shared_ptr<const Program> program;
  try {
    got = obtain(s.graph, job.guards, options_, &cancel_);
    reason = got.reason;
    if (got.library)
      program = std::make_shared<const Program>(*got.library, s.input_names(), job.first->reach,
                                                part_of(s.graph, s.input_names()));
    if (program && options_.verify != Verify::off) {
      auto start = Clock::now();
      auto d = verify(*program, refs(job.examples), expected, options_.tolerance_factor);
      if (d.empty() && job.second)
        d = verify(*program, refs(job.perturbed), job.second->expected, options_.tolerance_factor);
      if (!d.empty()) reason = "the compiled program does not agree with LibTorch: " + d;
      got.phases.push_back({"verify", seconds_since(start)});
    }
  } catch (const std::exception& e) { reason = e.what(); }
  if (reason.empty()) reason = program ? s.misfit(program->meta()) : "no library";
  // A gradient that is zero whatever comes (of floor, of what fill_ wrote) may be missing, if verification saw that it
  // is.
  if (options_.verify == Verify::off && reason.empty())
    for (size_t i = 0; i < expected.requires_grad.size(); ++i)
      if (expected.requires_grad[i] && !program->meta().outputs[i].requires_grad)
        reason = "output " + std::to_string(i) + " requires a gradient that the library does not have";
  {
    std::lock_guard<std::mutex> lock(report_mutex_);
    auto& told = s.told;
    told.phases.insert(told.phases.end(), got.phases.begin(), got.phases.end());
    if (reason.empty()) {
      const auto& m = program->meta();
      told.engine = m.engine;
      told.reason.clear();
      told.from_cache = got.from_cache;
      told.verified = options_.verify != Verify::off;
      told.kernels = m.kernels;
      told.guards.insert(told.guards.end(), m.guards.begin(), m.guards.end());
      ++compiled_;
    }
    if (logs(Topic::perf))
      for (const auto& p : told.phases) log(Topic::perf, p.name + " " + std::to_string(p.seconds * 1e3) + " ms");
  }
  if (!reason.empty()) return refuse(s, reason);
  s.install(std::move(program), expected.requires_grad);
}

// ---- what there is to tell

Report Specializer::report() const {
  std::lock_guard<std::mutex> lock(report_mutex_);
  Report r;
  r.engine = "eager";
  r.reason = "not called yet";
  if (latest_) r = latest_->told;
  std::string others;
  for (const auto& other : others_) others += (others.empty() || other.empty() ? "" : "; and ") + other;
  if (!others.empty() && (!latest_ || r.reason.empty())) r.reason = others;
  r.recompiles = recompiles_;
  r.specializations = compiled_;
  r.pending = building_ > 0;
  return r;
}

std::string Specializer::graph() const {
  std::lock_guard<std::mutex> lock(report_mutex_);
  return latest_ ? latest_->graph : "";
}

void Specializer::wait() {
  std::vector<std::thread> running;
  {
    std::lock_guard<std::mutex> lock(workers_mutex_);
    running.swap(workers_);
  }
  for (auto& t : running) t.join();
}

void Specializer::stop() {
  cancel_ = true;
  wait();
}

}  // namespace cladtorch::detail
