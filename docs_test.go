package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestLinks checks that every link on every page leads to an existing file or
// section.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	for _, page := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(string(read(t, page)), -1) {
			path, section, _ := strings.Cut(found[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
			} else if section != "" && !slices.Contains(sections(string(read(t, target))), section) {
				t.Errorf("%s links to the section %s, which does not exist", page, found[1])
			}
		}
	}
}

// TestEveryPageIsLinked checks that a reader of the README finds every page.
func TestEveryPageIsLinked(t *testing.T) {
	readme := string(read(t, "README.md"))
	for _, page := range pages(t) {
		if strings.HasPrefix(page, "docs/") && !strings.Contains(readme, "]("+page+")") {
			t.Errorf("the README does not link to %s", page)
		}
	}
}

// pages returns every Markdown file.
func pages(t *testing.T) []string {
	t.Helper()
	return glob(t, "*.md", "docs/*.md", "deploy/*/*.md")
}

// glob returns the files that match the patterns, of which each must match one.
func glob(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || found == nil {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	return files
}

// sections returns what links to a page can lead to: its id attributes and its
// headings, as GitHub names them (in lower case, with hyphens for spaces and
// without other punctuation).
func sections(text string) []string {
	var names []string
	for _, id := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(text, -1) {
		names = append(names, id[1])
	}
	code := regexp.MustCompile("(?ms)^```.*?^```$")
	punctuation := regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
		name := punctuation.ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// TestTroubleshootingIsCurrent checks that the program still prints what the
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
	for _, entry := range entries(t) {
		for _, part := range regexp.MustCompile(`[…"]`).Split(entry, -1) {
			if !strings.Contains(all, strings.TrimSpace(part)) {
				t.Errorf("docs/troubleshooting.md explains %q, but no message contains %q", entry, part)
			}
		}
	}
}

// entries returns the phrases that the troubleshooting page explains, one a
// row.
func entries(t *testing.T) []string {
	t.Helper()
	page := read(t, "docs/troubleshooting.md")
	row := regexp.MustCompile("(?m)^\\| <a id=\"[a-z-]+\"></a>`([^`]+)` \\| ")
	var words []string
	for _, found := range row.FindAllStringSubmatch(string(page), -1) {
		words = append(words, found[1])
	}
	return words
}
