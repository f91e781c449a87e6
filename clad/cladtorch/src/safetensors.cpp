#include "safetensors.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace cladtorch::detail {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors files are little-endian");

const char* safetensors_dtype(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat: return "F32";
    case at::kDouble: return "F64";
    case at::kLong: return "I64";
    case at::kInt: return "I32";
    case at::kShort: return "I16";
    case at::kChar: return "I8";
    case at::kByte: return "U8";
    case at::kBool: return "BOOL";
    case at::kHalf: return "F16";
    case at::kBFloat16: return "BF16";
    default: return nullptr;
  }
}

void write_safetensors(std::ostream& out, NamedTensors tensors) {
  // The widest elements come first: then every tensor is aligned in the file.
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
  auto header = nlohmann::ordered_json::object();
  size_t end = 0;
  for (auto& [name, t] : tensors) {
    t = t.detach().contiguous();
    size_t begin = end;
    end += t.nbytes();
    header[name] = {
        {"dtype", safetensors_dtype(t.scalar_type())}, {"shape", t.sizes().vec()}, {"data_offsets", {begin, end}}};
  }
  auto text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  uint64_t length = text.size();
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out.write(text.data(), std::streamsize(text.size()));
  for (const auto& [name, t] : tensors) out.write(static_cast<const char*>(t.data_ptr()), std::streamsize(t.nbytes()));
}

}  // namespace cladtorch::detail
