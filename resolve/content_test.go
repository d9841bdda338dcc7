package resolve

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIsText(t *testing.T) {
	for text, want := range map[string]bool{
		`"é ü \u00e9 \\ud800 \ud83d\ude00 \uD83D\uDE00"`: true,
		`"\\\\u"`: true, `"\u`: true, `"\uZZZZ"`: true, // malformed: the decoder reports that
		`"\ud800"`: false, `"\ude00\ud83d"`: false, `"\ud83d\u0041"`: false, `"\ud83d`: false, `"\\\ud83d"`: false,
		"\"\xff\"": false, "\"\xed\xa0\x80\"": false,
	} {
		if got := isText([]byte(text)); got != want {
			t.Errorf("isText(%s) = %v, want %v", text, got, want)
		}
	}
}

// FuzzIsText checks that text is decoded without a change: a string contains a
// replacement character only if it was written as one.
func FuzzIsText(f *testing.F) {
	f.Add(`\ud83d\ude00`)
	f.Add(`\ud800`)
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, text string) {
		text = `"` + text + `"`
		var decoded string
		if json.Unmarshal([]byte(text), &decoded) != nil {
			return
		}
		written := strings.Contains(text, string(utf8.RuneError)) || strings.Contains(strings.ToLower(text), `\ufffd`)
		changed := strings.ContainsRune(decoded, utf8.RuneError)
		if got := isText([]byte(text)); got && changed && !written || !got && !changed {
			t.Fatalf("isText(%q) = %v, but it is decoded as %q", text, got, decoded)
		}
	})
}

// TestTakeKeepsOnlyWhatIsReferredTo checks that the rest of an answer can be
// freed.
func TestTakeKeepsOnlyWhatIsReferredTo(t *testing.T) {
	o := Object{Kind: Connection, Name: "c"}
	c, err := parseConnection(o, connectionBody("CustomKeys", `{"keys":{"a":"1","b":"2"}}`))
	if err != nil {
		t.Fatal(err)
	}
	a, gone := Reference{Object: o, Part: Credentials, Key: "a"}, Reference{Object: o, Part: Credentials, Key: "gone"}
	r := c.take([]Reference{a, a, gone}, nil)
	if len(r) != 2 {
		t.Errorf("%d values, want 2", len(r))
	}
	if got := r[a]; got.source.Err != nil || got.value() != "1" {
		t.Errorf("a: %v", got.source.Err)
	}
	if got := r[gone]; got.source.Err == nil || got.value != nil {
		t.Errorf("gone: %v", got.source)
	}
}
