#include <cladtorch/compile.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

TEST(Basic, TheThreeLines) {
  auto x = torch::randn({1000});
  auto my_graph = [](torch::Tensor x) { return (x * x).sum(); };
  auto compiled = cladtorch::compile(my_graph, {x});
  EXPECT_NE(compiled.report().engine, "eager") << compiled.report();
  auto y = compiled.forward({x});
  auto dx = compiled.backward(torch::ones_like(y));
  EXPECT_TRUE(torch::allclose(y, (x * x).sum()));
  EXPECT_TRUE(torch::allclose(dx, 2 * x));
  std::cout << compiled.report();
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
