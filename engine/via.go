package engine

import (
	"context"
	"fmt"
	"slices"
)

// ViaCPP is the usual way of the builtin engine from loops to a library.
const ViaCPP = "cpp"

// A route is another way from the loop level to a library of the same contract, which
// shows that the loops mean the same to other tools.
type route struct {
	// emit is the text that the route starts from; it may set l.Layout and l.Meta.
	emit func(l *Lowered, title string) error
	// build makes the library at path of l.Source.
	build func(ctx context.Context, l *Lowered, path string) error
}

// routes by the value of Options.Via.
var routes = map[string]route{
	ViaLLVM: {emitLLVM, buildLLVM},
	ViaMLIR: {emitMLIR, buildMLIR},
}

// Routes names the ways from loops to a library.
func Routes() []string {
	names := []string{ViaCPP}
	for name := range routes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// routeOf finds the route that o asks for; nil is C++.
func routeOf(o Options) (*route, error) {
	if o.Via == "" || o.Via == ViaCPP {
		return nil, nil
	}
	r, ok := routes[o.Via]
	switch {
	case !ok:
		return nil, fmt.Errorf("unknown route %q, expected one of %v", o.Via, Routes())
	case o.Engine != Builtin:
		return nil, fmt.Errorf("engine %s has no route via %s; use engine %s", o.Engine, o.Via, Builtin)
	}
	return &r, nil
}
