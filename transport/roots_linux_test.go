package transport

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNamedOrBundled is on a machine without roots, which is made by hiding
// those that there are.
func TestNamedOrBundled(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to hide the machine's roots")
	}
	got := make(chan bool, 3)
	failed := make(chan error)
	t.Setenv("SSL_CERT_FILE", "")
	t.Setenv("SSL_CERT_DIR", "")
	go func() {
		runtime.LockOSThread() // and never unlock it, so that the thread ends with its mounts
		err := errors.Join(unix.Unshare(unix.CLONE_NEWNS|unix.CLONE_FS), unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""))
		for _, folder := range []string{"/etc/ssl", "/etc/pki"} {
			if _, missing := os.Stat(folder); missing == nil {
				err = errors.Join(err, unix.Mount("tmpfs", folder, "tmpfs", 0, ""))
			}
		}
		err = errors.Join(err, os.Mkdir("/etc/ssl/certs", 0o755), os.WriteFile("/etc/ssl/certs/ca-certificates.crt", []byte("# none\n"), 0o644))
		got <- namedOrBundled()
		os.Setenv("SSL_CERT_FILE", "/nowhere")
		got <- namedOrBundled()
		os.Setenv("SSL_CERT_FILE", "")
		os.Setenv("SSL_CERT_DIR", "/nowhere")
		got <- namedOrBundled()
		failed <- err
	}()
	if err := <-failed; err != nil {
		t.Skipf("the machine's roots cannot be hidden: %v", err)
	}
	for _, want := range []bool{false, true, true} {
		if named := <-got; named != want {
			t.Errorf("namedOrBundled = %v, want %v", named, want)
		}
	}
}
