package mlir_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	backend "github.com/cladopt/cladopt/backend/mlir"
	"github.com/cladopt/cladopt/clad/abi"
	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/interp"
	"github.com/cladopt/cladopt/parser/mlir"
)

// sums adds table[index] over all indices, in loops that carry the sum, with an
// assertion in the inner loop, one in a branch, and one after the loops.
const sums = `
func.func @sums(%index: memref<2x3xi64>, %table: memref<4xi64>, %out: memref<1xi64>, %status: memref<1xi32>) {
  %zero = arith.constant 0 : i64
  %four = arith.constant 4 : i64
  %nine = arith.constant 9 : i64
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %sum = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %zero) -> (i64) {
    %row = scf.for %j = %c0 to %c3 step %c1 iter_args(%b = %a) -> (i64) {
      %k = memref.load %index[%i, %j] : memref<2x3xi64>
      %in = arith.cmpi ult, %k, %four : i64
      cf.assert %in, "out of range"
      %at = arith.index_cast %k : i64 to index
      %x = memref.load %table[%at] : memref<4xi64>
      %big = arith.cmpi sgt, %x, %nine : i64
      %y = scf.if %big -> (i64) {
        %even = arith.cmpi eq, %i, %c0 : index
        cf.assert %even, "a big number in row 1"
        %twice = arith.addi %x, %x : i64
        scf.yield %twice : i64
      } else {
        scf.yield %x : i64
      }
      %next = arith.addi %b, %y : i64
      scf.yield %next : i64
    }
    scf.yield %row : i64
  }
  %some = arith.cmpi ne, %sum, %zero : i64
  cf.assert %some, "the sum is 0"
  memref.store %sum, %out[%c0] : memref<1xi64>
  func.return
}`

// caller keeps the status of what Prepare makes.
const caller = `
func.func @run(%index: memref<2x3xi64>, %table: memref<4xi64>, %out: memref<1xi64>, %status: memref<1xi32>) {
  %c0 = arith.constant 0 : index
  %s = func.call @sums(%index, %table, %out, %status) : (memref<2x3xi64>, memref<4xi64>, memref<1xi64>, memref<1xi32>) -> i32
  memref.store %s, %status[%c0] : memref<1xi32>
  func.return
}
}
`

// TestStatuses runs a function before and after, on the interpreter, and wants the same
// numbers where all assertions hold, and nothing written behind one that does not.
func TestStatuses(t *testing.T) {
	m, err := mlir.Parse(dialects.Context(), "sums.mlir", []byte(sums))
	require.NoError(t, err)
	prepared, err := backend.Prepare(m)
	require.NoError(t, err)
	require.NotContains(t, prepared.String(), "cf.assert")
	require.Contains(t, m.String(), "cf.assert", "the module itself is left as it is")
	called, err := mlir.Parse(m.Ctx, "called.mlir", []byte(strings.TrimSuffix(strings.TrimSpace(prepared.String()), "}")+caller))
	require.NoError(t, err)
	pack := func(values ...int64) interp.Memory {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	for _, c := range []struct {
		index, table []int64
		status       byte
	}{
		{[]int64{0, 1, 2, 3, 0, 0}, []int64{1, 2, 3, 4}, abi.OK},
		{[]int64{3, 3, 3, 0, 1, 2}, []int64{1, 2, 3, 40}, abi.OK},
		{[]int64{0, 0, 0, 3, 0, 0}, []int64{1, 2, 3, 40}, abi.ErrorData + 1},
		{[]int64{0, 4, 0, 0, 0, 0}, []int64{1, 2, 3, 4}, abi.ErrorData},
		{[]int64{0, 0, 0, 0, 0, -1}, []int64{1, 2, 3, 4}, abi.ErrorData},
		{[]int64{1 << 62, 0, 0, 0, 0, 0}, []int64{1, 2, 3, 4}, abi.ErrorData},
		{[]int64{0, 0, 0, 0, 0, 0}, []int64{0, 2, 3, 4}, abi.ErrorData + 2},
	} {
		run := func(x *interp.Machine, name string) (out, status interp.Memory, err error) {
			out, status = pack(-77), make(interp.Memory, 4)
			err = x.CallLoops(name, []interp.Memory{pack(c.index...), pack(c.table...), out, status})
			return out, status, err
		}
		want, _, failed := run(interp.New(m), "sums")
		got, status, err := run(interp.New(called), "run")
		require.NoError(t, err, "a status takes the place of the error")
		require.Equal(t, c.status != abi.OK, failed != nil)
		require.Equal(t, want, got)
		require.Equal(t, interp.Memory{c.status, 0, 0, 0}, status)
		require.Equal(t, c.status != abi.OK, string(got) == string(pack(-77)))
	}
}
