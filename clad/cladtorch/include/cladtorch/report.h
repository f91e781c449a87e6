// What became of a compiled function.
#pragma once

#include <iosfwd>
#include <stdexcept>
#include <string>
#include <vector>

namespace cladtorch {

// Thrown instead of falling back to LibTorch if Options::fallback is false.
class CompileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Phase {
  std::string name;
  double seconds;
};

struct Kernel {
  std::string name;
  std::string pullback;    // empty: it needs none
  std::string derived_by;  // clad, builtin, rule; empty without a pullback
  std::vector<int> lines;  // of the graph's text
};

struct Report {
  std::string engine;  // "clad", "builtin", or "eager" where LibTorch serves the calls
  std::string reason;  // why the engine is "eager", or why LibTorch serves some calls; empty if it serves none
  bool from_cache = false;
  bool verified = false;
  bool pending = false;     // a background compilation is under way
  int specializations = 0;  // compiled so far
  // Engine, reason and what follows are of the latest specialisation.
  std::vector<Phase> phases;
  std::vector<Kernel> kernels;
  std::vector<std::string> guards;
  std::vector<std::string> recompiles;  // what changed, each time
};

std::ostream& operator<<(std::ostream& out, const Report& report);

}  // namespace cladtorch
