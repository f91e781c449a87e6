#include "cache_key.h"

#include <cstdlib>
#include <sstream>

#if defined(__x86_64__)
#include <cpuid.h>
#else
#include <sys/auxv.h>
#endif

#include "library.h"
#include "sha256.h"

namespace cladtorch::detail {
namespace {

// Libraries use every feature of the processor that they were compiled on. Its model is no feature: what was
// compiled on one runs on others that have the same.
std::string processor() {
  std::ostringstream s;
#if defined(__x86_64__)
  unsigned r[4] = {};
  auto leaf = [&](unsigned n, unsigned sub, const char* registers) {
    if (!__get_cpuid_count(n, sub, &r[0], &r[1], &r[2], &r[3])) return false;
    s << std::hex << n << "." << sub << ":";
    for (; *registers; ++registers) s << r[*registers - 'a'] << ",";
    return true;
  };
  if (leaf(1, 0, "cd") && (r[2] & bit_OSXSAVE)) {
    unsigned low, high;  // the registers that the system saves
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    s << low << "," << high << ";";
  }
  leaf(7, 0, "bcd");
  leaf(7, 1, "abcd");
  leaf(0x80000001u, 0, "cd");
#else
  s << std::hex << getauxval(AT_HWCAP) << "," << getauxval(AT_HWCAP2);
#endif
  return s.str();
}

}  // namespace

std::string portable_key(const std::string& graph, const Options& o) {
  static const std::string cpu = processor();
  std::string all =
      std::to_string(cache_format) + "\n" + std::to_string(CLADOPT_ABI_VERSION) + "\n" + cpu + "\n" + o.engine + "\n";
  for (const auto& f : o.cladopt_flags) all += f + "\n";
  return sha256(all + graph);
}

std::string local_key(const std::string& portable) {
  std::string all = portable + "\n";
  for (const char* e : {"CLADOPT_CXX", "CLADOPT_CLANG", "CLADOPT_CLAD_PLUGIN", "CLADOPT_CLAD_INCLUDE", "CLAD_PREFIX"}) {
    const char* v = std::getenv(e);
    all += std::string(v ? v : "") + "\n";
  }
  return sha256(all);
}

}  // namespace cladtorch::detail
