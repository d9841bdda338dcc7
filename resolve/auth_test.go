package resolve

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

func TestChallengeResource(t *testing.T) {
	const host = "kv1.vault.azure.net"
	good := map[string]string{
		`Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`: "https://vault.azure.net",
		`Bearer authorization="https://login.windows.net/t" resource="https://vault.azure.net/"`:         "https://vault.azure.net",
		`Bearer resource="https://Vault.azure.net"`:                                                      "https://Vault.azure.net",
		`Bearer authorization="xyz", resource=https://vault.azure.net`:                                   "https://vault.azure.net",
	}
	for header, want := range good {
		if got, err := challengeResource(header, host); err != nil || got != want {
			t.Errorf("challengeResource(%q) = %q, %v, want %q", header, got, err, want)
		}
	}
	bad := []string{"", "Bearer", "Bearer resource=", `Bearer resource="http://vault.azure.net"`, `Bearer resource="https://"`,
		`Bearer resource="https://management.azure.com"`, `Bearer resource="https://evil.example"`, `Bearer resource="https://1.vault.azure.net"`,
		`Bearer resource="https://kv1.vault.azure.net"`, `Bearer resource="%zz"`, `Bearer resource="https://azure.net"`, `Bearer resource="https://net"`,
		`Bearer resource="https://vault.azure.net/payroll"`, `Bearer resource="https://x@vault.azure.net"`, `Bearer resource="https://vault.azure.net?x"`,
		`Bearer resource="https://vault.azure.net:443"`, `Bearer scope="https://vault.azure.net"`, `Basic realm="x"`}
	for _, header := range bad {
		if got, err := challengeResource(header, host); err == nil {
			t.Errorf("challengeResource(%q) = %q, want an error", header, got)
		}
	}
}

// FuzzChallengeResource checks that no header crashes the parser, unlike the
// SDK's, and that it returns only the vault's own domain.
func FuzzChallengeResource(f *testing.F) {
	f.Add(`Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`)
	f.Add(`Bearer authorization="x"`)
	f.Fuzz(func(t *testing.T, header string) {
		resource, err := challengeResource(header, "kv1.vault.azure.net")
		if err != nil {
			return
		}
		if !strings.EqualFold(resource, "https://vault.azure.net") {
			t.Errorf("challengeResource(%q) = %q, a foreign domain", header, resource)
		}
	})
}

// answering is a network that gives every request this answer.
type answering func(*http.Request) (*http.Response, error)

func (a answering) Do(req *http.Request) (*http.Response, error) { return a(req) }

// TestUnlearned checks that a vault which never says what tokens it wants is asked
// once, and that all requests fail for the same reason.
func TestUnlearned(t *testing.T) {
	for name, answer := range map[string]answering{
		"no answer": func(*http.Request) (*http.Response, error) { return nil, &transport.Error{Cause: transport.NoSuchHost} },
		"service error": func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody, Request: req}, nil
		},
	} {
		var asked atomic.Int32
		count := answering(func(req *http.Request) (*http.Response, error) { asked.Add(1); return answer(req) })
		options := transport.Options(count, &auth{}, transport.Refusals{})
		pipeline := runtime.NewPipeline("test", "v0.0.0", runtime.PipelineOptions{}, &options)
		var failed [20]error
		var running sync.WaitGroup
		for i := range failed {
			running.Go(func() {
				req, err := runtime.NewRequest(t.Context(), http.MethodGet, "https://kv1.vault.stack.example/secrets/s")
				if err == nil {
					_, err = pipeline.Do(req)
				}
				failed[i] = err
			})
		}
		running.Wait()
		if asked.Load() != 1 {
			t.Errorf("%s: asked %d times, want once", name, asked.Load())
		}
		for _, err := range failed {
			if err == nil || err != failed[0] {
				t.Errorf("%s: %v, and %v", name, failed[0], err)
			}
		}
	}
}
