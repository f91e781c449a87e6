package ir

import "fmt"

// A Dialect is a set of op definitions under one name.
type Dialect struct {
	Name    string
	Summary string
	Ops     []*OpDef
	// Uniform dialects print their ops in the uniform pretty form of [Printer].
	Uniform bool
	// Imports are the ATen spellings that are not an op of their own here but are
	// built from others; see [Import].
	Imports []Import
	// Refusals are the ATen ops that cannot be imported, each with the reason.
	Refusals map[string]string
}

// A Context is the set of dialects one compilation knows. It does not change
// after NewContext and may be shared between goroutines.
type Context struct {
	dialects []*Dialect
	ops      map[OpName]*OpDef
	imports  map[string][]*Signature
}

// NewContext checks the definitions of the given dialects and indexes them.
func NewContext(dialects ...*Dialect) (*Context, error) {
	c := &Context{ops: map[OpName]*OpDef{ModuleDef.Name: ModuleDef}, imports: map[string][]*Signature{}}
	for _, d := range dialects {
		for _, other := range c.dialects {
			if other.Name == d.Name {
				return nil, fmt.Errorf("dialect %q is given twice", d.Name)
			}
		}
		c.dialects = append(c.dialects, d)
		for _, def := range d.Ops {
			if err := def.validate(d.Name); err != nil {
				return nil, err
			}
			if c.ops[def.Name] != nil {
				return nil, fmt.Errorf("op %s is defined twice", def.Name)
			}
			if d.Uniform && !def.uniform {
				def.uniform = true
			}
			c.ops[def.Name] = def
			for _, schema := range def.Torch {
				if err := c.addImport(schema, def, nil); err != nil {
					return nil, err
				}
			}
		}
		for i := range d.Imports {
			if err := c.addImport(d.Imports[i].Schema, nil, &d.Imports[i]); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// Refusal is why an ATen op cannot be imported, "" if no reason is known.
func (c *Context) Refusal(torch string) string {
	for _, d := range c.dialects {
		if reason := d.Refusals[torch]; reason != "" {
			return reason
		}
	}
	return ""
}

// Dialects in the order they were given.
func (c *Context) Dialects() []*Dialect { return c.dialects }

// Op is the definition of that name, or nil.
func (c *Context) Op(name OpName) *OpDef { return c.ops[name] }

// Dialect of that name, or nil.
func (c *Context) Dialect(name string) *Dialect {
	for _, d := range c.dialects {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// OpModule names the op that holds a program.
const OpModule OpName = "builtin.module"

// ModuleDef defines the module op, the only op this package knows.
var ModuleDef = &OpDef{
	Name:    OpModule,
	Summary: "holds a program: a list of functions",
	Example: "module {\n}",
	Regions: 1,
	Traits:  IsolatedFromAbove | SymbolTable | NoTerminator,
	Verify: func(op *Op) error {
		if blocks := op.Region(0).Blocks(); len(blocks) != 1 || len(blocks[0].Args()) > 0 {
			return op.Errorf("expected one block without arguments, got %d blocks", len(blocks))
		}
		return nil
	},
	Print: func(p *Printer, op *Op) {
		p.Write("module")
		if name := op.Str(SymbolName); name != "" {
			p.Write(" ", SymbolRefAttr{name}.String())
		}
		p.AttrDictWithKeyword(op, SymbolName)
		p.Write(" ")
		p.Region(op.Region(0), false)
	},
}

// A Module is a whole program: a module op and the context it was made in.
type Module struct {
	Ctx *Context
	Op  *Op
}

// NewModule makes an empty module.
func NewModule(ctx *Context) *Module {
	return &Module{ctx, NewOp(ctx, State{Name: OpModule, Regions: []*Region{NewRegion(NewBlock())}})}
}

// Body is the block of the module.
func (m *Module) Body() *Block { return m.Op.Body() }

// SymbolName is the attribute that gives an op a name to be referred to by.
const SymbolName = "sym_name"

// Symbol is the op at the top level of the module with that symbol name, or nil.
func (m *Module) Symbol(name string) *Op { return m.Body().Symbol(name) }

// UniqueSymbol is name, or name with a number appended, whichever is free.
func (m *Module) UniqueSymbol(name string) string {
	if m.Symbol(name) == nil {
		return name
	}
	for i := 0; ; i++ {
		if n := fmt.Sprintf("%s_%d", name, i); m.Symbol(n) == nil {
			return n
		}
	}
}

// String prints the module in pretty form.
func (m *Module) String() string { return Print(m.Op, PrintOptions{}) }
