/* cladopt_abi.h: the library that cladopt makes from a graph, and its caller.
 *
 * Every engine that makes a shared library makes one with these four functions. It has C linkage and no state: calls with different buffers and
 * workspaces may run at the same time. It starts no threads, brings no OpenMP
 * runtime, throws nothing, and leaves the floating-point environment alone.
 * It is never unloaded.
 *
 * Plain C99, and C++. This one text is the contract; the Go package clad/abi
 * mirrors it, and tests compare the two.
 */
#ifndef CLADOPT_ABI_H
#define CLADOPT_ABI_H

#include <stdint.h>

/* What ct_abi returns and what a caller writes to ct_host.version. */
#define CLADOPT_ABI_VERSION 1

/* What ct_forward and ct_backward return. Any other value is an error too. */
#define CT_OK 0
#define CT_ERROR_HOST 1     /* host is not NULL and its version is not CLADOPT_ABI_VERSION */
#define CT_ERROR_GRADIENT 2 /* ct_backward: the library was made without a gradient */
#define CT_ERROR_DATA 16    /* and up: what "assertions" of ct_meta says at place result - CT_ERROR_DATA,
                               such as an index in the data that is out of range. Nothing was read or
                               written out of bounds; outputs and gradients hold no meaningful values. */

#ifdef __cplusplus
extern "C" {
#endif

/* What the caller lends to the library for the time of one call. A NULL host
 * and NULL functions are legal: the library then runs serially and uses its own
 * loops. The library keeps no pointer to the table after the call. */
typedef struct ct_host {
  int32_t version; /* CLADOPT_ABI_VERSION */
  int32_t threads; /* how many threads the library may count on; 0 and 1: serial */

  void* context; /* for parallel_for, of no meaning to the library */

  /* Calls body(arg, begin, end) for disjoint chunks that together are [0, n),
   * possibly from several threads at once, and returns when all are done.
   * grain is the least chunk worth a task; n <= grain is one call, n <= 0 none.
   * body throws nothing and may call parallel_for itself (a host may then run
   * that serially). */
  void (*parallel_for)(void* context, int64_t n, int64_t grain,
                       void (*body)(void* arg, int64_t begin, int64_t end), void* arg);

  /* C = alpha*op(A)*op(B) + beta*C of column-major matrices, with the
   * arguments, meaning and Fortran calling convention of the reference BLAS'
   * SGEMM and DGEMM with 32-bit integers (LP64), hidden string lengths left
   * out: the address of a BLAS' sgemm_ can stand here. C is not read when
   * *beta is 0. trans is "N" or "T". The row-major product C = A*B is the
   * column-major C' = B'*A', so swap the operands. A library whose sizes exceed
   * INT32_MAX uses its own loops. */
  void (*sgemm)(const char* transa, const char* transb, const int32_t* m, const int32_t* n,
                const int32_t* k, const float* alpha, const float* a, const int32_t* lda,
                const float* b, const int32_t* ldb, const float* beta, float* c,
                const int32_t* ldc);
  void (*dgemm)(const char* transa, const char* transb, const int32_t* m, const int32_t* n,
                const int32_t* k, const double* alpha, const double* a, const int32_t* lda,
                const double* b, const int32_t* ldb, const double* beta, double* c,
                const int32_t* ldc);
} ct_host;

/* A library is compiled with -fvisibility=hidden: only these four are seen, and in a
 * package (--emit=package) the same four under a name of its own. */
#if defined(__GNUC__)
#define CT_EXPORT __attribute__((visibility("default")))
#else
#define CT_EXPORT
#endif

/* CLADOPT_ABI_VERSION of the header that the library was compiled with. */
CT_EXPORT int32_t ct_abi(void);

/* A JSON document, UTF-8, that lives as long as the process; its fields are
 * those of abi.Meta in the Go package clad/abi. Says what in, out, grad_out
 * and grad_in below have to be. */
CT_EXPORT const char* ct_meta(void);

/* Computes out from in.
 *
 * in[i] is the first element of input i, which has the strides of ct_meta;
 * out[i] is contiguous and is written in full. Both have the alignment of their
 * element type, and no out[i] overlaps another or an input. A tensor
 * without elements may be NULL, and so may a table without entries.
 *
 * No input is written: for {"input": i, "output": j} in "mutated", the caller
 * copies out[j] back to input i.
 *
 * ws has workspace_bytes and alignment of ct_meta (NULL if it is 0 bytes);
 * the caller owns it and need not clear it. */
CT_EXPORT int ct_forward(const ct_host* host, void* const* in, void* const* out, void* ws);

/* Computes the gradients of sum_i <grad_out[i], out[i]>.
 *
 * in, out and ws hold what they held when the ct_forward to which this belongs
 * returned: a caller that has since copied a mutated input back passes the
 * values of before. Of an input that ct_meta calls unread only the address counts.
 * ct_backward may write to ws but not to in, out or grad_out, so one forward call
 * serves one backward call.
 *
 * grad_out[i] is contiguous, of the type and shape of output i. An output that
 * contributes nothing gets zeros (times an infinite slope they are NaN: who wants
 * none of it compiles the graph without that output); only an output without requires_grad gets NULL.
 *
 * grad_in[i] is contiguous, of the type and shape of input i, and is stored in
 * full, not added to; NULL: not wanted. It is NULL for inputs without
 * requires_grad. */
CT_EXPORT int ct_backward(const ct_host* host, void* const* in, void* const* out,
                          void* const* grad_out, void* const* grad_in, void* ws);

#ifdef __cplusplus
}
#endif

#endif /* CLADOPT_ABI_H */
