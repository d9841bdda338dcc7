package main_test

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestDist makes a release for this machine twice, from a tag, in copies of the
// sources in two folders, and compares it with the programs that the other tests
// run. It leaves other platforms to "make dist": building for them takes minutes
// without a cache.
func TestDist(t *testing.T) {
	t.Parallel() // with TestFailures, which waits most of the time
	if _, err := osexec.LookPath("git"); err != nil {
		t.Skipf("needs git: %v", err)
	}
	azinject, companion := "azinject-linux-"+runtime.GOARCH, "azlocal-linux-"+runtime.GOARCH
	first, problem := dist(t, azinject, companion)
	second, _ := dist(t, azinject, companion)

	t.Run("reproducible", func(t *testing.T) {
		names := slices.Sorted(maps.Keys(first))
		if again := slices.Sorted(maps.Keys(second)); !slices.Equal(names, again) {
			t.Fatalf("the files are %q and then %q", names, again)
		}
		for name := range first {
			if !bytes.Equal(first[name], second[name]) {
				t.Errorf("%s depends on the folder that it is made in", name)
			}
		}
		if !bytes.Equal(first[azinject], read(t, program(t, "azinject"))) {
			t.Error("the released program differs from the tested one")
		}
	})
	t.Run("licences", func(t *testing.T) {
		licences := string(first["LICENSES.txt"])
		for _, name := range []string{azinject, companion} {
			for _, m := range linked(t, first[name]) {
				if !strings.Contains(licences, "\n"+m.Path+" "+m.Version+"\n\n") {
					t.Errorf("LICENSES.txt has no licence for %s, which %s contains", m.Path, name)
				}
			}
		}
		if !strings.Contains(licences, "\nGo's standard library "+runtime.Version()+"\n\nCopyright") {
			t.Error("LICENSES.txt has no licence for Go")
		}
	})
	if problem != nil {
		t.Skipf("no bill of materials: %v", problem)
	}
	t.Run("materials", func(t *testing.T) {
		checkMaterials(t, first[azinject+".cdx.json"], first[azinject])
	})
	t.Run("checksums", func(t *testing.T) {
		sums := first["SHA256SUMS"]
		delete(first, "SHA256SUMS")
		var want string
		for _, name := range slices.Sorted(maps.Keys(first)) {
			want += fmt.Sprintf("%x  %s\n", sha256.Sum256(first[name]), name)
		}
		if string(sums) != want {
			t.Errorf("SHA256SUMS is\n%s\nwant\n%s", sums, want)
		}
	})
}

// dist runs "make dist" in a copy of the sources and returns the files by name.
// The copy has the tag "devel", which is the version of the tested programs too.
// If a tool could not be fetched, problem says so, and the files are programs
// and licences only.
func dist(t *testing.T, programs ...string) (files map[string][]byte, problem error) {
	t.Helper()
	folder := copySources(t)
	inFolder := func(name string, args ...string) ([]byte, error) {
		cmd := osexec.Command(name, args...)
		cmd.Dir = folder
		cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GIT_") }) // as in a hook
		cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL=/dev/null")
		return cmd.CombinedOutput()
	}
	for _, args := range [][]string{{"init"}, {"add", "--force", "."}, {"-c", "user.name=x", "-c", "user.email=x", "commit", "--message=x"}, {"tag", "devel"}} {
		if text, err := inFolder("git", args...); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, text)
		}
	}
	if text, err := inFolder("make", "-s", "dist", "RELEASE="+strings.Join(programs, " ")); err != nil && bytes.Contains(text, []byte("cyclonedx-gomod")) && bytes.Contains(text, []byte("go: ")) {
		problem = errors.New(string(text))
	} else if err != nil {
		t.Fatalf("make dist: %v\n%s", err, text)
	}
	files = map[string][]byte{}
	entries, err := os.ReadDir(filepath.Join(folder, "dist"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		files[e.Name()] = read(t, filepath.Join(folder, "dist", e.Name()))
	}
	return files, problem
}

// copySources copies the files that versioned returns.
func copySources(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range versioned(t) {
		info, err := os.Stat(name)
		path := filepath.Join(folder, name)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o755)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, read(t, name), info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// versioned returns the files in version control, including new ones that are
// not ignored. Without version control, it returns all files.
func versioned(t *testing.T) []string {
	t.Helper()
	out, err := osexec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	names := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if err != nil {
		names, err = allFiles(".")
	}
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := os.Stat(name)
		return errors.Is(err, fs.ErrNotExist) // deleted, but not committed yet
	})
}

// allFiles returns the files below a folder, except what make makes.
func allFiles(folder string) (names []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && slices.Contains([]string{".git", "bin", "dist"}, path) {
			return fs.SkipDir
		}
		if d != nil && d.Type().IsRegular() {
			names = append(names, path)
		}
		return err
	})
	return names, err
}

// module is a module that a program contains.
type module struct{ Path, Version string }

func linked(t *testing.T, program []byte) []module {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	var list []module
	for _, m := range info.Deps {
		list = append(list, module{m.Path, m.Version})
	}
	return list
}

// checkMaterials checks that a CycloneDX bill of materials describes exactly
// this program, is complete, and does not depend on when it was made.
func checkMaterials(t *testing.T, bill, program []byte) {
	t.Helper()
	var have struct {
		SerialNumber string
		Metadata     struct {
			Timestamp  string
			Component  struct{ Name, Version string }
			Properties []struct{ Name, Value string }
		}
		Components []struct {
			Name, Version string
			Evidence      struct {
				Licenses []struct{ License struct{ ID string } }
			}
		}
	}
	if err := json.Unmarshal(bill, &have); err != nil {
		t.Fatal(err)
	}
	if have.SerialNumber != "" || have.Metadata.Timestamp != "" {
		t.Error("it contains a serial number or a time")
	}
	if c := have.Metadata.Component; c.Name != "azinject" || c.Version != "devel" {
		t.Errorf("it describes %s %s", c.Name, c.Version)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256(program)); !strings.Contains(fmt.Sprint(have.Metadata.Properties), "SHA-256 "+sum) {
		t.Errorf("it does not describe the program with the checksum %s: %v", sum, have.Metadata.Properties)
	}
	want := append(linked(t, program), module{"std", runtime.Version()})
	var listed []module
	for _, c := range have.Components {
		listed = append(listed, module{c.Name, c.Version})
		if l := c.Evidence.Licenses; c.Name != "std" && (len(l) == 0 || l[0].License.ID == "") {
			t.Errorf("it has no licence for %s", c.Name)
		}
	}
	byPath := func(a, b module) int { return strings.Compare(a.Path, b.Path) }
	slices.SortFunc(want, byPath)
	slices.SortFunc(listed, byPath)
	if !slices.Equal(listed, want) {
		t.Errorf("it lists\n%v\nthe program contains\n%v", listed, want)
	}
}
