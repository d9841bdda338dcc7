//go:build amd64 || arm64

package exec

// entry is where the kernel starts the program, if it is linked with "-E
// azinject/exec.entry": it fills in inherited, which Go's runtime is about to
// change, and goes on to the runtime's own entry. It runs before there is a
// stack for Go, a heap or a goroutine, hence in assembly.
//
//lint:ignore U1000 only the linker refers to it
func entry()
