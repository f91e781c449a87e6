#include "blocks.h"

#include <array>
#include <cstdlib>
#include <new>
#include <utility>

namespace cladtorch::detail {
namespace {

// Blocks have 64, 128, .. 65536 bytes.
constexpr size_t alignment = 64, classes = 11, kept = 8;
static_assert(largest_block <= alignment << (classes - 1));

struct List {
  size_t count = 0;
  std::array<void*, kept> blocks;
};

// A thread's last tensors may be destroyed after its variables were: the lists have no destructor, and
// the one of Owner says when they are closed.
thread_local std::array<List, classes> lists;
thread_local enum { unused, open, closed } state = unused;

struct Owner {
  Owner() { state = open; }
  ~Owner() {
    state = closed;
    for (auto& l : lists)
      while (l.count) std::free(l.blocks[--l.count]);
  }
};

template <size_t Class>
void give_back(void* block) {
  if (state == unused) thread_local Owner owner;
  auto& l = lists[Class];
  if (state == closed || l.count == kept) return std::free(block);
  l.blocks[l.count++] = block;
}

template <size_t... Class>
constexpr std::array<c10::DeleterFnPtr, classes> deleters(std::index_sequence<Class...>) {
  return {give_back<Class>...};
}

size_t class_of(size_t bytes) {
  size_t c = 0;
  while (alignment << c < bytes) ++c;
  return c;
}

}  // namespace

c10::DataPtr take_block(size_t bytes) {
  static constexpr auto deleter = deleters(std::make_index_sequence<classes>());
  size_t c = class_of(bytes);
  auto& l = lists[c];
  void* b = l.count ? l.blocks[--l.count] : std::aligned_alloc(alignment, alignment << c);
  if (!b) throw std::bad_alloc();
  return {b, b, deleter[c], c10::Device(c10::DeviceType::CPU)};
}

}  // namespace cladtorch::detail
