package emulator

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

func TestReset(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET open.vault.azure.net/, times: 1, reset: true}]")
	c := client(t, a)
	r := request(t, "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", tokenFor(a, "endpoint", vaultAudience))
	if got := see(c, r); !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("seen %+v, want a reset connection", got)
	}
	if got := see(c, r); got.status != 200 {
		t.Errorf("second time: seen %+v", got)
	}
	if got := a.Requests()[1]; got.Status != 0 || got.Kind != KindSecret {
		t.Errorf("logged %v, want status 0", got)
	}
}

// TestBrokenOverHTTP2 breaks connections that requests may share.
func TestBrokenOverHTTP2(t *testing.T) {
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

// TestResetIsDistant checks that a reset takes half a round trip too.
func TestResetIsDistant(t *testing.T) {
	a := launch(t, "network: {latency: 20ms}\nfaults: [{match: GET open.vault.azure.net/secrets/db, reset: true}]\n"+world)
	start := time.Now()
	got := targets["vault"].ask(t, a)
	if took := time.Since(start); got.err == nil || took < 60*time.Millisecond {
		t.Errorf("%v after %v, want a reset after 60ms", got.err, took)
	}
}
