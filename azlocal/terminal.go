package main

import (
	"os"
	"syscall"
	"unsafe"
)

// fromTerminal reports whether the signal came from a terminal's key, which
// signals the terminal's whole foreground group, the process included. Go does
// not tell who sent a signal, so a kill(1) of azlocal alone from another
// terminal is taken for a key too.
func fromTerminal(s os.Signal, pid int) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT {
		return false
	}
	group, err := syscall.Getpgid(pid)
	return err == nil && group == syscall.Getpgrp() && group == foreground()
}

// foreground returns the foreground process group of the controlling terminal,
// whatever the standard streams are. It returns -1 if there is no terminal.
func foreground() int {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return -1
	}
	defer tty.Close()
	var group int32
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, tty.Fd(), syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group))); errno != 0 {
		return -1
	}
	return int(group)
}
