package report

import "testing"

func TestFirstLines(t *testing.T) {
	for text, want := range map[string]string{"": "", "ab\n": "ab\n", "ab\ncd\n": "ab\n", "ab\nc": "ab\nc", "abcdef\n": "abcd"} {
		if got := firstLines(text, 4); got != want {
			t.Errorf("firstLines(%q, 4) = %q, want %q", text, got, want)
		}
	}
}
