package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestObserve checks that all observers learn about each attempt, and until when
// a request is retried.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		another := 0
		ctx = Observe(ctx, func(Attempt) { another++ })
		ctx = Observe(ctx, func(a Attempt) {
			until := "the last"
			if !a.Until.IsZero() {
				until = a.Until.Sub(start).String()
			}
			told = append(told, fmt.Sprint(a.Method, " ", a.Host, a.Path, " ", a.Number, ": ", a.Status, " ", a.Err, " ", a.Took, ", ", until))
		})
		h := &handlers{list: []http.HandlerFunc{status(503), hang, status(200)}}
		if _, err := send(ctx, h, NewRetry(20*time.Second), "https://store.example/a%2Fb?secret=s3cr3t"); err != nil {
			t.Fatal(err)
		}
		send(ctx, &failing{err: &net.DNSError{Err: "no such host", IsNotFound: true}}, &Retry{Attempt: time.Second, Patience: func(Cause) time.Duration { return time.Until(start.Add(30 * time.Second)) }}, "https://vault.example")
		if another != len(told) {
			t.Errorf("another observer is told %d times, not %d", another, len(told))
		}
		want := []string{
			"GET store.example/a%2Fb 1: 503 <nil> 0s, 1m0s",
			"GET store.example/a%2Fb 2: 0 no answer in time 10s, 1m0s",
			"GET store.example/a%2Fb 3: 200 <nil> 0s, the last",
			"GET vault.example 1: 0 the name does not resolve: no such host 0s, 30s",
		}
		if !slices.Equal(told[:min(len(told), len(want))], want) {
			t.Errorf("told %q, want %q", told, want)
		}
		if last := told[len(told)-1]; last[len(last)-len("the last"):] != "the last" {
			t.Errorf("told at the end: %s", last)
		}
	})
}
