package exec

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// sizedEnviron returns an environment of the largest size that execve accepts,
// plus extra bytes.
func sizedEnviron(p *Program, extra int) []string {
	const chunk = 100_000
	var environ []string
	for {
		free := totalLimit() - p.size(environ) + extra
		if free < 2*chunk {
			half := (free - 2*(1+pointer)) / 2
			rest := free - 2*(1+pointer) - half
			return append(environ, strings.Repeat("x", half), strings.Repeat("y", rest))
		}
		environ = append(environ, "LONG="+strings.Repeat("x", chunk))
	}
}

// replaceWithSize runs in a child. Check and execve must agree about the
// environment.
func replaceWithSize(extra string) {
	p := &Program{Path: "/bin/true", Args: []string{"true"}}
	var n int
	fmt.Sscan(extra, &n)
	environ := sizedEnviron(p, n)
	refused := p.Check(environ)
	err := syscall.Exec(p.Path, p.Args, environ)
	if err == syscall.E2BIG && refused != nil {
		os.Exit(0)
	}
	fmt.Printf("execve: %v; Check: %v", err, refused)
	os.Exit(1)
}

func TestTotalLimitIsTheKernels(t *testing.T) {
	for _, stack := range []string{"256", "1024", "8192", "65536", "unlimited"} {
		// If Check and execve both accept it, the child becomes true(1).
		for _, extra := range []string{"-4096", "1"} {
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := child(t, "size", extra)
			cmd.Path = "/bin/sh"
			cmd.Args = []string{"sh", "-c", "ulimit -s " + stack + " && exec \"$0\" \"$@\"", self, extra}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("stack %s, %s bytes: %v: %s", stack, extra, err, out)
			}
		}
	}
}

func TestStringLimitIsTheKernels(t *testing.T) {
	p := &Program{Path: "/bin/true", Args: []string{"true"}}
	for length, refuse := range map[int]bool{maxString: false, maxString + 1: true} {
		kv := "LONG=" + strings.Repeat("x", length-len("LONG="))
		_, err := syscall.ForkExec(p.Path, p.Args, &syscall.ProcAttr{Env: []string{kv}})
		if (err == syscall.E2BIG) != refuse {
			t.Errorf("execve of a string of %d bytes: %v", length, err)
		}
		refused := p.Check([]string{"A=1", kv})
		if (refused != nil) != refuse {
			t.Errorf("Check of a string of %d bytes = %v", length, refused)
		}
		if refuse && (refused[0].Variable != "LONG" || strings.Contains(refused[0].Error(), "xxx")) {
			t.Errorf("Check = %v, want LONG without its value", refused[0])
		}
	}
}

func TestCheckNamesEveryVariable(t *testing.T) {
	p := &Program{Path: "/bin/true", Args: []string{"true"}}
	refused := p.Check([]string{"A=1", "NUL=hunter2\x00", "", "odd", "B=2", "ALSO=\x00"})
	if len(refused) != 2 || refused[0].Variable != "NUL" || refused[1].Variable != "ALSO" {
		t.Errorf("Check = %v, want NUL and ALSO", refused)
	}
	if strings.Contains(fmt.Sprint(refused), "hunter2") {
		t.Errorf("Check = %v shows a value", refused)
	}
	if refused := p.Check([]string{"A=1", "", "odd"}); refused != nil {
		t.Errorf("Check of a good environment = %v", refused)
	}
}

// TestCheckValue checks that just the values are refused which no variable can have.
func TestCheckValue(t *testing.T) {
	refused, ok := errors.AsType[*RefusedError](CheckValue(maxString + 1))
	if err := CheckValue(maxString); err != nil || !ok || !strings.Contains(refused.Error(), strconv.Itoa(maxString+1)) {
		t.Errorf("%v, %v", err, refused)
	}
}
