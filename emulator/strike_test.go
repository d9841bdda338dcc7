package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestEffects looks at each effect of a fault, at each target, with a plain client.
func TestEffects(t *testing.T) {
	for fault, check := range map[string]func(got, right seen) bool{
		"status: 404": func(got, _ seen) bool {
			return got.status == 404 && got.length == 0 && got.err == nil
		},
		"redirect: 'https://login.example/x?y'": func(got, _ seen) bool {
			return got.status == 302 && got.header.Get("Location") == "https://login.example/x?y" && got.err == nil
		},
		"html: true": func(got, _ seen) bool {
			return got.status == 200 && got.header.Get("Content-Type") == "text/html; charset=utf-8" && strings.HasPrefix(got.body, "<!DOCTYPE html>") && got.err == nil
		},
		"slow: 1ms": func(got, right seen) bool {
			return alike(got, right)
		},
		"truncated: true": func(got, right seen) bool {
			return got.status == 200 && len(got.body) == len(right.body)/2 && got.length == int64(len(got.body)) && right.body[:15] == got.body[:15] && got.err == nil
		},
		"huge: true": func(got, right seen) bool {
			return got.status == 200 && got.length == -1 && len(got.body) == padding+len(`"padding":"",`)+len(right.body) && json.Valid([]byte(got.body)) && got.err == nil
		},
		"cut: true": func(got, right seen) bool {
			return got.status == 200 && got.length == right.length && len(got.body) == len(right.body)/2 && errors.Is(got.err, io.ErrUnexpectedEOF)
		},
		"reset: true": func(got, _ seen) bool {
			return errors.Is(got.err, syscall.ECONNRESET)
		},
		"garbage: true": func(got, _ seen) bool {
			return got.err != nil && strings.Contains(got.err.Error(), "malformed HTTP response")
		},
		"no_value: true": func(got, right seen) bool {
			return got.status == 200 && got.err == nil && len(missing(got, right)) == 1 && strings.Contains(" value properties access_token", " "+missing(got, right)[0])
		},
	} {
		for name, target := range targets {
			t.Run(fault+"/"+name, func(t *testing.T) {
				a := launch(t, world+"faults: [{match: '"+target.match+"', times: 1, "+fault+"}]")
				got := target.ask(t, a)
				right := target.ask(t, a)
				if right.status != 200 || right.err != nil {
					t.Fatalf("second time: %+v", right)
				}
				if !check(got, right) {
					t.Errorf("seen %.300q %v %v", got.body, got.status, got.err)
				}
			})
		}
	}
}

// missing returns the members that got lacks.
func missing(got, right seen) []string {
	var has, wants map[string]any
	if json.Unmarshal([]byte(got.body), &has) != nil || json.Unmarshal([]byte(right.body), &wants) != nil {
		return nil
	}
	var names []string
	for name := range sorted(wants) {
		if _, ok := has[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

func TestHangEndsWithTheEmulator(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET open.vault.azure.net/, hang: true}]")
	sent, got := make(chan struct{}), make(chan seen)
	r := request(t, "GET", "https://open.vault.azure.net/secrets/db", tokenFor(a, "endpoint", vaultAudience))
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) }}))
	c := client(t, a)
	go func() { got <- see(c, r) }()
	<-sent
	a.Close()
	if s := <-got; s.err == nil {
		t.Errorf("seen %+v, want an error", s)
	}
}

// TestHangEndsWithTheClient sends a body. A server that does not read it does not
// notice that the client has left.
func TestHangEndsWithTheClient(t *testing.T) {
	a := build(t, world+"faults: [{match: POST management.azure.com/, hang: true}]")
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		leave() // and not before the request has arrived
		a.Stores().ServeHTTP(w, r)
	}))
	defer server.Close()
	r, err := http.NewRequestWithContext(ctx, "POST", server.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Host, r.Header = "management.azure.com", tokenFor(a, "endpoint", armAudience)
	if got := see(direct(t), r); !errors.Is(got.err, context.Canceled) {
		t.Errorf("seen %+v, want context.Canceled", got)
	}
	<-ended
}

// TestTimes runs with a fake clock.
func TestTimes(t *testing.T) {
	for name, want := range map[string]struct {
		fault              string
		leave, close, took time.Duration // since the request
		status             int           // 0: none
	}{
		"slow":               {fault: "slow: 3s", took: 3 * time.Second, status: 200},
		"slow, client gone":  {fault: "slow: 3s", leave: time.Second, took: time.Second},
		"slow, Azure closed": {fault: "slow: 3s", close: time.Second, took: time.Second},
		"hang, client gone":  {fault: "hang: true", leave: time.Hour, took: time.Hour},
		"hang, Azure closed": {fault: "hang: true", close: time.Hour, took: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := build(t, world+"faults: [{match: GET open.vault.azure.net/, "+want.fault+"}]")
				ctx, cancel := context.WithCancel(t.Context())
				if want.leave > 0 {
					time.AfterFunc(want.leave, cancel)
				}
				if want.close > 0 {
					time.AfterFunc(want.close, func() { a.Close() })
				}
				r := httptest.NewRequestWithContext(ctx, "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", nil)
				r.Header = tokenFor(a, "endpoint", vaultAudience)
				start := time.Now()
				func() {
					defer func() {
						if p := recover(); p != nil && p != http.ErrAbortHandler {
							panic(p)
						}
					}()
					serve(a.Stores(), r)
				}()
				if took := time.Since(start); took != want.took || a.Requests()[0].Status != want.status {
					t.Errorf("took %v, logged %v, want %v and status %d", took, a.Requests(), want.took, want.status)
				}
				cancel()
			})
		})
	}
}
