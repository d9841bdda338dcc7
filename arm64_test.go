package main_test

import (
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"azinject/exec"
)

// qemu runs programs for arm64.
// https://www.qemu.org/docs/master/user/main.html
const qemu = "qemu-aarch64-static"

// onARM64 are scripts in which azinject meets the kernel, the network and other
// programs. In QEMU /proc/self has another environment and another program, so
// the scripts that need these are not among them.
var onARM64 = []string{
	"check", "exec_denied", "exec_notfound", "exec_same_process", "fetch_denied", "fetch_many", "log",
	"reference_documented", "value_long", "value_multiline",
}

// TestARM64 runs these scripts with the program for arm64.
func TestARM64(t *testing.T) {
	if _, err := osexec.LookPath(qemu); err != nil {
		t.Skip("without QEMU, Debian's qemu-user-static: ", err)
	}
	native := filepath.Dir(program(t, "azinject"))
	t.Parallel()
	bin := t.TempDir()
	self, err := os.Executable()
	if err = errors.Join(err, build("azinject", bin, "GOARCH=arm64"), os.Rename(filepath.Join(bin, "azinject"), filepath.Join(bin, "azinject-arm64")),
		os.Symlink(self, filepath.Join(bin, "azinject"))); err != nil {
		t.Fatal(err)
	}
	params := scripts(t, bin, native)
	for _, name := range onARM64 {
		params.Files = append(params.Files, filepath.Join("testdata/script", name+".txtar"))
	}
	testscript.Run(t, params)
}

// becomeARM64 becomes QEMU with the program for arm64, which lies beside this one.
func becomeARM64() {
	self, err := osexec.LookPath(os.Args[0])
	environ := exec.Environ()
	slices.Reverse(environ) // as QEMU does
	if err == nil {
		var path string
		if path, err = osexec.LookPath(qemu); err == nil {
			err = syscall.Exec(path, append([]string{qemu, "-0", os.Args[0], self + "-arm64"}, os.Args[1:]...), environ)
		}
	}
	fmt.Fprintln(os.Stderr, "azinject for arm64:", err)
	os.Exit(125)
}
