// The files of a cache: see cache.h for what they are.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include <sys/types.h>

#include <nlohmann/json.hpp>

namespace cladtorch::detail {

// Where the cache is if nobody says: empty if there is no place for one.
std::filesystem::path default_folder();

// Makes the folder if it is missing. Throws ToolError if it is not the user's alone.
void own(const std::filesystem::path& folder);

// Reads a file of the user's own, or of anyone's.
bool read_file(const std::filesystem::path& file, std::string& into, bool anyones = false);

// Writes a file that is not there yet.
bool write_file(const std::filesystem::path& file, const std::string& text, mode_t mode = 0600);

// Puts a file where another may be, or what only looks like one.
bool replace(const std::filesystem::path& from, const std::filesystem::path& to);

// A folder for work in progress, removed at the end. Throws ToolError if it cannot be made.
class Scratch {
 public:
  explicit Scratch(const std::filesystem::path& in);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Holds KEY.lock; what the system does not grant is done without.
class Lock {
 public:
  Lock(const std::filesystem::path& file, const std::atomic<bool>* cancel, double timeout_seconds);
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int fd_;
};

// KEY.json. It has a digest or is unsupported.
struct Entry {
  nlohmann::json all;
  std::string digest, unsupported, tool, portable;
};

bool read_entry(const std::filesystem::path& folder, const std::string& key, Entry& e, bool anyones = false);
bool put_entry(const std::filesystem::path& folder, const Scratch& scratch, const std::string& key, nlohmann::json j,
               mode_t mode = 0600);

// The library of that name, if it is whole.
bool read_library(const std::filesystem::path& folder, const std::string& digest, std::string& bytes,
                  bool anyones = false);

// Drops the entries used longest ago until the cache fits, and what killed processes left.
void trim(const std::filesystem::path& folder, uint64_t limit);

}  // namespace cladtorch::detail
