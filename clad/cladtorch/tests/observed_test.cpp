// The functions behind testdata/observed, in both precisions and several layouts.
#include "support.h"

#include "observed_programs.h"

using namespace test;

namespace {

using observed::programs;

enum Layout { contiguous, transposed, sliced, expanded };
const char* const layouts[] = {"contiguous", "transposed", "sliced", "expanded"};

// A tensor of the same shape in another layout, as far as the shape has it.
Tensor laid_out(const Tensor& t, Layout layout) {
  if (t.dim() == 0 || t.numel() == 0) return t;
  auto plain = t.detach();
  switch (layout) {
    case contiguous: return t;
    case transposed: plain = plain.transpose(0, -1).contiguous().transpose(0, -1); break;
    case sliced: plain = plain.repeat_interleave(2, -1).slice(-1, 1, c10::nullopt, 2); break;
    case expanded: plain = plain.slice(0, 0, 1).expand_as(plain); break;
  }
  return plain.requires_grad_(t.requires_grad());
}

struct Case {
  std::string name;
  Layout layout;
  torch::Dtype dtype;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name << " " << layouts[c.layout] << " " << c.dtype; }

// All layouts in both precisions are many compilations: CLADTORCH_LONG=1 runs them. Otherwise each
// layout has one precision.
std::vector<Case> cases() {
  bool all = std::getenv("CLADTORCH_LONG") != nullptr;
  std::vector<Case> c;
  for (const auto& [name, p] : programs()) {
    bool big = name.rfind("big_", 0) == 0;
    for (auto layout : {contiguous, transposed, sliced, expanded})
      for (auto dtype : {torch::kFloat, torch::kDouble}) {
        bool short_run = layout == contiguous || (dtype == torch::kFloat) != (layout == sliced);
        if (big || !p.refused.empty() ? layout == contiguous && (dtype == torch::kFloat || all) : short_run || all)
          c.push_back({name, layout, dtype});
      }
  }
  return c;
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name + "_" + layouts[info.param.layout] + (info.param.dtype == torch::kFloat ? "_f32" : "_f64");
}

struct Observed : testing::TestWithParam<Case> {};

TEST_P(Observed, IsAsLibTorchs) {
  torch::manual_seed(3);
  const auto& [name, layout, dtype] = GetParam();
  const auto& p = programs().at(name);
  auto inputs = p.inputs(dtype);
  for (auto& t : inputs) t = laid_out(t, layout);
  if (!p.refused.empty()) return expect_refused(p.f, inputs, p.refused);
  try {
    p.f(fresh(inputs));
  } catch (const c10::Error&) {
    // LibTorch itself writes to no tensor whose elements share memory, and makes no view where the strides have none.
    EXPECT_NE(layout, contiguous);
    EXPECT_THROW(cladtorch::compile(p.f, inputs)(fresh(inputs)), c10::Error);
    return;
  }
  expect_like_eager(p.f, dtype == torch::kFloat && magnifies_rounding(p.f, inputs) ? in_double(inputs) : inputs);
}

INSTANTIATE_TEST_SUITE_P(All, Observed, testing::ValuesIn(cases()), case_name);

// Those that take any shape also take a number and nothing at all.
struct AnyShape : testing::TestWithParam<std::string> {};

TEST_P(AnyShape, ZeroDimensionsAndNoElements) {
  torch::manual_seed(4);
  const auto& p = programs().at(GetParam());
  for (auto sizes : {std::vector<int64_t>{}, std::vector<int64_t>{0, 3}})
    for (auto dtype : {torch::kFloat, torch::kDouble}) {
      SCOPED_TRACE(testing::Message() << sizes << dtype);
      auto inputs = p.inputs(dtype);
      for (auto& t : inputs) t = torch::randn(sizes, dtype).requires_grad_(t.requires_grad());
      expect_like_eager(p.f, inputs);
    }
}

INSTANTIATE_TEST_SUITE_P(All, AnyShape,
                         testing::Values("square_sum", "squared_error", "activations", "pointwise_math", "scalar_input",
                                         "double_poly", "dead_and_duplicate", "inplace_intermediate"),
                         [](const auto& info) { return info.param; });

// No observed graph is forgotten.
TEST(ObservedGraphs, AllAreWrittenAsFunctions) {
  int n = 0;
  for (const auto& f : std::filesystem::directory_iterator(CLADTORCH_OBSERVED)) {
    if (f.path().extension() != ".graph") continue;
    EXPECT_EQ(programs().count(f.path().stem().string()), 1u) << f.path().stem();
    ++n;
  }
  EXPECT_EQ(size_t(n), programs().size());
}

}  // namespace
