package filecheck

import (
	"fmt"
	"math/big"
	"strings"
)

// A format says how a number is written.
type format struct {
	verb      byte // 'u', 'd', 'x' or 'X'; 0 for a format that is not known yet
	precision int  // least number of digits
	prefixed  bool // 0x stands before it
}

func (f format) String() string {
	if f.verb == 0 {
		return "no format"
	}
	s := "%"
	if f.prefixed {
		s += "#"
	}
	if f.precision > 0 {
		s += fmt.Sprintf(".%d", f.precision)
	}
	return s + string(f.verb)
}

// regex matches any number in the format.
func (f format) regex() string {
	first, digit := "1-9", "0-9"
	switch f.verb {
	case 'x':
		first, digit = "1-9a-f", "0-9a-f"
	case 'X':
		first, digit = "1-9A-F", "0-9A-F"
	}
	regex := "[" + digit + "]+"
	if f.precision > 0 {
		regex = fmt.Sprintf("([%s][%s]*)?[%s]{%d}", first, digit, digit, f.precision)
	}
	switch {
	case f.verb == 'd':
		return "-?" + regex
	case f.prefixed:
		return "0x" + regex
	}
	return regex
}

// Numbers are 64 bits wide, signed or not.
var (
	leastNumber  = new(big.Int).Lsh(big.NewInt(-1), 63)
	mostSigned   = new(big.Int).SetUint64(1<<63 - 1)
	mostUnsigned = new(big.Int).SetUint64(1<<64 - 1)
)

// checkRange reports numbers that are too wide for the verb; 0 stands for either.
func checkRange(n *big.Int, verb byte) error {
	least, most := leastNumber, mostUnsigned
	switch verb {
	case 0:
	case 'd':
		most = mostSigned
	default:
		least = new(big.Int)
	}
	if n.Cmp(least) < 0 || n.Cmp(most) > 0 {
		return fmt.Errorf("overflow: got %s, want %s to %s", n, least, most)
	}
	return nil
}

// print writes n.
func (f format) print(n *big.Int) (string, error) {
	if err := checkRange(n, f.verb); err != nil {
		return "", err
	}
	base := 10
	if f.hex() {
		base = 16
	}
	digits := new(big.Int).Abs(n).Text(base)
	if f.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	if missing := f.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if f.prefixed {
		digits = "0x" + digits
	}
	if n.Sign() < 0 {
		digits = "-" + digits
	}
	return digits, nil
}

// parse reads text that regex has matched.
func (f format) parse(text string) (*big.Int, error) {
	base, digits := 10, text
	if f.hex() {
		base = 16
	}
	if f.prefixed {
		digits = strings.TrimPrefix(digits, "0x")
	}
	n, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, fmt.Errorf("got %q, want a number as %s", text, f)
	}
	return n, checkRange(n, f.verb)
}

func (f format) hex() bool { return f.verb == 'x' || f.verb == 'X' }
