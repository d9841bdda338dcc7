package exec

import (
	"os"
	"strings"
)

// Environ returns the environment as the kernel handed it over: in order, with
// duplicates, empty entries, and entries without "=". [os.Environ], which leaves
// out a second entry of the same name, is the fallback where /proc is not mounted.
func Environ() []string {
	data, err := os.ReadFile("/proc/self/environ")
	if err != nil {
		return os.Environ()
	}
	if len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
}
