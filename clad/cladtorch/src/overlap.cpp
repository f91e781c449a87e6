#include "overlap.h"

#include <algorithm>

namespace cladtorch::detail {

bool same_storage(const at::Tensor& a, const at::Tensor& b) {
  return a.has_storage() && b.has_storage() &&
         a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl() && a.storage().nbytes() > 0;
}

std::pair<int64_t, int64_t> extent(const at::Tensor& t) {
  int64_t first = t.storage_offset(), last = first;
  for (int64_t d = 0; d < t.dim(); ++d) last += (t.size(d) - 1) * t.stride(d);
  return {first, last};
}

bool overlap(const at::Tensor& a, const at::Tensor& b) {
  if (!same_storage(a, b) || a.numel() == 0 || b.numel() == 0) return false;
  auto [af, al] = extent(a);
  auto [bf, bl] = extent(b);
  if (af > bl || bf > al) return false;
  auto first = std::min(af, bf);
  auto touched = at::zeros({std::max(al, bl) - first + 1}, at::kBool);
  touched.as_strided(a.sizes(), a.strides(), af - first).fill_(true);
  return touched.as_strided(b.sizes(), b.strides(), bf - first).any().item<bool>();
}

bool repeats(const at::Tensor& t) {
  auto [first, last] = extent(t);
  auto touched = at::zeros({t.numel() == 0 ? 0 : last - first + 1}, at::kBool);
  touched.as_strided(t.sizes(), t.strides(), 0).fill_(true);
  return touched.sum().item<int64_t>() < t.numel();
}

}  // namespace cladtorch::detail
