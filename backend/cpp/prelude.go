package cpp

import (
	"embed"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
)

// elementary holds functions that are written for vectorisation, a file each.
//
//go:embed elementary
var elementary embed.FS

// Prelude defines the functions of namespace ct and the macros that the text uses.
func Prelude(text string) string {
	m := macros(text)
	p := &prelude{done: map[string]bool{}}
	p.need(text)
	if len(p.done) == 0 {
		return m
	}
	return m + "// Elementary functions, for both precisions; those without branches and calls are vectorised.\nnamespace ct {\n" +
		p.b.String() + "}  // namespace ct\n"
}

// macros defines the macros that the text uses.
func macros(text string) string {
	out := ""
	for _, m := range []struct{ name, text string }{{togetherMacro, together}, {sumMacro, sumPragma}} {
		if strings.Contains(text, m.name+"(") {
			out += m.text
		}
	}
	if out == "" {
		return ""
	}
	return "#define CT_PRAGMA(text) _Pragma(#text)\n" + out
}

// prelude writes functions after those that they call.
type prelude struct {
	b    strings.Builder
	done map[string]bool
}

// need writes the functions that text calls.
func (p *prelude) need(text string) {
	for _, n := range usedFunctions(text) {
		if p.done[n] {
			continue
		}
		p.done[n] = true
		if d, err := elementary.ReadFile("elementary/" + n + ".inc"); err == nil {
			p.need(string(d))
			p.b.Write(d)
			continue
		}
		if d, ok := special[n]; ok {
			p.need(d)
			p.b.WriteString(d)
			continue
		}
		args := []string{"x"}
		if binaryFunctions[n] {
			args = []string{"x", "y"}
		}
		for _, t := range []struct{ typ, suffix string }{{"float", "f"}, {"double", ""}} {
			fmt.Fprintf(&p.b, "static inline %s %s(%s %s) { return __builtin_%s%s(%s); }\n", t.typ, n,
				t.typ, strings.Join(args, ", "+t.typ+" "), builtinName(n), t.suffix, strings.Join(args, ", "))
		}
	}
}

var binaryFunctions = map[string]bool{"fmod": true, "pow": true, "atan2": true}

func builtinName(n string) string {
	switch n {
	case "abs":
		return "fabs"
	case "roundeven":
		return "rint" // rounds to even in the default mode, which nothing here changes
	}
	return n
}

// togetherMacro stands before a loop and has the compiler interleave turns of it.
const togetherMacro = "CT_TOGETHER"

const together = `// Turns of a loop that are computed at once, each waiting for its own operations.
#ifdef __clang__
#define CT_TOGETHER(turns) CT_PRAGMA(clang loop interleave_count(turns))
#else
#define CT_TOGETHER(turns)
#endif
`

// lending has the host's table at hand for the time of a call, in the thread that calls.
const lending = `static thread_local const ct_host *lent_host;
namespace {  // not one for all libraries of a program
struct Lend {
  const ct_host *before = lent_host;
  explicit Lend(const ct_host *host) { lent_host = host; }
  ~Lend() { lent_host = before; }
};
}  // namespace
static inline const ct_host *lent() { return lent_host; }
`

const parallel = `// body(begin, end) for chunks of [0, n), on the threads that the host lends.
template <class F> static inline void parallel(int64_t n, int64_t grain, const F &body) {
  const ct_host *host = ct::lent();
  if (!host || !host->parallel_for || host->threads < 2) return body(0, n);
  host->parallel_for(host->context, n, grain, [](void *f, int64_t begin, int64_t end) { (*(const F *)f)(begin, end); }, (void *)&body);
}
`

// lends is the statement of an entry point that text needs, "" if it uses nothing of the host's.
func lends(text string) string {
	if used := usedFunctions(text); slices.Contains(used, "parallel") || slices.Contains(used, "gemm_shared") || slices.Contains(used, "gemm_blas") {
		return "ct::Lend lend(host);"
	}
	return ""
}

// special are the functions that are not a builtin of the compiler.
var special = map[string]string{
	"lent":     lending,
	"parallel": parallel,
	"quotient": "template <class T> static inline T quotient(T x, T y) { return x / y; }\n",
	"sum": "// In any order with other additions to x, which clang has to be told here.\n" +
		"template <class T> static inline T sum(T x, T y) {\n#ifdef __clang__\n#pragma clang fp reassociate(on)\n#endif\n  return x + y;\n}\n",
	"stop": "template <class T> static inline T stop(T x) { return x; }\n",
	"rsqrt": "static inline float rsqrt(float x) { return 1.0f / __builtin_sqrtf(x); }\n" +
		"static inline double rsqrt(double x) { return 1.0 / __builtin_sqrt(x); }\n",
	// NaN if either is: the comparison with NaN is false, so the second test takes x.
	// Places are int64_t, and literals, which are int, are to become that.
	"max": "template <class T> static inline T max(T x, T y) { return x > y || x != x ? x : y; }\n" +
		"static inline int64_t max(int64_t x, int64_t y) { return x > y ? x : y; }\n",
	"min": "template <class T> static inline T min(T x, T y) { return x < y || x != x ? x : y; }\n" +
		"static inline int64_t min(int64_t x, int64_t y) { return x < y ? x : y; }\n",
	"floordiv": "template <class T> static inline T floordiv(T x, T y) {\n" +
		"  T q = x / y;\n  return x % y != 0 && (x < 0) != (y < 0) ? q - 1 : q;\n}\n" +
		"static inline int64_t floordiv(int64_t x, int64_t y) { return floordiv<int64_t>(x, y); }\n",
}

// usedFunctions lists the functions of namespace ct that text names, in order.
func usedFunctions(text string) []string {
	used := map[string]bool{}
	for {
		_, rest, ok := strings.Cut(text, "ct::")
		if !ok {
			break
		}
		end := strings.IndexFunc(rest, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		if end > 0 && (rest[end] == '(' || rest[end] == '<') {
			used[rest[:end]] = true
		}
		text = rest
	}
	var names []string
	for n := range used {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
