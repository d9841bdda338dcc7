package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// TestLargeAnswers checks that many large answers on one connection, which wait for
// each other, are all read.
func TestLargeAnswers(t *testing.T) {
	whole := strings.Repeat("x", MaxSecret)
	for _, http2 := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, whole) }))
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		client := ForStore(MaxStreams, MaxSecret)
		trust(client.Transport.(*connections), server)
		var running sync.WaitGroup
		for range MaxStreams {
			running.Go(func() {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := client.Do(req)
				if err != nil {
					t.Errorf("HTTP/2 %v: %v", http2, err)
				} else if body, err := runtime.Payload(resp); err != nil || string(body) != whole {
					t.Errorf("HTTP/2 %v: %d bytes, %v", http2, len(body), err)
				}
			})
		}
		running.Wait()
		if len(client.large) != 0 {
			t.Errorf("HTTP/2 %v: %d slots are still taken", http2, len(client.large))
		}
	}
}

// TestQueued checks what needs a slot, and that waiting for one ends with the
// context.
func TestQueued(t *testing.T) {
	slots := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	body := func(size int) *queued {
		return &queued{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", size))), ctx: ctx, slots: slots}
	}
	first := body(largeAnswer + 1)
	if n, err := io.Copy(io.Discard, first); n != largeAnswer+1 || err != nil || len(slots) != 1 {
		t.Fatalf("%d bytes, %v, %d slots taken, want one", n, err, len(slots))
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(body(largeAnswer), largeAnswer)); n != largeAnswer || err != nil {
		t.Errorf("an answer that is not large: %d bytes, %v", n, err)
	}
	cancel()
	if n, err := io.Copy(io.Discard, body(2*largeAnswer)); n < largeAnswer || n == 2*largeAnswer || !errors.Is(err, context.Canceled) {
		t.Errorf("without a slot: %d bytes, %v", n, err)
	}
	if err := errors.Join(first.Close(), first.Close()); err != nil || len(slots) != 0 {
		t.Errorf("closed: %v, %d slots taken", err, len(slots))
	}
}
