#ifndef _OPENMP
#error "host.cpp must be compiled with OpenMP: at::parallel_for is serial without it"
#endif
#include "host.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/types.h>

namespace cladtorch::detail {
namespace {

void parallel_for(void*, int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* arg) {
  at::parallel_for(0, n, grain < 1 ? 1 : grain, [=](int64_t begin, int64_t end) { body(arg, begin, end); });
}

// LibTorch's own BLAS: a global symbol, or one that libtorch_cpu or a library it needs has
// when LibTorch was loaded by a program that kept its names local.
void* blas(const char* name) {
  if (void* s = dlsym(RTLD_DEFAULT, name)) return s;
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&at::get_num_threads), &info) || !info.dli_fname) return nullptr;
  void* handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  return handle ? dlsym(handle, name) : nullptr;
}

}  // namespace

ct_host host() {
  static const auto sgemm = reinterpret_cast<decltype(ct_host::sgemm)>(blas("sgemm_"));
  static const auto dgemm = reinterpret_cast<decltype(ct_host::dgemm)>(blas("dgemm_"));
  ct_host h;
  h.version = CLADOPT_ABI_VERSION;
  h.threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  h.context = nullptr;
  h.parallel_for = parallel_for;
  h.sgemm = sgemm;
  h.dgemm = dgemm;
  return h;
}

}  // namespace cladtorch::detail
