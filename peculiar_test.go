package main_test

import (
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// peculiar makes its process unlike most, and then becomes a program:
//
//	peculiar PROGRAM [ARG ...]
func peculiar() {
	unix.Umask(0o027)
	err := errors.Join(
		os.Chdir("/usr"),
		beNicer(),
		lower(unix.RLIMIT_NOFILE, 77),
		lower(unix.RLIMIT_CORE, 4096),
		lower(unix.RLIMIT_STACK, 4<<20),
		keepOneProcessor(),
		unix.Prctl(unix.PR_SET_TIMERSLACK, 12345, 0, 0, 0),
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		os.WriteFile("/proc/self/coredump_filter", []byte("0x1"), 0),
		beKilledSooner(),
		os.Stdin.Close(),
	)
	// Go has a handler for the first of these. The others have none.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGHUP, syscall.SIGINT, syscall.Signal(40))
	blocked := unix.Sigset_t{}
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGCHLD, syscall.SIGPROF, syscall.SIGQUIT, syscall.Signal(64)} {
		blocked.Val[0] |= 1 << (s - 1)
	}
	err = errors.Join(err, unix.PthreadSigmask(unix.SIG_SETMASK, &blocked, nil))
	if err == nil {
		var path string
		if path, err = osexec.LookPath(os.Args[1]); err == nil {
			var environ []byte // including duplicates
			if environ, err = os.ReadFile("/proc/self/environ"); err == nil {
				err = syscall.Exec(path, os.Args[1:], strings.Split(strings.TrimSuffix(string(environ), "\x00"), "\x00"))
			}
		}
	}
	fmt.Fprintln(os.Stderr, "peculiar:", err)
	os.Exit(1)
}

// beNicer lowers the priority by one. Only root could raise it.
func beNicer() error {
	priority, err := unix.Getpriority(unix.PRIO_PROCESS, 0) // 20 less the nice value
	return errors.Join(err, unix.Setpriority(unix.PRIO_PROCESS, 0, min(20-priority+1, 19)))
}

// keepOneProcessor restricts the process to the first of its processors.
func keepOneProcessor() error {
	var all, one unix.CPUSet
	err := unix.SchedGetaffinity(0, &all)
	first := 0
	for err == nil && !all.IsSet(first) {
		first++
	}
	one.Set(first)
	return errors.Join(err, unix.SchedSetaffinity(0, &one))
}

// beKilledSooner raises the score by which the kernel chooses what to kill.
// Only root could lower it.
func beKilledSooner() error {
	const file = "/proc/self/oom_score_adj"
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	score, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return errors.Join(err, os.WriteFile(file, fmt.Append(nil, min(score+1, 1000)), 0))
}

// lower lowers a soft limit.
func lower(resource int, soft uint64) error {
	var limit unix.Rlimit
	err := unix.Getrlimit(resource, &limit)
	limit.Cur = min(soft, limit.Max)
	return errors.Join(err, unix.Setrlimit(resource, &limit))
}
