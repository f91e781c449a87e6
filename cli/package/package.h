/* [[.Name]], compiled by cladopt's engine [[.Meta.Engine]]: outputs and gradients without LibTorch.
 *
[[- range $i, $v := .Meta.Inputs]]
 * in[[bracket $i]]   [[$v.DType]], shape [[$v.Shape]], strides [[$v.Strides]][[if $v.RequiresGrad]], has a gradient[[end]]
[[- end]]
[[- range $i, $v := .Meta.Outputs]]
 * out[[bracket $i]]  [[$v.DType]], shape [[$v.Shape]], contiguous[[if $v.RequiresGrad]], takes an adjoint[[end]]
[[- end]]
[[- range .Meta.Mutated]]
 *
 * The graph writes to input [[.Input]]: when done, the caller copies out[[bracket .Output]] to it.
[[- end]]
 *
 * The functions are those that cladopt_abi.h describes under the names ct_abi, ct_meta, ct_forward and
 * ct_backward. The library has these too, for programs that load it by name; what is linked calls the ones
 * below, so that it can have several packages.
 */
#ifndef CLADOPT_PACKAGE_[[.Name]]
#define CLADOPT_PACKAGE_[[.Name]]

#include "cladopt_abi.h"

/* Of the workspace, which is the same for [[.Name]]_forward and the [[.Name]]_backward after it. */
#define [[.Name]]_WORKSPACE_BYTES [[.Meta.WorkspaceBytes]]
#define [[.Name]]_WORKSPACE_ALIGNMENT [[.Meta.Alignment]]

#ifdef __cplusplus
extern "C" {
#endif

CT_EXPORT int32_t [[.Name]]_abi(void);
CT_EXPORT const char* [[.Name]]_meta(void);
CT_EXPORT int [[.Name]]_forward(const ct_host* host, void* const* in, void* const* out, void* ws);
CT_EXPORT int [[.Name]]_backward(const ct_host* host, void* const* in, void* const* out,
    void* const* grad_out, void* const* grad_in, void* ws);

#ifdef __cplusplus
}
#endif

#endif
