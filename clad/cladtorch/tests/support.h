// What the tests share.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <string>

#include <ATen/autocast_mode.h>
#include <cladtorch/compile.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "verify.h"

namespace test {

using cladtorch::Options;
using torch::Tensor;
using Tensors = std::vector<Tensor>;

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

// Autocast is on while it lives.
struct Autocast {
  static void set(bool on) {
#if TORCH_VERSION_MAJOR == 1
    at::autocast::set_cpu_enabled(on);
#else
    at::autocast::set_autocast_enabled(at::kCPU, on);
#endif
  }
  Autocast() { set(true); }
  ~Autocast() {
    at::autocast::clear_cache();
    set(false);
  }
};

// A cache of its own for a test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cladtorch-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline bool single(const Tensors& all) {
  for (const auto& t : all)
    if (t.defined() && t.is_floating_point() && t.scalar_type() != torch::kDouble) return true;
  return false;
}

// By the tolerance of the file contract.
inline testing::AssertionResult agree(const Tensor& got, const Tensor& want, bool single_precision) {
  if (!want.defined() && !got.defined()) return testing::AssertionSuccess();
  if (!want.defined() || !got.defined()) {
    const auto& there = want.defined() ? want : got;
    if (there.numel() == 0 || there.abs().max().item<double>() == 0)
      return testing::AssertionSuccess();  // no gradient is a zero one
    return testing::AssertionFailure() << (want.defined() ? "missing: " : "unexpected: ") << there;
  }
  auto d = cladtorch::detail::difference(got.detach(), want.detach(), single_precision, 1);
  return d.empty() ? testing::AssertionSuccess() : testing::AssertionFailure() << d;
}

// The same values in other memory, with the same strides and overlaps.
inline Tensor copy_layout(const Tensor& t) {
  int64_t extent = t.numel() > 0;
  for (int64_t d = 0; d < t.dim() && extent; ++d) extent += (t.size(d) - 1) * t.stride(d);
  return t.detach().as_strided({extent}, {1}, t.storage_offset()).clone().as_strided(t.sizes(), t.strides(), 0);
}

// Inputs of a call of its own, which may write to them.
inline Tensors fresh(const Tensors& inputs) {
  Tensors out;
  for (const auto& t : inputs) out.push_back(copy_layout(t).requires_grad_(t.requires_grad()));
  return out;
}

inline Tensors seeded_like(const Tensors& outputs) {
  torch::manual_seed(7);
  Tensors g;
  for (const auto& o : outputs)
    g.push_back(o.defined() && o.requires_grad() ? torch::randn(o.sizes(), o.scalar_type()) : Tensor());
  return g;
}

inline Tensors eager_grads(const Tensors& outputs, const Tensors& inputs, const Tensors& grad_outputs) {
  Tensors o, g, in, out(inputs.size());
  std::vector<size_t> index;
  for (size_t i = 0; i < outputs.size(); ++i)
    if (grad_outputs[i].defined()) o.push_back(outputs[i]), g.push_back(grad_outputs[i]);
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].requires_grad()) in.push_back(inputs[i]), index.push_back(i);
  if (o.empty() || in.empty()) return out;
  auto d = torch::autograd::grad(o, in, g, true, false, true);
  for (size_t k = 0; k < d.size(); ++k) out[index[k]] = d[k];
  return out;
}

using Function = std::function<Tensors(Tensors)>;

struct Run {
  Tensors in, out, grads;
  std::string relations;  // of the outputs: gradients wanted, inputs and outputs that they are or are views of
};

inline std::string relations(const Tensors& in, const Tensors& out) {
  std::ostringstream s;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!out[i].defined()) continue;
    s << "  output " << i << (out[i].requires_grad() ? ", with a gradient" : "");
    for (size_t k = 0; k < in.size(); ++k)
      if (in[k].defined() && (out[i].is_same(in[k]) || (out[i].numel() > 0 && out[i].is_alias_of(in[k]))))
        s << (out[i].is_same(in[k]) ? ", input " : ", in memory of input ") << k;
    for (size_t k = 0; k < i; ++k)
      if (out[k].defined() && out[i].is_same(out[k])) s << ", output " << k;
    s << "\n";
  }
  return s.str();
}

// One call of f with inputs of its own, and the gradients of it.
template <class F>
Run run(F&& f, Tensors inputs) {
  Run r;
  r.in = std::move(inputs);
  r.out = f(r.in);
  r.relations = relations(r.in, r.out);
  r.grads = eager_grads(r.out, r.in, seeded_like(r.out));
  for (auto* list : {&r.in, &r.out})
    for (auto& t : *list)
      if (t.defined()) t = t.detach();
  return r;
}

inline Tensors in_double(const Tensors& inputs) {
  Tensors out;
  for (const auto& t : inputs)
    out.push_back(t.is_floating_point() ? t.detach().to(torch::kDouble).requires_grad_(t.requires_grad()) : t);
  return out;
}

