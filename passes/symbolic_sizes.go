package passes

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/cladopt/cladopt/ir"
)

// symbolTable is arithmetic on sizes over symbols such as s0, for shape inference.
// A size is a polynomial with integer coefficients over symbols and quotients; its
// handle is a negative number. Asking whether two sizes are equal, or whether one
// divides another, is relied upon and written down as a guard.
type symbolTable struct {
	polys  []poly
	byText map[string]int64
	guards []guard
	seen   map[string]bool
}

// poly maps a product of atoms, "s0*s1" or "" for 1, to its coefficient.
type poly map[string]int64

// guard is a relation between sizes that the shapes of a graph rely on.
type guard struct {
	text  string
	holds func(values map[string]int64) bool
}

func newSymbolTable() *symbolTable {
	return &symbolTable{byText: map[string]int64{}, seen: map[string]bool{}}
}

func (s *symbolTable) symbol(name string) int64 { return s.handle(poly{name: 1}) }

// handle is the number of a polynomial: itself if it is a constant.
func (s *symbolTable) handle(p poly) int64 {
	for k, c := range p {
		if c == 0 {
			delete(p, k)
		}
	}
	if len(p) == 0 {
		return 0
	}
	if c, ok := p[""]; ok && len(p) == 1 && c >= 0 {
		return c
	}
	text := p.String()
	if h, ok := s.byText[text]; ok {
		return h
	}
	s.polys = append(s.polys, p)
	h := -int64(len(s.polys))
	s.byText[text] = h
	return h
}

func (s *symbolTable) poly(h int64) poly {
	if h >= 0 {
		return poly{"": h}
	}
	return s.polys[-h-1]
}

// String prints the polynomial, terms in a fixed order: "2*s0 + 3".
func (p poly) String() string {
	keys := make([]string, 0, len(p))
	for k := range p {
		if p[k] != 0 {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool { // the constant comes last
		if (keys[i] == "") != (keys[j] == "") {
			return keys[j] == ""
		}
		return keys[i] < keys[j]
	})
	var b strings.Builder
	for i, k := range keys {
		c := p[k]
		switch {
		case i > 0 && c < 0:
			b.WriteString(" - ")
			c = -c
		case i > 0:
			b.WriteString(" + ")
		}
		switch {
		case k == "":
			b.WriteString(strconv.FormatInt(c, 10))
		case c == 1:
			b.WriteString(k)
		default:
			b.WriteString(strconv.FormatInt(c, 10) + "*" + k)
		}
	}
	if len(keys) == 0 {
		return "0"
	}
	return b.String()
}

// value is the polynomial at given sizes; false if an atom has none.
func (s *symbolTable) value(p poly, values map[string]int64) (int64, bool) {
	total := int64(0)
	for k, c := range p {
		term := c
		for _, atom := range strings.Split(k, "*") {
			if atom == "" {
				continue
			}
			v, ok := values[atom]
			if !ok {
				return 0, false
			}
			term *= v
		}
		total += term
	}
	return total, true
}

// Add is a + b.
func (s *symbolTable) Add(a, b int64) int64 { return s.sum(a, b, 1) }

// Sub is a - b.
func (s *symbolTable) Sub(a, b int64) int64 { return s.sum(a, b, -1) }

func (s *symbolTable) sum(a, b, sign int64) int64 {
	sum := poly{}
	for k, c := range s.poly(a) {
		sum[k] += c
	}
	for k, c := range s.poly(b) {
		sum[k] += sign * c
	}
	return s.handle(sum)
}

// Mul is a * b.
func (s *symbolTable) Mul(a, b int64) int64 {
	product := poly{}
	for k, c := range s.poly(a) {
		for l, d := range s.poly(b) {
			atoms := strings.Split(k+"*"+l, "*")
			sort.Strings(atoms)
			product[strings.Trim(strings.Join(atoms, "*"), "*")] += c * d
		}
	}
	return s.handle(product)
}

// FloorDiv is a quotient that stays as it is, an atom of its own.
func (s *symbolTable) FloorDiv(a, b int64) int64 {
	if q, ok := s.exact(a, b); ok {
		return q
	}
	return s.handle(poly{fmt.Sprintf("floor((%s)/%s)", s.poly(a), s.poly(b)): 1})
}

// exact divides term by term, if every term can be divided.
func (s *symbolTable) exact(a, b int64) (int64, bool) {
	divisor := s.poly(b)
	if len(divisor) != 1 {
		return 0, false
	}
	for l, d := range divisor {
		quotient := poly{}
		for k, c := range s.poly(a) {
			rest, ok := without(k, l)
			if !ok || d == 0 || c%d != 0 {
				return 0, false
			}
			quotient[rest] += c / d
		}
		return s.handle(quotient), true
	}
	return 0, false
}

// without removes the atoms of l from the product k.
func without(k, l string) (string, bool) {
	atoms := strings.Split(k, "*")
	for _, atom := range strings.Split(l, "*") {
		if atom == "" {
			continue
		}
		found := false
		for i, a := range atoms {
			if a == atom {
				atoms = append(atoms[:i:i], atoms[i+1:]...)
				found = true
				break
			}
		}
		if !found {
			return "", false
		}
	}
	return strings.Trim(strings.Join(atoms, "*"), "*"), true
}

// DivideExactly is a / b, relying on b dividing a.
func (s *symbolTable) DivideExactly(a, b int64) (int64, bool) {
	if q, ok := s.exact(a, b); ok {
		return q, true
	}
	pa, pb := s.poly(a), s.poly(b)
	s.guard(fmt.Sprintf("%s %% %s == 0", product(pa), product(pb)), func(values map[string]int64) bool {
		x, ok1 := s.value(pa, values)
		y, ok2 := s.value(pb, values)
		return !ok1 || !ok2 || y != 0 && x%y == 0
	})
	return s.handle(poly{fmt.Sprintf("((%s)/%s)", pa, product(pb)): 1}), true
}

// product prints a polynomial so that an operator may follow.
func product(p poly) string {
	if len(p) > 1 {
		return "(" + p.String() + ")"
	}
	return p.String()
}

// Equal relies on a == b; false if they differ by a constant.
func (s *symbolTable) Equal(a, b int64) bool {
	pa, pb := s.poly(a), s.poly(b)
	difference := poly{}
	for k, c := range pa {
		difference[k] += c
	}
	for k, c := range pb {
		difference[k] -= c
	}
	constant := true
	for k, c := range difference {
		if c != 0 && k != "" {
			constant = false
		}
	}
	if constant {
		return difference[""] == 0
	}
	if a >= 0 { // the symbol stands on the left
		pa, pb = pb, pa
	}
	s.guard(pa.String()+" == "+pb.String(), func(values map[string]int64) bool {
		x, ok1 := s.value(pa, values)
		y, ok2 := s.value(pb, values)
		return !ok1 || !ok2 || x == y
	})
	return true
}

// Format prints a size.
func (s *symbolTable) Format(a int64) string { return s.poly(a).String() }

func (s *symbolTable) guard(text string, holds func(map[string]int64) bool) {
	if !s.seen[text] {
		s.seen[text] = true
		s.guards = append(s.guards, guard{text, holds})
	}
}

var _ ir.SymbolicSizes = (*symbolTable)(nil)
