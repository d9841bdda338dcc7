// Package transport is how azinject speaks HTTP. Its clients bound what they read
// and follow no redirect, its policy retries what is worth retrying, and its
// errors say what went wrong without quoting what the other side sent.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// MaxConnections bounds the connections to one host, and so the requests in
// flight to it over HTTP/1.1.
const MaxConnections = 32

// MaxStreams bounds the requests in flight to one host over HTTP/2. Servers should
// not allow fewer on a connection.
// https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2
const MaxStreams = 100

// Bounds on what is read of an answer, in bytes. A secret has at most 25,000
// bytes of text, a token some thousands, a connection a few large keys.
const (
	MaxSecret     = 256 << 10
	MaxConnection = 1 << 20
	MaxToken      = 256 << 10
	maxRefusal    = 64 << 10 // what is longer is cut
	maxHeader     = 64 << 10
)

// ForStore returns the client for so many requests to a vault, Resource Manager or
// Microsoft Entra. It opens at most as many connections, and never more than
// MaxConnections. It reads at most maxBody bytes of an answer. It honours HTTPS_PROXY, NO_PROXY,
// SSL_CERT_FILE and SSL_CERT_DIR.
func ForStore(requests int, maxBody int64) Client {
	return ForServer("", nil, requests, maxBody)
}

// ForServer is like [ForStore], except that the server's certificate has this name,
// if it is not "", and that only these roots are trusted, if they are not nil.
func ForServer(name string, only *x509.CertPool, requests int, maxBody int64) Client {
	most := min(requests, MaxConnections)
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: name, RootCAs: only}
	bundled := only == nil && roots() != nil
	if bundled {
		config.RootCAs = roots().pool
	} else if only == nil {
		config.RootCAs = allRoots()
	}
	return newClient(maxBody, &connections{bundled: bundled, Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: proxyRefusal,
		DialContext:            dialStore,
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        most,
		MaxIdleConnsPerHost:    most,
		MaxResponseHeaderBytes: maxHeader,
		HTTP2: &http.HTTP2Config{
			// What comes before it is read waits in buffers, large answers for their
			// turn. Those of all streams fit into the connection's.
			MaxReceiveBufferPerStream:     largeAnswer,
			MaxReceiveBufferPerConnection: MaxStreams * largeAnswer,
			// All requests are lost on a connection that has died silently.
			SendPingTimeout: deadAfter / 2,
			PingTimeout:     deadAfter / 2,
		},
	}})
}

// deadAfter is how long a connection with unanswered requests may be silent.
const deadAfter = 5 * time.Second

// ForIdentity returns the client for identity endpoints. It never uses a proxy:
// the endpoints are on this machine, and a proxy must not see a token.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
//
// It bounds connections too, because on Service Fabric the SDK uses only the
// [http.Client], to pin the certificate.
func ForIdentity() Client {
	// On the same machine, a connection is made at once or not at all.
	dialer := &net.Dialer{Timeout: time.Second}
	return newClient(MaxToken, &http.Transport{
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // so that boundedConn bounds the body
		DisableKeepAlives:      true, // so that it bounds one answer
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &boundedConn{conn, maxHeader + MaxToken}, nil
		},
	})
}

// boundedConn is a connection from which at most left bytes are read.
type boundedConn struct {
	net.Conn
	left int
}

func (c *boundedConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, &http.MaxBytesError{Limit: MaxToken}
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// Client follows no redirect, which would carry a token to wherever the answer
// says. It reads every response to its end, so that one which breaks off is an
// error of the request.
type Client struct {
	*http.Client
	maxBody int64
	large   chan struct{} // slots of large answers
}

func newClient(maxBody int64, t http.RoundTripper) Client {
	return Client{&http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     t,
	}, maxBody, make(chan struct{}, mostLarge)}
}

// Options makes the SDK use client, run policies once per call, and not retry.
func Options(client policy.Transporter, policies ...policy.Policy) policy.ClientOptions {
	return policy.ClientOptions{
		Transport:       client,
		Retry:           policy.RetryOptions{MaxRetries: -1},
		PerCallPolicies: policies,
	}
}

// Send is the pipeline policy that sends a request with the client and leaves out
// the policies behind it. Those of the SDK copy the request, and rewrite its URL for
// a log that nobody reads.
type Send struct{ policy.Transporter }

// Do implements [policy.Policy].
func (s Send) Do(req *policy.Request) (*http.Response, error) { return s.Transporter.Do(req.Raw()) }

// setupTimeout bounds each step to a usable connection.
const setupTimeout = 10 * time.Second

// dialStore dials, and sets a deadline for the proxy's answer and the TLS
// handshake, which Client.Do clears. net/http would give a silent proxy a minute,
// during which the connection takes the place of one that works.
func dialStore(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: setupTimeout}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if dialed, ok := ctx.Value(dialedKey{}).(*net.Conn); ok {
		*dialed = conn
	}
	if b := roots(); b != nil {
		<-b.read // before the handshake
	}
	return conn, conn.SetDeadline(time.Now().Add(setupTimeout))
}

// Do implements [policy.Transporter].
func (c Client) Do(req *http.Request) (*http.Response, error) {
	ready := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { info.Conn.SetDeadline(time.Time{}) }}
	resp, err := c.Client.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), ready)))
	if err != nil {
		return nil, err
	}
	resp.Body = &queued{ReadCloser: c.bounded(resp), ctx: req.Context(), slots: c.large}
	if _, err := runtime.Payload(resp); err != nil { // which the SDK then finds read
		failed := NewError(err)
		if failed.Cause == Unknown { // chunks or compression
			failed.Cause, failed.text = Unusable, "the answer is malformed"
		}
		return nil, failed
	}
	return resp, nil
}

// bounded returns the body of an answer, or the beginning of a refusal's.
func (c Client) bounded(resp *http.Response) io.ReadCloser {
	limit := int64(maxRefusal)
	switch resp.StatusCode {
	case http.StatusOK:
		return http.MaxBytesReader(nil, resp.Body, c.maxBody)
	case http.StatusSwitchingProtocols:
		limit = 0 // the body is the bare connection, which no context ends
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, limit), resp.Body}
}

// proxyRefusal returns a proxy's refusal as an error, which tells it from a
// store's.
func proxyRefusal(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return proxyError(resp.StatusCode)
	}
	return nil
}
