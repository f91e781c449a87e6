// [[if .Trains]]Trains [[.Name]]: follows the gradient of its loss downhill[[else]]Computes the outputs of [[.Name]], which has no gradient[[end]].
//
//   example [DATA.safetensors [STEPS]]
//
// DATA holds tensors input.0, input.1, .. as cladopt check reads them; without it numbers are drawn at random.
// Exit status: 0 [[if .Trains]]the loss fell, 1 it did not[[else]]done, 1 an output is no number[[end]], 2 something failed.
#include "[[.Name]].h"
#include "cladopt_host.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <string>
#include <vector>

static void fail(const std::string &why) {
  std::fprintf(stderr, "example: %s\n", why.c_str());
  std::exit(2);
}

// A safetensors file: the length of a header in 8 bytes, the header, JSON, and the data.
struct File {
  std::string bytes;
  explicit File(const char *path) {
    if (!path) return;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    if (!(all << in.rdbuf())) fail(std::string("cannot read ") + path);  // nor a folder
    bytes = all.str();
    uint64_t header = 0;
    if (bytes.size() >= 8) std::memcpy(&header, bytes.data(), 8);
    if (header == 0 || header > bytes.size() - 8) fail(std::string(path) + " is not a safetensors file");
  }

  // Copies tensor name, contiguous elements of that type.
  void read(const std::string &name, const std::string &dtype, void *to, size_t size) const {
    uint64_t length;
    std::memcpy(&length, bytes.data(), 8);
    const std::string header = bytes.substr(8, length);
    const size_t at = header.find("\"" + name + "\"");
    if (at == std::string::npos) fail("the file has no " + name);
    const std::string entry = header.substr(at, header.find('}', at) - at);
    const size_t offsets = entry.find('[', std::min(entry.size(), entry.find("\"data_offsets\"")));
    unsigned long long begin = 0, end = 0;
    if (entry.find("\"" + dtype + "\"") == std::string::npos || offsets == std::string::npos ||
        std::sscanf(entry.c_str() + offsets, "[%llu ,%llu", &begin, &end) != 2 ||
        end - begin != size || end < begin || end > bytes.size() - 8 - length)
      fail(name + " is not " + std::to_string(size) + " bytes of " + dtype);
    if (size) std::memcpy(to, bytes.data() + 8 + length + begin, size);
  }
};

// A tensor with the strides, in elements, that the graph was compiled for.
template <class T> struct Tensor {
  const char *name;
  std::vector<int64_t> shape, strides;
  std::vector<T> data;

  Tensor(const char *name, std::vector<int64_t> shape, std::vector<int64_t> strides)
      : name(name), shape(shape), strides(strides), data(size() ? place(size() - 1) + 1 : 1) {}

  size_t size() const {
    size_t n = 1;
    for (int64_t d : shape) n *= size_t(d);
    return n;
  }
  // Where element k, in row-major order, is in data.
  size_t place(size_t k) const {
    size_t at = 0;
    for (size_t d = shape.size(); d-- > 0; k /= size_t(shape[d])) at += k % size_t(shape[d]) * size_t(strides[d]);
    return at;
  }
  // Takes contiguous elements.
  void assign(const T *from) {
    for (size_t k = 0; k < size(); ++k) data[place(k)] = from[k];
  }
};

// Numbers between low and high, the same ones in each run.
static double draw(double low, double high) {
  static uint32_t seed = 1;
  seed = seed * 1664525u + 1013904223u;
  return low + (high - low) * (seed >> 8) / double(1 << 24);
}

