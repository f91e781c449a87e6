// RUN: hep-opt opt %s -p widen-masses | FileCheck %s --check-prefixes=CHECK,SQUARES
// RUN: hep-opt opt %s -p 'widen-masses{squares=false}' | FileCheck %s --check-prefixes=CHECK,NARROW

// CHECK-LABEL: func.func @mass
// CHECK-NEXT: %[[P:.*]] = aten.to %arg0 {dtype = f64}
// CHECK-NEXT: %[[M:.*]] = hep.mass %[[P]] : (tensor<?x4xf64>) -> tensor<?xf64>
// CHECK-NEXT: %[[OUT:.*]] = aten.to %[[M]] {dtype = f32}
// CHECK-NEXT: return %[[OUT]]
func.func @mass(%p: tensor<?x4xf32>) -> tensor<?xf32> {
  %m = hep.mass %p : (tensor<?x4xf32>) -> tensor<?xf32>
  func.return %m : tensor<?xf32>
}

// CHECK-LABEL: func.func @square
// SQUARES: hep.mass_squared {{.*}} -> tensor<f64>
// NARROW-NEXT: hep.mass_squared {{.*}} -> tensor<f32>
func.func @square(%p: tensor<4xf32>) -> tensor<f32> {
  %m = hep.mass_squared %p : (tensor<4xf32>) -> tensor<f32>
  func.return %m : tensor<f32>
}

// Must not fire: it is f64 already.
// CHECK-LABEL: func.func @wide
// CHECK-NEXT: hep.mass %arg0
// CHECK-NEXT: return
func.func @wide(%p: tensor<1x4xf64>) -> tensor<1xf64> {
  %m = hep.mass %p : (tensor<1x4xf64>) -> tensor<1xf64>
  func.return %m : tensor<1xf64>
}
