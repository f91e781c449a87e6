package cpp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/backend/cpp"
)

func TestReadTrace(t *testing.T) {
	trace := cpp.ReadTrace(`#include <stdint.h>

static inline float half(float x) { return x * 0.5f; }

// k0: aten.mul, aten.sum (a model.graph:2,4-5,
//   other.graph:1)
__attribute__((noinline)) static void k0(const float *__restrict x0,
                                         float *__restrict y0) {
  const float v0 = x0[0];
  for (int64_t i = 0; i < 4; ++i) {  //@ model.graph:2
    for (int64_t j = 0; j < 4; ++j) {  //@ model.graph:2,4
      y0[j] = v0;
    }
  }
}

// k1 (model.graph:7)
static int k1(float *__restrict y0) {
  y0[0] = 1.0f;
  return 0;
}

// What Clad differentiates.
static inline void k0_call1_pullback(float *d_x0) {
  for (int64_t i = 0; i < 4; ++i) d_x0[i] += 1.0f;
}

CT_EXPORT int ct_forward(const ct_host *host) {
  return 0;
}
`)
	var names []string
	for _, f := range trace.Functions {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"half", "k0", "k1", "k0_call1_pullback", "ct_forward"}, names)
	for line, want := range map[int]string{9: "a model.graph:2,4-5, other.graph:1", 10: "model.graph:2", 11: "model.graph:2,4", 12: "model.graph:2,4",
		19: "model.graph:7", 25: "", 29: "", 1: ""} {
		_, places := trace.At(line)
		require.Equal(t, want, places, "line %d", line)
	}
	k0, _ := trace.At(8)
	require.Equal(t, "k0", k0.Name)
	require.Equal(t, 7, k0.First)
	wrapper, places := trace.At(25)
	require.Empty(t, places)
	require.Equal(t, k0.Places, trace.Called(wrapper.Name))
	require.Empty(t, trace.Called("gradient<int>"))
	none, _ := trace.At(2)
	require.Nil(t, none)
}
