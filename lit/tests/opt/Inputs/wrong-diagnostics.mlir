func.func @types(%x: tensor<f32>, %y: tensor<i64>) -> tensor<f32> {
  %0 = aten.mul %x, %y : (tensor<f32>, tensor<i64>) -> tensor<f32>
  func.return %0 : tensor<f32>
}

// -----

func.func @fine() {
  func.return // expected-error {{nothing of the kind}}
}

// -----

func.func @fine() {
  func.return // expected-error@sideways {{x}}
}
