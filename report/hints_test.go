package report

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// allHints returns the hints that hints.go makes.
func allHints(t *testing.T) (all []*hint) {
	t.Helper()
	source, err := os.ReadFile("hints.go")
	if err != nil {
		t.Fatal(err)
	}
	const literal = `("(?:[^"\\]|\\.)*")`
	for _, call := range regexp.MustCompile(`newHint\(`+literal+`, `+literal+`\)`).FindAllStringSubmatch(string(source), -1) {
		name, _ := strconv.Unquote(call[1])
		text, _ := strconv.Unquote(call[2])
		all = append(all, newHint(name, text))
	}
	if calls := strings.Count(string(source), "= newHint("); len(all) != calls || calls < 40 { // the table may have been moved
		t.Fatalf("%d hints found, of %d", len(all), calls)
	}
	return all
}

// TestHintsAreExplained checks that docs/troubleshooting.md contains a row for
// every hint, with its name and words that it contains.
func TestHintsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range allHints(t) {
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
}
