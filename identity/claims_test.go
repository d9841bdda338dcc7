package identity

import (
	"encoding/base64"
	"testing"
)

func token(payload string) string {
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".signature"
}

func TestParseClaims(t *testing.T) {
	const oid, tid = `"oid":"` + guidA + `"`, `"tid":"` + guidC + `"`
	for name, test := range map[string]struct {
		token string
		want  Claims
		ok    bool
	}{
		"managed identity": {token(`{` + oid + `,` + tid + `,"idtyp":"app","sub":"x"}`), Claims{ObjectID: guidA, Tenant: guidC}, true},
		"application":      {token(`{` + oid + `,"sub":"` + guidA + `"}`), Claims{ObjectID: guidA}, true},
		"user":             {token(`{` + oid + `,` + tid + `,"sub":"pairwise","upn":"someone@example.com"}`), Claims{ObjectID: guidA, Tenant: guidC, User: true}, true},
		"user, told so":    {token(`{` + oid + `,"sub":"pairwise","idtyp":"user"}`), Claims{ObjectID: guidA, User: true}, true},
		"odd object ID":    {token(`{"oid":"x; rm -rf /","idtyp":"app"}`), Claims{}, false},
		"odd tenant":       {token(`{` + oid + `,"idtyp":"app","tid":"x y"}`), Claims{ObjectID: guidA}, true},
		"no object":        {token(`{}`), Claims{}, false},
		"wrong type":       {token(`{"oid":7}`), Claims{}, false},
		"no JSON":          {token(`hunter2`), Claims{}, false},
		"no base64":        {"a.%%.c", Claims{}, false},
		"opaque":           {"hunter2", Claims{}, false},
		"empty":            {"", Claims{}, false},
	} {
		if got, ok := parseClaims(test.token); got != test.want || ok != test.ok {
			t.Errorf("%s: parseClaims = %+v, %v, want %+v, %v", name, got, ok, test.want, test.ok)
		}
	}
}

func TestIsJWT(t *testing.T) {
	encode := base64.RawURLEncoding.EncodeToString
	header := encode([]byte(`{"alg":"RS256","kid":"1"}`))
	for text, want := range map[string]bool{
		token("{}"):                          true,
		header + ".e30._-":                   true,
		"":                                   false,
		"..":                                 false,
		header + ".e30":                      false,
		header + ".e30.":                     false,
		header + "..c2ln":                    false,
		header + ".e30.c2ln.e30":             false,
		header + ".e30.c2ln=":                false,
		header + ".e30.c2\nln":               false,
		header + ".e 30.c2ln":                false,
		"a.b.c":                              false,
		"www.example.com":                    false,
		encode([]byte(`{}`)) + ".b.c":        false,
		encode([]byte(`{"alg":7}`)) + ".b.c": false,
		encode([]byte(`"alg"`)) + ".b.c":     false,
		"PATH=/bin\x00AZURE_CLIENT_SECRET=a.b\x00C=d.e": false,
	} {
		if got := isJWT(text); got != want {
			t.Errorf("isJWT(%q) = %v", text, got)
		}
	}
}

// FuzzParseClaims checks that no token crashes the parser, and that it returns
// only GUIDs, because they are put into commands.
func FuzzParseClaims(f *testing.F) {
	f.Add(token(`{"oid":"` + guidA + `","tid":"` + guidC + `","idtyp":"app"}`))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		claims, ok := parseClaims(text)
		if ok != isGUID(claims.ObjectID) || claims.Tenant != "" && !isGUID(claims.Tenant) {
			t.Errorf("parseClaims(%q) = %+v, %v", text, claims, ok)
		}
	})
}
