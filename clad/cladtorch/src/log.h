// CLADTORCH_LOG=graph,guards,recompiles,ir,cpp,llvm,cache,perf
#pragma once

#include <string>

namespace cladtorch::detail {

enum class Topic { graph, guards, recompiles, ir, cpp, llvm, cache, perf };

// Whether the environment asks for the topic. Read once a process.
bool logs(Topic topic);

// Writes "cladtorch[topic]: text" to standard error, in one piece.
void log(Topic topic, const std::string& text);

}  // namespace cladtorch::detail
