package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// allHints returns the arguments of every call of newHint in hints.go.
func allHints(t *testing.T) []hint {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "hints.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []hint
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "newHint" {
				all = append(all, hint{text(t, call.Args[0]), text(t, call.Args[1])})
			}
		}
		return true
	})
	return all
}

// text returns the value of a string literal.
func text(t *testing.T, e ast.Expr) string {
	t.Helper()
	value, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestHintsAreExplained checks that docs/troubleshooting.md contains a row for
// every hint, with its name and words that it contains.
func TestHintsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	hints := allHints(t)
	for _, h := range hints {
		row := regexp.MustCompile("(?m)^\\| <a id=\""+h.name+"\"></a>`([^`]+)` \\| .+ \\|$").FindAllStringSubmatch(string(page), -1)
		if len(row) != 1 {
			t.Errorf("docs/troubleshooting.md has %d rows named %s", len(row), h.name)
			continue
		}
		for words := range strings.SplitSeq(row[0][1], "…") {
			if !strings.Contains(h.text, words) {
				t.Errorf("docs/troubleshooting.md explains %q as %s, which is %q", words, h.name, h.text)
			}
		}
	}
	if len(hints) < 40 { // they may have been moved
		t.Errorf("there are only %d hints", len(hints))
	}
}
