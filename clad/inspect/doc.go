// Package inspect tells what a compiler made of the kernels of a graph: how wide each
// loop computes and why one does not, what is left in it, what goes to the stack.
//
// It stands above clad/llvmir and backend/cpp, and below the command. [Collect] makes
// [Facts] of LLVM IR, of clang's optimisation records and of assembly; a [Hook] looks
// at the facts of one function and says what it finds wrong.
//
//	facts, err := inspect.Collect(inspect.Input{IR: ir, Records: yaml, Source: cpp})
//	facts.WriteTable(os.Stdout)
//	findings := inspect.Run(inspect.NoCallsInLoops, facts)
//
// It compiles nothing and changes nothing.
package inspect
