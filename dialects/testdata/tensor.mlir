// Tensors: elements, slices that drop dimensions, shapes joined and split.
func.func @tensors(%x: tensor<4x8xf32>, %n: index, %s: tensor<f32>, %d: tensor<?x8xf32>) -> tensor<4x8xf32> {
  %c1 = arith.constant 1 : index
  %0 = tensor.empty() : tensor<4x0xi64>
  %1 = tensor.empty(%n, %n) {cladopt.note} : tensor<?x3x?xf32>
  %2 = tensor.extract %x[%n, %c1] : tensor<4x8xf32>
  %3 = tensor.extract %s[] {cladopt.note} : tensor<f32>
  %4 = tensor.insert %2 into %x[%n, %c1] : tensor<4x8xf32>
  %5 = tensor.insert %3 into %s[] {cladopt.note} : tensor<f32>
  %6 = tensor.extract_slice %x[1, 2] [2, 3] [1, 2] : tensor<4x8xf32> to tensor<2x3xf32>
  %7 = tensor.extract_slice %x[1, %n] [1, %n] [1, %c1] {cladopt.note} : tensor<4x8xf32> to tensor<?xf32>
  %8 = tensor.extract_slice %x[3, 7] [1, 1] [1, 1] : tensor<4x8xf32> to tensor<f32>
  %9 = tensor.insert_slice %6 into %x[1, 2] [2, 3] [1, 2] : tensor<2x3xf32> into tensor<4x8xf32>
  %10 = tensor.insert_slice %7 into %x[1, %n] [1, %n] [1, %c1] : tensor<?xf32> into tensor<4x8xf32>
  %11 = tensor.insert_slice %8 into %x[0, 0] [1, 1] [1, 1] {cladopt.note} : tensor<f32> into tensor<4x8xf32>
  %12 = tensor.cast %x : tensor<4x8xf32> to tensor<?x8xf32>
  %13 = tensor.cast %12 {cladopt.note} : tensor<?x8xf32> to tensor<4x?xf32>
  %14 = tensor.dim %d, %c1 : tensor<?x8xf32>
  %15 = tensor.dim {cladopt.note} %d, %n : tensor<?x8xf32>
  %16 = tensor.collapse_shape %x [[0, 1]] : tensor<4x8xf32> into tensor<32xf32>
  %17 = tensor.expand_shape %16 [[0, 1, 2]] {cladopt.note} : tensor<32xf32> into tensor<4x2x4xf32>
  %18 = tensor.collapse_shape %d [[0, 1]] : tensor<?x8xf32> into tensor<?xf32>
  %19 = tensor.expand_shape %18 [[0, 1]] : tensor<?xf32> into tensor<?x8xf32>
  %20 = tensor.expand_shape %s [] : tensor<f32> into tensor<1x1xf32>
  %21 = tensor.collapse_shape %20 [] : tensor<1x1xf32> into tensor<f32>
  %22 = tensor.collapse_shape %17 [[0], [1, 2]] : tensor<4x2x4xf32> into tensor<4x8xf32>
  func.return %22 : tensor<4x8xf32>
}
