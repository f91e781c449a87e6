// RUN: cladopt opt %s -p 'cse,func.func(canonicalize,dce)' --timing 2>&1 | FileCheck %s --check-prefix=TREE
// RUN: cladopt opt %s -p 'cse,func.func(canonicalize,dce)' --timing=json 2>&1 | FileCheck %s --check-prefix=JSON
// RUN: cladopt opt %s -p 'cse,func.func(canonicalize,dce)' --statistics 2>&1 | FileCheck %s --check-prefix=STAT
// RUN: cladopt opt %s -p 'canonicalize' --trace-rewrites 2>&1 | FileCheck %s --check-prefix=TRACE
// RUN: not cladopt opt %s -p cse --timing=xml 2>&1 | FileCheck %s --check-prefix=WRONG

// TREE: {{^ *}}run {{ *}}verify {{ *}}share {{ *}}pass
// TREE-NEXT: 100.0% {{ *}}total
// TREE-NEXT: {{[0-9.]+ms +[0-9.]+ms +[0-9.]+%    }}cse
// TREE-NEXT: {{%    }}func.func
// TREE-NEXT: {{%      }}@f
// TREE-NEXT: {{%        }}canonicalize
// TREE-NEXT: {{%        }}dce

// JSON: "name": "total",
// JSON-NEXT: "run_ms": {{[0-9.e-]+}},
// JSON-NEXT: "verify_ms": {{[0-9.e-]+}},
// JSON-NEXT: "children": [
// JSON: "name": "cse",
// JSON: "name": "func.func",
// JSON: "name": "@f",
// JSON: "name": "canonicalize",
// JSON: "name": "dce",

// STAT: ops before {{ *}}ops after {{ *}}rewrites {{ *}}remarks {{ *}}pass
// STAT-NEXT: {{^ +5 +4 +0 +0}} cse
// STAT-NEXT: {{^ +4 +2 +1 +0}} canonicalize
// STAT-NEXT: {{^ +2 +2 +0 +0}} dce

// TRACE: timing.mlir:[[#@LINE+5]]:8: aten.neg: -(-x) => x

// WRONG: got "xml", expected tree or json
func.func @f(%x: tensor<f32>) -> tensor<f32> {
  %a = aten.neg %x : tensor<f32>
  %b = aten.neg %a : tensor<f32>
  %c = aten.neg %a : tensor<f32>
  func.return %b : tensor<f32>
}
