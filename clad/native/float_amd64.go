package native

// mxcsr and setMXCSR read and write the control and status register of SSE.
func mxcsr() uint32
func setMXCSR(value uint32)

// floatControl is the calling thread's rounding mode, masks, and treatment of
// denormal numbers; the status bits of past operations are left out.
func floatControl() uint32 { return mxcsr() &^ 0x3f }

func setFloatControl(control uint32) { setMXCSR(control) }
