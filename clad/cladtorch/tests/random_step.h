// What the steps of random programs are made of: variables, operands, and calls of operators by name.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <torch/torch.h>

namespace random_program {

using torch::Tensor;
using Ints = std::vector<int64_t>;

class Random {
 public:
  explicit Random(uint64_t seed) : g_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  int64_t below(int64_t n) { return int64_t(g_() % uint64_t(n)); }
  int64_t between(int64_t least, int64_t most) { return least + below(most - least + 1); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& v) {
    return v[size_t(below(int64_t(v.size())))];
  }

 private:
  std::mt19937_64 g_;
};

struct Variable {
  Tensor t;
  double bound;  // of the absolute values, roughly: keeps programs from overflowing
  std::string name;
};

// Where the values of an operand must lie, and which dtypes it may have: numbers are floating with now and then an
// integer, wholes are integers and booleans.
enum Domain { any, positive, above_one, above_six, unit, bounded, probability };
enum Kind { floats, numbers, wholes, anything };

// A tensor to be picked among the variables.
struct Operand {
  Kind kind = floats;
  int64_t least = 0, most = 5;  // dimensions
  int64_t rank = -1;            // the variable is brought to so many dimensions, unless -1
  Domain domain = any;

  Operand of(Domain d) const {
    auto o = *this;
    o.domain = d;
    return o;
  }
};

// An argument of an operator, and how the text shows it.
struct Arg {
  Arg(const Variable& v) : value(v.t), text(v.name), bound(v.bound) {}
  Arg(c10::IValue v, std::string text, double bound = 1) : value(std::move(v)), text(std::move(text)), bound(bound) {}
  explicit Arg(c10::IValue constant);
  const Tensor& tensor() const { return value.toTensor(); }

  c10::IValue value;
  std::string text;
  double bound;
};
using Args = std::vector<Arg>;

// What a step works with: it picks operands, tells what it does, and adds results.
class Step {
 public:
  Step(uint64_t seed, std::vector<Variable>& all, torch::Dtype main, torch::Dtype narrow, bool noisy = false)
      : random(seed), main(main), narrow(narrow), all_(all), noisy_(noisy) {}

  Random random;
  const torch::Dtype main;    // of most variables
  const torch::Dtype narrow;  // single precision, unless the program runs in double

  // Recent variables are picked more often, so that programs are deep.
  using Fits = std::function<bool(const Tensor&)>;
  std::optional<Variable> find(const Fits& fits);
  Variable pick(const Operand& o);
  // One that broadcasts with the tensors before it; to the first of them if the step writes to that.
  Variable partner(const Args& before, Kind kind, Domain domain);
  Variable mask(const Args& before);
  // Something to write to: a variable, a copy of one, or a view of either.
  Variable place(const Operand& o);
  // Values between -1 and 1 that depend on some variable.
  Variable filled(const Ints& sizes, torch::Dtype dtype);
  // v with its values brought into a domain.
  Variable into(Variable v, Domain d);
  int64_t dimension(const Tensor& t);

  // Calls aten::op, "add.Tensor"; what args leave out has its default. Results are of that bound, or what is written.
  std::vector<Variable> call(const std::string& op, const Args& args, double bound);
  Variable add(Tensor t, double bound, const std::string& what);
  void tell(std::string line) { text_.push_back(std::move(line)); }
  // t is written to.
  void note_write(const Tensor& t, double bound);

  const std::vector<std::string>& text() const { return text_; }
  const std::set<std::string>& called() const { return called_; }
  bool writes() const { return writes_; }

 private:
  Variable to_rank(Variable v, int64_t rank);

  std::vector<Variable>& all_;
  bool noisy_;  // floating results that are no views are off by some units in the last place
  std::vector<std::string> text_;
  std::set<std::string> called_;
  bool writes_ = false;
};

int64_t size_of(const Tensor& t, int64_t d);

// ---- recipes: how the arguments of a call are drawn

using Make = std::function<Arg(Step&, const Args& before)>;

struct Recipe {
  template <class C, std::enable_if_t<std::is_constructible_v<c10::IValue, C>, int> = 0>
  Recipe(C constant) : make([c = Arg(c10::IValue(std::move(constant)))](Step&, const Args&) { return c; }) {}
  Recipe(Operand o) : make([o](Step& s, const Args&) { return Arg(s.pick(o)); }), operand(o) {}
  explicit Recipe(Make m) : make(std::move(m)) {}

  Make make;
  std::optional<Operand> operand;  // what make picks
};
using Recipes = std::vector<Recipe>;

const c10::IValue none;

// First operands, with at least so many dimensions: floating, numbers, integers and booleans, all.
inline Operand T(int64_t least = 0, int64_t most = 5) { return {floats, least, most}; }
inline Operand N(int64_t least = 0, int64_t most = 5) { return {numbers, least, most}; }
inline Operand W(int64_t least = 0) { return {wholes, least}; }
inline Operand A(int64_t least = 0) { return {anything, least}; }
// Of just so many dimensions.
inline Operand Rank(int64_t n) { return {floats, 0, 5, n}; }

inline Recipe by(Make m) { return Recipe(std::move(m)); }
// What follows from the first operand.
template <class F>
Recipe from_first(F f) {
  return by([f](Step&, const Args& before) { return Arg(c10::IValue(f(before[0].tensor()))); });
}
// A further tensor, that broadcasts with those before.
Recipe Y(Domain d = any);
Recipe Y(Kind k);
Recipe Mask();
// One of the shape and dtype of the first.
Recipe Like(Domain d = any);
// A new one whose sizes follow from the first.
Recipe Filled(std::function<Ints(const Tensor& first)> sizes);
// One without dimensions.
Recipe Single();
// Of the first operand a dimension, or a list of one or two.
Recipe Dim();
Recipe Dims();
Recipe Flag();
Recipe Int(int64_t least, int64_t most);
Recipe Number();
Recipe Main();
Recipe Narrow();

// ---- bounds of results

using Bound = std::function<double(const Args&)>;

inline Bound at_most(double x) {
  return [x](const Args&) { return x; };
}
// factor times the bound of the first operand, and more.
inline Bound linear(double factor, double more = 0) {
  return [=](const Args& a) { return a[0].bound * factor + more; };
}
inline double same(const Args& a) { return a[0].bound; }
inline double plus(const Args& a) { return a[0].bound + a[1].bound; }
inline double times(const Args& a) { return a[0].bound * a[1].bound; }
inline double larger(const Args& a) { return std::max(a[0].bound, a[1].bound); }
// As many summands as the first operand has elements.
inline Bound total(Bound f) {
  return [f](const Args& a) { return f(a) * double(std::max<int64_t>(a[0].tensor().numel(), 1)); };
}

// ---- steps

// A call of an operator with drawn arguments.
struct Form {
  std::string op;
  Recipes recipes;
  Bound bound;

  void draw(Step& s) const;
  // With a first argument that is there: the first result.
  Variable draw_on(Step& s, const Variable& first) const;
  void draw_in_place(Step& s) const;
  void draw_to_out(Step& s) const;
};
using Forms = std::vector<Form>;

struct Choice {
  std::string op;  // the operator that the step is there for, "" if for none alone
  std::function<void(Step&)> draw;
};
using Choices = std::vector<Choice>;

bool has_operator(const std::string& op);
// The operator that writes in place what op gives, "add_.Tensor"; "" if there is none.
std::string written(const std::string& op);

// The forms as they are; written in place, where LibTorch has that; into a result given (out=), where it has that.
Choices plain(const Forms& forms);
Choices in_place(const Forms& forms);
Choices to_out(const Forms& forms);

}  // namespace random_program
