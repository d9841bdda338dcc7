package main_test

import (
	"bytes"
	"debug/elf"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// maxSize is the largest size of the program, in bytes.
const maxSize = 8_600_000

// modules are the only modules that the program may link. Their code runs
// before the server and can reach its secrets.
var modules = []string{
	"github.com/Azure/azure-sdk-for-go/sdk/azcore",
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity",
	"github.com/Azure/azure-sdk-for-go/sdk/internal",
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets",
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/internal",
	"github.com/AzureAD/microsoft-authentication-library-for-go",
	"github.com/golang-jwt/jwt/v5",
	"github.com/google/uuid",
	"github.com/kylelemons/godebug",
	"github.com/pkg/browser",
	"golang.org/x/crypto",
	"golang.org/x/crypto/x509roots/fallback",
	"golang.org/x/net",
	"golang.org/x/sync",
	"golang.org/x/sys",
	"golang.org/x/text",
}

func TestArtefact(t *testing.T) {
	azinject := program(t, "azinject")

	t.Run("static", func(t *testing.T) {
		f, err := elf.Open(azinject)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
				t.Errorf("the program has a %v segment: it needs a dynamic linker", p.Type)
			}
		}
	})
	t.Run("go build", func(t *testing.T) {
		plain := filepath.Join(t.TempDir(), "azinject")
		build := osexec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -funcalign=16 -X main.version=devel", "-o", plain, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, text)
		}
		if !bytes.Equal(read(t, plain), read(t, azinject)) {
			t.Error("make and go build with the same flags build different programs")
		}
	})
	t.Run("size", func(t *testing.T) {
		info, err := os.Stat(azinject)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxSize {
			t.Errorf("the program is %d bytes long, the limit is %d", info.Size(), maxSize)
		}
	})
	t.Run("modules", func(t *testing.T) {
		var have []string
		for _, m := range linked(t, read(t, azinject)) {
			have = append(have, m.Path)
			if !slices.Contains(modules, m.Path) {
				way := chain(list(t, "-deps", "."), func(p goPackage) bool { return p.Module != nil && p.Module.Path == m.Path })
				t.Errorf("the program links the module %s: %s", m.Path, way)
			}
		}
		for _, path := range modules {
			if !slices.Contains(have, path) {
				t.Errorf("the list contains %s, which the program does not link", path)
			}
		}
	})
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestManual checks that --help and the package comment agree.
func TestManual(t *testing.T) {
	help, err := osexec.Command(program(t, "azinject"), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	var manual string
	for _, block := range new(comment.Parser).Parse(file.Doc.Text()).Content {
		if code, ok := block.(*comment.Code); ok {
			manual += code.Text
		}
	}
	if manual != string(help) {
		t.Errorf("the package comment contains the manual\n%s\nand --help prints\n%s", manual, help)
	}
}
