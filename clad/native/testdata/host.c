/* A host for tests: parallel_for calls body twice on the calling thread. */
#include "cladopt_abi.h"

void halves(void* context, int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* arg) {
  (void)grain;
  ++*(int32_t*)context;
  body(arg, 0, n / 2);
  body(arg, n / 2, n);
}

#ifdef __SSE__
#include <xmmintrin.h>
int32_t control(void) { return (int32_t)(_mm_getcsr() & ~0x3fu); }
#endif
