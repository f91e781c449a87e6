// What serves calls of one kind: a program, or LibTorch for a reason.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <cladtorch/report.h>

#include "capture.h"
#include "guard.h"
#include "program.h"
#include "watch.h"

namespace cladtorch::detail {

struct Specialization {
  enum State { pending, compiled, refused, forgotten };

  // A variable of Options::captures, whether or not the callable computes with it: it may read its shape.
  struct CaptureGuard {
    const at::Tensor* variable;
    std::optional<TensorGuard> tensor;  // none: it was undefined
    size_t same_as;                     // the first variable that was the same tensor, itself at last
  };

  // Guards the calls that are like this one. What the callable is seen to do in it is yet to be filled in.
  Specialization(const Environment& now, const Tensors& inputs, const std::vector<const at::Tensor*>& variables,
                 Watch modules);

  // Whether it serves this call.
  bool matches(const Environment& now, const Tensors& inputs) const;
  // What of this call it is not for and what to do about it, or "".
  std::string difference(const Environment& now, const Tensors& inputs) const;
  // Whether two inputs share memory such that it matters.
  bool shares_memory(const Tensors& inputs) const { return shared_pair(inputs).first >= 0; }

  // Of the library, of which the lifted ones follow the arguments.
  TensorRefs all_inputs(const Tensors& inputs) const;
  std::vector<std::string> input_names() const;
  // Why a library is none for these calls, whatever a cache held, or "".
  std::string misfit(const Meta& m) const;

  // Takes the program into use, with the gradients that LibTorch's outputs had.
  void install(std::shared_ptr<const Program> p, std::vector<char> outputs_require_grad);

  // What the program's results do to the inputs, and what the caller gets of them.
  void copy_back(const TensorRefs& all, const Results& results) const;
  Results present(const TensorRefs& all, Results results) const;

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
  bool shared = false;       // its call's inputs share memory
  Report told;               // guarded by the mutex of its Specializer
  bool plain = false;        // the library's outputs are what the caller gets, and no input changes
  std::string why;           // none of before served the call
  bool failed = false;       // refused since the callable threw, which may be the trace's fault or its own
  std::once_flag warned, added;

  std::atomic<State> state{pending};
  std::shared_ptr<const Program> program;  // once compiled
  std::string reason;                      // once refused

 private:
  const at::Tensor& lifted_tensor(const LiftedInput& l) const {
    return l.source == LiftedInput::capture ? *captures[size_t(l.capture_index)].variable : l.tensor;
  }
  bool captures_match() const;
  std::string captures_difference() const;
  bool aliasing_matters() const;
  std::pair<int, int> shared_pair(const Tensors& inputs) const;
  std::string aliasing_difference(const Tensors& inputs) const;
};

using SpecializationPtr = std::shared_ptr<Specialization>;

}  // namespace cladtorch::detail
