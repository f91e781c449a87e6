#include "cache.h"

#include <cladtorch/cache.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#else
#include <sys/auxv.h>
#endif

#include <nlohmann/json.hpp>

#include "compiler.h"
#include "error.h"
#include "log.h"
#include "sha256.h"

namespace cladtorch::detail {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int format = 2;

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

std::string environment(const char* name) {
  const char* v = std::getenv(name);
  return v ? v : "";
}

// What the graph is compiled to, whichever tools do it.
std::string portable_key(const std::string& graph, const Options& o) {
  static const std::string cpu = processor();
  std::string all =
      std::to_string(format) + "\n" + std::to_string(CLADOPT_ABI_VERSION) + "\n" + cpu + "\n" + o.engine + "\n";
  for (const auto& f : o.cladopt_flags) all += f + "\n";
  return sha256(all + graph);
}

// By the tools that the environment here names to cladopt.
std::string local_key(const std::string& portable) {
  std::string all = portable + "\n";
  for (const char* e : {"CLADOPT_CXX", "CLADOPT_CLANG", "CLADOPT_CLAD_PLUGIN", "CLADOPT_CLAD_INCLUDE", "CLAD_PREFIX"})
    all += environment(e) + "\n";
  return sha256(all);
}

fs::path default_folder() {
  if (auto d = environment("CLADTORCH_CACHE"); !d.empty()) return d;
  if (auto d = environment("XDG_CACHE_HOME"); !d.empty()) return fs::path(d) / "cladtorch";
  if (auto d = environment("HOME"); !d.empty()) return fs::path(d) / ".cache" / "cladtorch";
  return "";
}

// Makes the folder if it is missing. Throws ToolError if it is not the user's alone.
void own(const fs::path& folder) {
  std::error_code ignored;
  fs::create_directories(folder.parent_path(), ignored);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw ToolError("cannot make the cache " + folder.string() + ": " + std::strerror(errno));
  struct stat s;
  if (lstat(folder.c_str(), &s) != 0 || !S_ISDIR(s.st_mode))
    throw ToolError("the cache " + folder.string() + " is no folder");
  if (s.st_uid != geteuid()) throw ToolError("the cache " + folder.string() + " belongs to another user");
  if ((s.st_mode & 0077) && chmod(folder.c_str(), 0700) != 0)
    throw ToolError("the cache " + folder.string() + " is open to other users");
}

// Reads a file of the user's own, or of anyone's.
bool read_file(const fs::path& file, std::string& into, bool anyones = false) {
  int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  struct stat s;
  bool ok = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && (anyones || s.st_uid == geteuid());
  into.clear();
  if (ok) into.resize(size_t(s.st_size));
  size_t have = 0;
  while (ok && have < into.size()) {
    ssize_t n = read(fd, &into[have], into.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      ok = false;
    else
      have += size_t(n);
  }
  close(fd);
  return ok;
}

bool write_file(const fs::path& file, const std::string& text, mode_t mode = 0600) {
  int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return false;
  size_t done = 0;
  while (done < text.size()) {
    ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += size_t(n);
  }
  return close(fd) == 0 && done == text.size();
}

// A folder for work in progress, removed at the end.
class Scratch {
 public:
  explicit Scratch(const fs::path& in) {
    std::string pattern = (in / "tmp.XXXXXX").string();
    if (!mkdtemp(pattern.data()))
      throw ToolError("cannot make a folder in " + in.string() + ": " + std::strerror(errno));
    path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

// Holds KEY.lock; what the system does not grant is done without.
class Lock {
 public:
  explicit Lock(const fs::path& file, const std::atomic<bool>* cancel, double timeout_seconds) {
    fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    for (double waited = 0;
         fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) != 0 && waited < timeout_seconds && !(cancel && *cancel);
         waited += 2e-3)
      usleep(2000);
  }
  ~Lock() {
    if (fd_ >= 0) close(fd_);
  }

 private:
  int fd_;
};

struct Entry {
  json all;
  std::string digest, unsupported, tool, portable;
};

bool is_digest(const std::string& s) { return s.size() == 64 && s.find_first_not_of("0123456789abcdef") == s.npos; }

bool read_entry(const fs::path& folder, const std::string& key, Entry& e, bool anyones = false) {
  std::string text;
  if (!read_file(folder / (key + ".json"), text, anyones)) return false;
  e.all = json::parse(text, nullptr, false);
  auto field = [&](const char* k) {
    return e.all.contains(k) && e.all[k].is_string() ? e.all[k].get<std::string>() : std::string();
  };
  if (!e.all.is_object() || !e.all.contains("format") || e.all["format"] != format || field("key") != key) return false;
  e.digest = field("library");
  e.unsupported = field("unsupported");
  e.tool = field("tool");
  e.portable = field("portable");
  return is_digest(e.portable) && (is_digest(e.digest) || !e.unsupported.empty());
}

// The library of that name, if it is whole.
bool read_library(const fs::path& folder, const std::string& digest, std::string& bytes, bool anyones = false) {
  return read_file(folder / (digest + ".so"), bytes, anyones) && sha256(bytes) == digest;
}

// Puts a file where another may be, or what only looks like one.
bool replace(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return true;
  std::error_code ignored;
  return fs::is_directory(to, ignored) && fs::remove_all(to, ignored) > 0 && std::rename(from.c_str(), to.c_str()) == 0;
}

bool put_entry(const fs::path& folder, const Scratch& scratch, const std::string& key, json j, mode_t mode = 0600) {
  j["format"] = format;
  j["key"] = key;
  auto file = scratch / "entry.json";
  return write_file(file, j.dump(1) + "\n", mode) && replace(file, folder / (key + ".json"));
}

// Drops the entries used longest ago until the cache fits, and what killed processes left.
void trim(const fs::path& folder, uint64_t limit) {
  struct File {
    fs::path path;
    uint64_t bytes;
    timespec used;
  };
  std::vector<File> files;
  uint64_t total = 0;
  std::error_code ec;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (auto it = fs::directory_iterator(folder, ec); !ec && it != fs::directory_iterator(); it.increment(ec)) {
    struct stat s;
    if (lstat(it->path().c_str(), &s) != 0) continue;
    auto name = it->path().filename().string();
    if (name.rfind("tmp.", 0) == 0 || it->path().extension() == ".lock") {
      // Who holds a lock that is removed compiles beside another: both are right.
      std::error_code ignored;
      if (now.tv_sec - s.st_mtim.tv_sec > 3600) fs::remove_all(it->path(), ignored);
    } else if (S_ISREG(s.st_mode)) {
      files.push_back({it->path(), uint64_t(s.st_size), s.st_mtim});
      total += uint64_t(s.st_size);
    }
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) {
    return std::tie(a.used.tv_sec, a.used.tv_nsec) < std::tie(b.used.tv_sec, b.used.tv_nsec);
  });
  for (const auto& f : files) {
    if (total <= limit) break;
    // An entry without its library, or the other way round, is found wanting when it is read.
    if (unlink(f.path.c_str()) == 0) total -= f.bytes;
  }
}

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

fs::path folder_or_default(const std::string& dir) {
  fs::path p = dir.empty() ? default_folder() : fs::path(dir);
  if (p.empty()) throw std::runtime_error("cladtorch: there is no cache folder; set CLADTORCH_CACHE or HOME");
  return p;
}

// Copies whole and undamaged entries from one folder to another; a cache belongs to its user, what
// is shipped may be read, and may have been put there, by anyone.
enum Direction { shipping_out, shipping_in };

int copy_entries(const fs::path& from, const fs::path& to, Direction direction) {
  if (!fs::is_directory(from)) throw std::runtime_error("cladtorch: " + from.string() + " is no folder");
  bool in = direction == shipping_in;
  mode_t mode = in ? 0600 : 0666;
  if (in)
    own(to);
  else
    fs::create_directories(to);
  int n = 0;
  for (const auto& f : fs::directory_iterator(from)) {
    if (f.path().extension() != ".json") continue;
    if (access(f.path().c_str(), R_OK) != 0)
      throw std::runtime_error("cladtorch: cannot read " + f.path().string() + ": " + std::strerror(errno));
    auto key = f.path().stem().string();
    Entry e;
    std::string bytes;
    if (!read_entry(from, key, e, in) || e.digest.empty() || !read_library(from, e.digest, bytes, in)) continue;
    Scratch scratch(to);
    auto so = scratch / "library.so";
    if (!write_file(so, bytes, mode) || !replace(so, to / (e.digest + ".so")) ||
        !put_entry(to, scratch, in ? e.portable : key, e.all, mode))
      throw std::runtime_error("cladtorch: cannot write to " + to.string() + ": " + std::strerror(errno));
    ++n;
  }
  return n;
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

namespace cladtorch {

int export_cache(const std::string& to, const std::string& cache_dir) {
  try {
    return detail::copy_entries(detail::folder_or_default(cache_dir), to, detail::shipping_out);
  } catch (const detail::ToolError& e) { throw std::runtime_error(std::string("cladtorch: ") + e.what()); }
}

int import_cache(const std::string& from, const std::string& cache_dir) {
  try {
    return detail::copy_entries(from, detail::folder_or_default(cache_dir), detail::shipping_in);
  } catch (const detail::ToolError& e) { throw std::runtime_error(std::string("cladtorch: ") + e.what()); }
}

}  // namespace cladtorch
