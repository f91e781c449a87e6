package llvmir

import "strings"

func set(lists ...string) map[string]bool {
	out := map[string]bool{}
	for _, l := range lists {
		for _, w := range strings.Fields(l) {
			out[w] = true
		}
	}
	return out
}

// terminators end a block.
var terminators = set("ret br switch indirectbr invoke callbr resume catchswitch catchret cleanupret unreachable")

// opcodes are the instructions of LLVM 14 to 21.
var opcodes = set(`ret br switch indirectbr invoke callbr resume catchswitch catchret cleanupret unreachable
	fneg add fadd sub fsub mul fmul udiv sdiv fdiv urem srem frem shl lshr ashr and or xor
	extractelement insertelement shufflevector extractvalue insertvalue
	alloca load store fence cmpxchg atomicrmw getelementptr
	trunc zext sext fptrunc fpext fptoui fptosi uitofp sitofp ptrtoint ptrtoaddr inttoptr bitcast addrspacecast
	icmp fcmp phi select freeze call va_arg landingpad catchpad cleanuppad`)

// typeWords are the types that are words; integers are iN.
var typeWords = set("void half bfloat float double x86_fp80 fp128 ppc_fp128 x86_mmx x86_amx label metadata token ptr opaque")

// floatTypes are the element types of floating-point arithmetic.
var floatTypes = set("half bfloat float double x86_fp80 fp128 ppc_fp128")

// attributes with a value in parentheses or a number after them.
var valued = set(`align alignstack allocsize allockind byval byref sret inalloca preallocated elementtype dereferenceable dereferenceable_or_null
	memory nofpclass range uwtable vscale_range addrspace initializes captures syncscope inrange code_model`)

// vocabulary is every word that the text of a function may hold besides opcodes and
// types: a word that is not in it is one that a later LLVM brought, and is reported.
var vocabulary = set(`
	true false declare define global constant dso_local dso_preemptable private internal available_externally linkonce linkonce_odr
	weak weak_odr appending dllimport dllexport common default hidden protected unnamed_addr local_unnamed_addr
	externally_initialized extern_weak external thread_local localdynamic initialexec localexec zeroinitializer undef null none
	poison to caller within from tail musttail notail target triple source_filename unwind datalayout volatile atomic unordered
	monotonic acquire release acq_rel seq_cst syncscope nnan ninf nsz arcp contract reassoc afn fast nuw nsw nusw exact disjoint
	inbounds nneg samesign inrange addrspace section partition code_model alias ifunc module asm sideeffect inteldialect alignstack
	gc prefix prologue no_sanitize_address no_sanitize_hwaddress sanitize_address_dyninit comdat any exactmatch largest
	nodeduplicate samesize noduplicates type c x vscale splat blockaddress dso_local_equivalent no_cfi ptrauth distinct
	uselistorder uselistorder_bb personality cleanup catch filter attributes sync async read write readwrite argmem
	inaccessiblemem errnomem`, `
	eq ne slt sgt sle sge ult ugt ule uge oeq one olt ogt ole oge ord uno ueq une xchg nand max min umax umin fmax fmin fmaximum
	fminimum uinc_wrap udec_wrap usub_cond usub_sat`, `
	ccc fastcc coldcc cfguard_checkcc x86_stdcallcc x86_fastcallcc x86_thiscallcc x86_vectorcallcc arm_apcscc arm_aapcscc
	arm_aapcs_vfpcc aarch64_vector_pcs aarch64_sve_vector_pcs msp430_intrcc avr_intrcc avr_signalcc ptx_kernel ptx_device
	spir_kernel spir_func intel_ocl_bicc x86_64_sysvcc win64cc webkit_jscc x86_regcallcc swiftcc swifttailcc anyregcc
	preserve_mostcc preserve_allcc preserve_nonecc ghccc x86_intrcc hhvmcc hhvm_ccc cxx_fast_tlscc amdgpu_vs amdgpu_ls amdgpu_hs
	amdgpu_es amdgpu_gs amdgpu_ps amdgpu_cs amdgpu_cs_chain amdgpu_cs_chain_preserve amdgpu_kernel amdgpu_gfx tailcc m68k_rtdcc
	graalcc riscv_vector_cc cc`, `
	allocalign allocptr alwaysinline argmemonly builtin cold convergent coro_only_destroy_when_complete coro_elide_safe
	dead_on_unwind dead_on_return disable_sanitizer_instrumentation fn_ret_thunk_extern hot hybrid_patchable immarg
	inaccessiblememonly inaccessiblemem_or_argmemonly inlinehint inreg jumptable minsize mustprogress naked nest noalias nobuiltin
	nocallback nocapture nocf_check nocreateundeforpoison nodivergencesource noduplicate noext nofree noimplicitfloat noinline
	nomerge noprofile norecurse noredzone noreturn nosanitize_bounds nosanitize_coverage nosync noundef nounwind nonlazybind
	nonnull null_pointer_is_valid optdebug optforfuzzing optsize optnone presplitcoroutine readnone readonly returned
	returns_twice signext safestack sanitize_address sanitize_alloc_token sanitize_hwaddress sanitize_memtag sanitize_memory
	sanitize_numerical_stability sanitize_realtime sanitize_realtime_blocking sanitize_thread sanitize_type shadowcallstack
	skipprofile speculatable speculative_load_hardening ssp sspreq sspstrong strictfp swiftasync swifterror swiftself willreturn
	writable writeonly zeroext byref byval elementtype inalloca preallocated sret align allockind allocsize dereferenceable
	dereferenceable_or_null memory nofpclass range initializes captures address provenance address_is_null read_provenance uwtable
	vscale_range`, `
	all nan snan qnan inf pinf norm nnorm pnorm sub nsub psub zero nzero pzero`)

// fastMath are the flags of floating-point operations.
var fastMath = set("nnan ninf nsz arcp contract reassoc afn fast")

// records are the marks of debug records, which stand for calls of llvm.dbg.* from
// LLVM 19 on.
var records = set("dbg_value dbg_declare dbg_assign dbg_label")

func integerType(w string) bool {
	if len(w) < 2 || w[0] != 'i' {
		return false
	}
	for i := 1; i < len(w); i++ {
		if !digit(w[i]) {
			return false
		}
	}
	return true
}

func known(w string) bool {
	return vocabulary[w] || opcodes[w] || typeWords[w] || integerType(w)
}
