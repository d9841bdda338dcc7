package exec

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// What execve(2) refuses, from "Limits on size of arguments and environment"
// there and fs/exec.c in the kernel.
const (
	// minTotal is ARG_MAX, allowed however small the stack is.
	minTotal = 128 << 10
	// maxTotal is 3/4 of _STK_LIM, never exceeded.
	maxTotal = 6 << 20
	// pointer is the size of the pointer to each string.
	pointer = 8
)

// maxString is the bound on one string: MAX_ARG_STRLEN, without the NUL that ends
// it.
var maxString = 32*os.Getpagesize() - 1

// RefusedError reports an environment that execve would refuse.
type RefusedError struct {
	// Variable that is the cause.
	Variable string
	// Reason, in words that fit after the variable's name.
	Reason string
}

// Error returns the reason alone.
func (e *RefusedError) Error() string { return e.Reason }

// CheckValue returns a [*RefusedError] if no variable can have a value of so many
// bytes.
func CheckValue(bytes int) error {
	if bytes <= maxString {
		return nil
	}
	return &RefusedError{Reason: fmt.Sprintf("the value has %d bytes; Linux allows %d with the variable's name", bytes, maxString)}
}

// Check returns a [*RefusedError] for every variable that execve(2) would refuse,
// nil if there is none. execve itself does not say which one.
func (p *Program) Check(environ []string) []*RefusedError {
	var refused []*RefusedError
	longest := ""
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.IndexByte(kv, 0) >= 0:
			refused = append(refused, &RefusedError{name, "the value contains a NUL byte"})
		case len(kv) > maxString:
			refused = append(refused, &RefusedError{name, fmt.Sprintf("with its name the variable has %d bytes; Linux allows %d", len(kv), maxString)})
		case len(kv) > len(longest):
			longest = kv
		}
	}
	if refused != nil {
		return refused
	}
	if size, limit := p.size(environ), totalLimit(); size > limit {
		name, _, _ := strings.Cut(longest, "=")
		refused = append(refused, &RefusedError{name, fmt.Sprintf("arguments and environment have %d bytes; Linux allows %d here, "+
			"a quarter of the stack limit; this variable is the longest, with %d", size, limit, len(longest))})
	}
	return refused
}

// size returns what execve counts: the path, all strings with their NULs, and a
// pointer for each.
func (p *Program) size(environ []string) int {
	total := len(p.Path) + 1
	for _, s := range slices.Concat(p.Args, environ) {
		total += len(s) + 1 + pointer
	}
	return total
}

// totalLimit returns the bound on size.
func totalLimit() int {
	var stack unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_STACK, &stack); err != nil {
		return maxTotal
	}
	return int(max(minTotal, min(maxTotal, stack.Cur/4)))
}
