package exec

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestEnvironIsTheKernels(t *testing.T) {
	cmd := child(t, "environ")
	// Cmd.Env would leave out duplicates.
	want := []string{"TEST_CHILD=environ", "GORACE=atexit_sleep_ms=0", "B=1", "A=2", "B=3", "odd", "A=2", "", "=x", "odd", "=y", "odd=1", "odd", "A", "BYTES=\xff"}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := syscall.ForkExec(cmd.Path, cmd.Args, &syscall.ProcAttr{Env: want, Files: []uintptr{0, write.Fd(), 2}})
	if err != nil {
		t.Fatal(err)
	}
	write.Close()
	out := new(strings.Builder)
	buffer := make([]byte, 4096)
	for n, err := read.Read(buffer); err == nil; n, err = read.Read(buffer) {
		out.Write(buffer[:n])
	}
	if _, err := syscall.Wait4(pid, nil, 0, nil); err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(out.String(), "\n"); !slices.Equal(got, want) {
		t.Errorf("Environ() = %q, want %q", got, want)
	}
}
