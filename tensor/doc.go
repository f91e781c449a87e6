// Package tensor holds plain host tensors: the data of files and engines.
//
// It stands below the engines and knows nothing of the compiler: a Tensor is an
// element type, a shape and bytes. The compiler's types are in package ir, the
// dialect named tensor in dialects/tensor.
//
// A Tensor is contiguous and row-major. A buffer with other strides is made by
// Strided and read back by FromStrided; both take strides in elements.
//
//	x := tensor.Of([]int64{2, 3}, []float32{1, 2, 3, 4, 5, 6})
//	column, err := x.Strided([]int64{1, 2}) // column-major bytes
//	y, err := tensor.FromStrided(tensor.F32, x.Shape, []int64{1, 2}, column)
//	worst, ok := tensor.Agree(y, x, tensor.ToleranceOf(tensor.F32, false))
//
// It does not compute, broadcast or convert, and has no views that share
// storage. Bytes are in the order of the host.
package tensor
