package llvmir_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/clad/llvmir"
)

// one reads a function of one block with these instructions.
func one(t *testing.T, lines ...string) (*llvmir.Module, []llvmir.Instruction) {
	t.Helper()
	m := llvmir.Read("define void @f(ptr %p, i32 %n) {\nentry:\n  " + strings.Join(lines, "\n  ") + "\n  ret void\n}\n")
	require.Len(t, m.Functions, 1)
	require.Len(t, m.Functions[0].Blocks, 1)
	all := m.Functions[0].Blocks[0].Instructions
	return m, all[:len(all)-1]
}

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		line string
		want llvmir.Type
	}{
		{"%v = load float, ptr %p, align 4", llvmir.Type{Elem: "float", Lanes: 1, Bytes: 4}},
		{"%v = load volatile <8 x double>, ptr %p", llvmir.Type{Elem: "double", Lanes: 8, Bytes: 64}},
		{"%v = load atomic i64, i64* %p seq_cst, align 8", llvmir.Type{Elem: "i64", Lanes: 1, Bytes: 8}},
		{"%v = load <vscale x 4 x float>, ptr %p", llvmir.Type{Elem: "float", Lanes: 4, Scalable: true}},
		{"%v = load float*, float** %p", llvmir.Type{Elem: "ptr", Lanes: 1, Bytes: 8}},
		{"%v = load <4 x i8 addrspace(1)*>, ptr %p", llvmir.Type{Elem: "ptr", Lanes: 4, Bytes: 32}},
		{"store <16 x float> zeroinitializer, ptr %p", llvmir.Type{Elem: "float", Lanes: 16, Bytes: 64}},
		{"%v = alloca [10 x [3 x float]], align 16", llvmir.Type{Bytes: 120}},
		{"%v = alloca %struct.s, align 16", llvmir.Type{}},
		{"%v = alloca { i32, [2 x i8] }, align 4", llvmir.Type{}},
		{"%v = alloca <{ i32, i8 }>, i32 %n", llvmir.Type{}},
		{"%v = fadd nnan ninf nsz <4 x float> %a, %b", llvmir.Type{Elem: "float", Lanes: 4, Bytes: 16}},
		{"%v = fcmp fast olt double %a, %b", llvmir.Type{Elem: "double", Lanes: 1, Bytes: 8}},
		{"%v = select i1 %c, float %a, float %b", llvmir.Type{Elem: "float", Lanes: 1, Bytes: 4}},
		{"%v = select fast <4 x i1> %c, <4 x float> %a, <4 x float> %b", llvmir.Type{Elem: "float", Lanes: 4, Bytes: 16}},
		{"%v = phi reassoc bfloat [ %a, %entry ]", llvmir.Type{Elem: "bfloat", Lanes: 1, Bytes: 2}},
		{"%v = tail call fastcc noundef nonnull align 8 dereferenceable(8) ptr @g(i32 1)", llvmir.Type{Elem: "ptr", Lanes: 1, Bytes: 8}},
		{"%v = call range(i32 0, 5) i32 @g()", llvmir.Type{Elem: "i32", Lanes: 1, Bytes: 4}},
		{"%v = call nofpclass(nan inf) float @g()", llvmir.Type{Elem: "float", Lanes: 1, Bytes: 4}},
		{"%v = call i32 (ptr, ...) @printf(ptr %p, double 1.0)", llvmir.Type{Elem: "i32", Lanes: 1, Bytes: 4}},
		{`%v = call target("aarch64.svcount") @g()`, llvmir.Type{}},
		{"%v = alloca [99999999999999999999 x i8]", llvmir.Type{}},
		{"%v = alloca [4611686018427387904 x [4611686018427387904 x i64]]", llvmir.Type{}},
	} {
		m, in := one(t, c.line)
		require.Empty(t, m.Notes, "%s", c.line)
		require.Len(t, in, 1)
		require.Equal(t, c.want, in[0].Type, "%s", c.line)
	}
}

