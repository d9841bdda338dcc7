package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goPackage is what "go list" tells of a package.
type goPackage struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Module     *struct{ Path string }
}

// packages are those that the program is linked from, by import path.
func packages(t *testing.T) map[string]goPackage {
	t.Helper()
	list := osexec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,Imports,Module", ".")
	list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	out, err := list.Output()
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

// ours says whether a package is part of this module.
func ours(path string) bool { return path == "azinject" || strings.HasPrefix(path, "azinject/") }

// chain is the shortest way by which the program comes to a package that is
// wanted: the import paths from the one to the other; "" if it does not.
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
	all := packages(t)
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

// sources are the files that the program is made of, without those of others.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	for path, p := range packages(t) {
		if ours(path) {
			for _, name := range p.GoFiles {
				files = append(files, filepath.Join(p.Dir, name))
			}
		}
	}
	slices.Sort(files)
	return files
}

// notVariables look like the names of environment variables and are not.
var notVariables = []string{"AADSTS", "VARIABLE", "STORE", "EXPIRES", "RESULT"}

// TestVariables checks that the README has every variable that our code reads.
// All names of variables are string literals of their own.
func TestVariables(t *testing.T) {
	readme := string(read(t, "README.md"))
	name := regexp.MustCompile(`^[A-Z][A-Z0-9_]{3,}$`)
	for _, path := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || !name.MatchString(text) || slices.Contains(notVariables, text) {
				return true
			}
			if !regexp.MustCompile(`\b`+text+`\b`).MatchString(readme) && text != "AZINJECT_" {
				t.Errorf("%s reads %s, which the README does not have", path, text)
			}
			return true
		})
	}
}

// TestSettings checks that manual and README have every setting, and that
// nothing that anybody reads has one that there is not.
func TestSettings(t *testing.T) {
	settings := settings(t)
	usage, readme := string(read(t, "usage.go")), string(read(t, "README.md"))
	for _, name := range settings {
		if !strings.Contains(usage, "\n  "+name+" ") {
			t.Errorf("the manual does not have %s", name)
		}
		if !strings.Contains(readme, "\n| `"+name+"` |") {
			t.Errorf("the README's table of settings does not have %s", name)
		}
	}
	mentioned := regexp.MustCompile(`\bAZINJECT_[A-Z_]*[A-Z]\b`)
	for _, path := range append(sources(t), documents(t)...) {
		for _, name := range mentioned.FindAllString(string(read(t, path)), -1) {
			if !slices.Contains(settings, name) {
				t.Errorf("%s has %s, which is no setting", path, name)
			}
		}
	}
}

// settings asks the program for the settings there are.
func settings(t *testing.T) []string {
	t.Helper()
	start := osexec.Command(program(t, "azinject"), "--", "/bin/true")
	start.Env = []string{"AZINJECT_=1"}
	report, _ := start.CombinedOutput()
	_, list, ok := strings.Cut(strings.TrimSpace(string(report)), "no such setting; there are ")
	if !ok {
		t.Fatalf("no list of settings in the report\n%s", report)
	}
	list, _, _ = strings.Cut(list, "\n")
	return strings.Split(list, ", ")
}

// documents are the files that tell people how to use the program.
func documents(t *testing.T) []string {
	t.Helper()
	files := []string{"Dockerfile.example"}
	for _, pattern := range []string{"*.md", "deploy/*.yaml", "deploy/*/*.yaml", "deploy/*/*.yml", "testdata/deployment.yml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || found == nil {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	return files
}
