package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signalError says that a signal ended azinject before it became the command.
type signalError struct{ signal syscall.Signal }

func (e signalError) Error() string {
	return fmt.Sprintf("ended by a signal (%v) before the server was started", e.signal)
}

// ExitCode returns what shells give for a command that a signal ended.
func (e signalError) ExitCode() int { return 128 + int(e.signal) }

// untilSignal returns a context that SIGTERM, SIGINT, SIGQUIT and SIGHUP
// cancel, unless they are ignored, with a signalError as the cause. stop makes
// the signals what they were before; after it, the cause tells of every signal
// that came until then.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if s, ok := <-signals; ok {
			cancel(signalError{s.(syscall.Signal)})
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		<-done
		cancel(nil)
	}
}
