// Caches that are built on one machine and used on another.
#include <cladtorch/cache.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include <unistd.h>

#include "cache_folder.h"
#include "error.h"

namespace cladtorch::detail {
namespace {

namespace fs = std::filesystem;

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
