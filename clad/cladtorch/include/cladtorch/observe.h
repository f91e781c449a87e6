// From a function to the files that the cladopt command reads.
//
//   cladtorch::observe(my_graph, {x}, "my_graph");  // my_graph.graph, my_graph.safetensors
//   $ cladopt check my_graph.graph my_graph.safetensors
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <cladtorch/detail/callable.h>
#include <cladtorch/report.h>

namespace cladtorch {

namespace detail {
void write_observation(const Callable& callable, const Tensors& examples, const std::string& path);
}

// Runs fn, which is what compile takes, on the examples as compile does, and writes
//   PATH.graph        the observed graph; captured tensors and parameters are inputs after the examples
//   PATH.safetensors  input.I as it was before the run and output.I; grad_output.I, random numbers
//                     between 0.5 and 1.5, of the outputs that have a gradient; grad_input.I of the
//                     inputs that require one, zeros where the outputs do not depend on the input.
// An input that fn writes to has its new value as a further output, after those of fn. As with compile, if
// no tensor requires a gradient, all floating examples have one. What the files cannot hold throws CompileError
// with the reason; what cannot be written throws std::runtime_error. Either both files are there, whole, or
// what was there before; what fn throws passes through.
template <class F>
void observe(F&& fn, const std::vector<torch::Tensor>& examples, const std::string& path) {
  detail::write_observation(detail::typed(std::forward<F>(fn)).callable, examples, path);
}

}  // namespace cladtorch
