// Observes the functions behind testdata/observed: writes NAME.graph and NAME.safetensors for each.
#include <cladtorch/observe.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <torch/torch.h>

#include "observed_programs.h"

namespace {

const char* const usage =
    "usage: cladtorch_observe [-o DIR] [--seed N] [--double] [NAME...]\n"
    "       cladtorch_observe --list\n"
    "\n"
    "Runs the functions behind the observed graphs on random inputs and writes\n"
    "NAME.graph and NAME.safetensors for each: all of them if none is named.\n"
    "\n"
    "  -o DIR     where to, the current folder if absent; it is made if it is missing\n"
    "  --seed N   of the random inputs, 0 if absent; the same seed gives the same files\n"
    "  --double   inputs in double precision instead of that of the observed graph\n"
    "  --list     print the names, and why a function cannot be observed or compiled\n"
    "\n"
    "Exit status: 0 done, 1 a file could not be written or a function was refused, 2 wrong usage.\n"
    "Without names, functions that are there to be refused are told and are no failure.\n";

struct Arguments {
  std::string folder = ".";
  uint64_t seed = 0;
  bool in_double = false;
  bool list = false, help = false;
  std::vector<std::string> names;
};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

uint64_t number(const std::string& text) {
  if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != text.npos)
    throw UsageError("--seed: got \"" + text + "\", expected a number");
  return std::stoull(text);
}

Arguments parse(int argc, char** argv) {
  Arguments a;
  bool options = true;
  for (int i = 1; i < argc; ++i) {
    std::string arg = argv[i];
    auto value = [&]() -> std::string {
      if (i + 1 >= argc) throw UsageError(arg + " needs a value");
      return argv[++i];
    };
    if (!options || arg.empty() || arg[0] != '-') {
      if (!observed::programs().count(arg))
        throw UsageError("there is no function \"" + arg + "\"; --list prints their names");
      a.names.push_back(arg);
    } else if (arg == "--") {
      options = false;
    } else if (arg == "-o") {
      a.folder = value();
    } else if (arg == "--seed") {
      a.seed = number(value());
    } else if (arg == "--double") {
      a.in_double = true;
    } else if (arg == "--list") {
      a.list = true;
    } else if (arg == "--help" || arg == "-h") {
      a.help = true;
    } else {
      throw UsageError("there is no option " + arg);
    }
  }
  return a;
}

void list() {
  for (const auto& [name, p] : observed::programs())
    std::cout << name << (p.refused.empty() ? "" : " (" + p.refused + ")") << "\n";
}

// How many files are missing at the end that should be there.
int observe(const Arguments& a) {
  if (std::error_code error; std::filesystem::create_directories(a.folder, error), error)
    throw std::runtime_error("cladtorch_observe: cannot make the folder " + a.folder + ": " + error.message());
  auto names = a.names;
  if (names.empty())
    for (const auto& p : observed::programs()) names.push_back(p.first);
  int missing = 0;
  for (const auto& name : names) {
    const auto& p = observed::programs().at(name);
    torch::manual_seed(a.seed);
    try {
      cladtorch::observe(p.f, p.inputs(a.in_double ? torch::kDouble : p.observed),
                         (std::filesystem::path(a.folder) / name).string());
    } catch (const cladtorch::CompileError& e) {
      std::cerr << name << ": " << e.what() << "\n";
      missing += !a.names.empty() || p.refused.empty();
    }
  }
  return missing;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto a = parse(argc, argv);
    if (a.help)
      std::cout << usage;
    else if (a.list)
      list();
    // One thread: sums are the same on every machine of a kind.
    else
      return torch::set_num_threads(1), observe(a) ? 1 : 0;
    return std::cout.flush() ? 0 : 1;
  } catch (const UsageError& e) {
    std::cerr << "cladtorch_observe: " << e.what() << "\n\n" << usage;
    return 2;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 1;
  }
}
