// Memory of small results. LibTorch takes aligned memory from the system for each tensor, which for
// small ones costs more than computing them: blocks that results gave back are used again.
#pragma once

#include <c10/core/Allocator.h>

namespace cladtorch::detail {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t largest_block = 0;  // the sanitizer shall see the life of each tensor
#else
constexpr size_t largest_block = 65536;
#endif

// At most largest_block bytes that LibTorch can own, aligned as its own are. They come from, and
// return to, a list of the thread that asks or gives back, of at most a megabyte.
c10::DataPtr take_block(size_t bytes);

}  // namespace cladtorch::detail
