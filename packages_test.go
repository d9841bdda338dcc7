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

// layers lists the packages of this module and what each may import of the
// others, which must come before it. "." is the program, which imports all of
// its own packages. Otherwise resolve and identity do not know each other, and
// only azlocal knows the emulator.
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
	{"azlocal/rbac", ""},
	{"azlocal/manager", "azlocal/rbac resolve transport"},
	{"azlocal", "access azlocal/manager azlocal/rbac emulator exec identity resolve transport"},
	{"deploy", ""},
}

// goPackage is what "go list" reports about a package.
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

// shortName returns a package's name in layers.
func shortName(path string) string {
	if path == "azinject" {
		return "."
	}
	return strings.TrimPrefix(path, "azinject/")
}

// TestLayers checks which package imports which. Tests may import everything.
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
			t.Errorf("layers does not list %s", name)
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
// only, with main.go on top.
func TestFiles(t *testing.T) {
	uses := fileUses(t)
	for changed := true; changed; {
		changed = false
		for name, others := range uses {
			if !slices.ContainsFunc(others, func(other string) bool { return uses[other] != nil }) {
				delete(uses, name) // it uses no remaining file
				changed = true
			}
		}
	}
	if len(uses) > 0 {
		t.Errorf("these files use each other in a circle, or use one that does: %v", uses)
	}
}

// fileUses returns which files each of the program's files uses declarations
// from.
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

// chain returns the import paths on the shortest way from the program to a
// wanted package, or "" if there is none.
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

// TestNotLinked checks that the program does not link what serves secrets,
// starts other programs or is needed by tests only.
func TestNotLinked(t *testing.T) {
	all := list(t, "-deps", ".")
	for _, path := range []string{"net/http/pprof", "expvar", "plugin", "runtime/cgo", "testing", "net/http/httptest", "azinject/emulator"} {
		if way := chain(all, func(p goPackage) bool { return p.ImportPath == path }); way != "" {
			t.Errorf("the program links %s: %s", path, way)
		}
	}
	// azidentity starts az and azd. Our own package exec starts nothing, and is
	// easily mistaken for os/exec.
	for path, p := range all {
		if ours(path) && slices.Contains(p.Imports, "os/exec") {
			t.Errorf("%s imports os/exec", path)
		}
	}
}

// TestEntryPoint checks that the program starts at Go's own entry point: no
// file is written in assembly, and none contains the linker's flag for another
// one. A few tools have a flag of the same name.
func TestEntryPoint(t *testing.T) {
	flag := regexp.MustCompile(`(\S*)[\s='"]+-E\b`)
	tools := []string{"grep", "sed"}
	for _, name := range versioned(t) {
		if filepath.Ext(name) == ".s" {
			t.Errorf("%s is assembly", name)
		}
		for line := range bytes.Lines(read(t, name)) {
			if !bytes.Contains(line, []byte{'-', 'E'}) {
				continue // for speed
			}
			if found := flag.FindSubmatch(line); found != nil && !slices.Contains(tools, string(found[1])) {
				t.Errorf("%s contains the linker's flag for another entry point: %s", name, line)
			}
		}
	}
}

// sources returns the files of our own packages that the program is made of.
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
