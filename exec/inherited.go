package exec

import (
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// state is what a process inherits and what is changed without execve changing
// it back. Go's runtime does so at start: it takes over every signal, ignored
// ones included, unblocks some, and opens /dev/null for standard streams that
// are closed.
type state struct {
	mask    uint64 // of blocked signals
	ignored uint64 // signals
	closed  uint64 // standard streams
	known   bool   // by entry; the program may be linked without it
	//lint:ignore U1000 room for entry to work in
	action sigaction

	core *unix.Rlimit // before Harden; nil if it was not called
}

// sigaction is the kernel's struct, which is not libc's.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// inherited is written by entry, before anything else of the program runs, and
// by Harden.
var inherited state

// The main goroutine stays on the thread that the kernel started: the signal
// that comes when the parent dies, PR_SET_PDEATHSIG, is that thread's own.
func init() { runtime.LockOSThread() }

// IgnoreAgain has the runtime ignore the signals that were ignored when the
// process was started, which by itself it does for two of them only. It leaves
// out those that the runtime needs, and does nothing if the program is linked
// without entry.
func IgnoreAgain() {
	for n := range 64 {
		s := syscall.Signal(n + 1)
		if inherited.ignored>>n&1 != 0 && s != unix.SIGCHLD && s != unix.SIGURG {
			signal.Ignore(s)
		}
	}
}

// restore makes the limit of core files, signals and standard streams what they
// were, for execve to hand on: caught signals it resets itself. See signal(7)
// and execve(2).
func (s *state) restore() error {
	if s.core != nil {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, s.core); err != nil {
			return err
		}
	}
	if !s.known {
		return nil
	}
	const sigIgn = 1
	for signal := range 64 {
		if s.ignored>>signal&1 == 0 {
			continue
		}
		action := sigaction{handler: sigIgn}
		if _, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(signal+1), uintptr(unsafe.Pointer(&action)), 0, unsafe.Sizeof(action.mask), 0, 0); errno != 0 {
			return errno
		}
	}
	for fd := range 3 {
		if s.closed>>fd&1 != 0 {
			unix.Close(fd)
		}
	}
	return unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{Val: [16]uint64{s.mask}}, nil)
}
