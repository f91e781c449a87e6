package ir

// AttrList is the attributes of an op, sorted by name.
type AttrList []NamedAttr

// Get is the attribute of that name or nil.
func (l AttrList) Get(name string) Attr {
	for i := range l {
		if l[i].Name == name {
			return l[i].Attr
		}
	}
	return nil
}

// Int is the value of an integer attribute, or def if there is none of that name.
func (l AttrList) Int(name string, def int64) int64 {
	if a, ok := l.Get(name).(IntegerAttr); ok {
		return a.Value
	}
	return def
}

// Float is the value of a float or integer attribute, or def if there is none.
func (l AttrList) Float(name string, def float64) float64 {
	switch a := l.Get(name).(type) {
	case FloatAttr:
		return a.Value
	case IntegerAttr:
		return float64(a.Value)
	}
	return def
}

// Bool is the value of a boolean attribute, or def if there is none; a unit
// attribute is true.
func (l AttrList) Bool(name string, def bool) bool {
	switch a := l.Get(name).(type) {
	case IntegerAttr:
		return a.Value != 0
	case UnitAttr:
		return true
	}
	return def
}

// Str is the value of a string attribute, or "" if there is none.
func (l AttrList) Str(name string) string {
	s, _ := l.Get(name).(StringAttr)
	return string(s)
}

// Ints is the value of a dense integer array attribute, or nil if there is none.
func (l AttrList) Ints(name string) []int64 {
	if a, ok := l.Get(name).(*DenseArrayAttr); ok {
		return a.Ints()
	}
	return nil
}

// TypeOf is the value of a type attribute, or nil if there is none.
func (l AttrList) TypeOf(name string) Type {
	if a, ok := l.Get(name).(TypeAttr); ok {
		return a.Type
	}
	return nil
}
