// Random programs, compiled and held against LibTorch: values and gradients agree, or LibTorch serves
// the call for a reason; none is wrong. CLADTORCH_PROGRAMS says how many, CLADTORCH_SEED the first.
#include "support.h"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <regex>
#include <set>

#include "random_program.h"
#include "random_step.h"

using namespace test;

namespace {

uint64_t number(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::stoull(text) : otherwise;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string compare(const Tensors& got, const Tensors& want, bool single, const std::string& what) {
  if (got.size() != want.size())
    return what + ": " + std::to_string(got.size()) + ", want " + std::to_string(want.size());
  for (size_t i = 0; i < got.size(); ++i)
    if (auto r = agree(got[i], want[i], single); !r) return what + " " + std::to_string(i) + ": " + r.message();
  return "";
}

using random_program::Program;

// Writes to inputs are part of what a program does, and so is which results are inputs or each other.
std::string compare(const Run& got, const Run& want, bool single, const std::string& how) {
  auto d = compare(got.out, want.out, single, how + ": output");
  if (d.empty()) d = compare(got.grads, want.grads, single, how + ": gradient of input");
  if (d.empty()) d = compare(got.in, want.in, single, how + ": after the call, input");
  if (d.empty() && got.relations != want.relations)
    d = how + ": results are\n" + got.relations + "LibTorch's are\n" + want.relations;
  return d;
}

// A tensor that is given twice has one gradient in autograd, and one a place in backward.
void join_same(Tensors& grads, const Tensors& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i)
    for (size_t j = i + 1; j < inputs.size(); ++j)
      if (inputs[i].is_same(inputs[j])) {
        auto both = grads[i].defined() && grads[j].defined();
        grads[i] = grads[j] = both ? grads[i] + grads[j] : grads[i].defined() ? grads[i] : grads[j];
      }
}

struct Outcome {
  std::string refused;  // the reason
  std::string wrong;    // what differs
};

using Compiled = decltype(cladtorch::compile(std::declval<Program>(), Tensors()));

// What differs between a compiled program and the program itself, for inputs of some values.
std::string difference(const Program& p, const Compiled& compiled, uint64_t values) {
  auto want = run(p, p.inputs(values));
  bool s = single(want.in) || single(want.out) || p.narrows();
  auto how = "values " + std::to_string(values);
  if (auto d = compare(run(compiled, p.inputs(values)), want, s, how); !d.empty()) return d;
  auto in = p.inputs(values);
  if (auto d = compare(compiled.forward_all(in), want.out, s, how + ": forward: output"); !d.empty()) return d;
  // Where no input asks for a gradient, backward gives that of all of them.
  if (std::none_of(in.begin(), in.end(), [](const Tensor& t) { return t.requires_grad(); })) return "";
  auto grads = compiled.backward_all(seeded_like(p(p.inputs(values))));
  join_same(grads, in);
  return compare(grads, want.grads, s, how + ": backward: gradient of input");
}

// Whether LibTorch's own results differ where each step is off by some units in the last place, as where the greatest
// of equal sums is asked for.
bool unstable(const Program& p) {
  for (uint64_t values = 0; values < 2; ++values) {
    auto want = run(p, p.inputs(values)), noisy = run(p.with_noise(), p.inputs(values));
    bool s = single(want.in) || single(want.out) || p.narrows();
    if (!compare(noisy.out, want.out, s, "").empty() || !compare(noisy.grads, want.grads, s, "").empty()) return true;
  }
  return false;
}

Outcome hold(const Program& p) {
  auto compiled = cladtorch::compile(p, p.inputs(0));
  Outcome o;
  if (compiled.report().engine == "eager") o.refused = compiled.report().reason;
  // What verification finds is left to LibTorch, and wrong all the same.
  if (has(o.refused, "does not agree with LibTorch")) o.wrong = o.refused;
  for (uint64_t values = 0; values < 2 && o.wrong.empty(); ++values) o.wrong = difference(p, compiled, values);
  return o;
}

// The reason without the numbers, which differ from program to program.
std::string kind(const std::string& reason) {
  std::string k;
  for (unsigned char c : first_line(reason)) {
    bool word = !k.empty() && (std::isalnum(static_cast<unsigned char>(k.back())) || k.back() == '_');
    if (!std::isdigit(c) || word) k += char(c);
  }
  return k.substr(0, 160);
}

// Every operator that cladopt imports, as docs/ops.md lists them, and every write in place among LibTorch's that it
// imports as one of these. Those of other versions of LibTorch are left out.
std::set<std::string> supported() {
  std::ifstream page(CLADTORCH_OPS_PAGE);
  std::string line;
  const std::regex schema("`aten::([A-Za-z0-9_.]+)\\(");
  std::set<std::string> names;
  while (std::getline(page, line))
    for (std::sregex_iterator m(line.begin(), line.end(), schema), end; m != end; ++m)
      for (std::string op : {(*m)[1].str(), random_program::written((*m)[1])})
        if (random_program::has_operator(op)) names.insert(op);
  return names;
}

struct Tally {
  uint64_t agree = 0, agree_precise = 0, refused = 0, wrong = 0, steps = 0;
  std::vector<uint64_t> unstable;
  std::map<std::string, std::vector<uint64_t>> reasons;
  std::set<std::string> held;  // operators of the programs that agree

