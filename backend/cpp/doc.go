// Package cpp prints a module at the loop level as C++.
//
// The text needs no header but <stdint.h>, and no library but libm. It reads from
// top to bottom: the contract with the caller (ct_host), the elementary functions
// used, the kernels, the two sweeps that call them, the entry points.
//
//	// k0: aten.mul (mlp.graph:2), aten.sum (mlp.graph:4)
//	static void k0(const float *__restrict x0, float *__restrict y0) {
//	  float acc = 0.0f;
//	  for (int64_t i = 0; i < 4; ++i)
//	    ...
//
// No name from the graph's text reaches the C++: kernels and values are numbered,
// and file names in comments are escaped. What a scalar op looks like in C++ is
// said by its definition ([ir.OpDef].Cpp); this package knows loops, memory and
// calls only.
package cpp
