#include "library.h"

#include <dlfcn.h>

#include <nlohmann/json.hpp>

#include "error.h"

namespace cladtorch::detail {
namespace {

using nlohmann::json;

at::ScalarType dtype_of(const std::string& name) {
  static const std::pair<const char*, at::ScalarType> names[] = {
      {"f16", at::kHalf}, {"bf16", at::kBFloat16}, {"f32", at::kFloat}, {"f64", at::kDouble},
      {"i8", at::kChar},  {"u8", at::kByte},       {"i16", at::kShort}, {"i32", at::kInt},
      {"i64", at::kLong}, {"i1", at::kBool},       {"ui8", at::kByte},  {"bool", at::kBool}};
  for (const auto& [n, t] : names)
    if (name == n) return t;
  throw ToolError("the library has a tensor of type " + name + ", which this cladtorch does not know");
}

Value value_of(const json& j) {
  Value v;
  v.dtype = dtype_of(j.at("dtype"));
  v.shape = j.at("shape").get<std::vector<int64_t>>();
  if (j.contains("strides") && j["strides"].is_array()) v.strides = j["strides"].get<std::vector<int64_t>>();
  v.requires_grad = j.at("requires_grad");
  v.unread = j.value("unread", false);
  v.numel = 1;
  for (auto s : v.shape) v.numel *= s;
  return v;
}

Meta parse(const char* text) {
  Meta m;
  auto j = json::parse(text);
  for (const auto& v : j.at("inputs")) m.inputs.push_back(value_of(v));
  for (const auto& v : j.at("outputs")) m.outputs.push_back(value_of(v));
  for (const auto& w : j.at("mutated")) {
    int in = w.at("input"), out = w.at("output");
    if (in < 0 || size_t(in) >= m.inputs.size() || out < 0 || size_t(out) >= m.outputs.size())
      throw ToolError("the library says that it changes input " + std::to_string(in) + " to output " +
                      std::to_string(out) + ", which it does not have");
    m.mutated.emplace_back(in, out);
  }
  m.workspace_bytes = j.at("workspace_bytes");
  m.alignment = j.at("alignment");
  m.engine = j.at("engine");
  m.guards = j.at("guards").get<std::vector<std::string>>();
  if (j.contains("assertions")) m.assertions = j["assertions"].get<std::vector<std::string>>();
  for (const auto& k : j.at("kernels"))
    m.kernels.push_back({k.at("name"), k.at("pullback"), k.at("derived_by"), k.at("lines").get<std::vector<int>>()});
  return m;
}

template <class F>
F symbol(void* handle, const std::string& path, const char* name) {
  void* s = dlsym(handle, name);
  if (!s) throw ToolError(path + " has no function " + name);
  return reinterpret_cast<F>(s);
}

}  // namespace

Library load_library(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* why = dlerror();
    throw ToolError(std::string("cannot load the compiled library: ") + (why ? why : path.c_str()));
  }
  int version = symbol<decltype(&ct_abi)>(handle, path, "ct_abi")();
  if (version != CLADOPT_ABI_VERSION)
    throw ToolError(path + " has version " + std::to_string(version) + " of the contract, want " +
                    std::to_string(CLADOPT_ABI_VERSION) +
                    "; the cladopt command and cladtorch are of different versions");
  Library l;
  l.forward = symbol<decltype(&ct_forward)>(handle, path, "ct_forward");
  l.backward = symbol<decltype(&ct_backward)>(handle, path, "ct_backward");
  try {
    l.meta = parse(symbol<decltype(&ct_meta)>(handle, path, "ct_meta")());
  } catch (const json::exception& e) { throw ToolError(path + ": its description cannot be read: " + e.what()); }
  return l;
}

}  // namespace cladtorch::detail
