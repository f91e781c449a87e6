package inspect

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const records = `--- !Passed
Pass:            loop-vectorize
Name:            Vectorized
DebugLoc:        { File: graph.cpp, Line: 12, Column: 3 }
Function:        _ZL2k0PKfPf
Args:
  - String:          'vectorized '
  - String:          'loop (vectorization width: '
  - VectorizationFactor: '16'
  - String:          ', interleaved count: '
  - InterleaveCount: '4'
  - String:          ')'
...
--- !AnalysisFPCommute
Pass:            loop-vectorize
Name:            CantReorderFPOps
DebugLoc:        { File: '/a folder, with a comma/and a very long name/that is wrapped by YAML/graph.cpp', 
                   Line: 88, Column: 5 }
Function:        f
Hotness:         3
Args:
  - String:          'loop not vectorized: '
  - String:          'cannot prove it''s safe to reorder floating-point operations'
  - Inst:            fadd
    DebugLoc:        { File: other.cpp, Line: 1, Column: 1 }
...
--- !Missed
Pass:            regalloc
Name:            SpillReloadCopies
Function:        f
Args:
  - NumSpills:       '2'
  - NumFoldedReloads: '3'
  - String:          "a\ttab"
...
`

func TestReadRecords(t *testing.T) {
	got, unknown := ReadRecords(records)
	require.Zero(t, unknown)
	require.Len(t, got, 3)
	require.Equal(t, "Passed", got[0].Kind)
	require.Equal(t, "_ZL2k0PKfPf", got[0].Function)
	require.Equal(t, int64(16), got[0].Int("VectorizationFactor"))
	require.Equal(t, "vectorized loop (vectorization width: 16, interleaved count: 4)", got[0].Message())
	require.Equal(t, "/a folder, with a comma/and a very long name/that is wrapped by YAML/graph.cpp", got[1].File)
	require.Equal(t, []int{88, 5}, []int{got[1].Line, got[1].Column}, "not those of the argument")
	require.Equal(t, "cannot prove it's safe to reorder floating-point operations", got[1].Args[1].Value)
	require.Equal(t, "fadd", got[1].Arg("Inst"))
	s, l := spillsOf(got[2])
	require.Equal(t, []int64{2, 3}, []int64{s, l})
	require.Equal(t, "a\ttab", got[2].Arg("String"))

	got, unknown = ReadRecords("what is this\n--- !Passed\nNewField: 1\nPass: x\nno colon\n...\nstray: 1\n")
	require.Len(t, got, 1)
	require.Equal(t, 4, unknown)
}

func FuzzReadRecords(f *testing.F) {
	f.Add(records)
	f.Add("--- !Missed\nDebugLoc: { File: 'x\n...\n  - :\n")
	f.Fuzz(func(t *testing.T, text string) { ReadRecords(text) })
}

const assembly = `	.text
	.type	_ZL1fPKfPf,@function
_ZL1fPKfPf:                             # @_ZL1fPKfPf
.Lfunc_begin0:
	.loc	1 7 0                           # graph.cpp:7:0
# %bb.0:                                # %entry
	.loc	1 8 5 prologue_end              # graph.cpp:8:5
	xorl	%eax, %eax
	.p2align	4, 0x90
.LBB0_1:                                # %outer
                                        # =>This Loop Header: Depth=1
                                        #     Child Loop BB0_2 Depth 2
	.loc	1 9 1
	incq	%rax
.LBB0_2:                                # %inner
                                        #   Parent Loop BB0_1 Depth=1
                                        # =>  This Inner Loop Header: Depth=2
	.loc	1 10 1                          # graph.cpp:10:1
	vfmadd231ps	(%rsi), %zmm0, %zmm1    # zmm1 = (zmm0 * mem) + zmm1
	vfnmadd213ss	%xmm0, %xmm1, %xmm2
# %bb.3:                                # %more
                                        #   in Loop: Header=BB0_2 Depth=2
	callq	expf@PLT
	jne	.LBB0_2
# %bb.4:                                #   in Loop: Header=BB0_1 Depth=1
	vfmadd231ps	%zmm0, %zmm1, %zmm2
	callq	*8(%rax)
	jne	.LBB0_1
# %bb.5:
	jmp	tanhf@PLT                       # TAILCALL
.Lfunc_end0:
	.size	_ZL1fPKfPf, .Lfunc_end0-_ZL1fPKfPf
`

func TestReadAssembly(t *testing.T) {
	f := readAssembly(assembly)["_ZL1fPKfPf"]
	require.NotNil(t, f)
	require.Equal(t, 3, f.fma)
	require.Equal(t, map[string]int{"expf": 1, "(indirect)": 1, "tanhf": 1}, f.calls)
	require.Len(t, f.loops, 1, "the innermost")
	require.Equal(t, 2, f.loops[0].fma)
	require.Equal(t, map[int]int{10: 4}, f.loops[0].lines)
	require.Equal(t, 10, f.instructions)
}

func FuzzReadAssembly(f *testing.F) {
	f.Add(assembly)
	f.Fuzz(func(t *testing.T, text string) { readAssembly(text) })
}

func TestEachPlace(t *testing.T) {
	require.Equal(t, []string{"a.graph:2", "a.graph:4", "a.graph:5", "a.graph:6", "b.graph:1"}, eachPlace("a.graph:2,4-6, b.graph:1"))
	require.Empty(t, eachPlace(""))
	require.Empty(t, eachPlace("a.graph"))
}

// TestRecordsWithoutPlaces wants records that may be of any loop to be taken for none.
func TestRecordsWithoutPlaces(t *testing.T) {
	const ir = `define void @f(ptr %x, i1 %c) {
  br label %one
one:
  %v = load <8 x float>, ptr %x
  %w = fadd <8 x float> %v, %v
  store <8 x float> %w, ptr %x
  br i1 %c, label %one, label %two
two:
  %a = load float, ptr %x
  %b = fadd float %a, %a
  store float %b, ptr %x
  br i1 %c, label %two, label %out
out:
  ret void
}
define void @g(ptr %x, i1 %c) {
  br label %two
two:
  %a = load float, ptr %x
  %b = fadd float %a, %a
  store float %b, ptr %x
  br i1 %c, label %two, label %out
out:
  ret void
}
`
	record := func(f string) string {
		return "--- !Analysis\nPass: loop-vectorize\nName: X\nFunction: " + f + "\nArgs:\n  - String: 'loop not vectorized: '\n  - String: because\n...\n" +
			"--- !Missed\nPass: loop-vectorize\nName: MissedDetails\nFunction: " + f + "\nArgs:\n  - String: loop not vectorized\n...\n"
	}
	facts := Collect(Input{IR: ir, Records: record("f") + record("g")})
	require.Len(t, facts.Functions[0].Loops, 2)
	require.Equal(t, Vector, facts.Functions[0].Loops[0].State)
	require.Equal(t, 8, facts.Functions[0].Loops[0].Width)
	require.Equal(t, Scalar, facts.Functions[0].Loops[1].State)
	require.Equal(t, noPlace, facts.Functions[0].Loops[1].Reason)
	require.Equal(t, "because", facts.Functions[1].Loops[0].Reason)
}
