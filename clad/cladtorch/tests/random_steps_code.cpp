#include "random_steps.h"

namespace random_program {
namespace {

using torch::indexing::Slice;

// A step that picks a variable and writes code with it.
template <class F>
Choice with(const char* what, Operand o, double factor, F f) {
  return {"", [=](Step& s) {
            auto x = s.pick(o);
            s.add(f(x.t), x.bound * factor + 2, std::string(what) + " with x = " + x.name);
          }};
}
#define CODE(operand, factor, expression) \
  with(#expression, operand, factor, [](const Tensor& x) -> Tensor { return expression; })

// The same for code that writes to x, a place of its own.
template <class F>
Choice writing(const char* what, Operand o, F f) {
  return {"", [=](Step& s) {
            auto x = s.place(o);
            f(x.t);
            s.note_write(x.t, x.bound + 2);
            s.tell(std::string(what) + " with x = " + x.name);
          }};
}
#define WRITE(operand, expression) writing(#expression, operand, [](Tensor x) { expression; })

Tensor without_gradient(const Tensor& x) {
  torch::NoGradGuard no_grad;
  return torch::exp(x.tanh());
}

// A buffer that is filled by parts.
void fill_buffer(Step& s) {
  auto v = s.pick(T(1, 3));
  int64_t n = v.t.size(0);
  auto buffer = s.random.chance(50) ? torch::zeros({2 * n, 2}, v.t.options())
                                    : torch::empty({2 * n, 2}, v.t.options()).fill_(0.5);
  auto row = v.t.flatten(1).sum(1);
  buffer.slice(0, 0, n).select(1, 0).copy_(row);
  if (s.random.chance(70)) buffer.slice(0, n).copy_(row.unsqueeze(1));
  if (s.random.chance(30)) buffer.select(1, 1).add_(1);
  s.add(buffer, v.bound * double(v.t.numel()), "a buffer filled from " + v.name);
}

// What is born without values gets some.
Choice born(const char* op, Recipes recipes) {
  return {op, [=](Step& s) {
            Args args;
            for (const auto& r : recipes) args.push_back(r.make(s, args));
            auto x = s.call(op, args, 1)[0];
            s.call("fill_.Scalar", {x, Arg(0.75)}, 1);
          }};
}

}  // namespace

Choices code() {
  return {
      CODE(T(), 1, 1 - x),
      CODE(T(), 2, x * x.sigmoid() + x / 3),
      CODE(T().of(positive), 0, 2 / x),
      CODE(T(), 1, torch::where(x > 0.25, x, 0.5)),
      CODE(T(1), 1, x[0]),
      CODE(T(2), 1, x.index({Slice(), -1})),
      CODE(T(2), 1, x.index({"...", Slice(torch::indexing::None, torch::indexing::None, 2)})),
      CODE(T(1), 1, x.index({torch::indexing::None, "...", 0})),
      CODE(T(2), 1, torch::softmax(torch::matmul(x, x.transpose(-1, -2)).tanh(), -1)),
      CODE(T(1), 3, x.norm() * torch::ones_like(x)),
      CODE(T(), 3, without_gradient(x)),
      CODE(T(), 2, x + x.detach() * x),
      CODE(T(1), 1, torch::cat({x, x.sin()}, 0)),
      WRITE(T(1), x[0].fill_(1.5)),
      WRITE(T(1), x.index_put_({torch::zeros({1}, torch::kLong)}, x[0].sin())),
      WRITE(T(), x += 0.5),
      WRITE(T(1), x.slice(0, 0, 1).mul_(0.5).add_(1)),
      WRITE(T(), x.copy_(x.sin())),
      {"", fill_buffer},
      born("empty.memory_format", {Ints{3, 4}, Main()}),
      born("empty_like", {N()}),
      born("new_empty", {N(), Ints{4}}),
  };
}

// What cladopt does not import: the program is left to LibTorch, and says which operator it is.
Choices refused() {
  return {
      CODE(T(1), 1, x.tanh().cumprod(-1)),
      CODE(T(), 0, torch::sinc(x)),
      CODE(T(), 1, x.to(torch::kHalf).to(x.scalar_type())),
      CODE(T(), 1, x.numel() && (x == x).all().item<bool>() ? x : x * 2),
      CODE(T(1), 1, x.sum().reshape({1}).nonzero().sum() + x),
      WRITE(T(1), x.index_put_({0}, 0.25)),
  };
}

}  // namespace random_program
