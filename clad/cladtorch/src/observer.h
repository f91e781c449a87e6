// Watches the operators that a callable runs while LibTorch's tracer records it.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <ATen/record_function.h>
#include <torch/csrc/autograd/edge.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/types.h>

namespace cladtorch::detail {

// A tensor that the callable did not take as an argument and that became an input.
struct Lifted {
  at::Tensor tensor;
  // It was made inside the callable where the tracer does not look, such as by
  // torch::tensor({1, 2}): a constant.
  bool frozen;
  const c10::StorageImpl* origin;  // what it was in the callable
  std::string where;               // the operator that read it first
  bool written = false;            // there, if it is frozen
};

// The storage of a tensor from outside as it was before the callable wrote to it.
struct Snapshot {
  c10::Storage storage;
  std::vector<char> bytes;
};

// While it lives, the operators of this thread are watched. The tracer's text is the
// graph; what it cannot show is found here: tensors from outside become inputs of
// the graph before the tracer would make them constants, and operators whose
// result depends on values that the graph cannot follow are noted.
class Observer {
 public:
  // inputs are the traced arguments.
  explicit Observer(const std::vector<at::Tensor>& inputs);
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // Stops watching; outputs are lifted if they are from outside.
  void finish(const std::vector<at::Tensor>& outputs);

  // The first thing that forbids compiling, or "".
  const std::string& refusal() const { return refusal_; }
  bool drew_random_numbers() const { return random_; }
  std::vector<Lifted>& lifted() { return lifted_; }
  bool wrote(const at::Tensor& t) const;

  // Puts back what the callable wrote to tensors from outside, and the states of the generators it drew from.
  void restore();

 private:
  static std::unique_ptr<at::ObserverContext> started(const at::RecordFunction& fn);
  static void ended(const at::RecordFunction& fn, at::ObserverContext*);

  void start(const at::RecordFunction& fn);
  void end(const at::RecordFunction& fn);
  void judge(const at::RecordFunction& fn, const std::string& name);
  void lift(const at::Tensor& t);
  void note_writes(const at::RecordFunction& fn, const std::string& name);
  using NodePtr = decltype(torch::autograd::Edge::function);
  bool takes_gradient(const at::Tensor& t);
  bool flows(const NodePtr& node);
  void tell_gradient(const at::Tensor& t);
  void keep(const at::Tensor& t);
  void keep_generators(const at::RecordFunction& fn);
  std::string where(const std::string& op) const;
  void refuse(std::string reason);

  at::CallbackHandle handle_ = 0;
  bool watching_ = false;
  bool grad_ = at::GradMode::is_enabled();  // of the function as a whole
  bool busy_ = false;                       // operators of the observer itself are not watched
  int depth_ = 0;
  int operators_ = 0;           // that the callable has called
  std::string running_, last_;  // the one that runs, the one before
  bool depends_ = false;        // the running operator reads what is no constant
  std::string refusal_;
  bool random_ = false;
  std::vector<Lifted> lifted_;
  std::vector<Snapshot> snapshots_;
  std::vector<std::pair<at::Generator, at::Tensor>> generators_;  // that the callable named, and their states
  std::unordered_set<const c10::StorageImpl*> outside_;           // storages of inputs and lifted tensors
  // Storages of results, and whether they depend on tensors from outside: others are
  // constants. The weak references keep the addresses from being used again.
  std::unordered_map<const c10::StorageImpl*, bool> made_;
  std::vector<c10::weak_intrusive_ptr<c10::StorageImpl>> weak_;
  std::map<NodePtr, bool> flows_;  // what is known of autograd's nodes
};

}  // namespace cladtorch::detail
