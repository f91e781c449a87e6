#include "random_steps.h"

namespace random_program {
namespace {

// One form for each of several operators.
void each(Forms& to, std::initializer_list<const char*> ops, const Recipes& recipes, const Bound& bound) {
  for (auto op : ops) to.push_back({op, recipes, bound});
}

void one_operand(Forms& f) {
  each(f, {"sin", "cos", "tanh", "sigmoid", "erf", "special_erf", "sign", "sgn", "frac", "hardsigmoid"}, {N()},
       at_most(1));
  each(f, {"neg", "negative", "abs", "absolute", "asinh", "arcsinh", "atan", "arctan"}, {N()}, same);
  each(f, {"relu", "gelu", "silu", "hardswish", "mish", "log_sigmoid", "elu", "celu", "hardshrink", "softshrink"},
       {T()}, same);
  each(f, {"clone", "contiguous", "alias", "lift_fresh", "resolve_conj", "resolve_neg", "nan_to_num"}, {A()}, same);
  each(f, {"floor", "ceil", "round", "trunc", "fix", "softplus"}, {T()}, linear(1, 1));
  each(f, {"tan"}, {T().of(unit)}, at_most(2));
  each(f, {"exp", "expm1"}, {T().of(bounded)}, at_most(21));
  each(f, {"exp2"}, {T().of(bounded)}, at_most(8));
  each(f, {"sinh", "cosh"}, {T().of(bounded)}, at_most(11));
  each(f, {"log", "log2", "log10", "log1p", "sqrt"}, {T().of(positive)}, linear(1, 1));
  each(f, {"rsqrt", "reciprocal"}, {T().of(positive)}, at_most(2));
  each(f, {"square"}, {N()}, [](const Args& a) { return a[0].bound * a[0].bound; });
  each(f, {"asin", "arcsin", "acos", "arccos", "atanh", "arctanh"}, {T().of(unit)}, at_most(3));
  each(f, {"acosh", "arccosh"}, {T().of(above_one)}, same);
  each(f, {"erfc", "special_erfc"}, {N()}, at_most(2));
  each(f, {"lgamma", "special_gammaln"}, {T().of(positive)}, [](const Args& a) { return a[0].bound * a[0].bound + 2; });
  // LibTorch's trigamma, their derivative, is off by 5e-10 of its value at 1, and right above 6.
  each(f, {"digamma", "special_digamma", "special_psi"}, {T().of(above_six)}, linear(1, 2));
  each(f, {"relu6"}, {N()}, at_most(6));
  each(f, {"hardtanh"}, {T()}, at_most(1));
  each(f, {"selu"}, {T()}, linear(2));
  each(f, {"leaky_relu"}, {T()}, same);
  each(f, {"detach"}, {A()}, same);
  each(f, {"deg2rad"}, {N()}, same);
  each(f, {"rad2deg"}, {N()}, linear(57.3));
  each(f, {"logit"}, {T().of(probability)}, at_most(2));
  each(f, {"isnan", "isinf", "isfinite", "logical_not"}, {A()}, at_most(1));
  each(f, {"bitwise_not"}, {W()}, linear(1, 1));
}

void with_numbers(Forms& f) {
  f.insert(f.end(), {
                        {"add.Scalar", {N(), Number(), 2}, linear(1, 4)},
                        {"sub.Scalar", {N(), Number()}, linear(1, 2)},
                        {"subtract.Scalar", {N(), Number()}, linear(1, 2)},
                        {"rsub.Scalar", {N(), Number(), 2}, linear(2, 2)},
                        {"mul.Scalar", {N(), Number()}, linear(2)},
                        {"multiply.Scalar", {N(), Number()}, linear(2)},
                        {"div.Scalar", {N(), 1.5}, same},
                        {"div.Scalar", {N(), -2}, same},
                        {"divide.Scalar", {N(), 3}, same},
                        {"true_divide.Scalar", {N(), 3}, same},
                        {"div.Scalar_mode", {N(), 0.75, "floor"}, linear(2, 1)},
                        {"div.Scalar_mode", {N(), 2, "trunc"}, linear(1, 1)},
                        {"div.Scalar_mode", {N(), 2, none}, same},
                        {"divide.Scalar_mode", {N(), 0.75, "trunc"}, linear(2, 1)},
                        {"floor_divide.Scalar", {N(), 2}, linear(1, 1)},
                        {"remainder.Scalar", {N(), 0.75}, at_most(1)},
                        {"remainder.Scalar", {N(), -3}, at_most(3)},
                        {"fmod.Scalar", {N(), 0.75}, at_most(1)},
                        {"pow.Tensor_Scalar", {T().of(bounded), 3}, at_most(27)},
                        {"pow.Tensor_Scalar", {N(), 2}, [](const Args& a) { return a[0].bound * a[0].bound; }},
                        {"pow.Tensor_Scalar", {T().of(positive), -1.5}, at_most(3)},
                        {"pow.Tensor_Scalar", {T().of(positive), 0.5}, linear(1, 1)},
                        {"pow.Scalar", {1.5, T().of(bounded)}, at_most(4)},
                        {"pow.Scalar", {2, T().of(bounded)}, at_most(8)},
                        {"xlogy.Scalar_Self", {0.75, T().of(positive)}, at_most(4)},
                        {"xlogy.Scalar_Other", {T(), 1.5}, same},
                        {"leaky_relu", {T(), 0.25}, same},
                        {"elu", {T(), 0.5}, same},
                        {"elu", {T(), 0.5, 2.0, 0.75}, linear(2)},
                        {"celu", {T(), 0.5}, same},
                        {"softplus", {T(), 2, 1}, linear(1, 1)},
                        {"threshold", {T(), 0.25, -1}, linear(1, 1)},
                        {"hardshrink", {T(), 0.25}, same},
                        {"softshrink", {T(), 0.25}, same},
                        {"hardtanh", {T(), -0.5, 0.75}, at_most(1)},
                        {"gelu", {T(), "tanh"}, same},
                        {"logit", {T(), 0.125}, at_most(2)},
                        {"nan_to_num", {T(), 0.5, 1.0, -1.0}, same},
                        {"clamp", {N(), -0.5, 1.0}, at_most(1)},
                        {"clamp", {N(), none, 0.5}, same},
                        {"clamp", {N(), -1, none}, linear(1, 1)},
                        {"clip", {N(), -0.5, 1.0}, at_most(1)},
                        {"clamp_min", {N(), 0.125}, linear(1, 1)},
                        {"clamp_max", {N(), 0.5}, linear(1, 1)},
                        {"dropout", {T(), 0.5, false}, same},
                        {"dropout", {T(), 0.0, true}, same},
                    });
}

void two_operands(Forms& f) {
  f.insert(f.end(),
           {
               {"add.Tensor", {N(), Y(numbers)}, plus},
               {"add.Tensor", {N(), Y(numbers), 2}, [](const Args& a) { return a[0].bound + 2 * a[1].bound; }},
               {"sub.Tensor", {N(), Y(numbers)}, plus},
               {"sub.Tensor", {T(), Y(), 0.5}, plus},
               {"subtract.Tensor", {N(), Y(numbers)}, plus},
               {"rsub.Tensor", {N(), Y(numbers)}, plus},
               {"mul.Tensor", {N(), Y(numbers)}, times},
               {"mul.Tensor", {A(), Y(anything)}, times},
               {"multiply.Tensor", {N(), Y(numbers)}, times},
               {"div.Tensor", {N(), Y(positive)}, linear(2)},
               {"divide.Tensor", {N(), Y(positive)}, linear(2)},
               {"true_divide.Tensor", {N(), Y(positive)}, linear(2)},
               {"div.Tensor_mode", {N(), Y(positive), "floor"}, linear(2, 1)},
               {"div.Tensor_mode", {N(), Y(positive), "trunc"}, linear(2, 1)},
               {"div.Tensor_mode", {N(), Y(positive), none}, linear(2)},
               {"divide.Tensor_mode", {N(), Y(positive), "floor"}, linear(2, 1)},
               {"floor_divide", {N(), Y(positive)}, linear(2, 1)},
               {"remainder.Tensor", {N(), Y(positive)}, larger},
               {"fmod.Tensor", {N(), Y(positive)}, larger},
               {"pow.Tensor_Tensor", {T().of(positive), Y(unit)}, linear(1, 2)},
               {"logaddexp", {T(), Y()}, [](const Args& a) { return larger(a) + 1; }},
               {"xlogy.Tensor", {N(), Y(positive)}, [](const Args& a) { return a[0].bound * (a[1].bound + 1); }},
               {"lerp.Scalar", {T(), Y(), 0.25}, plus},
               {"lerp.Tensor", {T(), Y(), Y(unit)}, [](const Args& a) { return 2 * plus(a); }},
               {"addcmul", {T(), Y(), Y(), 0.5}, [](const Args& a) { return a[0].bound + a[1].bound * a[2].bound; }},
               {"addcdiv", {T(), Y(), Y(positive), 0.5}, plus},
               {"clamp_min.Tensor", {N(), Y(numbers)}, larger},
               {"clamp_max.Tensor", {N(), Y(numbers)}, larger},
               {"clamp.Tensor", {T(), Y(), Y()}, [](const Args& a) { return std::max(larger(a), a[2].bound); }},
               {"clamp.Tensor", {T(), Y(), none}, larger},
               {"clip.Tensor", {T(), none, Y()}, [](const Args& a) { return std::max(a[0].bound, a[2].bound); }},
               {"prelu",
                {T(), by([](Step& s, const Args& before) { return s.filled({1}, before[0].tensor().scalar_type()); })},
                same},
               {"where.self",
                {Mask(), Y(numbers), Y(numbers)},
                [](const Args& a) { return std::max(a[1].bound, a[2].bound); }},
               {"where.ScalarSelf", {Mask(), 0.5, Y(numbers)}, [](const Args& a) { return a[2].bound + 1; }},
               {"where.ScalarOther", {Mask(), Y(numbers), 2}, [](const Args& a) { return a[1].bound + 2; }},
               {"where.Scalar", {Mask(), 0.5, 2.0}, at_most(2)},
               {"masked_fill.Scalar", {N(), Mask(), Number()}, linear(1, 2)},
               {"masked_fill.Tensor",
                {T(), Mask(), Single()},
                [](const Args& a) { return std::max(a[0].bound, a[2].bound); }},
           });
  each(f, {"maximum", "max.other", "minimum", "min.other", "fmax", "fmin"}, {N(), Y(numbers)}, larger);
  each(f, {"atan2", "arctan2"}, {N(), Y(positive)}, at_most(3.2));
}

void of_truth(Forms& f) {
  for (std::string op :
       {"eq", "ne", "not_equal", "lt", "less", "le", "less_equal", "gt", "greater", "ge", "greater_equal"}) {
    f.push_back({op + ".Tensor", {N(), Y(numbers)}, at_most(1)});
    f.push_back({op + ".Scalar", {N(), Number()}, at_most(1)});
  }
  each(f, {"logical_and", "logical_or", "logical_xor"}, {A(), Y(anything)}, at_most(1));
  for (std::string op : {"bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__", "__xor__"}) {
    f.push_back({op + ".Tensor", {W(), Y(wholes)}, [](const Args& a) { return 2 * plus(a); }});
    f.push_back({op + ".Scalar", {W(), 3}, linear(2, 6)});
  }
}

void casts(Forms& f) {
  f.insert(f.end(), {
                        {"to.dtype", {A(), Main()}, same},
                        {"to.dtype", {A(), Narrow()}, same},
                        {"to.dtype", {A(), int64_t(torch::kDouble), false, true}, same},
                        {"to.dtype",
                         {T().of(bounded), by([](Step& s, const Args&) {
                            return Arg(int64_t(s.random.one_of(std::vector<torch::Dtype>{
                                torch::kLong, torch::kInt, torch::kShort, torch::kChar, torch::kBool})));
                          })},
                         same},
                        {"to.other", {N(), Y(numbers)}, same},
                        {"type_as", {N(), Y(numbers)}, same},
                        {"to.device", {N(), c10::Device(torch::kCPU), Main()}, same},
                        {"to.dtype_layout", {N(), Main()}, same},
                    });
}

}  // namespace

Forms pointwise() {
  Forms f;
  one_operand(f);
  with_numbers(f);
  two_operands(f);
  of_truth(f);
  casts(f);
  return f;
}

}  // namespace random_program
