package cpp

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// Prelude defines the functions of namespace ct that the text uses.
func Prelude(text string) string {
	used := map[string]bool{}
	for _, m := range callOf.FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
	if len(used) == 0 {
		return ""
	}
	var names []string
	for n := range used {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("// Elementary functions, for both precisions.\nnamespace ct {\n")
	for _, n := range names {
		if d, ok := special[n]; ok {
			b.WriteString(d)
			continue
		}
		args := []string{"x"}
		if binaryFunctions[n] {
			args = []string{"x", "y"}
		}
		for _, p := range []struct{ typ, suffix string }{{"float", "f"}, {"double", ""}} {
			fmt.Fprintf(&b, "static inline %s %s(%s %s) { return __builtin_%s%s(%s); }\n", p.typ, n,
				p.typ, strings.Join(args, ", "+p.typ+" "), builtinName(n), p.suffix, strings.Join(args, ", "))
		}
	}
	b.WriteString("}  // namespace ct\n")
	return b.String()
}

var callOf = regexp.MustCompile(`\bct::(\w+)\(`)

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

// special are the functions that are not a builtin of the compiler.
var special = map[string]string{
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
