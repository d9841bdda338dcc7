package resolve

import (
	"fmt"
	"testing"
)

// TestAnswerIsTheOneAskedFor checks that the value of another secret, or of another
// version than a pinned one, is not taken. Letter case does not matter.
func TestAnswerIsTheOneAskedFor(t *testing.T) {
	const base = "https://kv1.vault.azure.net/secrets/"
	for _, test := range []struct {
		name, version, id string
		want              error
	}{
		{"s", "", base + "s/0123", nil},
		{"s", "0123", base + "s/0123", nil},
		{"S", "ABcd", base + "s/abCD", nil},
		{"s", "", base + "t/0123", errAnother},
		{"s", "", base + "ss/0123", errAnother},
		{"s", "0123", base + "s/0124", errAnother},
		{"s", "0123", base + "s/01234", errAnother},
		{"s", "0123", base + "s", errAnother},
		{"s", "0123", base + "t/0123", errAnother},
		{"s", "", "https://kv1.vault.azure.net/keys/s/0123", errAnother},
		{"s", "", "", errAnother},
	} {
		network := answer{status: 200, body: fmt.Appendf(nil, `{"value":"v","id":%q}`, test.id)}
		o := Object{Kind: VaultSecret, Vault: "kv1.vault.azure.net", Name: test.name, Version: test.version}
		s := planOfOne(testOptions()).newStore(o, anyToken{}, network)
		if _, err := s.fetch(t.Context(), o); err != test.want {
			t.Errorf("%s %s, answered with %q: %v, want %v", test.name, test.version, test.id, err, test.want)
		}
	}
}
