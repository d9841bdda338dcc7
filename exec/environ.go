package exec

import (
	"os"
	"slices"
	"strings"
)

// Environ returns the environment as the kernel handed it over: in order, with
// duplicates, empty entries, and entries without "=". [os.Environ], which leaves
// out some of these, is the fallback where /proc is not mounted or has another
// environment.
func Environ() []string {
	known := os.Environ()
	data, err := os.ReadFile("/proc/self/environ")
	if err != nil || len(data) == 0 {
		return known
	}
	all := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
	if !slices.Equal(firstOfEach(all), known) {
		return known
	}
	return all
}

// firstOfEach returns what os.Environ keeps of an environment: no empty entry,
// and only the first of those with the same name.
func firstOfEach(environ []string) []string {
	seen := make(map[string]bool, len(environ))
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, named := strings.Cut(kv, "=")
		again := named && seen[name]
		seen[name] = named || seen[name]
		return again || kv == ""
	})
}
