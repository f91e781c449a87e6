#include "guard.h"

#include <sstream>

#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace cladtorch::detail {
namespace {

template <class... T>
std::string text_of(const T&... parts) {
  std::ostringstream s;
  (s << ... << parts);
  return s.str();
}

}  // namespace

Environment Environment::current() {
  auto keys = c10::impl::tls_local_dispatch_key_set();
  return {keys.included_.raw_repr(), keys.excluded_.raw_repr(), c10::GradMode::is_enabled(),
          c10::get_default_dtype_as_scalartype()};
}

std::string Environment::difference(const Environment& now) const {
  static const char* const remedy = "; compile a function for each, or call it in one mode";
  auto on = [](bool is) { return is ? "on" : "off"; };
  c10::DispatchKeySet in(c10::DispatchKeySet::RAW, included), in_now(c10::DispatchKeySet::RAW, now.included);
  c10::DispatchKeySet out(c10::DispatchKeySet::RAW, excluded), out_now(c10::DispatchKeySet::RAW, now.excluded);
  // Autocast's keys are excluded while it is off, and inference mode takes one away.
  bool autocast = !out.has(c10::DispatchKey::AutocastCPU), autocast_now = !out_now.has(c10::DispatchKey::AutocastCPU);
  bool inference = !in.has(c10::DispatchKey::ADInplaceOrView),
       inference_now = !in_now.has(c10::DispatchKey::ADInplaceOrView);
  if (autocast != autocast_now) return text_of("autocast is ", on(autocast_now), ", was ", on(autocast), remedy);
  if (inference != inference_now)
    return text_of("inference mode is ", on(inference_now), ", was ", on(inference), remedy);
  if (grad != now.grad) return text_of("grad mode is ", on(now.grad), ", was ", on(grad), remedy);
  if (default_dtype != now.default_dtype)
    return text_of("the default dtype is ", now.default_dtype, ", was ", default_dtype,
                   "; set it once, before compiling");
  if (*this == now) return "";
  return text_of("LibTorch's dispatch keys are ", in_now, " without ", out_now, ", were ", in, " without ", out,
                 remedy);
}

TensorGuard::TensorGuard(const at::Tensor& t)
    : keys_(t.key_set()),
      dtype_(t.dtype()),
      requires_grad_(t.requires_grad()),
      tangent_(has_tangent(t)),
      empty_(t.numel() == 0),
      sizes_(t.sizes().begin(), t.sizes().end()),
      strides_(t.strides().begin(), t.strides().end()) {}

std::string TensorGuard::difference(const at::Tensor& t) const {
  c10::IntArrayRef sizes(sizes_), strides(strides_);
  if (t.dtype() != dtype_) return text_of("dtype ", t.dtype(), ", was ", dtype_, "; convert with .to()");
  if (t.sizes() != sizes)
    return text_of("shape ", t.sizes(), ", was ", sizes,
                   "; pad or batch inputs to few shapes, or raise Options::max_specializations");
  if (t.key_set() != keys_)
    return text_of("dispatch keys ", t.key_set(), ", were ", keys_, "; pass tensors of one kind, made in one mode");
  if (!same_strides(t.strides()))
    return text_of("strides ", t.strides(), ", were ", strides, "; pass .contiguous() where layouts vary");
  if (t.requires_grad() != requires_grad_)
    return text_of("requires_grad is ", t.requires_grad() ? "true, was false" : "false, was true",
                   "; pass inputs with the same flag each time");
  if (has_tangent(t) != tangent_)
    return text_of("has ", tangent_ ? "no tangent, had one" : "a tangent, had none",
                   "; call the uncompiled function for forward-mode differentiation");
  return "";
}

std::string TensorGuard::text() const {
  return text_of(dtype_.name(), " ", c10::IntArrayRef(sizes_), " strides ", c10::IntArrayRef(strides_),
                 requires_grad_ ? " requires_grad" : "");
}

// Later versions have no names of dimensions.
template <class T>
auto has_names(const T& t, int) -> decltype(t.has_names()) {
  return t.has_names();
}
template <class T>
bool has_names(const T&, long) {
  return false;
}

std::string unfit(const at::Tensor& t) {
  if (!t.defined()) return "is undefined";
  if (t.layout() != at::kStrided) return text_of("has layout ", t.layout(), "; pass a dense tensor");
  if (!t.device().is_cpu()) return text_of("is on ", t.device(), "; only the CPU is supported");
  if (t.is_quantized()) return "is quantized";
  if (t.is_conj() || t.is_neg()) return "is a lazy conjugate or negation; pass .resolve_conj().resolve_neg()";
  if (t._is_zerotensor() || !t.has_storage()) return "has no storage";
  if (has_names(t, 0)) return "has named dimensions; pass .rename(c10::nullopt)";
  if (has_tangent(t)) return "has a tangent of forward-mode differentiation; call the uncompiled function";
  return "";
}

}  // namespace cladtorch::detail
