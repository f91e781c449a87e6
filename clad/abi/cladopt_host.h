/* cladopt_host.h: what a program without LibTorch lends to the libraries of
 * cladopt_abi.h: its threads and its BLAS.
 *
 *   const ct_host host = cladopt_host(0);
 *   NAME_forward(&host, in, out, ws);
 *
 * Plain C99, and C++. Compiled with OpenMP (-fopenmp) it lends OpenMP's threads,
 * else none. Compiled with CLADOPT_HOST_BLAS it lends sgemm_ and dgemm_ of the
 * BLAS that the program is linked with, one with 32-bit integers; only libraries
 * made with --gemm=blas call them. How many threads the BLAS takes for itself is
 * said in its own way, such as OPENBLAS_NUM_THREADS.
 */
#ifndef CLADOPT_HOST_H
#define CLADOPT_HOST_H

#include "cladopt_abi.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#ifdef CLADOPT_HOST_BLAS
#ifdef __cplusplus
extern "C" {
#endif
void sgemm_(const char* transa, const char* transb, const int32_t* m, const int32_t* n, const int32_t* k,
            const float* alpha, const float* a, const int32_t* lda, const float* b, const int32_t* ldb,
            const float* beta, float* c, const int32_t* ldc);
void dgemm_(const char* transa, const char* transb, const int32_t* m, const int32_t* n, const int32_t* k,
            const double* alpha, const double* a, const int32_t* lda, const double* b, const int32_t* ldb,
            const double* beta, double* c, const int32_t* ldc);
#ifdef __cplusplus
}
#endif
#endif

#ifdef _OPENMP
/* At most as many chunks as there are threads, which context counts; all but the last of one size. */
static inline void cladopt_parallel_for(void* context, int64_t n, int64_t grain,
                                        void (*body)(void* arg, int64_t begin, int64_t end), void* arg) {
  const int64_t threads = (int64_t)(intptr_t)context;
  const int64_t even = n / threads + (n % threads != 0);
  const int64_t chunk = even > grain ? even : grain;
  if (n <= 0) return;
  if (n <= chunk) {
    body(arg, 0, n);
    return;
  }
  const int64_t chunks = n / chunk + (n % chunk != 0);
#pragma omp parallel for schedule(static, 1) num_threads((int)chunks)
  for (int64_t i = 0; i < chunks; ++i) body(arg, i * chunk, i + 1 < chunks ? (i + 1) * chunk : n);
}
#endif

/* The table for calls on so many threads, all that there are if it is 0. It needs no
 * release, and may serve several calls at once. */
static inline ct_host cladopt_host(int threads) {
  ct_host host = {CLADOPT_ABI_VERSION, 1, 0, 0, 0, 0};
#ifdef _OPENMP
  if (threads <= 0) threads = omp_get_max_threads();
  if (threads > 1) {
    host.threads = threads;
    host.context = (void*)(intptr_t)threads;
    host.parallel_for = cladopt_parallel_for;
  }
#else
  (void)threads;
#endif
#ifdef CLADOPT_HOST_BLAS
  host.sgemm = sgemm_;
  host.dgemm = dgemm_;
#endif
  return host;
}

#endif /* CLADOPT_HOST_H */
