package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"
	"testing"
)

// handshakeTimeout is net/http's error for a TLS handshake that takes too long.
type handshakeTimeout struct{}

func (handshakeTimeout) Error() string   { return "net/http: TLS handshake timeout" }
func (handshakeTimeout) Timeout() bool   { return true }
func (handshakeTimeout) Temporary() bool { return true }

func TestCauses(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, test := range []struct {
		err   error
		cause Cause
		text  string
	}{
		{dial(&net.DNSError{Err: "no such host", Name: "kv1.vault.azure.net", IsNotFound: true}), NoSuchHost, "the name does not resolve: no such host"},
		{dial(syscall.ECONNREFUSED), NoConnection, "no connection: dial tcp: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(syscall.ECONNREFUSED)}, NoConnection, "the proxy that HTTPS_PROXY names: no connection: dial tcp: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(&net.DNSError{Err: "no such host", Name: "proxy.example", IsNotFound: true})}, NoSuchHost, "the proxy that HTTPS_PROXY names: the name does not resolve: no such host"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, NotTrusted, "the proxy that HTTPS_PROXY names: certificate not trusted: x509: certificate signed by unknown authority"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, NotTrusted, "certificate not trusted: x509: certificate signed by unknown authority"},
		{proxyError(407), ProxyRefused, "the proxy returned 407 Proxy Authentication Required"},
		{proxyError(502), ProxyFailed, "the proxy returned 502 Bad Gateway"},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, Unusable, "TLS: remote error: tls: handshake failure"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "kv1.vault.azure.net"}), NoResolver, "the name does not resolve: server misbehaving"},
		{dial(context.DeadlineExceeded), NoConnection, "no connection: dial tcp: context deadline exceeded"},
		{tls.RecordHeaderError{Msg: canary}, Unusable, "the answer is not HTTP, or not over TLS"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, NoAnswer, "the connection ended before the answer did"},
		{&net.OpError{Op: "read", Err: syscall.EHOSTUNREACH}, NoAnswer, "the connection ended before the answer did"},
		{errors.New("http2: server sent GOAWAY and closed the connection"), NoAnswer, "the connection ended before the answer did"},
		{context.DeadlineExceeded, NoAnswer, "no answer in time"},
		{handshakeTimeout{}, NoAnswer, "no answer in time"},
		{&net.OpError{Op: "socks connect", Net: "tcp", Err: errors.New("unknown error connection refused")}, NoConnection, "the proxy that HTTPS_PROXY names: no connection: unknown error connection refused"},
		{errors.New("redirects are not permitted for managed identity on Service Fabric"), Unusable, "redirects are not permitted for managed identity on Service Fabric"},
		{fmt.Errorf("something new %q", canary), Unknown, "something new"},
	} {
		err := error(&url.Error{Op: "Get", URL: "https://malformed." + canary, Err: test.err})
		if failed := NewError(err); !isRequestError(err) || failed.Cause != test.cause || failed.Error() != test.text {
			t.Errorf("%v: %#v %q, want cause %d, %q", test.err, failed, failed, test.cause, test.text)
		}
	}
	if isRequestError(errors.New("not a request's")) {
		t.Error("an unrelated error is taken for that of a request")
	}
	first := &Error{Cause: NoAnswer}
	if again := NewError(fmt.Errorf("body download policy: %w", first)); again != first {
		t.Errorf("NewError of a wrapped Error = %v", again)
	}
	for cause := Unknown; cause <= ProxyFailed; cause++ {
		_ = (&Error{Cause: cause, Err: errors.New("x")}).Error() // must not panic
	}
}
