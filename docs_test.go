package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestLinks checks that what the documents refer to is there: files, and
// sections of the README.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, document := range []string{"README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/ci/README.md"} {
		text := string(read(t, document))
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			path, section, _ := strings.Cut(found[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), path)); path != "" && err != nil {
				t.Errorf("%s refers to %s: %v", document, path, err)
			}
			if path == "" && !hasSection(text, section) {
				t.Errorf("%s refers to the section %s, which is not there", document, section)
			}
		}
	}
}

// hasSection knows how sections are named in links: in lower case, with hyphens
// for spaces.
func hasSection(text, name string) bool {
	for line := range strings.Lines(text) {
		heading := strings.TrimSpace(strings.TrimLeft(line, "#"))
		if strings.HasPrefix(line, "#") && strings.ReplaceAll(strings.ToLower(heading), " ", "-") == name {
			return true
		}
	}
	return false
}

// TestEveryHintIsExplained finds the hints in the source, those included that
// no row of the failure table meets.
func TestEveryHintIsExplained(t *testing.T) {
	hints := 0
	for _, path := range []string{"hints.go", "credential_hints.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			list, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if array, ok := list.Type.(*ast.ArrayType); !ok || array.Len != nil {
				return true
			}
			for _, element := range list.Elts {
				hints++
				if hint, _, _ := strings.Cut(literal(element), "\n"); !explained(hint) {
					t.Errorf("%s: docs/troubleshooting.md does not explain %q", path, hint)
				}
			}
			return true
		})
	}
	if hints < 40 {
		t.Errorf("%d hints were found", hints)
	}
}

// literal is the text of an expression, with something in the place of what is
// not known.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return strings.NewReplacer("%q", `"Key Vault Secrets User"`, "%s", "X", "%v", "X", "%d", "1").Replace(text)
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	case *ast.CallExpr:
		if len(e.Args) > 0 { // of Sprintf
			return literal(e.Args[0])
		}
	case *ast.Ident:
		return "something between the container and Azure answers in its place, such as a captive portal or a proxy"
	}
	return "X"
}

// TestTroubleshootingIsCurrent checks that the program still says what the
// page explains.
func TestTroubleshootingIsCurrent(t *testing.T) {
	var said strings.Builder
	for _, path := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				unquoted, _ := strconv.Unquote(text.Value)
				said.WriteString(strings.NewReplacer("%q", "\n", "%s", "\n", "%v", "\n", "%d", "N").Replace(unquoted) + "\n")
			}
			return true
		})
	}
	all := strings.ReplaceAll(said.String(), `"`, "\n")
	for _, entry := range entries() {
		for _, part := range regexp.MustCompile(`[…"]`).Split(entry, -1) {
			if !strings.Contains(all, strings.TrimSpace(part)) {
				t.Errorf("docs/troubleshooting.md explains %q, but nothing says %q", entry, part)
			}
		}
	}
}

// explained reports whether the troubleshooting page has an entry with words of
// the hint. "…" in an entry stands for anything.
func explained(hint string) bool {
	for _, entry := range troubleshooting() {
		if entry.MatchString(hint) {
			return true
		}
	}
	return false
}

var troubleshooting = sync.OnceValue(func() []*regexp.Regexp {
	var patterns []*regexp.Regexp
	for _, entry := range entries() {
		patterns = append(patterns, regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(entry), "…", ".*")))
	}
	return patterns
})

// entries are the words that the troubleshooting page explains, one a row.
func entries() []string {
	page, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		panic(err)
	}
	row := regexp.MustCompile("(?m)^\\| <a id=\"[a-z-]+\"></a>`([^`]+)` \\| ")
	var words []string
	for _, found := range row.FindAllStringSubmatch(string(page), -1) {
		words = append(words, found[1])
	}
	return words
}
