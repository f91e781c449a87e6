// From an observed graph to a loaded library, by way of the cache on disk.
//
// A cache is a folder that only its owner may read and write:
//
//   KEY.json       what a graph compiled to: the digest of a library, or why it is unsupported. The key is that of the
//                  graph, the options, the processor and, unless the entry was imported, the tools that the
//                  environment names: a machine without tools finds what it was shipped
//   DIGEST.so      a library, named by the SHA-256 of its bytes
//   KEY.lock       held while KEY is compiled, by the system: a killed process leaves it free
//   tmp.*          work in progress, or what a killed process left
//
// Everything appears by rename, so a reader sees whole files. A library is loaded only after its
// bytes were read and have the digest that names it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <cladtorch/options.h>
#include <cladtorch/report.h>

#include "library.h"

namespace cladtorch::detail {

struct Obtained {
  std::shared_ptr<const Library> library;  // null: see reason
  std::string reason;
  bool from_cache = false;
  std::vector<Phase> phases;
};

// Finds or makes the library for a graph. guards go into the entry, for people to read. Throws nothing
// but std::bad_alloc.
Obtained obtain(const std::string& graph, const std::vector<std::string>& guards, const Options& options,
                const std::atomic<bool>* cancel);

// Forgets which libraries this process has loaded, for tests of the cache.
void forget_loaded();

}  // namespace cladtorch::detail
