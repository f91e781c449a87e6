#include "cache_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache_key.h"
#include "error.h"
#include "sha256.h"

namespace cladtorch::detail {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

bool is_digest(const std::string& s) { return s.size() == 64 && s.find_first_not_of("0123456789abcdef") == s.npos; }

}  // namespace

fs::path default_folder() {
  auto environment = [](const char* name) {
    const char* v = std::getenv(name);
    return std::string(v ? v : "");
  };
  if (auto d = environment("CLADTORCH_CACHE"); !d.empty()) return d;
  if (auto d = environment("XDG_CACHE_HOME"); !d.empty()) return fs::path(d) / "cladtorch";
  if (auto d = environment("HOME"); !d.empty()) return fs::path(d) / ".cache" / "cladtorch";
  return "";
}

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

bool read_file(const fs::path& file, std::string& into, bool anyones) {
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

bool write_file(const fs::path& file, const std::string& text, mode_t mode) {
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

Scratch::Scratch(const fs::path& in) {
  std::string pattern = (in / "tmp.XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw ToolError("cannot make a folder in " + in.string() + ": " + std::strerror(errno));
  path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Lock::Lock(const fs::path& file, const std::atomic<bool>* cancel, double timeout_seconds) {
  fd_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  for (double waited = 0;
       fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) != 0 && waited < timeout_seconds && !(cancel && *cancel);
       waited += 2e-3)
    usleep(2000);
}

Lock::~Lock() {
  if (fd_ >= 0) close(fd_);
}

bool read_entry(const fs::path& folder, const std::string& key, Entry& e, bool anyones) {
  std::string text;
  if (!read_file(folder / (key + ".json"), text, anyones)) return false;
  e.all = json::parse(text, nullptr, false);
  auto field = [&](const char* k) {
    return e.all.contains(k) && e.all[k].is_string() ? e.all[k].get<std::string>() : std::string();
  };
  if (!e.all.is_object() || !e.all.contains("format") || e.all["format"] != cache_format || field("key") != key)
    return false;
  e.digest = field("library");
  e.unsupported = field("unsupported");
  e.tool = field("tool");
  e.portable = field("portable");
  return is_digest(e.portable) && (is_digest(e.digest) || !e.unsupported.empty());
}

bool read_library(const fs::path& folder, const std::string& digest, std::string& bytes, bool anyones) {
  return read_file(folder / (digest + ".so"), bytes, anyones) && sha256(bytes) == digest;
}

bool replace(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return true;
  std::error_code ignored;
  return fs::is_directory(to, ignored) && fs::remove_all(to, ignored) > 0 && std::rename(from.c_str(), to.c_str()) == 0;
}

bool put_entry(const fs::path& folder, const Scratch& scratch, const std::string& key, json j, mode_t mode) {
  j["format"] = cache_format;
  j["key"] = key;
  auto file = scratch / "entry.json";
  return write_file(file, j.dump(1) + "\n", mode) && replace(file, folder / (key + ".json"));
}

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

}  // namespace cladtorch::detail
