// Functions: declarations, visibility, attributes of arguments and results, names in quotes.
func.func private @decl(f32, memref<4xf32> {cladopt.name = "m"}) -> (f32 {cladopt.out}) attributes {cladopt.kernel}
func.func private @many() -> (f32, tensor<2x?xf64>)
func.func private @"odd name"()
func.func private @higher((f32) -> f32) -> ((f32) -> f32)
func.func public @nothing() {
  func.return
}
func.func @call(%x: f32 {cladopt.name = "x"}, %m: memref<4xf32>) -> (f32, f32) attributes {cladopt.pullback = @decl, cladopt.text = "caf\C3\A9"} {
  %0 = func.call @decl(%x, %m) : (f32, memref<4xf32>) -> f32
  %1:2 = func.call @many() : () -> (f32, tensor<2x?xf64>)
  func.call @"odd name"() {cladopt.note} : () -> ()
  func.return %0, %1#0 : f32, f32
}
