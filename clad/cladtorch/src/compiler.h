// The cladopt command.
#pragma once

#include <atomic>
#include <string>

#include <cladtorch/options.h>

namespace cladtorch::detail {

// The path of the command: Options::cladopt, environment CLADOPT, beside this library, PATH;
// "" if there is none.
std::string find_cladopt(const Options& options);

// Why there is none.
std::string no_cladopt(const Options& options);

// What tells one build of the command from another, "" if there is none.
std::string cladopt_identity(const std::string& path);

struct CompileResult {
  bool ok = false;
  bool unsupported = false;  // the graph, not the tools: the same again next time
  std::string reason;
};

// Compiles the graph in a file to a library.
CompileResult compile_graph(const Options& options, const std::string& cladopt, const std::string& graph_file,
                            const std::string& library_file, const std::atomic<bool>* cancel);

// For CLADTORCH_LOG: what options.engine makes of the graph, or why there is none. The kernels in cladopt's IR, the C++
// that it compiles, and the LLVM IR of the kernels as they are in the library.
std::string emit_ir(const Options& options, const std::string& cladopt, const std::string& graph_file,
                    const std::atomic<bool>* cancel);
std::string emit_cpp(const Options& options, const std::string& cladopt, const std::string& graph_file,
                     const std::atomic<bool>* cancel);
std::string emit_llvm(const Options& options, const std::string& cladopt, const std::string& graph_file,
                      const std::atomic<bool>* cancel);

}  // namespace cladtorch::detail
