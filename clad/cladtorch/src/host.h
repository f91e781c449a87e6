// What this process lends to a compiled library: LibTorch's threads and BLAS.
#pragma once

#include <cladopt_abi.h>

namespace cladtorch::detail {

// The table for a call from this thread.
ct_host host();

}  // namespace cladtorch::detail
