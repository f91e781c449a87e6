// Makes the specialisations of one compiled function, and finds the one that serves a call.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "specialization.h"

namespace cladtorch::detail {

// Names tensors that callers did not pass: parameters and buffers as their modules do, variables of
// Options::captures "captures.<i>", others "captured.<n>" in the order in which they are asked for.
class CapturedNames {
 public:
  CapturedNames(const std::vector<std::shared_ptr<torch::nn::Module>>& modules,
                const std::vector<const at::Tensor*>& variables);
  std::string next(const at::Tensor& t);

 private:
  std::unordered_map<const c10::TensorImpl*, std::string> known_;
  int unknown_ = 0;
};

class Specializer {
 public:
  Specializer(Callable c, Options o);
  ~Specializer() { stop(); }

  const Callable& callable() const { return callable_; }

  // What serves this call, and is made if there is none yet; null: LibTorch does. last, what served the thread's
  // call before, is tried first, and becomes it. Throws CompileError where LibTorch would serve and must not.
  const SpecializationPtr& find(SpecializationPtr& last, const Tensors& inputs);

  // Tells once that LibTorch serves the calls of s.
  void warn(Specialization& s) const;

  // run() for a call of kind s that LibTorch serves. If the callable threw under the trace and throws here too, it
  // was no fault of the trace: what it throws passes, and the next call tries again.
  template <class Run>
  auto by_libtorch(const SpecializationPtr& s, Run run) {
    if (!s || !s->failed) return run();
    try {
      auto out = run();
      accept(s);
      return out;
    } catch (...) {
      s->state.store(Specialization::forgotten, std::memory_order_release);
      throw;
    }
  }

  // The arguments that have a gradient if none asks for one, for calls of kind s, or none.
  std::vector<char> mark(const SpecializationPtr& s, const Tensors& inputs) const;

  CapturedNames names() const { return {watched_, options_.captures}; }
  Report report() const;
  std::string graph() const;

  void wait();  // for background compilations
  void stop();  // the same, soon

 private:
  // Readers take the table without a lock; tables live as long as this.
  using Table = std::vector<SpecializationPtr>;
  enum Other { unfit_input, over_limit };
  struct Job {
    SpecializationPtr of;
    std::shared_ptr<Capture> first;
    std::vector<std::string> guards;
    Tensors examples;                 // of all inputs
    std::shared_ptr<Capture> second;  // on perturbed, for Verify::strict
    Tensors perturbed;
  };

  SpecializationPtr miss(const Environment& now, const Tensors& inputs, const Specialization* last);
  std::string why_missed(const Environment& now, const Tensors& inputs, const Specialization* last) const;
  template <class Reason>
  void serve_others(Other kind, Reason reason);
  void complain(const SpecializationPtr& s) const;

  SpecializationPtr create(const Environment& now, const Tensors& inputs);
  Capture observe(const Tensors& inputs, std::vector<char>& mark) const;
  void name_lifted(Specialization& s) const;
  void build(const Job& job);
  Program::Part part_of(const std::string& graph, const std::vector<std::string>& names) const;
  void refuse(Specialization& s, const std::string& reason);
  void accept(const SpecializationPtr& s);
  void add(const SpecializationPtr& s);

  Callable callable_;
  Options options_;
  std::vector<std::shared_ptr<torch::nn::Module>> watched_;

  std::atomic<const Table*> table_{nullptr};
  std::vector<std::unique_ptr<const Table>> tables_;
  std::mutex create_mutex_;  // one specialisation is made at a time

  mutable std::mutex report_mutex_;
  SpecializationPtr latest_;  // the last that was made
  std::vector<std::string> recompiles_;
  int compiled_ = 0, building_ = 0;    // specialisations
  std::array<std::string, 2> others_;  // why LibTorch serves calls that no specialisation is made for
  std::array<std::atomic<bool>, 2> others_told_{};

  std::atomic<bool> cancel_{false};
  std::mutex workers_mutex_;
  std::vector<std::thread> workers_;
};

}  // namespace cladtorch::detail
