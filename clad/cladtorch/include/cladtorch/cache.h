// The compiled libraries on disk.
#pragma once

#include <string>

namespace cladtorch {

// Copies every entry of a cache (empty: the default one) into the folder to, which is made,
// and returns how many. Entries are valid for machines with the same processor features.
int export_cache(const std::string& to, const std::string& cache_dir = "");

// Takes the entries of an exported folder into a cache and returns how many. Damaged entries
// are left out. They are used without a cladopt command.
int import_cache(const std::string& from, const std::string& cache_dir = "");

}  // namespace cladtorch
