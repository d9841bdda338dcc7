package emulator

import (
	"regexp"
	"testing"
	"time"
)

// TestEntraError checks a whole denial.
func TestEntraError(t *testing.T) {
	a := build(t, world)
	a.issuer.now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	r := tokenRequest(t, a, map[string]string{"client_secret": "x"})
	r.Header.Set("Client-Request-Id", "77777777-0000-4000-8000-000000000001")
	w := serve(a.Stores(), r)
	want := regexp.MustCompile(`^{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided\. .* Trace ID: (\S+) Correlation ID: 77777777-0000-4000-8000-000000000001 Timestamp: 2023-11-14 22:13:20Z",` +
		`"error_codes":\[7000215\],"timestamp":"2023-11-14 22:13:20Z","trace_id":"(\S+)","correlation_id":"77777777-0000-4000-8000-000000000001","error_uri":"https://login\.microsoftonline\.com/error\?code=7000215"}$`)
	m := want.FindStringSubmatch(w.Body.String())
	if m == nil || m[1] != m[2] || m[1] != w.Header().Get("X-Ms-Request-Id") || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("denial = %v %s", w.Header(), w.Body)
	}
}
