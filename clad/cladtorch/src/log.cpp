#include "log.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace cladtorch::detail {
namespace {

constexpr std::array<std::string_view, 8> names = {"graph", "guards", "recompiles", "ir",
                                                   "cpp",   "llvm",   "cache",      "perf"};

unsigned parse(const char* text) {
  unsigned set = 0;
  for (std::string_view rest = text ? text : ""; !rest.empty();) {
    auto comma = rest.find(',');
    auto word = rest.substr(0, comma);
    rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    bool known = word.empty();
    for (size_t i = 0; i < names.size(); ++i) {
      if (word != names[i] && word != "all") continue;
      set |= 1u << i;
      known = true;
    }
    if (!known)
      std::fprintf(stderr,
                   "cladtorch: CLADTORCH_LOG: unknown topic \"%.*s\"; known: graph guards recompiles ir cpp llvm cache "
                   "perf all\n",
                   int(word.size()), word.data());
  }
  return set;
}

}  // namespace

bool logs(Topic topic) {
  static const unsigned set = parse(std::getenv("CLADTORCH_LOG"));
  return set >> int(topic) & 1;
}

void log(Topic topic, const std::string& text) {
  auto name = names[size_t(topic)];
  std::string line = "cladtorch[";
  line.append(name).append("]: ").append(text);
  if (line.back() != '\n') line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace cladtorch::detail
