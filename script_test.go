package main_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"azinject/exec"
)

// TestMain registers the programs that scripts can run in addition to azinject
// and azlocal: probe and greedy, which stand for servers, rawenv, isolated and
// peculiar.
func TestMain(m *testing.M) {
	signal.Reset() // package signals, which main imports, catches some
	if filepath.Base(os.Args[0]) == "azinject" {
		becomeARM64()
	}
	flag.Set("test.parallel", "8") // most tests wait for the programs that they start
	testscript.Main(suite{m}, map[string]func(){"probe": probe, "greedy": greedy, "rawenv": rawenv, "isolated": isolated, "peculiar": peculiar})
}

// rawenv runs a program with an environment of PATH and these entries, in this
// order and with duplicates. An entry need not be NAME=value:
//
//	rawenv ENTRY ... -- PROGRAM [ARG ...]
func rawenv() {
	i := slices.Index(os.Args, "--")
	program, err := exec.Lookup(os.Args[i+1:], os.Getenv("PATH"))
	if err == nil {
		err = program.Replace(append([]string{"PATH=" + os.Getenv("PATH")}, os.Args[1:i]...))
	}
	fmt.Fprintln(os.Stderr, "rawenv:", err)
	os.Exit(1)
}

// probe prints what it was started with:
//
//	probe NAME ...      the variables of these names, in the environment's order
//	probe -all          every entry of the environment, except the test's own
//	probe -args ARG ... its arguments
//	probe -pid          its process ID
//	probe -exit N       nothing, and exits with N
func probe() {
	fmt.Println("server started")
	args := os.Args[1:]
	switch {
	case len(args) == 0:
	case args[0] == "-args":
		fmt.Printf("%q\n", os.Args)
	case args[0] == "-pid":
		fmt.Println(os.Getpid())
	case args[0] == "-exit":
		status, _ := strconv.Atoi(args[1])
		os.Exit(status)
	default:
		printVariables(args)
	}
}

func printVariables(names []string) {
	for _, kv := range exec.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		for _, wanted := range names {
			if name == wanted || wanted == "-all" && name != "PATH" {
				fmt.Printf("%q\n", kv)
			}
		}
	}
}

// TestScript runs testdata/script against the emulator, with the programs built
// as they are shipped.
func TestScript(t *testing.T) {
	t.Parallel()
	params := scripts(t, filepath.Dir(program(t, "azinject")))
	params.Dir = "testdata/script"
	testscript.Run(t, params)
}

// scripts returns how to run scripts with the programs in the directories.
func scripts(t *testing.T, bin ...string) testscript.Params {
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", strings.Join(append(bin, searchable(e.Getenv("PATH"))...), string(os.PathListSeparator)))
			e.Setenv("TESTDATA", testdata)
			e.Setenv("BIN", bin[0])
			e.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would make probe sleep for a second
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "transcript": transcript},
	}
}

// searchable returns the directories of PATH that this user may search. Under
// "su", PATH contains those of root. A command that may be in one of them is
// not "not found".
func searchable(path string) []string {
	return slices.DeleteFunc(filepath.SplitList(path), func(directory string) bool {
		return errors.Is(unix.Access(directory, unix.X_OK), fs.ErrPermission)
	})
}

// exits is the command "exits STATUS PROGRAM [ARG ...]". It is like exec,
// except that the program must exit with STATUS.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARG ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *osexec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", args[1], got, want)
	}
}
