// Package signals catches the signals that end a process, from the first line of
// main until the process becomes another program.
//
// Without a handler, Go's runtime exits silently with status 2 if the process is
// the first of a container. Only programs import this package, because importing
// it changes what signals do.
package signals

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"unsafe"
)

// Error reports that a signal ended the process before it became another program.
type Error struct{ Signal syscall.Signal }

func (e Error) Error() string { return fmt.Sprintf("ended by a signal (%v)", e.Signal) }

// ExitCode returns the status that shells give a command ended by a signal.
func (e Error) ExitCode() int { return 128 + int(e.Signal) }

var (
	ctx, cancel = context.WithCancelCause(context.Background())

	watched = slices.DeleteFunc([]os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP}, signal.Ignored)
	caught  = make(chan os.Signal, 1)
	ready   = make(chan struct{}) // closed when signals are caught
	ended   = make(chan struct{}) // closed when caught is no longer read
)

// Go initialises packages that import little first, so this runs beside the
// packages for HTTP and cryptography, which take longer than all of main.
func init() {
	go func() {
		// Notify is slower in the main goroutine, which is bound to its thread.
		signal.Notify(caught, watched...)
		close(ready)
		if s, ok := <-caught; ok {
			cancel(Error{s.(syscall.Signal)})
		}
		close(ended)
	}()
}

// Context returns a context that SIGTERM, SIGINT, SIGQUIT and SIGHUP cancel,
// unless they were ignored at the start. The cause is an [Error]. Call it first in
// main: it waits until they are caught.
func Context() context.Context {
	<-ready
	return ctx
}

// Release gives signals their default action, unless they were ignored at the
// start. It cancels the context if one came before. Call it once, last before
// execve.
func Release() {
	// If the handlers were Go's meanwhile, it would exit with status 2.
	for _, s := range watched {
		setDefault(s.(syscall.Signal))
	}
	// Stop waits for signals that are not in the channel yet. It is fast if
	// there is another channel for the same signals.
	signal.Notify(make(chan os.Signal, 1), watched...)
	signal.Stop(caught)
	close(caught)
	<-ended
}

// setDefault gives a signal its default action. [signal.Reset] would leave it to
// the handler of Go's runtime.
func setDefault(s syscall.Signal) {
	var action struct{ handler, flags, restorer, mask uintptr } // SIG_DFL is 0
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, unsafe.Sizeof(action.mask), 0, 0)
}

// Writer returns a writer to which a write fails like others if f is a closed
// pipe. Go would raise SIGPIPE if f is stdout or stderr.
func Writer(f *os.File) io.Writer { return writer{f} }

type writer struct{ file *os.File }

func (w writer) Write(p []byte) (int, error) {
	catchBrokenPipe()
	return w.file.Write(p)
}

var catchBrokenPipe = sync.OnceFunc(func() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) })