  void print(uint64_t count) const {
    std::cout << count << " programs of " << steps << " steps: " << agree << " compiled and agree, " << agree_precise
              << " more that magnify the rounding of single precision agree in double, " << refused
              << " left to LibTorch, " << wrong << " wrong, " << unstable.size() << " not to be judged\n";
    for (auto seed : unstable)
      std::cout << "  program " << seed
                << " differs, and LibTorch itself is as far off where results are off by units in "
                << "the last place\n";
    for (const auto& [reason, seeds] : reasons) {
      std::cout << "  " << seeds.size() << " left to LibTorch: " << reason << " (programs";
      for (size_t i = 0; i < seeds.size() && i < 5; ++i) std::cout << " " << seeds[i];
      std::cout << (seeds.size() > 5 ? " ..)\n" : ")\n");
    }
    std::set<std::string> all = supported(), missing;
    std::set_difference(all.begin(), all.end(), held.begin(), held.end(), std::inserter(missing, missing.end()));
    std::cout << "  " << missing.size() << " of " << all.size() << " supported operators are in none that agrees:";
    size_t listed = 0;
    for (auto op = missing.begin(); op != missing.end() && listed < 50; ++op, ++listed) std::cout << " " << *op;
    std::cout << (missing.size() > listed ? " ..\n" : "\n");
  }
};

void judge(uint64_t seed, Tally& tally) {
  Program p(seed, 1 + int(seed % 30));
  p.settle();
  tally.steps += uint64_t(p.steps());
  Outcome o;
  bool precise = false;
  try {
    o = hold(p);
    auto exact = p.in_double();
    for (uint64_t values = 0; values < 2 && !o.wrong.empty() && !precise; ++values)
      precise = differ_by_rounding(run(p, p.inputs(values)), run(exact, exact.inputs(values)));
    if (precise) o = hold(exact);
    if (!o.wrong.empty() && unstable(precise ? exact : p)) {
      tally.unstable.push_back(seed);
      return;
    }
  } catch (const std::exception& e) { o.wrong = "threw: " + first_line(e.what()); }
  if (!o.wrong.empty()) {
    ++tally.wrong;
    std::ostringstream inputs;
    for (const auto& t : p.inputs(0)) inputs << std::setprecision(17) << t.detach() << "\n";
    ADD_FAILURE() << "program " << seed << (o.refused.empty() ? "" : " (served by LibTorch: " + o.refused + ")") << ": "
                  << o.wrong << "\n"
                  << p.text() << "called with\n"
                  << inputs.str();
  } else if (!o.refused.empty()) {
    ++tally.refused;
    tally.reasons[kind(o.refused)].push_back(seed);
  } else {
    ++(precise ? tally.agree_precise : tally.agree);
    auto operators = p.operators();
    tally.held.insert(operators.begin(), operators.end());
  }
}

TEST(Random, ProgramsAgreeOrAreRefused) {
  uint64_t first = number("CLADTORCH_SEED", 1), count = number("CLADTORCH_PROGRAMS", 25);
  Tally tally;
  for (uint64_t seed = first; seed < first + count; ++seed) judge(seed, tally);
  tally.print(count);
  // A generator or an importer that loses most programs would show nothing.
  EXPECT_LE(tally.unstable.size(), 1 + count / 100);
  EXPECT_GE(tally.agree * 4, count * 3) << "of " << count << " programs only " << tally.agree << " were compiled";
}

TEST(Random, EveryStepWorksAndEverySupportedOperatorHasOne) {
  std::set<std::string> drawn;
  for (const auto& step : random_program::draw_each_step()) {
    if (!step.op.empty() && !random_program::has_operator(step.op)) continue;  // of another version of LibTorch
    EXPECT_EQ(step.failure, "") << "no seed draws the step for aten::" << step.op << " in tests/random_steps_*.cpp";
    drawn.insert(step.op);
  }
  auto all = supported();
  ASSERT_GT(all.size(), 300u) << "what cladopt imports is read from " << CLADTORCH_OPS_PAGE;
  for (const auto& op : all)
    EXPECT_TRUE(drawn.count(op)) << "aten::" << op << " is imported and no random program has it: add a form of it to "
                                 << "the family it belongs to in clad/cladtorch/tests/random_steps_*.cpp";
}

}  // namespace
