package transport

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"
	"testing"
)

const (
	sentToken  = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIwIn0.c2lnbmF0dXJl"
	sentSecret = "a+b/c==~ü 9"
)

// TestCleanTakesOutWhatWasSent checks answers that repeat a secret, in every
// way that has been seen and some more.
func TestCleanTakesOutWhatWasSent(t *testing.T) {
	ways := map[string]func(string) string{
		"unchanged":                 func(s string) string { return s },
		"in a sentence":             func(s string) string { return "IDX12741: JWT '" + s + "' must have three segments." },
		"in a query":                url.QueryEscape,
		"in a path":                 url.PathEscape,
		"escaped twice":             func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"escaped in lower case":     func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
		"in HTML":                   html.EscapeString,
		"in base64":                 func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"in base64 for URLs":        func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"in base64 with a name":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte("id:" + s)) },
		"in base64 for URLs, later": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("?~?~?~" + s)) },
		"in base64 in a query":      func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("x" + s))) },
		"in JSON, slashes escaped":  func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
		"in JSON, as .NET writes it": func(s string) string {
			return strings.NewReplacer("+", `\u002B`, "ü", `\u00FC`, "e", `\u0065`).Replace(s)
		},
		"after the end of a sentence": func(s string) string { return "no.\r\n" + s + "\r\n" },
	}
	for name, way := range ways {
		for _, secret := range []string{sentToken, sentSecret, "0123456789abcdef", " header with blanks "} {
			for _, sent := range []string{secret, " " + secret + "\t"} {
				got := Clean("before "+way(secret)+" after", "other", "", sent)
				if leaks(got, strings.TrimSpace(secret)) || strings.Contains(got, way(secret)) {
					t.Errorf("%s: Clean(…%q…) = %q", name, way(secret), got)
				}
			}
		}
	}
}

// TestCleanTakesOutWhatIsCut checks that no beginning of a secret is printed,
// wherever a long message is cut.
func TestCleanTakesOutWhatIsCut(t *testing.T) {
	for before := MaxLine - 100; before < MaxLine; before++ {
		for _, way := range []string{url.QueryEscape(url.QueryEscape(sentSecret)), base64.StdEncoding.EncodeToString([]byte("i:" + sentSecret))} {
			message := strings.Repeat("x", before) + " " + way + strings.Repeat(" x", MaxLine)
			if got := Clean(message, sentSecret); got != "" {
				t.Fatalf("Clean of %d bytes and %q = %q", before, way, got[before:])
			}
		}
	}
}

// leaks reports whether the text contains the secret, in any of these ways.
func leaks(text, secret string) bool {
	lower, _ := url.QueryUnescape(strings.ToUpper(text))
	return strings.Contains(text, secret) || strings.Contains(strings.ToUpper(lower), strings.ToUpper(secret)) || repeats(text, secret)
}

func TestClean(t *testing.T) {
	for _, test := range []struct{ message, want string }{
		{"", ""},
		{"two\nlines\tand \x1b[2J\u202e controls", "two lines and [2J controls"},
		{"\xff\xfe text", "text"},
		{"a token eyJhbGciOiJub25lIn0.e30. that was not sent", "a token … that was not sent"},
		{"half of one: eyJhbGci", "half of one: …"},
		{"what is sent here: …", "what is sent here: …"},
		{strings.Repeat("ü", MaxLine), strings.Repeat("ü", MaxLine/2) + "…"},
	} {
		if got := Clean(test.message, sentSecret); got != test.want {
			t.Errorf("Clean(%q) = %q, want %q", test.message, got, test.want)
		}
	}
	if got := Clean("the abc of it", "abc", ""); got != "the abc of it" {
		t.Errorf("with a text too short to be a secret: %q", got)
	}
}

// FuzzClean checks that the result is a single line without the secret.
func FuzzClean(f *testing.F) {
	f.Add("before ", " after", sentToken)
	f.Add("%", "25", "%41%41%41%41")
	f.Add("&amp;", "", "&lt;&lt;")
	f.Fuzz(func(t *testing.T, before, after, secret string) {
		text := Clean(before+secret+after, secret)
		if len(text) > MaxLine+2*len(masked) || OneLine(text) != text {
			t.Fatalf("Clean(%q) = %q", before+secret+after, text)
		}
		if trimmed := strings.TrimSpace(secret); len(trimmed) >= minSecret && trimmed != masked && repeats(text, trimmed) {
			t.Fatalf("Clean(%q, %q) = %q", before+secret+after, secret, text)
		}
	})
}
