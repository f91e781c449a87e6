#include "compiler.h"

#include <cstdlib>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "process.h"

namespace cladtorch::detail {
namespace {

bool is_command(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0 && S_ISREG(s.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::string on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "";
  while (!rest.empty()) {
    auto colon = rest.find(':');
    std::string file = rest.substr(0, colon) + "/" + name;
    rest = colon == rest.npos ? "" : rest.substr(colon + 1);
    if (is_command(file)) return file;
  }
  return "";
}

std::string beside_library() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&find_cladopt), &info) || !info.dli_fname) return "";
  std::string file = info.dli_fname;
  auto slash = file.rfind('/');
  std::string folder = slash == file.npos ? "." : file.substr(0, slash);
  for (const char* place : {"/cladopt", "/../bin/cladopt"})
    if (is_command(folder + place)) return folder + place;
  return "";
}

std::string first_lines(const std::string& text, size_t limit) {
  auto s = text.substr(0, limit);
  while (!s.empty() && (s.back() == '\n' || s.back() == ' ')) s.pop_back();
  return s;
}

// The errors that cladopt --json prints, as one line each; "" if text is not that.
std::string json_errors(const std::string& text) {
  auto j = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!j.is_object() || !j.contains("errors") || !j["errors"].is_array()) return "";
  std::string all;
  for (const auto& e : j["errors"]) {
    if (!e.is_object()) continue;
    auto field = [&](const char* k) {
      return e.contains(k) && e[k].is_string() ? e[k].get<std::string>() : std::string();
    };
    std::string line = field("op");
    if (int n = e.contains("line") && e["line"].is_number_integer() ? e["line"].get<int>() : 0; n > 0)
      line += (line.empty() ? "line " : ", line ") + std::to_string(n);
    line += (line.empty() ? "" : ": ") + field("reason");
    if (auto remedy = field("remedy"); !remedy.empty()) line += " (" + remedy + ")";
    all += (all.empty() ? "" : "\n") + line;
  }
  return all;
}

std::vector<std::string> command(const Options& options, const std::string& cladopt, const std::string& graph,
                                 const std::string& stage) {
  std::vector<std::string> argv = {cladopt, "compile", graph, "--emit=" + stage, "--engine=" + options.engine};
  argv.insert(argv.end(), options.cladopt_flags.begin(), options.cladopt_flags.end());
  return argv;
}

}  // namespace

std::string find_cladopt(const Options& options) {
  if (!options.cladopt.empty()) return is_command(options.cladopt) ? options.cladopt : "";
  if (const char* e = std::getenv("CLADOPT"); e && *e) return is_command(e) ? e : "";
  auto beside = beside_library();
  return beside.empty() ? on_path("cladopt") : beside;
}

std::string no_cladopt(const Options& options) {
  std::string what = "there is no cladopt command";
  if (!options.cladopt.empty()) return what + " at " + options.cladopt;
  if (const char* e = std::getenv("CLADOPT"); e && *e)
    return what + " at " + e + ", which the environment's CLADOPT names";
  return what + "; set CLADOPT or Options::cladopt, or put it on PATH";
}

std::string cladopt_identity(const std::string& path) {
  struct stat s;
  if (path.empty() || stat(path.c_str(), &s) != 0) return "";
  return std::to_string(s.st_size) + "." + std::to_string(s.st_mtim.tv_sec) + "." + std::to_string(s.st_mtim.tv_nsec);
}

CompileResult compile_graph(const Options& options, const std::string& cladopt, const std::string& graph_file,
                            const std::string& library_file, const std::atomic<bool>* cancel) {
  auto argv = command(options, cladopt, graph_file, "so");
  argv.insert(argv.end(), {"--json", "-o", library_file});
  auto o = run(argv, options.timeout_seconds, cancel);
  CompileResult r;
  // Without a status the library tells: it appears when it is whole.
  r.ok = o.status == 0 || (o.lost && access(library_file.c_str(), R_OK) == 0);
  if (r.ok) return r;
  r.unsupported = o.status == 3;
  r.reason = json_errors(o.out);
  if (r.reason.empty() && !o.failure.empty())
    r.reason = "cladopt " + o.failure +
               (o.late ? "; raise Options::timeout_seconds, set Options::async, or compile parts of the function" : "");
  if (r.reason.empty())
    r.reason = "cladopt: exit status " + std::to_string(o.status) + ": " + first_lines(o.err + o.out, 2000);
  return r;
}

namespace {
std::string text_of(const Outcome& o, const std::string& stage) {
  return o.status == 0 ? o.out : "there is no " + stage + ": " + o.failure + first_lines(o.err, 500);
}
}  // namespace

std::string emit_ir(const Options& options, const std::string& cladopt, const std::string& graph_file,
                    const std::atomic<bool>* cancel) {
  return text_of(run(command(options, cladopt, graph_file, "kernels"), options.timeout_seconds, cancel), "ir");
}

std::string emit_cpp(const Options& options, const std::string& cladopt, const std::string& graph_file,
                     const std::atomic<bool>* cancel) {
  return text_of(run(command(options, cladopt, graph_file, options.engine == "clad" ? "clad" : "cpp"),
                     options.timeout_seconds, cancel),
                 "cpp");
}

std::string emit_llvm(const Options& options, const std::string& cladopt, const std::string& graph_file,
                      const std::atomic<bool>* cancel) {
  std::vector<std::string> argv = {cladopt, "inspect", graph_file, "--engine=" + options.engine};
  argv.insert(argv.end(), options.cladopt_flags.begin(), options.cladopt_flags.end());
  auto o = run(argv, options.timeout_seconds, cancel);
  if (o.status == 0) return o.out;
  // Without Clang there is the IR that cladopt itself writes.
  auto builtin = options;
  builtin.engine = "builtin";
  return text_of(o, "llvm of engine " + options.engine) + "\n" +
         text_of(run(command(builtin, cladopt, graph_file, "llvm"), options.timeout_seconds, cancel), "llvm");
}

}  // namespace cladtorch::detail
