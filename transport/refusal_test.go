package transport

import "testing"

func TestParseRefusal(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"error":{"code":"Forbidden","message":"no","innererror":{"code":"ForbiddenByRbac"}}}`:                          {"ForbiddenByRbac", "no"},
		`{"error":"invalid_request","error_description":"who?"}`:                                                         {"invalid_request", "who?"},
		`{"statusCode":400,"message":"bad"}`:                                                                             {"", "bad"},
		`{"type":"https://azconfig.io/errors/invalid-argument","title":"Unsupported","name":"api-version","status":400}`: {"invalid-argument", "Unsupported"},
		`{"type":"https://azconfig.io/errors/too-many-requests","title":"T","detail":"the quota is used","policy":"x"}`:  {"too-many-requests", "the quota is used"},
		`{"type":"https://example.com/errors/other","title":"T"}`:                                                        {"", "T"},
		`{"type":"https://azconfig.io/errors/two words","title":"T"}`:                                                    {"", "T"},
		`{"error":{"code":"c","message":"m"},"type":"https://azconfig.io/errors/x","title":"T"}`:                         {"c", "m"},
		`{"error":{"code":"c","message":"m"},"type":["x"]}`:                                                              {"c", "m"},
		`["m"]`: {}, ``: {}, `<html>`: {},
	} {
		if code, message := ParseRefusal([]byte(body)); code != want[0] || message != want[1] {
			t.Errorf("%s: %q, %q, want %q", body, code, message, want)
		}
	}
}
