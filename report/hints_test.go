package report

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestHintsAreExplained checks that docs/troubleshooting.md contains a row for
// every hint, with its name and words that it contains.
func TestHintsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range allHints {
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
	if len(allHints) < 40 { // the table may have been moved
		t.Errorf("there are only %d hints", len(allHints))
	}
}
