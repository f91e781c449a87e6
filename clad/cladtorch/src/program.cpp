#include "program.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include <ATen/EmptyTensor.h>
#include <ATen/Functions.h>
#include <c10/core/CPUAllocator.h>

#include "blocks.h"
#include "host.h"

namespace cladtorch::detail {
namespace {

using Pointers = c10::SmallVector<void*, 16>;

at::Tensor empty(const Value& v) {
  size_t bytes = size_t(v.numel) * c10::elementSize(v.dtype);
  if (bytes == 0 || bytes > largest_block) return at::Tensor(at::detail::empty_cpu(v.shape, v.dtype));
  auto storage = c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), int64_t(bytes),
                                                       take_block(bytes), c10::GetCPUAllocator(), true);
  auto t = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(c10::DispatchKey::CPU),
                                                    c10::scalarTypeToTypeMeta(v.dtype));
  t.unsafeGetTensorImpl()->set_sizes_contiguous(v.shape);
  return t;
}

}  // namespace

TensorRefs refs(c10::ArrayRef<at::Tensor> tensors) {
  TensorRefs r;
  for (const auto& t : tensors) r.push_back(&t);
  return r;
}

void Saved::hold(const at::Tensor& t) {
  auto* p = t.unsafeGetTensorImpl();
  if (storage_.unsafeGetStorageImpl() != p->storage().unsafeGetStorageImpl()) storage_ = p->storage();
  static_assert(sizeof(c10::VariableVersion) == sizeof(void*),
                "a counted reference, which has no comparison of its own");
  if (std::memcmp(&version_, &p->version_counter(), sizeof version_) != 0) version_ = p->version_counter();
  // Inference tensors have no version; they cannot take part in a gradient either.
  if (version_.enabled()) at_ = version_.current_version();
  data_ = t.data_ptr();
  base_ = const_cast<void*>(static_cast<const void*>(storage_.data()));
}

bool Saved::intact() const {
  return (!version_.enabled() || version_.current_version() == at_) &&
         static_cast<const void*>(storage_.data()) == base_;
}

WorkspacePool::~WorkspacePool() {
  for (void* b : free_) std::free(b);
}

void* WorkspacePool::take() {
  if (bytes_ == 0) return nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!free_.empty()) {
      void* b = free_.back();
      free_.pop_back();
      return b;
    }
  }
  size_t a = std::max(alignment_, sizeof(void*));
  void* b = std::aligned_alloc(a, (bytes_ + a - 1) / a * a);
  if (!b) throw std::bad_alloc();
  return b;
}

void WorkspacePool::give(void* block) {
  if (!block) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (free_.size() < kept) return free_.push_back(block);
  }
  std::free(block);
}

Program::Program(Library library, std::vector<std::string> names, std::vector<std::vector<char>> reach, Part part)
    : library_(std::move(library)),
      names_(std::move(names)),
      reach_(std::move(reach)),
      part_(std::move(part)),
      pool_(std::make_shared<WorkspacePool>(library_.meta.workspace_bytes, library_.meta.alignment)) {
  auto asks = [](const Value& v) { return v.requires_grad; };
  const auto& m = library_.meta;
  has_gradient_ =
      std::any_of(m.inputs.begin(), m.inputs.end(), asks) && std::any_of(m.outputs.begin(), m.outputs.end(), asks);
}

void Program::check(int code, const char* sweep) const {
  if (code == CT_OK) return;
  if (code >= CT_ERROR_DATA) {
    size_t place = size_t(code - CT_ERROR_DATA);
    auto what = place < meta().assertions.size() ? meta().assertions[place] : "the data are out of range";
    if (auto file = std::string(graph_name) + ":"; what.rfind(file, 0) == 0)
      what = "line " + what.substr(file.size()) + " (of the graph, see graph())";
    TORCH_CHECK_INDEX(false, "cladtorch: ", what);
  }
  TORCH_CHECK(false, "cladtorch: the compiled ", sweep, " failed with code ", code);
}

void Program::run_forward(void* const* in, void* const* out, void* ws) const {
  auto h = host();
  check(library_.forward(&h, in, out, ws), "forward");
}

namespace {
void hold(c10::SmallVector<Saved, 2>& saved, const Results& tensors) {
  saved.resize(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) saved[i].hold(tensors[i]);
}
}  // namespace

Results Program::forward(const TensorRefs& inputs, Call* keep) const {
  const auto& m = meta();
  Pointers in, out;
  for (const auto* t : inputs) in.push_back(t->data_ptr());
  Results results;
  for (const auto& v : m.outputs) {
    results.push_back(empty(v));
    out.push_back(results.back().data_ptr());
  }
  if (!keep) {
    Workspace ws(pool_);
    run_forward(in.data(), out.data(), ws.data());
    return results;
  }
  if (!keep->workspace) keep->workspace = Workspace(pool_);
  run_forward(in.data(), out.data(), keep->workspace.data());
  keep->inputs.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) keep->inputs[i].hold(*inputs[i]);
  // The caller will write to these; backward reads the values of before.
  for (const auto& w : m.mutated) {
    const auto& t = *inputs[w.first];
    keep->inputs[w.first].hold(
        at::empty_strided(t.sizes(), t.strides(), t.options().requires_grad(false)).copy_(t.detach()));
  }
  hold(keep->outputs, results);
  keep->used = false;
  return results;
}

