package emulator

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

func TestReset(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET open.vault.azure.net/, times: 1, reset: true}]")
	c, token := client(t, a), tokenFor(a, "endpoint", vaultAudience)
	const url = "https://open.vault.azure.net/secrets/db?api-version=7.4"
	if _, err := get(t, c, url, token); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("error = %v, want a reset connection", err)
	}
	if answer, err := get(t, c, url, token); err != nil || answer.StatusCode != 200 {
		t.Errorf("second time: %v %v", answer, err)
	}
	if got := a.Requests()[1]; got.Status != 0 || got.Kind != KindSecret {
		t.Errorf("logged %v, want status 0", got)
	}
}

// TestKindsOverHTTP2 is about those that break what HTTP/2 shares.
func TestKindsOverHTTP2(t *testing.T) {
	for _, fault := range []string{"cut", "reset", "garbage"} {
		a := launch(t, "network: {http2: true}\n"+world+"faults: [{match: GET open.vault.azure.net/, times: 1, "+fault+": true}]")
		if got := targets["vault"].ask(t, a); got.err == nil {
			t.Errorf("%s: seen %+v, want an error", fault, got)
		}
		if got := targets["vault"].ask(t, a); got.status != 200 {
			t.Errorf("%s: second time %+v", fault, got)
		}
	}
}

// TestResetIsDistant: what a fault does to the connection takes its time too.
func TestResetIsDistant(t *testing.T) {
	a := launch(t, "network: {latency: 20ms}\nfaults: [{match: GET open.vault.azure.net/secrets/db, reset: true}]\n"+world)
	start := time.Now()
	got := targets["vault"].ask(t, a)
	if took := time.Since(start); got.err == nil || took < 60*time.Millisecond {
		t.Errorf("%v after %v, want a reset after 60ms", got.err, took)
	}
}
