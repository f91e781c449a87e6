// Options of cladtorch::compile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace cladtorch {

// How the first result of a compiled program is held against LibTorch's.
enum class Verify {
  off,
  once,   // outputs and gradients of the example run
  strict  // also: a second run on other values must show the same graph and agree
};

struct Options {
  // "auto", "clad" or "builtin", as cladopt's --engine.
  std::string engine = "auto";

  // What cannot be compiled is served by LibTorch; false: it throws CompileError.
  bool fallback = true;

  Verify verify = Verify::once;

  // How many sets of shapes, types and flags are compiled before LibTorch serves the rest.
  int max_specializations = 8;

  // Compile in the background; LibTorch serves the calls until it is done.
  bool async = false;

  // Variables that the callable captured by reference and that the program rebinds
  // (w = w - lr * g). They are read at each call; others are bound when they are traced.
  std::vector<const torch::Tensor*> captures;

  // Modules that the callable uses without being one: their parameters, buffers and
  // training flags are watched, as those of a compiled module are.
  std::vector<std::shared_ptr<torch::nn::Module>> modules;

  // The cladopt command; empty: environment CLADOPT, beside the library, PATH.
  std::string cladopt;

  // More arguments for cladopt compile, such as "--pipeline=grad-joint".
  std::vector<std::string> cladopt_flags;

  // A compilation that takes longer is ended and LibTorch serves the calls.
  double timeout_seconds = 120;

  // Whether libraries are kept on disk, and where: empty is environment CLADTORCH_CACHE,
  // else cladtorch in $XDG_CACHE_HOME or ~/.cache.
  bool cache = true;
  std::string cache_dir;
  std::uint64_t cache_bytes = std::uint64_t{1} << 30;

  // Verification accepts this many times the tolerance of the file contract (f32:
  // 1e-6 max(1, max|b|) + 1e-5 |b|, f64: 1e-10): long sums in another order differ by more.
  double tolerance_factor = 16;
};

}  // namespace cladtorch
