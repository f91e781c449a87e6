// How callers get the outputs of a compiled function: the same handles and views that the callable gives.
#pragma once

#include <string>
#include <vector>

#include <cladtorch/detail/function.h>

namespace cladtorch::detail {

// How the caller gets output i.
struct OutputPlan {
  enum Kind {
    undefined,
    computed,    // the library's output `index`
    input,       // the very handle of input `index`
    input_view,  // a view of input `index`
    output,      // the same handle as the caller's output `index`
    output_view  // a view of the caller's output `index`
  };
  Kind kind = undefined;
  int index = 0;
  int library_output = -1;  // for its gradient; -1: undefined outputs
  std::vector<int64_t> sizes, strides;
  int64_t offset = 0;     // of a view, in elements after the base's first
  bool detached = false;  // a view without the base's gradient
};

// Plans all outputs of a run on these inputs of the library, of which undefined ones are never given. Returns why it
// cannot, or "".
std::string plan_outputs(const Tensors& inputs, const Tensors& outputs, std::vector<OutputPlan>& plans);

}  // namespace cladtorch::detail
