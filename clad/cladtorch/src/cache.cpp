#include "cache.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache_folder.h"
#include "cache_key.h"
#include "compiler.h"
#include "error.h"
#include "log.h"
#include "sha256.h"

namespace cladtorch::detail {
namespace {

namespace fs = std::filesystem;

struct Timer {
  std::vector<Phase>& phases;
  std::string name;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  ~Timer() {
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (auto& p : phases)
      if (p.name == name) {
        p.seconds += seconds;
        return;
      }
    phases.push_back({name, seconds});
  }
};

// What the engine makes of the graph on its way, for those who ask: then a warm start runs processes too.
void log_stages(Options o, const std::string& engine, const std::string& cladopt, const std::string& graph,
                const std::atomic<bool>* cancel) {
  if (cladopt.empty()) return;
  o.engine = engine;
  for (auto [topic, emit] : {std::pair(Topic::ir, &emit_ir), {Topic::cpp, &emit_cpp}, {Topic::llvm, &emit_llvm}}) {
    if (!logs(topic)) continue;
    std::error_code ec;
    Scratch scratch(fs::temp_directory_path(ec));
    auto file = scratch / graph_name;
    if (write_file(file, graph)) log(topic, emit(o, cladopt, file, cancel));
  }
}

class Maker {
 public:
  Maker(const std::string& graph, const std::vector<std::string>& guards, const Options& options,
        const std::atomic<bool>* cancel)
      : graph_(graph),
        guards_(guards),
        o_(options),
        cancel_(cancel),
        portable_(portable_key(graph, options)),
        key_(local_key(portable_)),
        cladopt_(find_cladopt(options)) {}

  Obtained make() {
    auto result = find_or_build();
    log_stages(o_, result.library ? result.library->meta.engine : o_.engine, cladopt_, graph_, cancel_);
    return result;
  }

 private:
  Obtained find_or_build() {
    try {
      if (o_.cache) {
        fs::path folder = o_.cache_dir.empty() ? default_folder() : fs::path(o_.cache_dir);
        if (!folder.empty()) {
          std::string why;
          // Another process may empty the cache at any moment: once more, then without it.
          for (int attempt = 0; attempt < 2; ++attempt) try {
              return cached(fs::absolute(folder));
            } catch (const std::exception& e) { why = e.what(); }
          if (logs(Topic::cache)) log(Topic::cache, why + "; going on without it");
        }
      }
      return uncached();
    } catch (const std::exception& e) {
      result_.library = nullptr;
      result_.reason = e.what();
      return std::move(result_);
    }
  }

  Obtained cached(const fs::path& folder) {
    own(folder);
    if (look_up(folder)) return std::move(result_);
    Lock lock(folder / (key_ + ".lock"), cancel_, o_.timeout_seconds);
    if (look_up(folder)) return std::move(result_);
    if (logs(Topic::cache)) log(Topic::cache, "miss " + key_);
    Scratch scratch(folder);
    auto so = scratch / "library.so";
    auto r = compile(scratch, so);
    if (!r.ok) {
      if (!fs::exists(scratch / graph_name)) throw ToolError(folder.string() + " was emptied during the compilation");
      if (r.unsupported)
        put_entry(folder, scratch, key_,
                  {{"portable", portable_}, {"unsupported", r.reason}, {"tool", cladopt_identity(cladopt_)}});
      result_.reason = r.reason;
      return std::move(result_);
    }
    std::string bytes;
    if (!read_file(so, bytes)) throw ToolError("the compiled library in " + folder.string() + " vanished");
    auto digest = sha256(bytes);
    auto final = folder / (digest + ".so");
    chmod(so.c_str(), 0600);
    if (!replace(so, final))
      throw ToolError("cannot keep the compiled library in " + folder.string() + ": " + std::strerror(errno));
    load(final);
    put_entry(folder, scratch, key_,
              {{"portable", portable_},
               {"library", digest},
               {"tool", cladopt_identity(cladopt_)},
               {"engine", result_.library->meta.engine},
               {"guards", guards_},
               {"graph", graph_}});
    trim(folder, o_.cache_bytes);
    return std::move(result_);
  }