// Whether LibTorch's own result in single precision, one of many that other roundings could give, is off by more than
// a sixteenth of the tolerance: by more than five units in the last place. What is computed so cannot be judged in
// single precision.
inline bool differ_by_rounding(const Run& rounded, const Run& exact) {
  for (auto [x, y] : {std::pair(&rounded.out, &exact.out), std::pair(&rounded.grads, &exact.grads),
                      std::pair(&rounded.in, &exact.in)})
    for (size_t i = 0; i < x->size(); ++i) {
      const auto &a = (*x)[i], &b = (*y)[i];
      if (a.defined() && b.defined() && !cladtorch::detail::difference(a.to(b.scalar_type()), b, true, 1. / 16).empty())
        return true;
    }
  return false;
}

// Whether f magnifies the rounding of single precision.
inline bool magnifies_rounding(const Function& f, const Tensors& inputs) {
  return differ_by_rounding(run(f, fresh(inputs)), run(f, in_double(inputs)));
}

enum Served { by_program, by_anyone };

// Compiles f, requires that it was compiled unless served by_anyone, and holds forward, backward, operator() and its
// gradients against LibTorch.
inline void expect_like_eager(Function f, const Tensors& inputs, Served served = by_program) {
  auto compiled = cladtorch::compile(f, inputs);
  if (served == by_program) { ASSERT_NE(compiled.report().engine, "eager") << compiled.report() << compiled.graph(); }
  auto in = fresh(inputs);
  auto want = f(in);
  auto grad_outputs = seeded_like(want);
  auto want_grads = eager_grads(want, in, grad_outputs);
  bool s = single(inputs) || single(want);
  auto given = fresh(inputs);
  auto got = compiled.forward_all(given);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(agree(got[i], want[i], s)) << "forward output " << i;
  bool any = false;
  for (const auto& t : inputs) any = any || t.requires_grad();
  if (any) {
    auto grads = compiled.backward_all(grad_outputs);
    for (size_t i = 0; i < grads.size(); ++i)
      EXPECT_TRUE(agree(grads[i], want_grads[i], s)) << "backward of input " << i;
  }
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_TRUE(agree(given[i].detach(), in[i].detach(), s)) << "input " << i << " after forward";
  auto in2 = fresh(inputs);
  auto called = compiled(in2);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_TRUE(agree(in2[i].detach(), in[i].detach(), s)) << "input " << i << " after the call";
  ASSERT_EQ(called.size(), want.size());
  for (size_t i = 0; i < called.size(); ++i) {
    EXPECT_TRUE(agree(called[i], want[i], s)) << "output " << i;
    if (want[i].defined()) { EXPECT_EQ(called[i].requires_grad(), want[i].requires_grad()) << "output " << i; }
  }
  auto called_grads = eager_grads(called, in2, grad_outputs);
  for (size_t i = 0; i < called_grads.size(); ++i)
    EXPECT_TRUE(agree(called_grads[i], want_grads[i], s)) << "gradient of input " << i;
}

// Requires that f is left to LibTorch, with reason in the report, and still gives what it gives.
inline void expect_refused(Function f, const Tensors& inputs, const std::string& reason, Options options = {}) {
  torch::manual_seed(11);
  auto compiled = cladtorch::compile(f, inputs, options);
  auto r = compiled.report();
  EXPECT_EQ(r.engine, "eager");
  EXPECT_NE(r.reason.find(reason), std::string::npos) << "reason: " << r.reason;
  torch::manual_seed(11);
  auto got = compiled(inputs);
  torch::manual_seed(11);
  auto want = f(inputs);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(agree(got[i], want[i], true)) << "output " << i;
  auto strict = options;
  strict.fallback = false;
  EXPECT_THROW(cladtorch::compile(f, inputs, strict), cladtorch::CompileError);
}

// Requires the parts of a message: the new value, the old one, the remedy.
inline void expect_told(const std::string& got, const std::vector<std::string>& parts) {
  for (const auto& p : parts) EXPECT_TRUE(has(got, p)) << "\"" << got << "\" says nothing of \"" << p << "\"";
}

// What f throws says.
inline std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::exception& e) { return e.what(); }
  return "";
}

struct Net : torch::nn::Module {
  torch::nn::Linear a{nullptr}, b{nullptr};
  Net() {
    a = register_module("a", torch::nn::Linear(6, 8));
    b = register_module("b", torch::nn::Linear(8, 3));
  }
  Tensor forward(Tensor x) { return b(torch::relu(a(x))); }
};

inline Tensors one(Tensor t) { return {std::move(t)}; }

inline Tensor leaf(torch::IntArrayRef sizes, torch::Dtype dtype = torch::kFloat) {
  return torch::randn(sizes, dtype).requires_grad_();
}

}  // namespace test
