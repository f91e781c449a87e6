package aten

import "github.com/cladopt/cladopt/ir"

// structuredDefs lists the structured ops that have kernels of their own.
func structuredDefs() []*ir.OpDef {
	var defs []*ir.OpDef
	for _, family := range [][]*ir.OpDef{
		softmaxDefs(), normDefs(), attentionDefs(), lossDefs(), indexCheckDefs(), valueCheckDefs(), indexingDefs(), gatherDefs(), embeddingDefs(),
		joiningDefs(), padDefs(), sortDefs(), convolutionDefs(), poolDefs(),
	} {
		defs = append(defs, family...)
	}
	return defs
}

// structuredImports lists the spellings that are built from them.
func structuredImports() []ir.Import {
	var imports []ir.Import
	for _, family := range [][]ir.Import{
		softmaxImports(), extremumReductionImports(), normImports(), lossImports(), marginLossImports(), indexImports(), joiningImports(), padImports(), sortImports(),
		convolutionImports(), poolImports(), einsumImports(), rearrangeImports(), distanceImports(), repeatImports(),
	} {
		imports = append(imports, family...)
	}
	return imports
}

// refusals are the ATen ops that cannot be imported, each with the reason.
var refusals = map[string]string{
	"aten::nonzero":       "the shape of its result depends on the data",
	"aten::masked_select": "the shape of its result depends on the data",
	"aten::unique":        "the shape of its result depends on the data",
	"aten::_unique2":      "the shape of its result depends on the data",
	"aten::item":          "takes a number out of a tensor, on which the rest of the program may depend",
	"aten::rand":          "draws random numbers, which compiled code would draw differently at each run",
	"aten::randn":         "draws random numbers, which compiled code would draw differently at each run",
	"aten::rand_like":     "draws random numbers, which compiled code would draw differently at each run",
	"aten::randn_like":    "draws random numbers, which compiled code would draw differently at each run",
	"aten::bernoulli":     "draws random numbers, which compiled code would draw differently at each run",
	"aten::normal":        "draws random numbers, which compiled code would draw differently at each run",
	"aten::multinomial":   "draws random numbers, which compiled code would draw differently at each run",
	"aten::svd":           "a matrix decomposition has no kernel here; leave it to LibTorch",
	"aten::linalg_svd":    "a matrix decomposition has no kernel here; leave it to LibTorch",
	"aten::linalg_eigh":   "a matrix decomposition has no kernel here; leave it to LibTorch",
	"aten::linalg_qr":     "a matrix decomposition has no kernel here; leave it to LibTorch",
}
