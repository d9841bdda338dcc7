package resolve

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// FuzzParse checks what must hold for every value: no panic, errors with a
// position, references that are the same when written and parsed again, and
// text that is passed on byte for byte.
func FuzzParse(f *testing.F) {
	for text := range goodReferences {
		f.Add(text)
		f.Add("a" + text + "b" + text)
	}
	for _, m := range mistakes {
		f.Add(m.value)
	}
	for _, text := range plain {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := testGrammar.Parse(text)
		refs := value.References()
		if err != nil {
			var mistake *SyntaxError
			if !errors.As(err, &mistake) || mistake.Position < 1 || mistake.Position > len(text)+1 || mistake.Rule == "" {
				t.Fatalf("Parse(%q): %#v is not a good SyntaxError", text, err)
			}
			if refs != nil {
				t.Fatalf("Parse(%q): references %v with an error", text, refs)
			}
			return
		}
		if refs == nil && value != nil {
			t.Fatalf("Parse(%q): pieces without references", text)
		}
		checkNoneLeft(t, text, value)
		for _, ref := range refs {
			if ref.Object.Kind == KeyValue && !configurationHosts.MatchString(ref.Object.Configuration) {
				t.Fatalf("Parse(%q): %q would get a token", text, ref.Object.Configuration)
			}
			if ref.Object.Kind == VaultSecret && !vaultHost.MatchString(ref.Object.Vault) {
				t.Fatalf("Parse(%q): %q would get a token", text, ref.Object.Vault)
			}
			again, err := testGrammar.Parse(written(ref))
			if err != nil || len(again.References()) != 1 || again.References()[0] != ref {
				t.Fatalf("Parse(%q) = %+v, written as %q and parsed again as %v, %v", text, ref, written(ref), again.References(), err)
			}
		}
		checkLiterals(t, text, value)
	})
}

// vaultHost matches the hosts that testGrammar allows.
var vaultHost = regexp.MustCompile(`^([a-z0-9-]{3,24}\.vault\.(azure\.net|azure\.cn|usgovcloudapi\.net)|vault\.local\.example|[a-z0-9-]+(\.[a-z0-9-]+)*\.vault\.stack\.example)$`)

// configurationHosts matches the hosts of App Configuration.
var configurationHosts = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?\.(azconfig\.(io|azure\.us|azure\.cn)|appconfig\.azure\.(com|us|cn))$`)

// checkLiterals checks that the literal parts of value appear in text, in
// order, with only references between them.
func checkLiterals(t *testing.T, text string, value Value) {
	rest := text
	for _, p := range value {
		if p.ref == nil {
			var ok bool
			if rest, ok = strings.CutPrefix(rest, p.literal); !ok {
				t.Fatalf("Parse(%q): literal %q is missing or moved", text, p.literal)
			}
			continue
		}
		if len(value) == 1 {
			return // the whole value is a reference without braces
		}
		_, after, ok := strings.Cut(rest, "}}")
		if !ok || !strings.HasPrefix(rest, "${{") {
			t.Fatalf("Parse(%q): no reference at %q", text, rest)
		}
		rest = after
	}
	if value != nil && rest != "" {
		t.Fatalf("Parse(%q): %q is lost", text, rest)
	}
}
