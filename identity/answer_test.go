package identity

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"azinject/transport"
)

func TestParseToken(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for body, want := range map[string]time.Duration{
		`{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"t"}`: 3599 * time.Second,
		`{"access_token":"t","expires_in":"3599"}`:                                           3599 * time.Second,
		`{"access_token":"t","expires_on":1767326644,"resource":"r"}`:                        3599 * time.Second,
		`{"access_token":"t","expires_on":"1767326644","expires_in":null}`:                   3599 * time.Second,
		`{"access_token":"t","expires_on":"soon","expires_in":3599}`:                         3599 * time.Second,
		`{"access_token":"t","expires_on":1}`:                                                time.Unix(1, 0).Sub(now), // long ago
		`{"token":"t","expiresOn":"2026-01-02T04:04:04Z"}`:                                   assumedLifetime,
		`{"access_token":"t"}`:                                assumedLifetime,
		`{"access_token":"t","expires_in":0}`:                 assumedLifetime,
		`{"access_token":"t","expires_in":-1}`:                assumedLifetime,
		`{"access_token":"t","expires_in":99999999999999999}`: assumedLifetime,
		`{"access_token":"t","expires_on":1e12}`:              assumedLifetime,
	} {
		token, err := parseToken([]byte(body), now)
		if err != nil || token.Token != "t" || token.ExpiresOn.Sub(now) != want {
			t.Errorf("parseToken(%s) = a token valid for %v, %v, want %v", body, token.ExpiresOn.Sub(now), err, want)
		}
	}
	for _, body := range []string{``, `<html>`, `[]`, `null`, `{"access_token":7,"expires_in":1}`, `{"access_token":"","expires_in":1}`, `{"expires_in":1}`, `{"access_token":"t\n"}`} {
		if token, err := parseToken([]byte(body), now); err != errNoToken || token.Token != "" {
			t.Errorf("parseToken(%s) = a token valid until %v, %v, want none", body, token.ExpiresOn, err)
		}
	}
}

// FuzzParseToken checks that parseToken returns either a token with a valid
// expiry or an error.
func FuzzParseToken(f *testing.F) {
	f.Add([]byte(`{"access_token":"t","expires_in":3599}`))
	f.Add([]byte(`{"token":"t","expiresOn":"2026-01-02T04:04:04Z"}`))
	f.Add([]byte(`{"access_token":"t","expires_on":"1767326644"}`))
	f.Add([]byte(``))
	now := time.Now()
	f.Fuzz(func(t *testing.T, body []byte) {
		token, err := parseToken(body, now)
		if (err == nil) != (token.Token != "") || (err == nil) != (token.ExpiresOn.Unix() > 0) {
			t.Errorf("parseToken(%q) = %q until %v, %v", body, token.Token, token.ExpiresOn, err)
		}
	})
}

const invalidSecret = `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '86be4c01-505b-45e9-bfc0-9b825fd84'.\r\nTrace ID: 03da4b8e-5ffe-48ca-9754-aff4276f0100\r\nCorrelation ID: 7b12f9bb\r\nTimestamp: 2022-03-02 18:25:26Z","error_codes":[7000215],"error_uri":"https://login.microsoftonline.com/error?code=7000215"}`

func TestParseRefusal(t *testing.T) {
	for name, test := range map[string]struct {
		body    string
		code    string
		aadsts  int
		message string
	}{
		"Microsoft Entra":       {invalidSecret, "invalid_client", 7000215, "AADSTS7000215: Invalid client secret provided"},
		"a quoted subject":      {`{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:ns:sa.x'. Check it. https://learn.microsoft.com/ Trace ID: x"}`, "invalid_client", 700213, "AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:ns:sa.x'"},
		"one sentence, and IDs": {`{"error_description":"AADSTS90002: Tenant 'x' not found Trace ID: y Correlation ID: z"}`, "", 90002, "AADSTS90002: Tenant 'x' not found"},
		"within another's":      {`{"error":{"code":"UserError","message":"Token service: AADSTS65001: No consent.\nTrace ID: x"}}`, "UserError", 65001, "AADSTS65001: No consent"},
		"no number":             {`{"error":"invalid_request","error_description":"AADSTS: none"}`, "invalid_request", 0, "AADSTS: none"},
		"another's":             {`{"error":"invalid_request","error_description":"Identity\n not found"}`, "invalid_request", 0, "Identity not found"},
		"escape sequences":      {`{"error":"\u001b[2J","error_description":"a\u001b[2Jb"}`, "", 0, "a [2Jb"},
		"long":                  {`{"message":"` + strings.Repeat("é", 1400) + `"}`, "", 0, strings.Repeat("é", 500) + "…"},
		"a long code":           {`{"error":"` + strings.Repeat("a", 65) + `"}`, "", 0, ""},
		"no JSON":               {`<html>AADSTS1: x</html>`, "", 0, ""},
		"nothing":               {``, "", 0, ""},
		"wrong types":           {`{"error":7,"error_description":"x"}`, "", 0, "x"},
	} {
		code, aadsts, message := parseRefusal([]byte(test.body))
		if code != test.code || aadsts != test.aadsts || message != test.message {
			t.Errorf("%s: parseRefusal = %q, %d, %q, want %q, %d, %q", name, code, aadsts, message, test.code, test.aadsts, test.message)
		}
	}
}

