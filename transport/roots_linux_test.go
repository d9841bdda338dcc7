package transport

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestBuiltIn runs without the roots of the machine, which it hides.
func TestBuiltIn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to hide the machine's roots")
	}
	t.Setenv("SSL_CERT_FILE", "")
	t.Setenv("SSL_CERT_DIR", "")
	type facts struct {
		file    string
		builtIn bool
	}
	got := make(chan facts, 4)
	failed := make(chan error)
	const system = "/etc/ssl/certs/ca-certificates.crt"
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends together with its mounts
		err := errors.Join(unix.Unshare(unix.CLONE_NEWNS|unix.CLONE_FS), unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""))
		for _, folder := range []string{"/etc/ssl", "/etc/pki"} {
			if _, missing := os.Stat(folder); missing == nil {
				err = errors.Join(err, unix.Mount("tmpfs", folder, "tmpfs", 0, ""))
			}
		}
		err = errors.Join(err, os.Mkdir("/etc/ssl/certs", 0o755), os.WriteFile(system, []byte("# none\n"), 0o644))
		look := func() { got <- facts{bundleFile(), os.Getenv("SSL_CERT_DIR") != "" && builtIn()} }
		look()
		err = errors.Join(err, os.WriteFile(system, []byte("# one\n-----BEGIN CERTIFICATE-----\n"), 0o644))
		look()
		os.Setenv("SSL_CERT_FILE", "/nowhere")
		look()
		os.Setenv("SSL_CERT_FILE", "")
		os.Setenv("SSL_CERT_DIR", "/nowhere")
		look()
		failed <- err
	}()
	if err := <-failed; err != nil {
		t.Skipf("cannot hide the machine's roots: %v", err)
	}
	for i, want := range []facts{{"", false}, {system, false}, {"", false}, {system, false}} {
		if seen := <-got; seen != want {
			t.Errorf("step %d: %+v, want %+v", i, seen, want)
		}
	}
}
