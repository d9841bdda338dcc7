//go:build containers

package deploy_test

import (
	"debug/elf"
	"path/filepath"
	"runtime"
	"testing"
)

// TestOtherPlatform builds Dockerfile.example for an architecture other than
// this one.
func TestOtherPlatform(t *testing.T) {
	other, machine := "arm64", elf.EM_AARCH64
	if runtime.GOARCH == other {
		other, machine = "amd64", elf.EM_X86_64
	}
	if err := example("azinject-"+other, "--target", "azinject", "--build-arg", "BASE=scratch", "--build-arg", "TARGETARCH="+other); err != nil {
		t.Fatal(err)
	}
	id := docker(t, "create", "--label", label, tag+"azinject-"+other, "azinject")
	program := filepath.Join(t.TempDir(), "azinject")
	docker(t, "cp", id+":/azinject", program)
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != machine {
		t.Errorf("built for %v, want %v", f.Machine, machine)
	}
	for _, header := range f.Progs {
		if header.Type == elf.PT_INTERP {
			t.Error("the program is not static")
		}
	}
}
