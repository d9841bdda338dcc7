package emulator

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFilesAreForEverybody runs with a strict umask.
func TestFilesAreForEverybody(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	a := launch(t, trusting)
	for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AZURE_FEDERATED_TOKEN_FILE"} {
		file := environ(a, name)
		for path, want := range map[string]os.FileMode{file: 0o644, filepath.Dir(file): os.ModeDir | 0o755} {
			if info, err := os.Stat(path); err != nil || info.Mode() != want {
				t.Errorf("%s: mode of %s = %v %v, want %v", name, path, info.Mode(), err, want)
			}
		}
	}
}
