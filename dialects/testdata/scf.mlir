// Loops and branches, with and without values, attributes and yields left out.
func.func @loops(%lo: index, %hi: index, %x: f32, %c: i1) -> f32 {
  %s = arith.constant 2 : index
  %0 = scf.for %i = %lo to %hi step %s iter_args(%a = %x) -> (f32) {
    %1 = arith.addf %a, %x : f32
    scf.yield %1 : f32
  } {cladopt.loop}
  %2:2 = scf.for %i = %lo to %hi step %s iter_args(%a = %0, %b = %s) -> (f32, index) {
    scf.yield %a, %i : f32, index
  }
  scf.for %i = %lo to %hi step %s {
    scf.for %j = %lo to %i step %s {
    }
    scf.yield
  }
  %3:2 = scf.if %c -> (f32, f32) {
    scf.yield %x, %0 : f32, f32
  } else {
    scf.yield %0, %x : f32, f32
  } {cladopt.branch}
  scf.if %c {
  }
  scf.if %c {
    scf.if %c {
    }
  } else {
    %4 = arith.negf %x : f32
  }
  %5 = scf.if %c -> f32 {
    scf.yield %x : f32
  } else {
    scf.yield %0 : f32
  }
  %6 = scf.while (%a = %lo) : (index) -> index {
    %7 = arith.cmpi slt, %a, %hi : index
    scf.condition(%7) %a : index
  } do {
  ^bb0(%b: index):
    %8 = arith.addi %b, %s : index
    scf.yield %8 : index
  } attributes {cladopt.loop}
  %9:2 = scf.while (%a = %lo, %b = %x) : (index, f32) -> (f32, index) {
    scf.condition(%c) %b, %a : f32, index
  } do {
  ^bb0(%d: f32, %e: index):
    scf.yield %e, %d : index, f32
  }
  scf.while : () -> () {
    scf.condition(%c)
  } do {
    scf.yield
  }
  %10:2 = scf.parallel (%i, %j) = (%lo, %lo) to (%hi, %hi) step (%s, %s) init (%x, %x) -> (f32, f32) {
    scf.reduce(%x) : f32 {
    ^bb0(%a: f32, %b: f32):
      %11 = arith.addf %a, %b : f32
      scf.reduce.return %11 : f32
    }
    scf.reduce(%0) : f32 {
    ^bb0(%a: f32, %b: f32):
      %11 = arith.maxf %a, %b : f32
      scf.reduce.return %11 : f32
    }
    scf.yield
  } {cladopt.loop}
  %12 = scf.parallel (%i) = (%lo) to (%hi) step (%s) init (%x) -> f32 {
    scf.reduce(%x) : f32 {
    ^bb0(%a: f32, %b: f32):
      scf.reduce.return %a : f32
    }
  }
  scf.parallel (%i) = (%lo) to (%hi) step (%s) {
    scf.yield
  }
  func.return %0 : f32
}
