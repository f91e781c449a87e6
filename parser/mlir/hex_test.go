package mlir_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cladopt/cladopt/dialects"
	"github.com/cladopt/cladopt/parser/mlir"
)

// TestHexElements reads the form in which mlir-opt prints large elements.
func TestHexElements(t *testing.T) {
	read := func(text string) (string, error) {
		m, err := mlir.Parse(dialects.Context(), "h.mlir", []byte("module attributes {test.x = "+text+"} {\n}\n"))
		if err != nil {
			return "", err
		}
		return m.Op.Attr("test.x").String(), nil
	}
	for text, want := range map[string]string{
		`dense<"0x05"> : tensor<3xi1>`:                                  "dense<[true, false, true]> : tensor<3xi1>",
		`dense<"0xFD01"> : tensor<10xi1>`:                               "dense<[true, false, true, true, true, true, true, true, true, false]> : tensor<10xi1>",
		`dense<"0xFF"> : tensor<40xi1>`:                                 "dense<true> : tensor<40xi1>",
		`dense<"0x01FE"> : tensor<2xi8>`:                                "dense<[1, -2]> : tensor<2xi8>",
		`dense<"0xFEFFFFFF07000000"> : tensor<2x1xi32>`:                 "dense<[[-2], [7]]> : tensor<2x1xi32>",
		`dense<"0xFFFFFFFFFFFFFFFF0200000000000000"> : tensor<2xindex>`: "dense<[-1, 2]> : tensor<2xindex>",
		`dense<"0x803F0040"> : tensor<2xbf16>`:                          "dense<[1.0, 2.0]> : tensor<2xbf16>",
		`dense<"0x003C00C00100"> : tensor<3xf16>`:                       "dense<[1.0, -2.0, 5.9604645e-08]> : tensor<3xf16>",
		`dense<"0x0000803F000000C0"> : tensor<2xf32>`:                   "dense<[1.0, -2.0]> : tensor<2xf32>",
		`dense<"0x000000000000F03F"> : tensor<4xf64>`:                   "dense<1.0> : tensor<4xf64>",
		`254 : i8`: "-2 : i8",
	} {
		got, err := read(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, want := range map[string]string{
		`dense<"0x0"> : tensor<3xi8>`:      "h.mlir:1:35: error: dense has the text \"0x0\", expected 0x and bytes of two digits",
		`dense<"12"> : tensor<3xi8>`:       "expected 0x and bytes of two digits",
		`dense<"0x010203"> : tensor<2xi8>`: "dense has 3 elements, the type tensor<2xi8> wants 2",
		`dense<"0x01"> : tensor<2xf32>`:    "dense has 1 bytes, which are no elements of type f32",
		`dense<"0x0101"> : tensor<3xi1>`:   "dense has 16 elements",
		`dense<"0x01> : tensor<3xi1>`:      "expected dense<..>",
	} {
		_, err := read(text)
		require.ErrorContains(t, err, want, text)
	}
}
