package exec

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Harden keeps what the process is about to hold out of reach: other processes
// of the same user can no longer read its memory or trace it, and it leaves no
// core file. [Program.Replace] undoes both: execve makes a process dumpable
// again, and Replace restores the limit of core files. See prctl(2),
// PR_SET_DUMPABLE, and core(5).
func Harden() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("making the process not dumpable: %w", err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("reading the limit of core files: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		return fmt.Errorf("setting the limit of core files to 0: %w", err)
	}
	coreLimit = &limit
	return nil
}
