package emulator

import (
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// latecomer is a listener that owns its address from the start but refuses
// connections until it is opened.
type latecomer struct {
	net.Listener
	timer *time.Timer // opens it

	opening sync.Once
	opened  chan struct{}
	failure error // of opening, valid once opened is closed
	closing sync.Once
	closed  chan struct{}
}

// reserve binds a socket without listening. The kernel then refuses connections
// and gives the port to nobody else.
func reserve(address string) (*latecomer, error) {
	a, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, err
	}
	fd, err := bound(a)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), address)
	defer f.Close() // the listener has a duplicate
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	return &latecomer{Listener: l, opened: make(chan struct{}), closed: make(chan struct{})}, nil
}

func bound(a *net.TCPAddr) (int, error) {
	syscall.ForkLock.RLock() // macOS has no SOCK_CLOEXEC
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	if a.Port != 0 {
		// As in package net, so that old connections do not block the port. With
		// it, a port that the kernel picks would not be exclusive.
		err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	}
	if err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: a.Port, Addr: [4]byte(a.IP.To4())})
	}
	if err != nil {
		syscall.Close(fd)
		return 0, fmt.Errorf("bind %v: %w", a, err)
	}
	return fd, nil
}

// open makes it accept connections.
func (l *latecomer) open() {
	l.opening.Do(func() {
		l.failure = l.listen()
		close(l.opened)
	})
}

func (l *latecomer) listen() error {
	raw, err := l.Listener.(*net.TCPListener).SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	if err := raw.Control(func(fd uintptr) { failure = syscall.Listen(int(fd), syscall.SOMAXCONN) }); err != nil {
		return err
	}
	return failure
}

func (l *latecomer) Accept() (net.Conn, error) {
	select {
	case <-l.opened:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	if l.failure != nil {
		return nil, l.failure
	}
	return l.Listener.Accept()
}

func (l *latecomer) Close() error {
	l.closing.Do(func() { close(l.closed) })
	if l.timer != nil {
		l.timer.Stop()
	}
	return l.Listener.Close()
}
