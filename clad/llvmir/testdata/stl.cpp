// Code of libstdc++ with loops of many shapes: maps, sorting, regular expressions,
// streams, exceptions, virtual calls.
#include <algorithm>
#include <functional>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

struct Shape {
  virtual ~Shape() = default;
  virtual double area(int depth) const = 0;
};

struct Square : Shape {
  double side;
  explicit Square(double s) : side(s) {}
  double area(int depth) const override {
    double sum = 0;
    for (int i = 0; i < depth; ++i) sum += side * side / (i + 1);
    return sum;
  }
};

double areas(const std::vector<std::unique_ptr<Shape>> &shapes, int depth) {
  double sum = 0;
  for (const auto &s : shapes) sum += s->area(depth);
  return sum;
}

std::map<std::string, std::vector<int>> words(std::istream &in) {
  std::map<std::string, std::vector<int>> out;
  std::string line;
  for (int n = 1; std::getline(in, line); ++n) {
    std::istringstream words(line);
    for (std::string w; words >> w;) out[w].push_back(n);
  }
  return out;
}

void print(const std::map<std::string, std::vector<int>> &m) {
  for (const auto &[word, lines] : m) {
    std::cout << word << ':';
    for (int n : lines) std::cout << ' ' << n;
    std::cout << '\n';
  }
}

std::vector<std::string> matches(const std::string &text, const std::string &pattern) {
  std::regex re(pattern, std::regex::ECMAScript | std::regex::icase);
  std::vector<std::string> out;
  for (std::sregex_iterator it(text.begin(), text.end(), re), end; it != end; ++it) {
    try {
      for (const auto &group : *it) out.push_back(group.str());
    } catch (const std::regex_error &e) {
      std::cerr << e.what();
      continue;
    }
  }
  return out;
}

int order(std::vector<int> &v, std::list<double> &l) {
  std::sort(v.begin(), v.end(), [](int a, int b) { return a % 7 < b % 7 || (a % 7 == b % 7 && a < b); });
  std::stable_sort(v.rbegin(), v.rend());
  l.sort();
  v.erase(std::unique(v.begin(), v.end()), v.end());
  std::next_permutation(v.begin(), v.end());
  return std::accumulate(v.begin(), v.end(), 0, std::bit_xor<int>());
}

int dispatch(const unsigned char *code, int *stack) {
  int top = 0;
  for (;;) {
    switch (*code++) {
      case 0: return stack[top];
      case 1: stack[++top] = *code++; break;
      case 2: --top; stack[top] += stack[top + 1]; break;
      case 3: while (stack[top] > 9) stack[top] /= 10; break;
      case 4: if (stack[top--]) code -= *code; else ++code; break;
      case 5: throw std::runtime_error("trap");
      default: if (top) goto out;
    }
  }
out:
  do stack[top] = -stack[top]; while (top-- > 0);
  return -1;
}

std::size_t reach(const std::unordered_map<int, std::set<int>> &graph, int from) {
  std::set<int> seen;
  std::function<void(int)> visit = [&](int n) {
    if (!seen.insert(n).second) return;
    auto at = graph.find(n);
    if (at == graph.end()) return;
    for (int next : at->second) visit(next);
  };
  visit(from);
  return seen.size();
}
