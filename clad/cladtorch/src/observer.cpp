// record_function.h has members that exist only without NDEBUG: with the layout of a
// debug build this file would read past the objects of the release LibTorch.
#ifndef NDEBUG
#error "observer.cpp must be compiled with NDEBUG, as LibTorch is"
#endif
#include "observer.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/variable.h>

namespace cladtorch::detail {
namespace {

using Names = std::unordered_set<std::string_view>;

// Read a value into C++: the graph cannot follow what is done with it.
const Names value_readers = {"aten::item", "aten::_local_scalar_dense", "aten::equal", "aten::is_nonzero",
                             "aten::allclose"};

// The shape of the result depends on values.
const Names data_shaped = {
    "aten::nonzero",       "aten::nonzero_numpy", "aten::argwhere",           "aten::_unique",
    "aten::_unique2",      "aten::unique_dim",    "aten::unique_consecutive", "aten::unique_dim_consecutive",
    "aten::masked_select", "aten::bincount",      "aten::combinations"};

const Names random_draws = {"aten::bernoulli",
                            "aten::bernoulli_",
                            "aten::binomial",
                            "aten::cauchy_",
                            "aten::exponential_",
                            "aten::feature_dropout",
                            "aten::geometric_",
                            "aten::log_normal_",
                            "aten::multinomial",
                            "aten::native_dropout",
                            "aten::normal",
                            "aten::normal_",
                            "aten::poisson",
                            "aten::rand",
                            "aten::rand_like",
                            "aten::randint",
                            "aten::randint_like",
                            "aten::randn",
                            "aten::randn_like",
                            "aten::random_",
                            "aten::randperm",
                            "aten::rrelu_with_noise",
                            "aten::rrelu_with_noise_",
                            "aten::uniform_",
                            "aten::_fused_dropout",
                            "aten::_sample_dirichlet",
                            "aten::_standard_gamma"};

thread_local Observer* current = nullptr;

struct Busy {
  explicit Busy(bool& flag) : flag(flag) { flag = true; }
  ~Busy() { flag = false; }
  bool& flag;
};

// Composite operators pass tensors below the tracer, which it must not see.
bool tracer_is_off() {
  return c10::impl::tls_local_dispatch_key_set().excluded_.has(c10::DispatchKey::Tracer) ||
         !torch::jit::tracer::isTracing();
}

template <class F>
void each_tensor(const c10::IValue& v, F f) {
  if (v.isTensor()) {
    f(v.toTensor());
  } else if (v.isTensorList()) {
    for (const at::Tensor& t : v.toTensorVector()) f(t);
  } else if (v.isList()) {
    for (const c10::IValue& e : v.toListRef())
      if (e.isTensor()) f(e.toTensor());
  }
}

const c10::StorageImpl* storage_of(const at::Tensor& t) {
  return t.defined() && t.has_storage() ? t.storage().unsafeGetStorageImpl() : nullptr;
}

// x.add_(y) and add(x, y, out=z), by their names; not what changes flags alone.
bool is_write(const at::RecordFunction& fn) {
  auto op = fn.operator_name();
  return op && op->name != "aten::requires_grad_" && op->name != "aten::detach_" &&
         (op->name.back() == '_' || op->overload_name.find("out") != std::string::npos);
}

// Whether a normalisation takes its statistics from the input; if its schema does not tell, it may.
bool trains(const at::RecordFunction& fn) {
  auto schema = c10::Dispatcher::singleton().findSchema(*fn.operator_name());
  auto inputs = fn.inputs();
  if (schema)
    for (const char* flag : {"training", "train", "use_input_stats"})
      if (auto i = schema->schema().argumentIndexWithName(flag);
          i && size_t(*i) < inputs.size() && inputs[size_t(*i)].isBool())
        return inputs[size_t(*i)].toBool();
  return true;
}

// Whether an operand of a normalisation may be a running statistic.
bool is_statistic(const at::RecordFunction& fn, size_t operand) {
  auto schema = c10::Dispatcher::singleton().findSchema(*fn.operator_name());
  return !schema || schema->schema().arguments().at(operand).name().rfind("running_", 0) == 0;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

Observer::Observer(const std::vector<at::Tensor>& inputs) {
  for (const auto& t : inputs)
    if (auto s = storage_of(t)) outside_.insert(s);
  TORCH_CHECK(!current, "cladtorch: a trace inside of a trace");
  handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(&Observer::started, &Observer::ended)
                                           .needsInputs(true)
                                           .needsOutputs(true)
                                           .scopes({at::RecordScope::FUNCTION}));
  current = this;
  watching_ = true;
}

Observer::~Observer() {
  if (!watching_) return;
  current = nullptr;
  at::removeCallback(handle_);
}

void Observer::finish(const std::vector<at::Tensor>& outputs) {
  running_.clear();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto& t = outputs[i];
    if (!t.defined()) continue;
    lift(t);
    if (t.requires_grad() && !takes_gradient(t))
      refuse(
          "output " + std::to_string(i) +
          " says that it requires a gradient, but comes from views that were taken under no_grad; return a detach()");
  }
  flows_.clear();
  current = nullptr;
  at::removeCallback(handle_);
  watching_ = false;
}

std::unique_ptr<at::ObserverContext> Observer::started(const at::RecordFunction& fn) {
  if (current && !current->busy_) current->start(fn);
  return nullptr;
}

void Observer::ended(const at::RecordFunction& fn, at::ObserverContext*) {
  if (current && !current->busy_) current->end(fn);
}

void Observer::start(const at::RecordFunction& fn) {
  std::string name = fn.name();
  if (++depth_ == 1) {
    ++operators_;
    last_ = std::exchange(running_, name);
  }
  judge(fn, name);
  // Only operators that the callable calls itself are nodes of the graph.
  if (depth_ > 1) return;
  try {
    depends_ = false;
    for (const auto& v : fn.inputs())
      each_tensor(v, [&](const at::Tensor& t) {
        auto made = made_.find(storage_of(t));
        depends_ = depends_ || (t.defined() && !t.unsafeGetTensorImpl()->is_wrapped_number() &&
                                (made == made_.end() || made->second));
      });
    if (tracer_is_off()) return;
    for (const auto& v : fn.inputs()) each_tensor(v, [&](const at::Tensor& t) { lift(t); });
    note_writes(fn, name);
  } catch (const std::exception& e) {
    refuse(where(name) + ": " + e.what());  // LibTorch would swallow it
  }
}

void Observer::end(const at::RecordFunction& fn) {
  if (--depth_ > 0 || !torch::jit::tracer::isTracing()) return;
  for (const auto& v : fn.outputs())
    each_tensor(v, [&](const at::Tensor& t) {
      if (t.defined()) tell_gradient(t);
      auto s = storage_of(t);
      if (!s || outside_.count(s)) return;
      auto [it, fresh] = made_.emplace(s, depends_);
      if (fresh) weak_.push_back(t.storage().getWeakStorageImpl());
      it->second = it->second || depends_;
    });
}

// A view that is taken without gradients says that it requires one, as its base does, while none flows into it or what
// is computed from it.
bool Observer::takes_gradient(const at::Tensor& t) {
  auto node = t.grad_fn();
  return node ? flows(node) : torch::autograd::impl::get_autograd_meta(t)->requires_grad_;  // a leaf's own
}

// Whether a gradient that a node is given gets to a leaf.
bool Observer::flows(const NodePtr& node) {
  if (auto known = flows_.find(node); known != flows_.end()) return known->second;
  const auto& edges = node->next_edges();
  bool any = edges.empty();  // it accumulates for a leaf
  for (const auto& e : edges) any = any || (e.is_valid() && flows(e.function));
  return flows_[node] = any;
}

// The tracer records the type of a convolution's result before autograd has seen it.
void Observer::tell_gradient(const at::Tensor& t) {
  auto& state = torch::jit::tracer::getTracingState();
  if (!t.requires_grad() || !state->hasValue(t)) return;
  auto* v = state->getValue(t);
  auto type = v->type()->cast<c10::TensorType>();
  bool takes = true;
  try {
    takes = takes_gradient(t);
  } catch (const std::exception& e) {  // autograd does not tell of views that were written beside under no_grad
    refuse(where(running_) + ": " + e.what());
  }
  if (type && (!takes || v->node()->kind() == c10::Symbol::fromQualString("aten::_convolution")))
    v->setType(type->withRequiresGrad(takes));
}

void Observer::judge(const at::RecordFunction& fn, const std::string& name) {
  // Operators themselves read values where that does not change the graph (fill_ of a
  // 0-d tensor), so readers count only where the callable calls them, and operators whose
  // shape depends on values only where they become nodes: the importer knows the others.
  if (depth_ == 1 && value_readers.count(name))
    refuse(where(name) +
           ": the function depends on values, which the graph does not show; compute with tensors "
           "(torch::where) or leave this part out of the compiled function");
  else if (data_shaped.count(name) && (depth_ == 1 || !tracer_is_off()))
    refuse(where(name) +
           ": the shape of the result depends on values; use a mask with torch::where, or leave this part out of the "
           "compiled function");
  else if (name == "aten::lift_fresh" && fn.inputs()[0].isTensor() && fn.inputs()[0].toTensor().requires_grad() &&
           fn.inputs()[0].toTensor().is_leaf())
    refuse(where(name) +
           ": gives a tensor that the gradient is taken of another history, which hides what was computed with it "
           "before; leave it out");
  else if (random_draws.count(name)) {
    random_ = true;
    keep_generators(fn);
    refuse(where(name) +
           ": random numbers are drawn inside; draw them outside and pass them as an input (dropout: call eval())");
  }
}

// An operator and its place in the run, which has no lines: what is refused may be missing in the graph.
std::string Observer::where(const std::string& op) const {
  if (running_.empty()) return "the result";
  auto number = "operator " + std::to_string(operators_) + " of the run";
  if (op != running_) return op + " (in " + running_ + ", " + number + ")";
  return op + " (" + number + (last_.empty() ? ")" : ", after " + last_ + ")");
}

void Observer::lift(const at::Tensor& t) {
  auto& state = torch::jit::tracer::getTracingState();
  if (!t.defined() || t.unsafeGetTensorImpl()->is_wrapped_number() || state->hasValue(t)) return;
  Busy busy(busy_);
  auto s = storage_of(t);
  auto made = made_.find(s);
  if (!s || t.layout() != at::kStrided || !t.device().is_cpu())
    return refuse(where(running_) + ": a captured tensor is not a dense tensor of the CPU");
  if (made != made_.end() && made->second)
    return refuse(where(running_) +
                  ": a tensor shares memory with a traced one without the tracer's knowledge "
                  "(x.data(), x.tensor_data()); use x.detach()");
  bool frozen = made != made_.end();
  if (frozen && t.requires_grad())
    return refuse(where(running_) + ": a tensor made inside the function requires a gradient; make it outside");
  // A constant is copied: the function may write to it later.
  c10::impl::ExcludeDispatchKeyGuard no_tracer(c10::DispatchKey::Tracer);
  at::Tensor value = frozen ? t.detach().clone() : t;
  auto* v = state->graph->addInput();
  v->inferTypeFrom(frozen ? value : t);
  state->setValue(t, v);
  if (!frozen) outside_.insert(s);
  if (auto node = t.grad_fn()) flows_[node] = true;  // its history is not this run's
  lifted_.push_back({value, frozen, s, where(running_)});
}

void Observer::note_writes(const at::RecordFunction& fn, const std::string& name) {
  auto op = fn.operator_name();
  if (!op) return;
  auto inputs = fn.inputs();
  // Training normalisation writes the running statistics, which its schema hides.
  if (ends_with(name, "batch_norm") || ends_with(name, "instance_norm")) {
    if (!trains(fn)) return;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (is_statistic(fn, i)) each_tensor(inputs[i], [&](const at::Tensor& t) { keep(t); });
    return;
  }
  if (!is_write(fn)) return;
  auto schema = c10::Dispatcher::singleton().findSchema(*op);
  if (!schema) return;
  const auto& arguments = schema->schema().arguments();
  for (size_t i = 0; i < arguments.size() && i < inputs.size(); ++i)
    if (arguments[i].alias_info() && arguments[i].alias_info()->isWrite())
      each_tensor(inputs[i], [&](const at::Tensor& t) {
        if (grad_ && !at::GradMode::is_enabled() && t.defined() && t.requires_grad())
          refuse(name +
                 ": writes without gradients (NoGradGuard) to a tensor that has one, which LibTorch leaves as it was "
                 "before the write; "
                 "write to a clone(), or outside of the compiled function");
        keep(t);
      });
}

void Observer::keep(const at::Tensor& t) {
  auto s = storage_of(t);
  if (!s) return;
  for (auto& l : lifted_) l.written = l.written || (l.frozen && l.origin == s);
  if (!outside_.count(s)) return;
  for (const auto& k : snapshots_)
    if (k.storage.unsafeGetStorageImpl() == s) return;
  auto* data = static_cast<const char*>(s->data());
  snapshots_.push_back({t.storage(), std::vector<char>(data, data + s->nbytes())});
}

void Observer::keep_generators(const at::RecordFunction& fn) {
  for (const auto& v : fn.inputs()) {
    if (!v.isGenerator()) continue;
    auto g = v.toGenerator();
    bool known = std::any_of(generators_.begin(), generators_.end(), [&](const auto& k) { return k.first == g; });
    if (!g.defined() || known) continue;
    std::lock_guard<std::mutex> lock(g.mutex());
    generators_.emplace_back(g, g.get_state());
  }
}

bool Observer::wrote(const at::Tensor& t) const {
  auto s = storage_of(t);
  for (const auto& k : snapshots_)
    if (k.storage.unsafeGetStorageImpl() == s) return true;
  return false;
}

void Observer::restore() {
  for (auto& [g, state] : generators_) {
    std::lock_guard<std::mutex> lock(g.mutex());
    g.set_state(state);
  }
  for (auto& k : snapshots_)
    if (!k.bytes.empty())
      std::memcpy(const_cast<void*>(static_cast<const void*>(k.storage.data())), k.bytes.data(), k.bytes.size());
}

void Observer::refuse(std::string reason) {
  if (refusal_.empty()) refusal_ = std::move(reason);
}

}  // namespace cladtorch::detail
