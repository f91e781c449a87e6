// What must hold of a call for a specialisation to serve it.
#pragma once

#include <string>

#include <c10/util/SmallVector.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/types.h>

namespace cladtorch::detail {

// The thread's state that operators depend on.
struct Environment {
  uint64_t included, excluded;  // dispatch keys: autocast, inference mode, transforms
  bool grad;
  at::ScalarType default_dtype;

  static Environment current();
  bool operator==(const Environment& o) const {
    return included == o.included && excluded == o.excluded && grad == o.grad && default_dtype == o.default_dtype;
  }
  std::string difference(const Environment& now) const;
};

// Whether t carries a tangent of forward-mode differentiation, which no program computes with.
inline bool has_tangent(const at::Tensor& t) {
  auto* meta = static_cast<torch::autograd::AutogradMeta*>(t.unsafeGetTensorImpl()->autograd_meta());
  return meta && meta->fw_grad_ && !meta->fw_grad_->empty();
}

class TensorGuard {
 public:
  explicit TensorGuard(const at::Tensor& t);

  bool holds(const at::Tensor& t) const {
    auto* p = t.unsafeGetTensorImpl();
    return p->key_set() == keys_ && p->dtype() == dtype_ && p->sizes() == c10::IntArrayRef(sizes_) &&
           same_strides(p->strides()) && p->requires_grad() == requires_grad_ && has_tangent(t) == tangent_;
  }

  // Whether it asks for this type, shape and layout.
  bool is(at::ScalarType dtype, c10::IntArrayRef sizes, c10::IntArrayRef strides) const {
    return c10::typeMetaToScalarType(dtype_) == dtype && sizes == c10::IntArrayRef(sizes_) &&
           strides.size() == sizes_.size() && same_strides(strides);
  }

  // What differs and what to do about it: "shape [8, 5], was [4, 5]; ...".
  std::string difference(const at::Tensor& t) const;
  std::string text() const;

 private:
  bool same_strides(c10::IntArrayRef strides) const {
    for (size_t d = 0; d < sizes_.size(); ++d)
      if (strides[d] != strides_[d] && sizes_[d] != 1 && !empty_) return false;
    return true;
  }

  c10::DispatchKeySet keys_;
  caffe2::TypeMeta dtype_;
  bool requires_grad_;
  bool tangent_;
  bool empty_;
  c10::SmallVector<int64_t, 5> sizes_, strides_;
};

// Why no graph with this tensor can be compiled, or "".
std::string unfit(const at::Tensor& t);

}  // namespace cladtorch::detail
