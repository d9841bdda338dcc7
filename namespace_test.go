package main_test

import (
	"errors"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// terminationLog is the file that Kubernetes makes for termination messages.
const terminationLog = "/dev/termination-log"

// inNamespaces calls f on a network that only this machine is on. The resolver
// there knows no name, /dev contains a termination log, and /var/opt is empty.
// Programs that f starts are there too. It needs root.
func inNamespaces(f func()) error {
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends together with its namespaces
		failed <- func() error {
			if err := enterNamespaces(); err != nil {
				return err
			}
			resolver, err := net.ListenPacket("udp", "127.0.0.1:53")
			if err != nil {
				return err
			}
			defer resolver.Close()
			go answerNoSuchHost(resolver)
			f()
			return nil
		}()
	}()
	return <-failed
}

// enterNamespaces makes new namespaces for the calling thread.
func enterNamespaces() error {
	if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return err
	}
	const resolver = "/dev/resolv.conf"
	return errors.Join(
		emptyDirectories("/var/opt"),
		unix.Mount("tmpfs", "/dev", "tmpfs", 0, "mode=755"),
		unix.Mknod("/dev/null", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))),
		os.WriteFile(terminationLog, nil, 0o666),
		os.WriteFile(resolver, []byte("nameserver 127.0.0.1\n"), 0o644),
		unix.Mount(resolver, "/etc/resolv.conf", "", unix.MS_BIND, ""),
		address("lo", 127, 0, 0, 1),
		address("lo:1", 169, 254, 169, 254),
	)
}

// emptyDirectories makes directories empty, in this mount namespace only.
func emptyDirectories(paths ...string) error {
	err := unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, "")
	for _, path := range paths {
		err = errors.Join(err, os.MkdirAll(path, 0o755), unix.Mount("tmpfs", path, "tmpfs", 0, "mode=755"))
	}
	return err
}

// answerNoSuchHost answers every question with NXDOMAIN.
func answerNoSuchHost(conn net.PacketConn) {
	const header = 12
	question := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(question)
		if err != nil {
			return
		}
		if n <= header {
			continue
		}
		question[2] |= 0x80                    // a response
		question[3] = 3                        // no such name
		copy(question[6:header], []byte{5: 0}) // no records in the other sections
		conn.WriteTo(question[:endOfName(question[:n])+4], from)
	}
}

// endOfName returns the end of the name in a question. The type and class
// follow it.
func endOfName(message []byte) int {
	i := 12
	for i < len(message) && message[i] != 0 {
		i += int(message[i]) + 1
	}
	return min(i+1, len(message)-4)
}
