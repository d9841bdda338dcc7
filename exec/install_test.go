package exec

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestInstall(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Umask(syscall.Umask(0o077))
	path := filepath.Join(t.TempDir(), "azinject")
	for range 2 { // the second replaces the first, which cannot be written
		if err := Install(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(data, self) {
			t.Errorf("%v: %d bytes, want %d as in the running program", err, len(data), len(self))
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o555 {
			t.Errorf("mode %v, %v, want 0555", info.Mode(), err)
		}
	}
	onlyFile(t, path)
}

// TestInstallReplaces keeps the old file open, as a running program does.
func TestInstallReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azinject")
	if err := os.WriteFile(path, []byte("old"), 0o444); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := Install(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	content := make([]byte, 8)
	if n, _ := old.Read(content); string(content[:n]) != "old" {
		t.Errorf("the old file, still open, now reads %q", content[:n])
	}
}

func TestInstallFails(t *testing.T) {
	directory := t.TempDir()
	for _, path := range []string{directory, directory + "/", directory + "/missing/azinject", directory + "/file/azinject", "/proc/azinject"} {
		if err := os.WriteFile(directory+"/file", nil, fs.ModePerm); err != nil {
			t.Fatal(err)
		}
		if err := Install(t.Context(), path); err == nil {
			t.Errorf("Install(%q) succeeds, want an error", path)
		}
		onlyFile(t, directory+"/file")
	}
}

// TestInstallCanceled cancels before the copy, which must not replace the old
// file.
func TestInstallCanceled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "azinject")
	if err := os.WriteFile(path, []byte("old"), 0o444); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the cause")
	cancel(cause)
	if err := Install(ctx, path); !errors.Is(err, cause) {
		t.Errorf("Install = %v, want the cause", err)
	}
	if content, err := os.ReadFile(path); string(content) != "old" {
		t.Errorf("%v: the old file is now %d bytes long", err, len(content))
	}
	onlyFile(t, path)
}

// onlyFile checks that the directory of the file contains no other.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("%v: files %v, want only %s", err, entries, filepath.Base(path))
	}
}