void Program::check_grad_output(size_t i, const at::Tensor& given) const {
  const auto& v = meta().outputs[i];
  TORCH_CHECK(given.sizes() == c10::IntArrayRef(v.shape) && given.scalar_type() == v.dtype,
              "cladtorch: backward: the gradient of output ", i, " is ", given.scalar_type(), " of shape ",
              given.sizes(), ", want ", v.dtype, " of shape ", c10::IntArrayRef(v.shape));
  TORCH_CHECK(given.device().is_cpu() && given.layout() == at::kStrided, "cladtorch: backward: the gradient of output ",
              i, " is not a dense tensor of the CPU");
}

// A second forward reads all inputs; a backward only some, as operators save only some in autograd.
void Program::check_intact(const Call& call, bool all) const {
  for (size_t i = 0; i < call.inputs.size(); ++i)
    TORCH_CHECK(call.inputs[i].intact() || (meta().inputs[i].unread && !all),
                "cladtorch: backward: ", i < names_.size() ? names_[i] : "an input",
                " was changed in place after the forward; ",
                "one of the variables needed for gradient computation has been modified by an inplace operation");
}

void* Program::grad_output(size_t i, const at::Tensor* given, Results& made) const {
  const auto& v = meta().outputs[i];
  if (!v.requires_grad) return nullptr;
  if (!given || !given->defined()) {
    made.push_back(at::zeros(v.shape, v.dtype));
    return made.back().data_ptr();
  }
  check_grad_output(i, *given);
  if (given->is_contiguous() && !given->is_conj() && !given->is_neg()) return given->data_ptr();
  made.push_back(given->detach().contiguous().resolve_neg());
  return made.back().data_ptr();
}

Wanted Program::reached(const TensorRefs& grad_outputs) const {
  Wanted all(meta().inputs.size(), 0);
  for (size_t i = 0; i < grad_outputs.size(); ++i) {
    if (!grad_outputs[i] || !grad_outputs[i]->defined()) continue;
    for (size_t j = 0; j < all.size(); ++j) all[j] = all[j] || i >= reach_.size() || reach_[i][j];
  }
  return all;
}

Results Program::backward(Call& call, const TensorRefs& grad_outputs, const Wanted& wanted) const {
  const auto& m = meta();
  if (!has_gradient_) return Results(m.inputs.size());
  Pointers in, out, gout, gin;
  bool again = call.used;
  for (const auto& o : call.outputs) again = again || !o.intact();
  check_intact(call, again);
  for (const auto& x : call.inputs) in.push_back(x.data());
  Results fresh;
  if (again) {
    // The caller changed an output, or this is a second backward: compute the values anew.
    for (const auto& v : m.outputs) fresh.push_back(empty(v));
    hold(call.outputs, fresh);
  }
  for (const auto& o : call.outputs) out.push_back(o.data());
  if (again) run_forward(in.data(), out.data(), call.workspace.data());
  Results made;
  for (size_t i = 0; i < m.outputs.size(); ++i)
    gout.push_back(grad_output(i, i < grad_outputs.size() ? grad_outputs[i] : nullptr, made));
  Results grads(m.inputs.size());
  for (size_t i = 0; i < m.inputs.size(); ++i) {
    if (m.inputs[i].requires_grad && (wanted.empty() || wanted[i])) grads[i] = empty(m.inputs[i]);
    gin.push_back(grads[i].defined() ? grads[i].data_ptr() : nullptr);
  }
  if (std::none_of(grads.begin(), grads.end(), [](const at::Tensor& g) { return g.defined(); })) return grads;
  call.used = true;
  auto h = host();
  check(library_.backward(&h, in.data(), out.data(), gout.data(), gin.data(), call.workspace.data()), "backward");
  return spoilt(grad_outputs, grads) ? backward_of_part(call, grad_outputs, wanted) : grads;
}

// The library takes a gradient that is not given for zeros. 0 times an infinite slope is NaN: then, and only then,
// what is asked for is not what was computed.
bool Program::spoilt(const TensorRefs& grad_outputs, const Results& grads) const {
  auto given = [](const at::Tensor* g) { return g && g->defined(); };
  bool missing = false;
  for (size_t i = 0; i < meta().outputs.size(); ++i)
    missing = missing || (meta().outputs[i].requires_grad && !(i < grad_outputs.size() && given(grad_outputs[i])));
  if (!missing || !part_ || std::none_of(grad_outputs.begin(), grad_outputs.end(), given)) return false;
  return std::any_of(grads.begin(), grads.end(), [](const at::Tensor& g) {
    return g.defined() && !std::isfinite(g.sum().item<double>());  // of finite ones the sum may be infinite too
  });
}

// Forward and backward again, by a program that has only the outputs with a gradient.
Results Program::backward_of_part(const Call& call, const TensorRefs& grad_outputs, const Wanted& wanted) const {
  check_intact(call, true);
  std::vector<char> outputs;
  TensorRefs given;
  for (size_t i = 0; i < grad_outputs.size(); ++i) {
    bool kept = grad_outputs[i] && grad_outputs[i]->defined(), returned = i < reach_.size();
    if (returned) outputs.push_back(kept);
    if (kept || !returned) given.push_back(grad_outputs[i]);  // what writes leave in inputs stays
  }
  std::shared_ptr<const Program> program;
  {
    std::lock_guard<std::mutex> lock(parts_mutex_);
    auto& slot = parts_[outputs];
    if (!slot) slot = part_(outputs);
    program = slot;
  }
  Results inputs;
  for (size_t i = 0; i < meta().inputs.size(); ++i) {
    const auto& v = meta().inputs[i];
    inputs.push_back(at::from_blob(call.inputs[i].data(), v.shape, v.strides, v.dtype));
  }
  Call again;
  program->forward(refs(inputs), &again);
  return program->backward(again, given, wanted);
}

}  // namespace cladtorch::detail
