package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const configurationWorld = `
identities: {me: {}, other: {}}
attached: [me]
app_configurations:
  store1:
    keys:
      k: [{value: plain}, {label: prod, value: "", content_type: application/json}]
      a/b:d: odd
  shut: {readers: [other], keys: {k: x}}
  late: {role_propagates_after: 1, keys: {k: x}}
  busy: {throttle: {requests: 1, per: 1h, retry_after: 1500ms}, keys: {k: x}}
  store1.azconfig.azure.us: {keys: {k: x}}
`

// startConfiguration starts an Azure with the stores above.
func startConfiguration(t *testing.T) *Azure {
	t.Helper()
	c, err := Parse([]byte(configurationWorld))
	if err != nil {
		t.Fatal(err)
	}
	a, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func TestConfigurationAnswers(t *testing.T) {
	a := startConfiguration(t)
	const own = "https://store1.azconfig.io"
	for name, test := range map[string]struct {
		method, address, audience string
		status                    int
		body, header              string // in the answer
	}{
		"without a label":        {"GET", own + "/kv/k?api-version=1.0", own, 200, `"key":"k","label":null,"content_type":null,"value":"plain"`, ""},
		"no label, explicitly":   {"GET", own + "/kv/k?label=%00&api-version=1.0", own, 200, `"value":"plain"`, ""},
		"with a label":           {"GET", own + "/kv/k?label=prod&api-version=2023-11-01", own, 200, `"label":"prod","content_type":"application/json","value":""`, ""},
		"encoded":                {"GET", own + "/kv/a%2Fb%3Ad?api-version=1.0", own, 200, `"key":"a/b:d"`, ""},
		"another label":          {"GET", own + "/kv/k?label=PROD&api-version=1.0", own, 404, "", ""},
		"any label":              {"GET", own + "/kv/k?label=*&api-version=1.0", own, 404, "", ""},
		"another letter case":    {"GET", own + "/kv/K?api-version=1.0", own, 404, "", ""},
		"not encoded":            {"GET", own + "/kv/a/b:d?api-version=1.0", own, 404, "gets and lists keys", ""},
		"no version":             {"GET", own + "/kv/k", own, 400, `"type":"https://azconfig.io/errors/invalid-argument"`, ""},
		"unknown version":        {"GET", own + "/kv/k?api-version=7.4", own, 400, `"name":"api-version"`, ""},
		"another method":         {"PUT", own + "/kv/k?api-version=1.0", own, 405, "", ""},
		"no token":               {"GET", own + "/kv/k?api-version=1.0", "", 401, "", "HMAC-SHA256, Bearer"},
		"token for another":      {"GET", own + "/kv/k?api-version=1.0", "https://shut.azconfig.io", 401, "", "invalid_token"},
		"token for vaults":       {"GET", own + "/kv/k?api-version=1.0", "https://vault.azure.net", 401, "", "invalid_token"},
		"token for another case": {"GET", own + "/kv/k?api-version=1.0", "https://Store1.azconfig.io", 401, "", "invalid_token"},
		"token for the cloud":    {"GET", own + "/kv/k?api-version=1.0", "https://appconfig.azure.com", 200, "plain", ""},
		"another cloud":          {"GET", "https://store1.azconfig.azure.us/kv/k?api-version=1.0", "https://appconfig.azure.com", 401, "", "invalid_token"},
		"not a reader":           {"GET", "https://shut.azconfig.io/kv/k?api-version=1.0", "https://shut.azconfig.io", 403, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			if test.audience != "" {
				header = tokenFor(a, "me", test.audience)
			}
			got := see(fresh(t, a), request(t, test.method, test.address, header))
			if got.err != nil || got.status != test.status || !strings.Contains(got.body, test.body) || !strings.Contains(got.header.Get("WWW-Authenticate"), test.header) {
				t.Errorf("%d %q %v %v, want %d, %q and %q", got.status, got.body, got.header, got.err, test.status, test.body, test.header)
			}
			if test.body == "" && got.body != "" {
				t.Errorf("body %q, want none", got.body)
			}
		})
	}
}

func TestConfigurationThrottlesAndGrantsLate(t *testing.T) {
	a := startConfiguration(t)
	ask := func(store string) seen {
		return see(fresh(t, a), request(t, "GET", "https://"+store+".azconfig.io/kv/k?api-version=1.0", tokenFor(a, "me", "https://"+store+".azconfig.io")))
	}
	if first, second := ask("late"), ask("late"); first.status != 403 || second.status != 200 {
		t.Errorf("a late role: %d, then %d", first.status, second.status)
	}
	first, second := ask("busy"), ask("busy")
	var body struct{ Type, Policy string }
	if first.status != 200 || second.status != 429 || second.header.Get("retry-after-ms") != "1500" {
		t.Errorf("throttling: %d, then %d %v", first.status, second.status, second.header)
	}
	if json.Unmarshal([]byte(second.body), &body) != nil || !strings.HasSuffix(body.Type, "/too-many-requests") || body.Policy == "" {
		t.Errorf("throttled with %s", second.body)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"app_configurations: {s.example.com: {}}":                                                 "write a store's name",
		"app_configurations: {s: {readers: [nobody]}}":                                            `no identity "nobody"`,
		"app_configurations: {s: {throttle: {requests: 1}}}":                                      "both positive",
		"app_configurations: {s: {keys: {a%2Fb: x}}}":                                             "no percent sign",
		"app_configurations: {s: {keys: {..: x}}}":                                                "not a dot or two",
		"app_configurations: {s: {keys: {k: [{value: x}, {value: y}]}}}":                          `the label "" twice`,
		"app_configurations: {s: {keys: {k: [{content: x}]}}}":                                    `unknown key "content"`,
		"app_configurations: {s: {}}\nfaults: [{match: GET t.azconfig.io/, hang: true}]":          "App Configuration store of this file",
		"app_configurations: {s: {}}\nfaults: [{match: GET s.azconfig.io/, expired_token: true}]": "works for host identity",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestConfigurationTokens checks that a store has an audience of its own.
func TestConfigurationTokens(t *testing.T) {
	a := startConfiguration(t)
	endpoint, header := environ(a, "IDENTITY_ENDPOINT"), http.Header{"X-Identity-Header": {environ(a, "IDENTITY_HEADER")}}
	for resource, want := range map[string]int{"https://store1.azconfig.io": 200, "https://appconfig.azure.com": 200, "https://store1.azconfig.io/": 400, "https://gone.azconfig.io": 400} {
		r := request(t, "GET", endpoint+"?api-version=2019-08-01&resource="+resource, header)
		if got := see(direct(t), r); got.status != want {
			t.Errorf("%s: %d %s, want %d", resource, got.status, got.body, want)
		}
	}
}
