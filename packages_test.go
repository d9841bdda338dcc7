package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// layers are this module's packages, each with those of the others that it may
// import. These come before it, so that no circle is possible. "." is the
// program, which knows all of its own packages. Of the rest, resolve and
// identity know nothing of each other, and only azlocal knows the emulator.
var layers = []struct{ name, imports string }{
	{"exec", ""},
	{"exec/signals", ""},
	{"transport", ""},
	{"resolve", "transport"},
	{"identity", "transport"},
	{"access", "identity resolve"},
	{"report", "access exec identity resolve transport"},
	{".", "access exec exec/signals identity report resolve transport"},
	{"emulator", ""},
	{"azlocal", "access emulator exec identity resolve transport"},
	{"deploy", ""},
}

// goPackage is what "go list" tells of a package.
type goPackage struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Module     *struct{ Path string }
}

// list returns the packages that "go list" lists, by import path.
func list(t *testing.T, arguments ...string) map[string]goPackage {
	t.Helper()
	cmd := osexec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Imports,Module"}, arguments...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]goPackage{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// ours reports whether a package is part of this module.
func ours(path string) bool { return path == "azinject" || strings.HasPrefix(path, "azinject/") }

// shortName returns the name of one of our packages in layers.
func shortName(path string) string {
	if path == "azinject" {
		return "."
	}
	return strings.TrimPrefix(path, "azinject/")
}

// TestLayers checks who imports whom. Tests may import everything.
func TestLayers(t *testing.T) {
	may := map[string][]string{}
	for _, l := range layers {
		for _, name := range strings.Fields(l.imports) {
			if _, before := may[name]; !before {
				t.Errorf("%s may import %s, which does not come before it", l.name, name)
			}
		}
		may[l.name] = strings.Fields(l.imports)
	}
	for path, p := range list(t, "./...") {
		name := shortName(path)
		imports, known := may[name]
		if !known {
			t.Errorf("the layers do not have %s", name)
		}
		for _, other := range p.Imports {
			if ours(other) && !slices.Contains(imports, shortName(other)) {
				t.Errorf("%s imports %s", name, shortName(other))
			}
			if name == "exec" && other == "net" {
				t.Errorf("exec imports net")
			}
		}
	}
}

// TestFiles checks that the program's own files use each other in one direction
// only: main.go stands on all others.
func TestFiles(t *testing.T) {
	uses := fileUses(t)
	for changed := true; changed; {
		changed = false
		for name, others := range uses {
			if !slices.ContainsFunc(others, func(other string) bool { return uses[other] != nil }) {
				delete(uses, name) // it uses nothing that is left
				changed = true
			}
		}
	}
	if len(uses) > 0 {
		t.Errorf("these files use each other in a circle, or one that does: %v", uses)
	}
}

// fileUses returns, for each of the program's files, the names of those that
// declare what it uses.
func fileUses(t *testing.T) map[string][]string {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range list(t, ".")["azinject"].GoFiles {
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	unknown := types.Config{Error: func(error) {}} // other packages are left out
	own, _ := unknown.Check("azinject", set, files, &info)
	uses := map[string][]string{}
	for identifier, object := range info.Uses {
		by, from := set.Position(identifier.Pos()).Filename, set.Position(object.Pos()).Filename
		if uses[by] == nil {
			uses[by] = []string{}
		}
		if object.Pkg() == own && from != by && !slices.Contains(uses[by], from) {
			uses[by] = append(uses[by], from)
		}
	}
	return uses
}

// chain returns the shortest way by which the program comes to a package that
// is wanted: the import paths from the one to the other, "" if it does not.
func chain(all map[string]goPackage, wanted func(goPackage) bool) string {
	from := map[string]string{"azinject": ""}
	for queue := []string{"azinject"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if wanted(all[path]) {
			way := path
			for path = from[path]; path != ""; path = from[path] {
				way = path + " imports " + way
			}
			return way
		}
		for _, next := range all[path].Imports {
			if _, seen := from[next]; !seen {
				from[next] = path
				queue = append(queue, next)
			}
		}
	}
	return ""
}

// TestNotLinked checks what must not be in reach of the secrets: what serves
// them, what starts other programs on our behalf, and what only tests need.
func TestNotLinked(t *testing.T) {
	all := list(t, "-deps", ".")
	for _, path := range []string{"net/http/pprof", "expvar", "plugin", "runtime/cgo", "testing", "net/http/httptest", "azinject/emulator"} {
		if way := chain(all, func(p goPackage) bool { return p.ImportPath == path }); way != "" {
			t.Errorf("the program has %s: %s", path, way)
		}
	}
	// azidentity starts az and azd; our own package exec starts nothing, and is
	// easily mistaken for the other.
	for path, p := range all {
		if ours(path) && slices.Contains(p.Imports, "os/exec") {
			t.Errorf("%s imports os/exec", path)
		}
	}
}

// TestEntryPoint checks that Go's own entry point is the program's: nothing is
// written in assembly, and the linker's flag for another is nowhere. A few tools
// have a flag of the same name.
func TestEntryPoint(t *testing.T) {
	flag := regexp.MustCompile(`(\S*)[\s='"]+-E\b`)
	tools := []string{"grep", "sed"}
	for _, name := range versioned(t) {
		if filepath.Ext(name) == ".s" {
			t.Errorf("%s is assembly", name)
		}
		for line := range bytes.Lines(read(t, name)) {
			if !bytes.Contains(line, []byte{'-', 'E'}) {
				continue // which is faster
			}
			if found := flag.FindSubmatch(line); found != nil && !slices.Contains(tools, string(found[1])) {
				t.Errorf("%s has the linker's flag for another entry point: %s", name, line)
			}
		}
	}
}

// sources returns the files that the program is made of, without those of
// others.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	for path, p := range list(t, "-deps", ".") {
		if ours(path) {
			for _, name := range p.GoFiles {
				files = append(files, filepath.Join(p.Dir, name))
			}
		}
	}
	slices.Sort(files)
	return files
}
