package transport

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzAnswer checks that any bytes on a connection give an answer or an *Error
// that does not quote them.
func FuzzAnswer(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "")
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: ", "\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "\r\n0\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: ", "\r\n\r\n")
	f.Add("HTTP/1.1 302 Found\r\nLocation: http://", "\r\n\r\n")
	f.Add("HTTP/1.1 302 Found\r\nLocation: http://%", "\r\n\r\n")
	f.Add("HTTP/", "\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\n", "\r\n\r\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		resp, err := answered(t, before+canary+after)
		if err == nil {
			if _, err := io.ReadAll(resp.Body); err != nil {
				t.Fatalf("reading the body: %v", err)
			}
			return
		}
		if failed := NewError(err); !isRequestError(err) || strings.Contains(failed.Error(), canary) {
			t.Fatalf("%q %q: %#v %v", before, after, err, failed)
		}
	})
}

// answered sends a request to a server that replies with these bytes.
func answered(t *testing.T, bytes string) (*http.Response, error) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			if _, err := http.ReadRequest(bufio.NewReader(there)); err == nil {
				io.WriteString(there, bytes)
			}
		}()
		return here, nil
	}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://store.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(MaxSecret, transport).Do(req)
}

// FuzzRetryAfter checks that no answer makes azinject wait too long, or not at
// all where it must.
func FuzzRetryAfter(f *testing.F) {
	f.Add(429, "3", "", "")
	f.Add(503, "", "20", "-1")
	f.Add(500, "Fri, 01 Jan 2100 00:00:00 GMT", "", "9223372036854775807")
	f.Add(503, "", "A", "-10000000000000")
	f.Fuzz(func(t *testing.T, status int, seconds, milliseconds, others string) {
		header := http.Header{"Retry-After": {seconds}, "Retry-After-Ms": {milliseconds}, "X-Ms-Retry-After-Ms": {others}}
		o := outcome{response: &http.Response{StatusCode: status, Header: header}}
		pause := o.pause(t.Context(), time.Now())
		if pause < 0 || pause > maxRetryAfter || pause > 0 && !Transient(status) || pause == 0 && status == http.StatusTooManyRequests {
			t.Fatalf("%d %v: a pause of %v", status, header, pause)
		}
	})
}