// TestParseText checks answers that Azure Machine Learning's endpoints send.
func TestParseText(t *testing.T) {
	const plain = "text/plain; charset=utf-8"
	for _, test := range []struct{ kind, body, want string }{
		{plain, "InternalError - :{\nInfo: Request failure status code: 404\n\n}", "InternalError - :{ Info: Request failure status code: 404 }"},
		{plain, "SSO failure: unable to retrieve a token. Error Token service NAME. Token not found", "SSO failure: unable to retrieve a token. Error Token service NAME. Token not found"},
		{"text/plain", " Invalid secret token header: " + canary + ".\r\n", "Invalid secret token header: …."},
		{plain, "got eyJhbGciOiJub25lIn0.e30.x", "got …"},
		{plain, "\x1b[2Jnone\xff", "[2Jnone"},
		{plain, strings.Repeat("é", 1400), strings.Repeat("é", 500) + "…"},
		{plain, "", ""},
		{plain, "<!DOCTYPE html><p>x", ""},
		{plain, "Sorry: <b>x</b>", ""},
		{plain, `{"access_token":"x`, ""},
		{plain, `{"other":"x"}`, ""},
		{plain, `["x"]`, ""},
		{plain, `"x"`, ""},
		{"text/html; charset=utf-8", "x", ""},
		{"application/json", "x", ""},
		{"", "x", ""},
	} {
		if got := parseText(http.Header{"Content-Type": {test.kind}}, []byte(test.body), "", canary); got != test.want {
			t.Errorf("parseText of %s %q = %q, want %q", test.kind, test.body, got, test.want)
		}
	}
}

// FuzzParseRefusal checks that what is printed is one line of bounded length.
func FuzzParseRefusal(f *testing.F) {
	f.Add([]byte(invalidSecret))
	f.Add([]byte(`{"error":{"code":"c","message":"m"}}`))
	f.Add([]byte(`{"error_description":"AADSTS1"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		code, aadsts, message := parseRefusal(body)
		printed := code + message
		if len(printed) > transport.MaxLine+100 || strings.ContainsFunc(printed, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("parseRefusal(%q) = %q, %q", body, code, message)
		}
		if aadsts < 0 || aadsts > 0 && !strings.HasPrefix(message, "AADSTS") {
			t.Errorf("parseRefusal(%q) = number %d of %q", body, aadsts, message)
		}
	})
}

// TestParseRefusalKeepsSecrets checks answers that repeat what was sent, in the
// ways that JSON may write it.
func TestParseRefusalKeepsSecrets(t *testing.T) {
	const secret = `aB3+SECRET"x. y`
	for _, body := range []string{
		`{"error":"invalid_client","error_description":"AADSTS7000215: bad secret aB3\u002BSECRET\"x. y"}`,
		`{"message":"bad header aB3+SECRET\u0022x. y"}`,
		`{"error":{"code":"aB3+SECRET\"x. y","message":"m"}}`,
	} {
		code, aadsts, message := parseRefusal([]byte(body), "", "other", secret)
		if strings.Contains(code+message, "aB3") || code == "" && message == "" || aadsts != 0 && aadsts != 7000215 {
			t.Errorf("parseRefusal(%s) = %q, %d, %q, want everything except the secret", body, code, aadsts, message)
		}
	}
	if code, _, message := parseRefusal([]byte(`{"error":"a","error_description":"b"}`), "", secret); code != "a" || message != "b" {
		t.Errorf("an answer without a secret: %q, %q", code, message)
	}
}