func TestCallees(t *testing.T) {
	for line, want := range map[string]string{
		"call void @f()": "f",
		"%v = musttail call float @expf(float %x)":                         "expf",
		"%v = call i32 (ptr, ...) @printf(ptr @text)":                      "printf",
		`call void @"odd name"(i32 1)`:                                     "odd name",
		"call void %p(i32 1)":                                              "",
		"call void (i8*)* %p(i8* @text)":                                   "",
		`%v = call i32 asm sideeffect "nop", "=r,r"(i32 1)`:                "asm",
		"call void bitcast (void (...)* @g to void ()*)()":                 "g",
		"%v = call { i32, i1 } @llvm.sadd.with.overflow.i32(i32 1, i32 2)": "llvm.sadd.with.overflow.i32",
	} {
		m, in := one(t, line)
		require.Empty(t, m.Notes, "%s", line)
		require.True(t, in[0].IsCall())
		require.Equal(t, want, in[0].Callee, "%s", line)
	}
}

// TestStatementsOfSeveralLines has what LLVM breaks over lines.
func TestStatementsOfSeveralLines(t *testing.T) {
	m := llvmir.Read(`
define linkonce_odr dso_local noundef i32 @f(i32 %n) personality ptr @__gxx_personality_v0 {
entry:
  %v = invoke noundef i32 @may_throw(i32 %n)
          to label %more unwind label %pad

more:                                             ; preds = %entry
  switch i32 %v, label %out [
    i32 0, label %"odd: label"
    i32 1, label %out
  ]

pad:
  %l = landingpad { ptr, i32 }
          cleanup
          catch ptr @_ZTIi
          filter [1 x ptr] [ptr @_ZTIl]
  resume { ptr, i32 } %l

"odd: label":
  callbr void asm sideeffect "", "!i"()
          to label %out [label %more]

out:
  ret i32 0
}`)
	require.Empty(t, m.Notes)
	f := m.Functions[0]
	require.Equal(t, "f", f.Name)
	var got []string
	for _, b := range f.Blocks {
		to := b.Label + ":"
		for _, s := range b.Succs {
			to += " " + s.Label
		}
		got = append(got, to)
	}
	require.Equal(t, []string{"entry: more pad", "more: out odd: label", "pad:", "odd: label: out more", "out:"}, got)
}

// TestDebugInformation follows places through blocks and inlined calls, in both forms
// of debug records.
func TestDebugInformation(t *testing.T) {
	m := llvmir.Read(`
define void @f() !dbg !4 {
  call void @llvm.dbg.value(metadata i32 0, metadata !9, metadata !DIExpression(DW_OP_plus_uconst, 1)), !dbg !7
    #dbg_value(i32 0, !9, !DIExpression(), !7)
  br label %loop, !dbg !7
loop:
  br i1 undef, label %loop, label %out, !dbg !6, !llvm.loop !10
out:
  ret void
}
!1 = !DIFile(filename: "graph.cpp", directory: "/, odd)")
!4 = distinct !DISubprogram(name: "outer", scope: !1, file: !1, line: 10, spFlags: DISPFlagDefinition | DISPFlagOptimized)
!5 = distinct !DISubprogram(name: "inner<4, 2>", scope: !1, file: !1, line: 3)
!6 = !DILocation(line: 5, column: 7, scope: !8, inlinedAt: !7)
!7 = distinct !DILocation(line: 12, column: 3, scope: !4)
!8 = distinct !DILexicalBlock(scope: !5, file: !1, line: 4)
!9 = !DILocalVariable(name: "x", scope: !4)
!10 = distinct !{!10, !6, !7, !11, !{!"llvm.loop.vectorize.width", i32 4}}
!11 = !{!"llvm.loop.mustprogress"}
!12 = !DINewKind(odd: 1)
`)
	require.Empty(t, m.Notes)
	f := m.Functions[0]
	require.Equal(t, &llvmir.Subprogram{Name: "outer", File: "graph.cpp", Line: 10}, f.Program)
	at := f.Blocks[1].Instructions[0].Location
	require.Equal(t, &llvmir.Location{File: "graph.cpp", Line: 5, Column: 7, Function: "inner<4, 2>",
		InlinedAt: &llvmir.Location{File: "graph.cpp", Line: 12, Column: 3, Function: "outer"}}, at)
	loops := m.FindLoops(f).All
	require.Len(t, loops, 1)
	require.Equal(t, 5, loops[0].Node.Start.Line)
	require.Equal(t, 12, loops[0].Node.End.Line)
	require.Equal(t, []string{"llvm.loop.mustprogress"}, loops[0].Node.Attributes)
}