// Fills x from the file, else by chance; integers, which are indices or masks, with zeros.
template <class T> static void fill(Tensor<T> &x, const File &file, const char *dtype, double low, double high) {
  std::vector<T> values(x.size() + 1);
  if (!file.bytes.empty()) file.read(x.name, dtype, values.data(), x.size() * sizeof(T));
  else if (dtype[0] == 'F')
    for (T &v : values) v = T(draw(low, high));
  x.assign(values.data());
}
[[if .Trains]]
// A tensor that is learned, with its gradient, which is contiguous.
template <class T> struct Parameter : Tensor<T> {
  std::vector<T> gradient;

  Parameter(const char *name, std::vector<int64_t> shape, std::vector<int64_t> strides)
      : Tensor<T>(name, shape, strides), gradient(this->size() + 1) {}

  void step(double rate) {
    for (size_t k = 0; k < this->size(); ++k) this->data[this->place(k)] -= T(rate * double(gradient[k]));
  }
  double squares() const { // of the gradient
    double sum = 0;
    for (size_t k = 0; k < this->size(); ++k) sum += double(gradient[k]) * double(gradient[k]);
    return sum;
  }
};
[[end]]
int main(int argc, char **argv) {
  const int steps = argc > 2 ? std::atoi(argv[2]) : 20;
  if (argc > 3 || steps < 1) fail("usage: example [DATA.safetensors [STEPS]]");
  const File file(argc > 1 ? argv[1] : nullptr);
  const ct_host host = cladopt_host(0); // all threads[[if .BLAS]], and the BLAS that this is linked with[[end]]; a null pointer would do as well

  // What the graph reads[[if .Trains]]: data, and parameters that are learned[[end]].
[[- range .Inputs]]
  [[if .Learned]]Parameter[[else]]Tensor[[end]]<[[.CType]]> [[.Var]]("input.[[.Index]]", {[[.Shape]]}, {[[.Strides]]});
  fill([[.Var]], file, "[[.DType]]", [[.Low]], [[.High]]);
[[- end]]

  // What it computes[[if .Trains]], and the loss's derivatives by that[[end]].
[[- range .Outputs]]
  std::vector<[[.CType]]> [[.Var]]([[.Room]])[[if .Adjoint]], d_[[.Var]]([[.Room]])[[end]];
[[- end]]
[[- range .Outputs]][[if .Target]]
  std::vector<[[.CType]]> target_[[.Var]]([[.Room]]);
  for (auto &v : target_[[.Var]]) v = draw(0, 1);
[[- end]][[end]]

  void *in[] = {[[inputs "%s.data.data()"]]};
  void *out[] = {[[outputs "%s.data()"]]};
[[- if .Trains]]
  void *grad_out[] = {[[adjoints]]};
  void *grad_in[] = {[[gradients]]};
[[- end]]
  void *ws = ::operator new([[.Name]]_WORKSPACE_BYTES + 1, std::align_val_t([[.Name]]_WORKSPACE_ALIGNMENT));
[[if .Trains]]
  double rate = 0, first = 0, last = 0;
  for (int step = 0; step <= steps; ++step) {
    if (int failed = [[.Name]]_forward(&host, in, out, ws)) fail("[[.Name]]_forward: error " + std::to_string(failed));

    // The loss: [[.LossIs]].
    double loss = 0;
[[- range .Outputs]]
[[- if .Loss]]
    loss += [[.Var]][0];
    d_[[.Var]][0] = 1;
[[- else if .Target]]
    for (size_t k = 0; k < [[.Len]]; ++k) {
      const double off = [[.Var]][k] - target_[[.Var]][k];
      loss += off * off / 2;
      d_[[.Var]][k] = off;
    }
[[- end]]
[[- end]]
    if (step == 0) first = loss;
    else if (!(loss < last)) rate /= 4; // too long a step
    last = loss;

    if (int failed = [[.Name]]_backward(&host, in, out, grad_out, grad_in, ws)) fail("[[.Name]]_backward: error " + std::to_string(failed));
[[- range .Mutated]]
    [[.Input]].assign([[.Output]].data()); // the graph writes to this input
[[- end]]

    const double squares = [[squares]];
    if (step == 0 && squares > 0) rate = 0.01 * (std::fabs(loss) + 0.01) / squares; // lowers the loss by a hundredth at first
    std::printf("step %2d  loss %.9g  |gradient| %.3g  rate %.3g\n", step, loss, std::sqrt(squares), rate);
    if (step == steps) break; // the parameters are those of this loss
[[- range .Inputs]][[if .Learned]]
    [[.Var]].step(rate);
[[- end]][[end]]
  }
  ::operator delete(ws, std::align_val_t([[.Name]]_WORKSPACE_ALIGNMENT));
  std::printf("loss %g at first, %g after %d steps\n", first, last, steps);
  return std::isfinite(last) && last < first ? 0 : 1;
[[- else]]
  double sum = 0;
  for (int step = 0; step < steps; ++step) {
    if (int failed = [[.Name]]_forward(&host, in, out, ws)) fail("[[.Name]]_forward: error " + std::to_string(failed));
[[- range .Mutated]]
    [[.Input]].assign([[.Output]].data()); // the graph writes to this input
[[- end]]
  }
[[- range .Outputs]]
  for (size_t k = 0; k < [[.Len]]; ++k) sum += double([[.Var]][k]);
[[- end]]
  ::operator delete(ws, std::align_val_t([[.Name]]_WORKSPACE_ALIGNMENT));
  std::printf("sum of the outputs: %g\n", sum);
  return std::isfinite(sum) ? 0 : 1;
[[- end]]
}
