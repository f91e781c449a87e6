package llvmir

import "strconv"

// instruction reads one instruction, which may have taken several lines.
func (b *body) instruction(line int, toks []token) {
	if b.block == nil || b.ended {
		b.unnamed++ // blocks without a label are numbered with the values
		b.begin(strconv.Itoa(b.unnamed))
	}
	in := Instruction{Line: line, loop: -1}
	b.words(line, toks)
	if len(toks) > 2 && toks[0].kind == local && toks[1].is("=") {
		in.Result = toks[0].text
		b.saw(in.Result)
		toks = toks[2:]
	}
	for len(toks) > 1 && (toks[0].isWord("tail") || toks[0].isWord("musttail") || toks[0].isWord("notail")) {
		toks = toks[1:]
	}
	if len(toks) == 0 || toks[0].kind != word {
		b.note(line, "not an instruction: %s", cut(b.line))
		return
	}
	in.Op = toks[0].text
	if !opcodes[in.Op] {
		b.note(line, "unknown instruction %s", cut(in.Op))
	}
	toks = toks[1:]
	after := in.operandType(toks)
	if in.IsCall() {
		in.Callee = callee(toks, after)
	}
	for i, t := range toks {
		switch {
		case t.kind == meta && t.text == "dbg":
			if n := number1(toks, i+1); n >= 0 {
				b.debug = append(b.debug, debugRef{b.f, b.block.Index, len(b.block.Instructions), n})
			}
		case t.kind == meta && t.text == "llvm.loop":
			in.loop = number1(toks, i+1)
		case t.isWord("contract"), t.isWord("fast"):
			in.Contract = true
		case t.isWord("label") && i+1 < len(toks) && toks[i+1].kind == local && terminators[in.Op]:
			b.block.targets = append(b.block.targets, toks[i+1].text)
		}
	}
	b.block.Instructions = append(b.block.Instructions, in)
	b.ended = terminators[in.Op]
}

// operandType sets the first type written, and returns the place after it.
func (in *Instruction) operandType(toks []token) int {
	if in.Op == "br" || in.Op == "ret" || in.Op == "unreachable" || in.Op == "fence" {
		return 0
	}
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.kind == word && valued[t.text]:
			if i+1 < len(toks) && toks[i+1].is("(") {
				i = closing(toks, i+1)
			}
		case in.Op == "select" && i == 0 || in.Op == "select" && fastMath[toks[i-1].text]:
			// The condition comes first: what is selected follows the comma.
			if fastMath[t.text] {
				continue
			}
			for i < len(toks) && !toks[i].is(",") {
				if toks[i].is("(") {
					i = closing(toks, i)
				}
				i++
			}
		case startsType(t):
			typ, next := parseType(toks, i, 0)
			in.Type = typ
			return next
		}
	}
	return 0
}

func startsType(t token) bool {
	return t.kind == word && (typeWords[t.text] || integerType(t.text) || t.text == "target") ||
		t.kind == local || t.is("<") || t.is("[") || t.is("{")
}

// maxDepth bounds how deep types are nested.
const maxDepth = 64

// parseType reads the type at place i and returns the place after it.
func parseType(toks []token, i, depth int) (Type, int) {
	if i >= len(toks) || depth > maxDepth {
		return Type{}, i
	}
	t := toks[i]
	var out Type
	switch {
	case t.isWord("target"): // target("aarch64.svcount")
		i = closing(toks, i+1) + 1
	case t.kind == word:
		out = Type{Elem: t.text, Lanes: 1, Bytes: scalarBytes(t.text)}
		i++
	case t.is("<") && i+1 < len(toks) && toks[i+1].is("{"):
		i = closing(toks, i+1) + 2
	case t.is("<"):
		i++
		if i+1 < len(toks) && toks[i].isWord("vscale") {
			out.Scalable = true
			i += 2 // vscale x
		}
		if i+2 >= len(toks) {
			return Type{}, len(toks)
		}
		n, _ := strconv.Atoi(toks[i].text)
		elem, next := parseType(toks, i+2, depth+1)
		if n > 0 && n < 1<<20 {
			out.Elem, out.Lanes = elem.Elem, n
			if !out.Scalable {
				out.Bytes = elem.Bytes * int64(n)
			}
		}
		i = next + 1
	case t.is("["):
		if i+3 >= len(toks) {
			return Type{}, len(toks)
		}
		n, err := strconv.ParseInt(toks[i+1].text, 10, 64)
		elem, next := parseType(toks, i+3, depth+1)
		if err == nil && n >= 0 && (elem.Bytes == 0 || n < (1<<62)/elem.Bytes) {
			out.Bytes = n * elem.Bytes
		}
		i = next + 1
	case t.is("{"):
		i = closing(toks, i) + 1
	default: // %name
		i++
	}
	for i < len(toks) && (toks[i].is("*") || toks[i].isWord("addrspace")) { // a typed pointer
		if toks[i].isWord("addrspace") {
			if i+1 >= len(toks) || !toks[i+1].is("(") {
				break
			}
			i = closing(toks, i+1) + 1
			continue
		}
		out = Type{Elem: "ptr", Lanes: 1, Bytes: pointerBytes}
		i++
	}
	return out, min(i, len(toks))
}

const pointerBytes = 8

func scalarBytes(w string) int64 {
	switch w {
	case "half", "bfloat":
		return 2
	case "float":
		return 4
	case "double", "ptr", "x86_mmx":
		return 8
	case "x86_fp80", "fp128", "ppc_fp128":
		return 16
	}
	if integerType(w) {
		bits, err := strconv.ParseInt(w[1:], 10, 32)
		if err == nil {
			return (bits + 7) / 8
		}
	}
	return 0
}

// callee is what a call, whose result's type ends before place i, calls.
func callee(toks []token, i int) string {
	inside := false // a constant expression that makes the pointer
	for ; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.isWord("asm"):
			return "asm"
		case t.kind == global:
			return t.text
		case t.isWord("bitcast"), t.isWord("inttoptr"), t.isWord("addrspacecast"), t.isWord("getelementptr"):
			inside = true
		case t.kind == local && i+1 < len(toks) && toks[i+1].is("("):
			return ""
		case t.is("(") && !inside: // the parameters of a function's type
			i = closing(toks, i)
		}
	}
	return ""
}
