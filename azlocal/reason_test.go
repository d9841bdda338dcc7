package main

import (
	"errors"
	"strings"
	"testing"
)

func TestReason(t *testing.T) {
	t.Setenv("AZURE_CLIENT_SECRET", "hunter2~a+b")
	for text, want := range map[string]string{
		"AzureCLICredential: ERROR: Please run 'az login'.. To troubleshoot, visit https://aka.ms/x": "Please run 'az login'",
		"AzureDeveloperCLICredential: x. To troubleshoot, visit https://aka.ms/x":                    "x",
		"unexpected end of JSON input":                                   "unexpected end of JSON input",
		" a\r\n\tb\x00\x1b[1m\u2028c\xff. ":                              "a b [1m c",
		"AADSTS1: bad hunter2~a+b, hunter2~a%2Bb or aHVudGVyMn5hK2I=":    "AADSTS1: bad …, … or …",
		"AADSTS1: bad HUNTER2~A+B":                                       "it failed",
		"got " + azToken + ", " + azToken[:30] + " and " + azToken + "!": "got …, … and …!",
		strings.Repeat("é", 600):                                         strings.Repeat("é", 500) + "…",
		strings.Repeat("é", 499) + "ab" + strings.Repeat("é", 5):         strings.Repeat("é", 499) + "ab…",
		"a" + strings.Repeat("é", 600):                                   "a" + strings.Repeat("é", 499) + "…",
		"":                                                               "it failed",
	} {
		if got := reason(errors.New(text)); got != want {
			t.Errorf("reason(%q) = %q, want %q", text, got, want)
		}
	}
}
