// Random programs, compiled and held against LibTorch: values and gradients agree, or LibTorch serves
// the call for a reason; none is wrong. CLADTORCH_PROGRAMS says how many, CLADTORCH_SEED the first.
#include "support.h"

#include <algorithm>
#include <iostream>
#include <map>

#include "random_program.h"

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

// A program with its inputs, as they are or all in double precision.
class Subject {
 public:
  explicit Subject(const random_program::Program& p, bool precise = false)
      : p_(p), precise_(precise), narrows_(p.text().find("to float") != std::string::npos) {}
  // Values in single precision on the way, though inputs and outputs may have none.
  bool narrows() const { return narrows_; }

  // New ones for each call, which may write to them.
  Tensors inputs(uint64_t values) const { return precise_ ? in_double(p_.inputs(values)) : p_.inputs(values); }
  Tensors operator()(const Tensors& in) const { return p_(in); }

 private:
  const random_program::Program& p_;
  bool precise_, narrows_;
};

// Writes to inputs are part of what a program does.
std::string compare(const Run& got, const Run& want, bool single, const std::string& how) {
  auto d = compare(got.out, want.out, single, how + ": output");
  if (d.empty()) d = compare(got.grads, want.grads, single, how + ": gradient of input");
  return d.empty() ? compare(got.in, want.in, single, how + ": after the call, input") : d;
}

struct Outcome {
  std::string refused;  // the reason
  std::string wrong;    // what differs
};

using Compiled = decltype(cladtorch::compile(std::declval<Subject>(), Tensors()));

// What differs between a compiled program and the program itself, for inputs of some values.
std::string difference(const Subject& p, const Compiled& compiled, uint64_t values) {
  auto want = run(p, p.inputs(values));
  bool s = single(want.in) || single(want.out) || p.narrows();
  auto how = "values " + std::to_string(values);
  if (auto d = compare(run(compiled, p.inputs(values)), want, s, how); !d.empty()) return d;
  auto in = p.inputs(values);
  if (auto d = compare(compiled.forward_all(in), want.out, s, how + ": forward: output"); !d.empty()) return d;
  // Where no input asks for a gradient, backward gives that of all of them.
  if (std::none_of(in.begin(), in.end(), [](const Tensor& t) { return t.requires_grad(); })) return "";
  return compare(compiled.backward_all(seeded_like(p(p.inputs(values)))), want.grads, s,
                 how + ": backward: gradient of input");
}

Outcome hold(const Subject& p) {
  // Nothing but the comparison here may find what is wrong.
  Options options;
  options.verify = cladtorch::Verify::off;
  auto compiled = cladtorch::compile(p, p.inputs(0), options);
  Outcome o;
  if (compiled.report().engine == "eager") o.refused = compiled.report().reason;
  for (uint64_t values = 0; values < 2 && o.wrong.empty(); ++values) o.wrong = difference(p, compiled, values);
  return o;
}

// The reason without what differs from program to program.
std::string kind(const std::string& reason) {
  std::string k;
  for (char c : first_line(reason))
    if (!std::isdigit(static_cast<unsigned char>(c))) k += c;
  return k.substr(0, 160);
}

struct Tally {
  uint64_t agree = 0, agree_precise = 0, refused = 0, wrong = 0, steps = 0;
  std::map<std::string, std::vector<uint64_t>> reasons;

  void print(uint64_t count) const {
    std::cout << count << " programs of " << steps << " steps: " << agree << " compiled and agree, " << agree_precise
              << " more that magnify the rounding of single precision agree in double, " << refused
              << " left to LibTorch, " << wrong << " wrong\n";
    for (const auto& [reason, seeds] : reasons) {
      std::cout << "  " << seeds.size() << " left to LibTorch: " << reason << " (programs";
      for (size_t i = 0; i < seeds.size() && i < 5; ++i) std::cout << " " << seeds[i];
      std::cout << (seeds.size() > 5 ? " ..)\n" : ")\n");
    }
  }
};

void judge(uint64_t seed, Tally& tally) {
  random_program::Program p(seed, 1 + int(seed % 30));
  p.settle();
  tally.steps += uint64_t(p.steps());
  Outcome o;
  bool precise = false;
  try {
    o = hold(Subject(p));
    if (!o.wrong.empty() && (magnifies_rounding(p, p.inputs(0)) || magnifies_rounding(p, p.inputs(1)))) {
      precise = true;
      o = hold(Subject(p, true));
    }
  } catch (const std::exception& e) { o.wrong = "threw: " + first_line(e.what()); }
  if (!o.wrong.empty()) {
    ++tally.wrong;
    ADD_FAILURE() << "program " << seed << (o.refused.empty() ? "" : " (served by LibTorch: " + o.refused + ")") << ": "
                  << o.wrong << "\n"
                  << p.text();
  } else if (!o.refused.empty()) {
    ++tally.refused;
    tally.reasons[kind(o.refused)].push_back(seed);
  } else {
    ++(precise ? tally.agree_precise : tally.agree);
  }
}

TEST(Random, ProgramsAgreeOrAreRefused) {
  uint64_t first = number("CLADTORCH_SEED", 1), count = number("CLADTORCH_PROGRAMS", 25);
  Tally tally;
  for (uint64_t seed = first; seed < first + count; ++seed) judge(seed, tally);
  tally.print(count);
  // A generator or an importer that loses most programs would show nothing.
  EXPECT_GE(tally.agree * 4, count * 3) << "of " << count << " programs only " << tally.agree << " were compiled";
}

}  // namespace
