package filecheck

import (
	"fmt"
	"math/big"
)

// lineVariable is the pseudo variable whose value is the directive's line.
const lineVariable = "@LINE"

// An expression computes a number from variables.
type expression interface {
	eval(values map[string]*big.Int) (*big.Int, error)
	// format is that of the variables used, with no verb if there are none. It is
	// an error if they differ.
	format() (format, error)
	String() string
}

// An undefinedError names a variable that has no value.
type undefinedError string

func (e undefinedError) Error() string { return "undefined variable: " + string(e) }

type number struct {
	text  string
	value *big.Int
}

func (n number) eval(map[string]*big.Int) (*big.Int, error) { return n.value, nil }
func (n number) format() (format, error)                    { return format{}, nil }
func (n number) String() string                             { return n.text }

// numericVariable is a variable of the check file. Uses of one share it.
type numericVariable struct {
	name string
	form format
	line int // of the directive that defined it first, 0 for none
}

func (v *numericVariable) eval(values map[string]*big.Int) (*big.Int, error) {
	if value, ok := values[v.name]; ok {
		return value, nil
	}
	return nil, undefinedError(v.name)
}

func (v *numericVariable) format() (format, error) { return v.form, nil }
func (v *numericVariable) String() string          { return v.name }

// operations by their names in calls. Errors of range are found by the caller.
var operations = map[string]func(left, right *big.Int) (*big.Int, error){
	"add": func(l, r *big.Int) (*big.Int, error) { return new(big.Int).Add(l, r), nil },
	"sub": func(l, r *big.Int) (*big.Int, error) { return new(big.Int).Sub(l, r), nil },
	"mul": func(l, r *big.Int) (*big.Int, error) { return new(big.Int).Mul(l, r), nil },
	"div": func(l, r *big.Int) (*big.Int, error) {
		if r.Sign() == 0 {
			return nil, fmt.Errorf("division by zero: %s / %s", l, r)
		}
		return new(big.Int).Quo(l, r), nil
	},
	"max": func(l, r *big.Int) (*big.Int, error) {
		if l.Cmp(r) > 0 {
			return l, nil
		}
		return r, nil
	},
	"min": func(l, r *big.Int) (*big.Int, error) {
		if l.Cmp(r) < 0 {
			return l, nil
		}
		return r, nil
	},
}

type operation struct {
	name        string
	left, right expression
}

// eval reports the errors of both operands, the left one's first.
func (o operation) eval(values map[string]*big.Int) (*big.Int, error) {
	left, err := o.left.eval(values)
	if err != nil {
		return nil, err
	}
	right, err := o.right.eval(values)
	if err != nil {
		return nil, err
	}
	result, err := operations[o.name](left, right)
	if err != nil {
		return nil, err
	}
	return result, checkRange(result, 0)
}

func (o operation) format() (format, error) {
	left, err := o.left.format()
	if err != nil {
		return format{}, err
	}
	right, err := o.right.format()
	switch {
	case err != nil:
		return format{}, err
	case left.verb == 0:
		return right, nil
	case right.verb != 0 && left != right:
		return format{}, fmt.Errorf("implicit formats differ: %s is %s and %s is %s; give the block a format", o.left, left, o.right, right)
	}
	return left, nil
}

func (o operation) String() string { return fmt.Sprintf("%s(%s, %s)", o.name, o.left, o.right) }
