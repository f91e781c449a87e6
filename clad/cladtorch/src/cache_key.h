// What names an entry of the cache.
#pragma once

#include <string>

#include <cladtorch/options.h>

namespace cladtorch::detail {

constexpr int cache_format = 2;  // of entries; part of their keys

// What the graph is compiled to for this processor, whichever tools do it.
std::string portable_key(const std::string& graph, const Options& o);

// What the tools that the environment here names to cladopt compile it to.
std::string local_key(const std::string& portable);

}  // namespace cladtorch::detail
