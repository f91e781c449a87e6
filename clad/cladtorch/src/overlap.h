// Which tensors have memory in common.
#pragma once

#include <utility>

#include <torch/types.h>

namespace cladtorch::detail {

bool same_storage(const at::Tensor& a, const at::Tensor& b);

// First and last element that t reaches in its storage.
std::pair<int64_t, int64_t> extent(const at::Tensor& t);

// Whether the two have an element in common, not only a stretch of memory, as the parts of a chunk have.
bool overlap(const at::Tensor& a, const at::Tensor& b);

// Whether elements of t are at one place, as in what expand() gives.
bool repeats(const at::Tensor& t);

}  // namespace cladtorch::detail
