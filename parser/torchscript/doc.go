// Package torchscript reads the graph text that LibTorch prints for an observed
// (traced or scripted) function: Graph::toString of LibTorch 1.13 and later.
//
// Text goes in and a syntax tree comes out: a [File] holds the main [Graph] and
// the subgraphs printed after it, a graph holds [Node] values, and every part
// knows its position. It reads the printer's language, which is larger than what
// torch's own parse_ir reads back: scopes, nodes without outputs, raw tensor
// prints, tuples, dicts, class types and Python ops are all in it.
//
//	f, err := torchscript.Parse("mlp.graph", src)   // err is a *diag.List
//	for _, n := range f.Graph.Nodes {
//		fmt.Println(n.Op, n.Outputs[0].Type)        // aten::mul Float(4, 8, strides=[8, 1], ...)
//	}
//
// The way through: lexer.go cuts the text into the tokens of tokens.go, a whole
// type being one of them; grammar.go is the participle grammar, which [Grammar]
// prints; body.go and value.go read the nodes of a graph by hand, since there are
// thousands of them and one header; typeparse.go reads each type text once.
//
// It does not resolve names, infer types or know any op: whether %3 is defined,
// and what aten::mul means, is the importer's business.
package torchscript
