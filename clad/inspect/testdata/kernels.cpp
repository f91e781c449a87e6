// Kernels in the form that backend/cpp emits, most of them made so that they are not vectorised.
#include <stdint.h>
#include <stdlib.h>

extern "C" float lgammaf(float);

// saxpy (k.graph:1)
__attribute__((noinline)) static void saxpy(const float *__restrict x0, float *__restrict y0) {
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:1
    y0[i] = y0[i] + 3.0f * x0[i];
  }
}

// recurrence (k.graph:2)
__attribute__((noinline)) static void recurrence(const float *__restrict x0, float *__restrict y0) {
  float acc0 = 0.0f;
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:2
    acc0 = acc0 * 0.5f + x0[i];
    y0[i] = acc0;
  }
}

// call (k.graph:3)
__attribute__((noinline)) static void call(const float *__restrict x0, float *__restrict y0) {
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:3
    y0[i] = lgammaf(x0[i]);
  }
}

// search (k.graph:4)
__attribute__((noinline)) static int search(const float *__restrict x0) {
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:4
    if (x0[i] > 1.0f) return 1;
  }
  return 0;
}

// gather (k.graph:5)
__attribute__((noinline)) static void gather(const float *__restrict x0, const int64_t *__restrict x1, float *__restrict y0) {
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:5
    y0[i] = x0[x1[i]] * 2.0f;
  }
}

// heap (k.graph:6)
__attribute__((noinline)) static void heap(const float *__restrict x0, float *__restrict y0) {
  for (int64_t i = 0; i < 64; ++i) {  //@ k.graph:6
    float *volatile p = (float *)malloc(64);
    *p = x0[i];
    y0[i] = *p;
    free(p);
  }
}

// pressure (k.graph:7)
__attribute__((noinline)) static void pressure(const float *__restrict x0, float *__restrict y0) {
  float acc0 = 0.0f;
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:7
    acc0 = acc0 * 0.5f + lgammaf(x0[i]);  // acc0 is on the stack during the call
  }
  y0[0] = acc0;
}

// small (k.graph:9)
__attribute__((noinline)) static void small(const float *__restrict x0, float *__restrict y0) {
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:9
    for (int64_t j = 0; j < 4; ++j) {  //@ k.graph:9
      y0[i * 4 + j] = x0[i * 4 + j] * x0[i * 4 + j];
    }
  }
}

// twice (k.graph:10)
static inline void twice(const float *__restrict x0, float *__restrict y0) {
  for (int64_t i = 0; i < 4096; ++i) {  //@ k.graph:10
    y0[i] = x0[i] + x0[i];
  }
}

extern "C" int ct_forward(void *const *in, void *const *out) {
  saxpy((float *)in[0], (float *)out[0]);
  recurrence((float *)in[0], (float *)out[0]);
  call((float *)in[0], (float *)out[0]);
  gather((float *)in[0], (int64_t *)in[1], (float *)out[0]);
  heap((float *)in[0], (float *)out[0]);
  pressure((float *)in[0], (float *)out[0]);
  small((float *)in[0], (float *)out[0]);
  twice((float *)in[0], (float *)out[0]);
  return search((float *)in[0]);
}