  Obtained uncached() {
    std::error_code ec;
    Scratch scratch(fs::temp_directory_path(ec));
    // glibc knows loaded libraries by their path too: no path may stand for two.
    auto so = scratch / "library.so";
    auto r = compile(scratch, so);
    if (r.ok && !fs::exists(so)) throw ToolError(cladopt_ + " made no library; is it the cladopt command?");
    if (r.ok)
      load(so);
    else
      result_.reason = r.reason;
    return std::move(result_);
  }

  // Whether an entry tells the result. Entries of another cladopt are made again, unless they were imported.
  bool look_up(const fs::path& folder) {
    Timer t{result_.phases, "cache"};
    Entry e;
    return (read_entry(folder, key_, e) && (cladopt_.empty() || e.tool == cladopt_identity(cladopt_)) &&
            take(folder, key_, e)) ||
           (read_entry(folder, portable_, e) && take(folder, portable_, e));
  }

  bool take(const fs::path& folder, const std::string& key, const Entry& e) {
    if (!e.unsupported.empty()) {
      result_.reason = e.unsupported;
      result_.from_cache = true;
      return true;
    }
    auto so = folder / (e.digest + ".so"), entry = folder / (key + ".json");
    std::string bytes;
    if (!read_library(folder, e.digest, bytes)) {
      if (logs(Topic::cache)) log(Topic::cache, "entry " + key + " is damaged");
      unlink(entry.c_str());
      unlink(so.c_str());
      return false;
    }
    try {
      load(so);
    } catch (const ToolError& error) {
      if (logs(Topic::cache)) log(Topic::cache, error.what());
      return false;
    }
    for (const auto& f : {so, entry}) utimensat(AT_FDCWD, f.c_str(), nullptr, 0);
    if (logs(Topic::cache)) log(Topic::cache, "hit " + key);
    result_.from_cache = true;
    return true;
  }

  CompileResult compile(const Scratch& scratch, const fs::path& so) {
    if (cladopt_.empty()) throw ToolError(no_cladopt(o_));
    auto graph_file = scratch / graph_name;
    if (!write_file(graph_file, graph_))
      throw ToolError("cannot write " + graph_file.string() + ": " + std::strerror(errno));
    Timer t{result_.phases, "compile"};
    return compile_graph(o_, cladopt_, graph_file, so, cancel_);
  }

  void load(const fs::path& so) {
    Timer t{result_.phases, "load"};
    result_.library = std::make_shared<const Library>(load_library(so));
  }

  const std::string& graph_;
  const std::vector<std::string>& guards_;
  const Options& o_;
  const std::atomic<bool>* cancel_;
  std::string portable_, key_, cladopt_;  // what an import is named by, what is made here
  Obtained result_;
};

// What this process has loaded, so that it need not be read again.
struct Loaded {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const Library>> by_key;
};
Loaded& loaded() {
  static auto* all = new Loaded;  // never destroyed: background threads may outlive main
  return *all;
}

std::string loaded_key(const std::string& graph, const Options& o) {
  return local_key(portable_key(graph, o)) + (o.cladopt.empty() ? "" : "\n" + o.cladopt);
}

}  // namespace

Obtained obtain(const std::string& graph, const std::vector<std::string>& guards, const Options& options,
                const std::atomic<bool>* cancel) {
  auto key = loaded_key(graph, options);
  if (options.cache) {
    std::lock_guard<std::mutex> lock(loaded().mutex);
    auto it = loaded().by_key.find(key);
    if (it != loaded().by_key.end()) return {it->second, "", true, {}};
  }
  auto r = Maker(graph, guards, options, cancel).make();
  if (r.library && options.cache) {
    std::lock_guard<std::mutex> lock(loaded().mutex);
    r.library = loaded().by_key.emplace(key, r.library).first->second;
  }
  return r;
}

void forget_loaded() {
  std::lock_guard<std::mutex> lock(loaded().mutex);
  loaded().by_key.clear();
}

}  // namespace cladtorch::detail
