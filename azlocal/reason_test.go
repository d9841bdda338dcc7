package main

import (
	"errors"
	"strings"
	"testing"
)

func TestReason(t *testing.T) {
	for text, want := range map[string]string{
		"AzureCLICredential: ERROR: Please run 'az login'.. To troubleshoot, visit https://aka.ms/x": "Please run 'az login'",
		"AzureDeveloperCLICredential: x. To troubleshoot, visit https://aka.ms/x":                    "x",
		"unexpected end of JSON input":                                   "unexpected end of JSON input",
		" a\r\n\tb\x00\x1b[1m\u2028c\xff. ":                              "a b [1m c\ufffd",
		"got " + azToken + ", " + azToken[:30] + " and " + azToken + "!": "got …, … and …!",
		strings.Repeat("é", 600):                                         strings.Repeat("é", 500) + "…",
		strings.Repeat("é", 499) + "ab" + strings.Repeat("é", 5):         strings.Repeat("é", 499) + "ab…",
		"a" + strings.Repeat("é", 600):                                   "a" + strings.Repeat("é", 499) + "…",
		"":                                                               "",
	} {
		if got := reason(errors.New(text)); got != want {
			t.Errorf("reason(%q) = %q, want %q", text, got, want)
		}
	}
}
