package emulator

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// launchLate starts an Azure whose identity endpoint opens when open is called.
func launchLate(t *testing.T, config string) (a *Azure, open func()) {
	t.Helper()
	a = build(t, config)
	a.after = func(d time.Duration, f func()) *time.Timer {
		if d != time.Second {
			t.Errorf("opens after %v, want 1s", d)
		}
		open = f
		return time.NewTimer(d)
	}
	t.Cleanup(func() { a.Close() })
	if err := a.open(); err != nil {
		t.Fatal(err)
	}
	return a, open
}

func TestIdentityStartsAfter(t *testing.T) {
	for platform, variable := range map[string]string{"appservice": "IDENTITY_ENDPOINT", "servicefabric": "IDENTITY_ENDPOINT", "azureml": "MSI_ENDPOINT"} {
		t.Run(platform, func(t *testing.T) {
			a, open := launchLate(t, "platform: "+platform+"\nidentities: {me: {}}\nidentity_starts_after: 1s")
			c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
			url := environ(a, variable)
			for range 3 {
				if got := see(c, request(t, "GET", url, nil)); !errors.Is(got.err, syscall.ECONNREFUSED) {
					t.Errorf("before: seen %+v, want a refused connection", got)
				}
			}
			address := strings.Split(url, "/")[2]
			if l, err := net.Listen("tcp", address); err == nil {
				l.Close()
				t.Errorf("%s was free for others to take", address)
			}
			open()
			if got := see(c, request(t, "GET", url, nil)); got.status < 400 {
				t.Errorf("after: seen %+v, want a refusal for lack of a secret", got)
			}
			if got := a.Counts()[KindToken]; got != 1 {
				t.Errorf("requests logged = %d, want 1", got)
			}
			a.Close()
			if got := see(c, request(t, "GET", url, nil)); !errors.Is(got.err, syscall.ECONNREFUSED) {
				t.Errorf("closed: seen %+v, want a refused connection", got)
			}
		})
	}
}

func TestCloseBeforeTheIdentityStarts(t *testing.T) {
	a, open := launchLate(t, "identities: {me: {}}\nidentity_starts_after: 1s")
	url := environ(a, "IDENTITY_ENDPOINT")
	if err := a.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	open() // a timer that could not be stopped any more
	if got := see(direct(t), request(t, "GET", url, nil)); !errors.Is(got.err, syscall.ECONNREFUSED) {
		t.Errorf("seen %+v, want a refused connection", got)
	}
}

// TestIdentityStarts retries until the real timer opens the endpoint.
func TestIdentityStarts(t *testing.T) {
	a := launch(t, "identities: {me: {}}\nidentity_starts_after: 1ms")
	for {
		got := see(direct(t), request(t, "GET", environ(a, "IDENTITY_ENDPOINT"), nil))
		if got.err == nil {
			return
		}
		if !errors.Is(got.err, syscall.ECONNREFUSED) {
			t.Fatalf("seen %+v, want a refused connection or an answer", got)
		}
	}
}
