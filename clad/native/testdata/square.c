/* A library as cladopt makes them, by hand: y[i] = x[i] * x[i] for x of shape
 * [4] and strides [2], and count = the number of calls of parallel_for. The
 * macros spoil it. */
#include <stddef.h>
#include "cladopt_abi.h"

#ifdef MISSING
int32_t missing(void);
#define ABI missing()
#endif
#ifndef ABI
#define ABI CLADOPT_ABI_VERSION
#endif
#ifndef META
#define META \
  "{\"abi\":1,\"inputs\":[{\"dtype\":\"f32\",\"shape\":[4],\"strides\":[2],\"requires_grad\":true},"    \
  "{\"dtype\":\"i64\",\"shape\":[0],\"strides\":[1],\"requires_grad\":false}],"                        \
  "\"outputs\":[{\"dtype\":\"f32\",\"shape\":[4],\"requires_grad\":true},"                             \
  "{\"dtype\":\"i32\",\"shape\":[],\"requires_grad\":false}],\"mutated\":[],\"workspace_bytes\":128,"  \
  "\"alignment\":128,\"engine\":\"builtin\",\"pipeline\":\"grad-pairs\",\"guards\":[],\"sources\":[]," \
  "\"kernels\":[]}"
#endif

#ifndef NO_ABI
int32_t ct_abi(void) { return ABI; }
#endif

#ifndef NO_META
const char* ct_meta(void) { return META; }
#endif

typedef struct {
  const float* x;
  float* y;
  float* ws;
} arguments;

static void square(void* p, int64_t begin, int64_t end) {
  arguments* a = (arguments*)p;
  for (int64_t i = begin; i < end; i++) {
    a->ws[i] = 2 * a->x[2 * i];
    a->y[i] = a->x[2 * i] * a->x[2 * i];
  }
}

int ct_forward(const ct_host* host, void* const* in, void* const* out, void* ws) {
#ifdef RESULT
  return RESULT;
#endif
  if (host && host->version != CLADOPT_ABI_VERSION) return CT_ERROR_HOST;
  arguments a = {(const float*)in[0], (float*)out[0], (float*)ws};
  int32_t* count = (int32_t*)out[1];
  *count = 0;
  if (host && host->parallel_for) {
    host->parallel_for(host->context, 4, 1, square, &a);
    ++*count;
  } else {
    square(&a, 0, 4);
  }
  return CT_OK;
}

#ifndef NO_BACKWARD
int ct_backward(const ct_host* host, void* const* in, void* const* out, void* const* grad_out,
                void* const* grad_in, void* ws) {
  (void)in, (void)out;
#ifdef RESULT
  return RESULT;
#endif
  if (host && host->version != CLADOPT_ABI_VERSION) return CT_ERROR_HOST;
  if (!grad_in[0]) return CT_OK;
  for (int i = 0; i < 4; i++) ((float*)grad_in[0])[i] = ((float*)ws)[i] * ((float*)grad_out[0])[i];
  return CT_OK;
}
#endif

#ifdef SET_MXCSR
#include <xmmintrin.h>
__attribute__((constructor)) static void flush_denormals(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
#endif