// TestWhatIsNotUnderstood wants each unknown thing counted and placed.
func TestWhatIsNotUnderstood(t *testing.T) {
	for text, want := range map[string]string{
		"define void @f() {\n  %x = zext brandnew i32 %a to i64\n  ret void\n}": `2: unknown word "brandnew"`,
		"define void @f() {\n  frobnicate i32 1\n  ret void\n}":                 `2: unknown word "frobnicate", 2: unknown instruction "frobnicate"`,
		"define void @f() brandnew(i32 1) {\n  ret void\n}":                     `1: unknown word "brandnew"`,
		"attributes #0 = { nounwind brandnew }":                                 `1: unknown word "brandnew"`,
		"@g = brandnew global i32 0":                                            `1: unknown word "brandnew"`,
		"hello world":                                                           `1: not a statement: "hello world"`,
		"define void @f() {\n  br label %nowhere\n}":                            `1: there is no block "nowhere"`,
		"define void @f() {\n  %x = add i32 1, 2\n}":                            `3: block "0" has no terminator`,
		"define void @f() {\na:\nb:\n  ret void\n}":                             `3: block "a" has no terminator`,
		"define void @f() {\na:\n  ret void\na:\n  ret void\n}":                 `1: two blocks are called "a"`,
		"define void @f() {\n  ret void\n":                                      `1: the body of @f is not closed`,
		"define void @f()\n":                                                    `1: a definition without a body`,
		"define void @f() {\n  #dbg_new(i32 1)\n  ret void\n}":                  `2: unknown record #dbg_new`,
		"define void @f() {\n  call void @g(i32 1\n  ret void\n}\n":             `2: a bracket is not closed, 4: block "0" has no terminator`,
		"define void @f() {\n  `\n  ret void\n}":                                "2: unexpected character \"`\", 2: not an instruction: \"`\"",
		"!0 = !Brandnew(x: 1)":                                                  `1: unknown metadata "!Brandnew(x: 1)"`,
	} {
		m := llvmir.Read(text)
		var got []string
		for _, n := range m.Notes {
			got = append(got, fmt.Sprintf("%d: %s", n.Line, n.What))
		}
		require.Equal(t, want, strings.Join(got, ", "), "%s", text)
		require.Equal(t, len(m.Notes), m.Unknown)
	}
	m := llvmir.Read(strings.Repeat("what is this\n", 1000))
	require.Equal(t, 1000, m.Unknown)
	require.Len(t, m.Notes, 100, "the rest is counted only")
}

// TestCyclesInMetadata wants places that contain themselves to end.
func TestCyclesInMetadata(t *testing.T) {
	m := llvmir.Read(`define void @f() !dbg !3 {
  br label %a, !dbg !1
a:
  br label %a, !dbg !2, !llvm.loop !9
}
!1 = !DILocation(line: 1, scope: !3, inlinedAt: !2)
!2 = !DILocation(line: 2, scope: !4, inlinedAt: !1)
!3 = !DILexicalBlock(scope: !4)
!4 = !DILexicalBlock(scope: !3)
!9 = !{!9, !9}
`)
	depth := 0
	for at := m.Functions[0].Blocks[0].Instructions[0].Location; at != nil; at = at.InlinedAt {
		depth++
		require.Less(t, depth, 10)
	}
	require.NotNil(t, m.FindLoops(m.Functions[0]).All[0].Node)
}
