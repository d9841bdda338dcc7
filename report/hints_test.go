package report

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestHintsAreExplained checks that docs/troubleshooting.md explains every hint
// in a row of its name that quotes the hint.
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
				t.Errorf("docs/troubleshooting.md explains %q as %s, which says %q", words, h.name, h.text)
			}
		}
	}
	if len(allHints) < 40 { // or the table is made in another way
		t.Errorf("there are only %d hints", len(allHints))
	}
}
