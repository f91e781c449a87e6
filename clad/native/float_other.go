//go:build !amd64

package native

// Elsewhere the environment is not watched.
func floatControl() uint32 { return 0 }

func setFloatControl(uint32) {}
