#include <cladtorch/observe.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <unistd.h>

#include "capture.h"
#include "guard.h"
#include "safetensors.h"

namespace cladtorch::detail {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& path, int error) {
  throw std::runtime_error("cladtorch: observe: " + what + " " + path.string() + ": " + std::strerror(error));
}

// A file that is written beside the one that it replaces, and is gone unless it does.
class Replacement {
 public:
  explicit Replacement(const fs::path& path) : path_(path) {
    if (fs::is_directory(path)) fail("cannot write", path, EISDIR);
    static std::atomic<unsigned> count{0};
    written_ = path.string() + "." + std::to_string(getpid()) + "." + std::to_string(count++) + ".tmp";
    // Not mkstemp: its files are private, a result is as the umask says.
    int fd = open(written_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) fail("cannot write", path, errno);
    close(fd);
    before_ = written_.string() + ".before";
    out.open(written_, std::ios::binary | std::ios::trunc);
  }
  ~Replacement() {
    unlink(written_.c_str());
    unlink(before_.c_str());
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void finish() {
    out.close();
    if (!out) fail("cannot write all of", path_, errno);
  }
  void put() {
    had_ = link(path_.c_str(), before_.c_str()) == 0;
    if (std::rename(written_.c_str(), path_.c_str()) != 0) fail("cannot write", path_, errno);
  }
  void take_back() {
    if (had_)
      std::rename(before_.c_str(), path_.c_str());
    else
      unlink(path_.c_str());
  }

  std::ofstream out;

 private:
  fs::path path_, written_, before_;
  bool had_ = false;
};

void write_files(const std::string& path, const std::string& graph, const NamedTensors& tensors) {
  Replacement text(path + ".graph"), data(path + ".safetensors");
  text.out << graph;
  write_safetensors(data.out, tensors);
  text.finish();
  data.finish();
  data.put();
  try {
    text.put();
  } catch (...) {
    data.take_back();
    throw;
  }
}

// What the run was given and what it gave, by the names of the file contract.
NamedTensors recorded(const Capture& c, const Tensors& inputs) {
  NamedTensors all;
  auto add = [&](const char* name, size_t i, const at::Tensor& t) { all.emplace_back(name + std::to_string(i), t); };
  const auto& e = c.expected;
  std::vector<char> written(inputs.size());
  for (const auto& w : e.written) written[size_t(w.first)] = true;
  for (size_t k = 0; k < c.lifted.size(); ++k)
    if (c.lifted[k].written) written[inputs.size() - c.lifted.size() + k] = true;

  for (size_t i = 0; i < inputs.size(); ++i) add("input.", i, inputs[i]);
  for (size_t i = 0; i < e.outputs.size(); ++i) add("output.", i, e.outputs[i]);
  // The graph's importer appends what the function writes to, by number.
  for (const auto& [input, value] : e.written)
    add("output.", e.outputs.size() + size_t(std::count(written.begin(), written.begin() + input, char(true))), value);
  bool any = false;
  for (size_t i = 0; i < e.grad_outputs.size(); ++i)
    if (e.grad_outputs[i].defined()) add("grad_output.", i, e.grad_outputs[i]), any = true;
  for (size_t i = 0; any && i < inputs.size(); ++i)
    if (e.differentiated[i])
      add("grad_input.", i,
          e.grad_inputs[i].defined() ? e.grad_inputs[i]
                                     : at::zeros(inputs[i].sizes(), inputs[i].options().requires_grad(false)));
  return all;
}

}  // namespace

void write_observation(const Callable& callable, const Tensors& examples, const std::string& path) {
  auto refuse = [](const std::string& reason) { throw CompileError("cladtorch: observe: " + reason); };
  if (torch::jit::tracer::isTracing()) refuse("a trace is under way; call it outside of the function that is compiled");
  for (size_t i = 0; i < examples.size(); ++i)
    if (auto why = unfit(examples[i]); !why.empty()) refuse("input " + std::to_string(i) + " " + why);
  std::vector<char> mark;
  auto c = capture_call(callable, examples, {}, /*gradients=*/true, mark);
  if (!c.refusal.empty()) refuse(c.refusal);
  Tensors inputs = examples;
  for (const auto& l : c.lifted) inputs.push_back(l.tensor);
  auto tensors = recorded(c, inputs);
  for (const auto& [name, t] : tensors)
    if (!safetensors_dtype(t.scalar_type()))
      refuse(name + " is " + c10::toString(t.scalar_type()) + ", which a safetensors file cannot hold");
  write_files(path, c.text, tensors);
}

}  // namespace cladtorch::detail
