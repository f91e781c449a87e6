#include <cladtorch/report.h>

#include <iomanip>
#include <ostream>

namespace cladtorch {

std::ostream& operator<<(std::ostream& out, const Report& r) {
  out << "engine: " << r.engine;
  if (!r.reason.empty()) out << " (" << r.reason << ")";
  if (r.pending) out << ", compiling in the background";
  out << "\nspecializations: " << r.specializations << (r.from_cache ? ", the latest from the cache" : "")
      << (r.verified ? ", verified" : "") << "\n";
  for (const auto& g : r.guards) out << "guard: " << g << "\n";
  for (const auto& s : r.recompiles) out << "recompiled: " << s << "\n";
  for (const auto& p : r.phases)
    out << "phase: " << p.name << " " << std::fixed << std::setprecision(3) << p.seconds * 1e3 << " ms\n"
        << std::defaultfloat;
  for (const auto& k : r.kernels) {
    out << "kernel: " << k.name;
    if (!k.pullback.empty()) out << ", pullback " << k.pullback << " by " << k.derived_by;
    if (!k.lines.empty()) out << ", lines";
    for (int l : k.lines) out << " " << l;
    out << "\n";
  }
  return out;
}

}  // namespace cladtorch
