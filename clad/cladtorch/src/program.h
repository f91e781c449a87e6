// A compiled graph that can be called with LibTorch's tensors.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <c10/core/TensorImpl.h>
#include <c10/util/SmallVector.h>
#include <cladtorch/detail/function.h>

#include "library.h"

namespace cladtorch::detail {

using TensorRefs = c10::SmallVector<const at::Tensor*, 8>;
using Results = c10::SmallVector<at::Tensor, 4>;  // without an allocation, for calls that are short
using Wanted = c10::SmallVector<char, 16>;        // one an input

TensorRefs refs(c10::ArrayRef<at::Tensor> tensors);

// The memory of a tensor, held for backward without holding the tensor: a tensor that
// became part of the autograd graph would be a cycle.
class Saved {
 public:
  // Cheaper where it already holds the memory of t.
  void hold(const at::Tensor& t);
  void* data() const { return data_; }
  // The values are those of when this was made.
  bool intact() const;

 private:
  c10::Storage storage_;
  c10::VariableVersion version_{c10::VariableVersion::DISABLED};
  uint32_t at_ = 0;
  void* data_ = nullptr;
  void* base_ = nullptr;
};

// Blocks of one size and alignment that are used again.
class WorkspacePool {
 public:
  WorkspacePool(size_t bytes, size_t alignment) : bytes_(bytes), alignment_(alignment) {}
  ~WorkspacePool();
  void* take();
  void give(void* block);

 private:
  static constexpr size_t kept = 8;
  size_t bytes_, alignment_;
  std::mutex mutex_;
  std::vector<void*> free_;
};

class Workspace {
 public:
  Workspace() = default;
  explicit Workspace(std::shared_ptr<WorkspacePool> pool) : pool_(std::move(pool)), block_(pool_->take()) {}
  Workspace(Workspace&& o) noexcept : pool_(std::move(o.pool_)), block_(std::exchange(o.block_, nullptr)) {}
  Workspace& operator=(Workspace&& o) noexcept {
    std::swap(pool_, o.pool_);
    std::swap(block_, o.block_);
    return *this;
  }
  ~Workspace() {
    if (pool_) pool_->give(block_);
  }
  void* data() const { return block_; }
  explicit operator bool() const { return bool(pool_); }

 private:
  std::shared_ptr<WorkspacePool> pool_;
  void* block_ = nullptr;
};

// What one backward needs of its forward.
struct Call {
  c10::SmallVector<Saved, 4> inputs;
  c10::SmallVector<Saved, 2> outputs;
  Workspace workspace;
  bool used = false;  // a backward has written to the workspace
};

class Program {
 public:
  // names are those of its inputs, for messages. reach[i][j] is false where output i of the graph has no gradient of
  // input j; what is missing has all.
  // part makes the program of some outputs only, for gradients of them alone; without it there are none. It throws if
  // it cannot.
  using Part = std::function<std::shared_ptr<const Program>(const std::vector<char>& outputs)>;
  explicit Program(Library library, std::vector<std::string> names = {}, std::vector<std::vector<char>> reach = {},
                   Part part = {});

  const Meta& meta() const { return library_.meta; }
  bool has_gradient() const { return has_gradient_; }

  // The library's outputs, before changed inputs are copied back. Fills *keep if it is not null.
  // Throws if the data are bad (an index out of range).
  Results forward(const TensorRefs& inputs, Call* keep) const;

  // Whether the gradients of the outputs that have one here lead to each input.
  Wanted reached(const TensorRefs& grad_outputs) const;

  // The gradients of the inputs for which wanted is true (empty: all; and that have one), of the sum of
  // <grad_outputs[i], outputs[i]>; outputs whose grad_outputs are null or undefined have no part in them. Throws if an
  // input was changed since the forward.
  Results backward(Call& call, const TensorRefs& grad_outputs, const Wanted& wanted) const;

 private:
  void run_forward(void* const* in, void* const* out, void* ws) const;
  void check(int code, const char* sweep) const;
  void check_grad_output(size_t i, const at::Tensor& given) const;
  void check_intact(const Call& call, bool all) const;
  void* grad_output(size_t i, const at::Tensor* given, Results& made) const;
  bool spoilt(const TensorRefs& grad_outputs, const Results& grads) const;
  Results backward_of_part(const Call& call, const TensorRefs& grad_outputs, const Wanted& wanted) const;

  Library library_;
  std::vector<std::string> names_;
  std::vector<std::vector<char>> reach_;
  Part part_;
  mutable std::mutex parts_mutex_;
  mutable std::map<std::vector<char>, std::shared_ptr<const Program>> parts_;
  bool has_gradient_;
  std::shared_ptr<WorkspacePool> pool_;
};

}  // namespace cladtorch::detail
