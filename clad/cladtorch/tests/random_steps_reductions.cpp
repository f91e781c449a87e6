#include "random_steps.h"

#include <limits>

namespace random_program {
namespace {

// Sizes of one or two last dimensions.
Recipe LastSizes() {
  return by([](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    return Arg(x.sizes().slice(size_t(x.dim() - (x.dim() > 1 && s.random.chance(30) ? 2 : 1))).vec());
  });
}

// As the argument before it says, scales or shifts that a normalisation learns.
Recipe Affine() {
  return by([](Step& s, const Args& before) {
    if (s.random.chance(30)) return Arg(none);
    for (const auto& a : before)
      if (a.value.isIntList()) return Arg(s.filled(a.value.toIntVector(), before[0].tensor().scalar_type()));
    return Arg(s.filled({before[0].tensor().size(1)}, before[0].tensor().scalar_type()));
  });
}

// Running statistics: memory of their own, that normalisation may write to.
Recipe Running(double value) {
  return by([value](Step& s, const Args& before) {
    const auto& x = before[0].tensor();
    return s.add(torch::full({x.size(1)}, value, x.options().requires_grad(false)), 1 + value,
                 "full({C}, " + std::to_string(value) + ")");
  });
}

// 1 and -1 in turn, for each element or each row.
Recipe Signs(bool rows = false) {
  return from_first([rows](const Tensor& x) {
    auto sizes = rows ? Ints{x.size(0)} : x.sizes().vec();
    auto n = torch::arange(c10::multiply_integers(sizes), x.options().requires_grad(false));
    return ((n % 2) * 2 - 1).view(sizes);
  });
}

// A class of dimension 1 for each element of the others.
Recipe Labels() {
  return from_first([](const Tensor& x) {
    TORCH_CHECK(x.size(1) > 0, "no class");
    auto sizes = x.sizes().vec();
    sizes.erase(sizes.begin() + 1);
    return torch::arange(x.numel() / x.size(1)).mul(2).add(1).remainder(x.size(1)).view(sizes);
  });
}

Recipe ClassWeights() {
  return by([](Step& s, const Args& before) {
    if (s.random.chance(50)) return Arg(none);
    const auto& x = before[0].tensor();
    return Arg(torch::arange(x.size(1), x.options().requires_grad(false)) * 0.25 + 0.5, "arange(C) * 0.25 + 0.5");
  });
}

void sums(Forms& f) {
  f.insert(f.end(), {
                        {"sum", {N()}, total(same)},
                        {"sum", {N(), Main()}, total(same)},
                        {"sum.dim_IntList", {N(1), Dims(), Flag()}, linear(12)},
                        {"mean", {T()}, same},
                        {"mean.dim", {T(1), Dims(), Flag()}, same},
                        {"prod", {T().of(unit)}, at_most(1)},
                        {"prod.dim_int", {T(1).of(unit), Dim(), Flag()}, at_most(1)},
                        {"logsumexp", {T(1), Dims(), Flag()}, linear(1, 3)},
                        {"cumsum", {N(1), Dim()}, linear(6)},
                        {"any", {A()}, at_most(1)},
                        {"any.dim", {A(1), Dim(), Flag()}, at_most(1)},
                        {"any.dims", {A(1), Dims(), Flag()}, at_most(1)},
                        {"all", {A()}, at_most(1)},
                        {"all.dim", {A(1), Dim(), Flag()}, at_most(1)},
                        {"all.dims", {A(1), Dims(), Flag()}, at_most(1)},
                        {"count_nonzero", {N()}, total(at_most(1))},
                        {"count_nonzero", {N(1), Dim()}, at_most(6)},
                        {"count_nonzero.dim_IntList", {N(1), Dims()}, at_most(12)},
                        {"norm.Scalar", {T().of(positive), 2}, total(same)},
                        {"norm.ScalarOpt_dtype", {T().of(positive), 2, Main()}, total(same)},
                        {"norm.ScalarOpt_dim", {T(1).of(positive), Int(1, 3), Dims(), Flag()}, linear(12)},
                        {"norm.ScalarOpt_dim_dtype", {T(1).of(positive), 2, Dims(), Flag(), Main()}, linear(12)},
                        {"frobenius_norm.dim", {T(1).of(positive), Dims(), Flag()}, linear(12)},
                        {"linalg_norm", {T(1).of(positive)}, total(same)},
                        {"linalg_norm",
                         {T(1).of(positive), 1.5,
                          by([](Step& s, const Args& before) { return Arg(Ints{s.dimension(before[0].tensor())}); })},
                         linear(6)},
                        {"linalg_vector_norm", {T(1).of(positive), 2, Dims(), Flag()}, linear(12)},
                        {"linalg_vector_norm", {T().of(positive), 3.0}, total(same)},
                        {"linalg_vector_norm", {T(1), std::numeric_limits<double>::infinity(), Dims()}, same},
                        {"linalg_vector_norm", {T(1), 1, Dims()}, linear(12)},
                        {"linalg_vector_norm", {T(1), 0, Dims()}, at_most(12)},
                    });
}

// Of values that are not all alike: the standard deviation of one number has no gradient.
void moments(Forms& f) {
  auto spread = by([](Step& s, const Args&) {
    auto x = s.pick(T(1));
    return s.add(x.t + torch::arange(x.t.sizes().back(), x.t.options().requires_grad(false)), x.bound + 6,
                 x.name + " + arange");
  });
  for (std::string op : {"var", "std", "var_mean", "std_mean"}) {
    f.push_back({op, {spread, Flag()}, linear(op[0] == 'v' ? 6 : 1)});
    f.push_back({op + ".dim", {spread, Ints{-1}, Flag(), Flag()}, linear(6)});
    f.push_back({op + ".correction", {spread, Ints{-1}, Int(0, 2), Flag()}, linear(6)});
  }
}

void extremes(Forms& f) {
  for (std::string op : {"amax", "amin"}) {
    f.push_back({op, {N()}, same});
    f.push_back({op, {N(1), Dims(), Flag()}, same});
  }
  for (std::string op : {"max", "min"}) {
    f.push_back({op, {N()}, same});
    f.push_back({op + ".dim", {N(1), Dim(), Flag()}, same});
  }
  for (std::string op : {"argmax", "argmin"}) {
    f.push_back({op, {N()}, total(at_most(1))});
    f.push_back({op, {N(1), Dim(), Flag()}, at_most(6)});
  }
  f.insert(f.end(), {
                        {"sort", {N(1), Dim(), Flag()}, same},
                        {"sort.stable", {N(1), true, Dim(), Flag()}, same},
                        {"argsort", {N(1), Dim(), Flag()}, at_most(6)},
                        {"argsort.stable", {N(1), true, Dim(), Flag()}, at_most(6)},
                        {"msort", {N(1)}, same},
                        {"topk", {T(1), 1, Dim(), Flag()}, same},
                        {"topk", {T(1), 2, Dim(), Flag()}, same},
                    });
}

void normalisations(Forms& f) {
  for (auto op : {"softmax.int", "special_softmax", "_safe_softmax"}) f.push_back({op, {T(1), Dim()}, at_most(1)});
  for (auto op : {"log_softmax.int", "special_log_softmax"}) f.push_back({op, {T(1), Dim()}, linear(2, 3)});
  f.insert(
      f.end(),
      {
          {"softmax.int", {T(1), Dim(), Main()}, at_most(1)},
          {"_softmax", {T(1), Dim(), false}, at_most(1)},
          {"_log_softmax", {T(1), Dim(), false}, linear(2, 3)},
          {"glu",
           {by([](Step& s, const Args&) {
              auto x = s.pick(T(1));
              return s.add(torch::cat({x.t, x.t.sin()}, -1), x.bound,
                           "cat({" + x.name + ", " + x.name + ".sin()}, -1)");
            }),
            -1},
           same},
          {"layer_norm", {T(1), LastSizes(), Affine(), Affine()}, at_most(4)},
          {"native_layer_norm", {T(1), LastSizes(), Affine(), Affine(), 1e-5}, at_most(30)},
          {"rms_norm", {T(1), LastSizes(), Affine()}, at_most(4)},
          {"_fused_rms_norm", {T(1), LastSizes(), Affine(), 1e-5}, at_most(30)},
          {"group_norm", {T(2), 1, Affine(), Affine()}, at_most(4)},
          {"group_norm", {T(2), from_first([](const Tensor& x) { return x.size(1); }), Affine(), Affine()}, at_most(4)},
          {"batch_norm", {T(2), Affine(), Affine(), Running(0.25), Running(2), false, 0.1, 1e-5, false}, linear(1, 1)},
          {"batch_norm", {T(2), Affine(), Affine(), Running(0), Running(1), true, 0.1, 1e-5, false}, at_most(4)},
          {"batch_norm", {T(2), Affine(), Affine(), none, none, true, 0.1, 1e-5, false}, at_most(4)},
          {"instance_norm", {T(3), Affine(), Affine(), none, none, true, 0.1, 1e-5, false}, at_most(4)},
          {"instance_norm",
           {T(3), Affine(), Affine(), Running(0.25), Running(2), false, 0.1, 1e-5, false},
           linear(1, 1)},
      });
}

}  // namespace

Forms reductions() {
  Forms f;
  sums(f);
  moments(f);
  extremes(f);
  normalisations(f);
  return f;
}

Forms losses() {
  // Of what is reduced: nothing, to the mean, to the sum.
  auto reduction = Int(0, 2);
  auto weight = by([](Step& s, const Args& before) {
    return s.random.chance(50) ? Arg(none) : Arg(s.into(s.call("cos", {before[0]}, 1)[0], positive));
  });
  auto squares = total([](const Args& a) { return plus(a) * plus(a); });
  auto more = [](const Args& a) { return plus(a) + 1; };
  auto triple = [](const Args& a) { return 4 * plus(a) + 1; };
  Forms f = {
      {"mse_loss", {T(), Like(), reduction}, squares},
      {"l1_loss", {T(), Like(), reduction}, total(plus)},
      {"smooth_l1_loss", {T(), Like(), reduction, 0.5}, total(plus)},
      {"huber_loss", {T(), Like(), reduction, 0.75}, total(plus)},
      {"kl_div", {T(), Like(probability), reduction}, total(plus)},
      {"kl_div", {T().of(unit), Like(unit), reduction, true}, total(plus)},
      {"soft_margin_loss", {T(), Like(unit), reduction}, total(plus)},
      {"binary_cross_entropy", {T().of(probability), Like(probability), weight, reduction}, total(at_most(5))},
      {"binary_cross_entropy_with_logits", {T(), Like(probability), weight, weight, reduction}, total(linear(2, 2))},
      {"cross_entropy_loss", {T(2), Labels(), ClassWeights(), reduction, Int(-1, 1), 0.125}, total(linear(3, 6))},
      {"cross_entropy_loss", {T(2), Labels()}, total(linear(3, 6))},
      {"cross_entropy_loss",
       {T(2), by([](Step& s, const Args& before) {
          return s.call("softmax.int", {before[0], Arg(1)}, 1)[0];
        })},
       total(linear(3, 6))},
      {"nll_loss_nd", {T(2), Labels(), ClassWeights(), reduction}, total(linear(2))},
      {"nll_loss", {Rank(2), Labels(), ClassWeights(), reduction, Int(-1, 1)}, total(linear(2))},
      {"nll_loss_forward", {Rank(2), Labels(), ClassWeights(), reduction, -100}, total(linear(2))},
      {"nll_loss2d", {Rank(4), Labels(), ClassWeights(), reduction, Int(-1, 1)}, total(linear(2))},
      {"nll_loss2d_forward", {Rank(4), Labels(), ClassWeights(), reduction, -100}, total(linear(2))},
      {"margin_ranking_loss", {T(), Like(), Signs(), 0.25, reduction}, total(more)},
      {"hinge_embedding_loss", {T(), Signs(), 0.75, reduction}, total(linear(1, 1))},
      {"cosine_embedding_loss", {Rank(2), Like(positive), Signs(true), 0.25, reduction}, total(at_most(2))},
      {"triplet_margin_loss", {T(1), Like(positive), Like(unit), 1.0, 2.0, 1e-6, Flag(), reduction}, total(triple)},
      {"poisson_nll_loss", {T().of(unit), Like(positive), true, Flag(), 1e-8, reduction}, total(at_most(40))},
      {"poisson_nll_loss", {T().of(positive), Like(), false, false, 0.125, reduction}, total(triple)},
  };
  return f;
}

}  // namespace random_program
