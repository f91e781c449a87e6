// What depends on values that no compilation saw.
#include "support.h"

using namespace test;

namespace {

TEST(Data, IndicesOutOfRangeThrow) {
  auto w = leaf({5, 3});
  auto c = cladtorch::compile([](Tensor i, Tensor w) { return torch::embedding(w, i); }, {torch::tensor({0, 4}), w});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  EXPECT_TRUE(agree(c(torch::tensor({1, 2}), w), torch::embedding(w, torch::tensor({1, 2})), true));
  auto what = message([&] { c(torch::tensor({1, 5}), w); });
  EXPECT_TRUE(has(what, "cladtorch: line ") && has(what, "an index is out of range")) << what;
  EXPECT_THROW(c.forward({torch::tensor({-1, 2}), w}), c10::Error);
  EXPECT_TRUE(agree(c(torch::tensor({3, 2}), w), torch::embedding(w, torch::tensor({3, 2})), true));
}

TEST(Data, DivisionOfIntegersByZeroThrows) {
  auto f = [](Tensor x, Tensor y) {
    return std::make_tuple(torch::div(x, y, "floor"), torch::div(x, y, "trunc"), torch::remainder(x, y),
                           torch::fmod(x, y));
  };
  for (auto dtype : {torch::kInt, torch::kLong, torch::kChar}) {
    auto x = torch::arange(-6, 6).to(dtype), y = torch::tensor({1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6}).to(dtype);
    auto c = cladtorch::compile(f, {x, y});
    ASSERT_NE(c.report().engine, "eager") << c.report();
    for (int at : {-1, 0, 11}) {
      auto z = y.clone();
      if (at >= 0) z[at] = 0;
      if (at >= 0) {
        EXPECT_THROW(f(x, z), c10::Error);
        EXPECT_THROW(c(x, z), c10::Error) << at;
        continue;
      }
      EXPECT_TRUE(torch::equal(std::get<0>(c(x, z)), std::get<0>(f(x, z))));
      EXPECT_TRUE(torch::equal(std::get<1>(c(x, z)), std::get<1>(f(x, z))));
      EXPECT_TRUE(torch::equal(std::get<2>(c(x, z)), std::get<2>(f(x, z))));
      EXPECT_TRUE(torch::equal(std::get<3>(c(x, z)), std::get<3>(f(x, z))));
    }
  }
}

TEST(Data, ProbabilitiesOutOfRangeThrow) {
  auto f = [](Tensor x, Tensor t) { return torch::binary_cross_entropy(x, t); };
  auto t = torch::tensor({0.f, 1.f, .5f});
  auto c = cladtorch::compile(f, {torch::full({3}, .5), t});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  for (float bad : {1.5f, -.25f, std::numeric_limits<float>::quiet_NaN()}) {
    auto x = torch::tensor({.5f, bad, .25f});
    EXPECT_THROW(f(x, t), c10::Error);
    EXPECT_THROW(c(x, t), c10::Error) << bad;
  }
}

// What has no dtype of its own has LibTorch's default.
TEST(Data, DefaultsToDouble) {
  auto f = [](Tensor i, Tensor x) {
    auto n = i.size(0);
    return std::make_tuple(torch::ones({n}) / 3 + x, i / 7, i * 0.1, torch::linspace(0, 1, n),
                           i.to(torch::kDouble).mean(), (torch::full({n}, 0.1) * x).sum(), i.sqrt());
  };
  torch::set_default_dtype(caffe2::TypeMeta::Make<double>());
  struct Reset {
    ~Reset() { torch::set_default_dtype(caffe2::TypeMeta::Make<float>()); }
  } reset;
  auto i = torch::arange(5), x = leaf({5}, torch::kDouble);
  auto c = cladtorch::compile(f, {i, x});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  std::apply(
      [&](auto... got) {
        std::apply(
            [&](auto... want) {
              EXPECT_TRUE((agree(got, want, false) && ...));
              EXPECT_TRUE(((got.scalar_type() == want.scalar_type()) && ...));
            },
            f(i, x));
      },
      c(i, x));
}

// Compiled for values that show no difference, called with others: the sum keeps its rounding error, and infinity
// minus itself is NaN.
TEST(Data, OperationsKeepTheirOrder) {
  auto f = [](Tensor x, Tensor y) {
    auto sum = x + y;
    return std::make_pair(sum - y, (sum - y) - x);
  };
  auto c = cladtorch::compile(f, {torch::ones({8}), torch::ones({8})});
  ASSERT_NE(c.report().engine, "eager") << c.report();
  auto x = torch::tensor({1.25f, 2.5f, -3.75f, 1000.3f, 7.f, 9.f, 100.f, 3.3f});
  for (double large : {1e8, std::numeric_limits<double>::infinity()}) {
    auto y = torch::full({8}, large);
    auto got = c(x, y), want = f(x, y);
    EXPECT_TRUE(agree(got.first, want.first, true)) << large;
    EXPECT_TRUE(agree(got.second, want.second, true)) << large;
  }
}

}  // namespace
