package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Cause says why a request got no usable answer.
type Cause int

// The causes. Each has its own patience, or its own cure.
const (
	Unknown      Cause = iota
	NoSuchHost         // the name does not exist
	NoResolver         // the name could not be looked up
	NoConnection       // refused, unreachable, or no reaction
	NotTrusted         // the certificate is not trusted
	NoAnswer           // connected, but no whole answer came
	Unusable           // the answer is too large, or not HTTP over TLS
	ProxyRefused       // the proxy does not let the request through
	ProxyFailed        // the proxy cannot reach the host
)

// Error is a request without a usable answer. Its text quotes nothing that came
// over the network, except what certificates say of themselves.
type Error struct {
	Cause Cause
	// Proxy reports that the proxy cannot be reached, and not the host.
	Proxy bool
	// Err is the cause in detail. Its own text may quote an answer.
	Err error

	text string
}

// Unwrap returns the cause in detail.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	if e.Proxy {
		return "the proxy that HTTPS_PROXY names: " + e.text
	}
	return e.text
}

// NewError returns the Error for what an HTTP client or a context has returned.
func NewError(err error) *Error {
	if done, ok := errors.AsType[*Error](err); ok {
		return done // without what has been said around it since
	}
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // the report names the host, and a query may be secret
	}
	e := &Error{Err: err}
	e.Cause, e.text = explain(err)
	if operation, ok := errors.AsType[*net.OpError](err); ok && ofProxy(operation) {
		e.Proxy, e.Err = true, operation.Err
	}
	return e
}

// isRequestError reports whether err came from an HTTP client, and not from a
// policy in front of it such as authentication.
func isRequestError(err error) bool {
	cause, _ := explain(err)
	return cause != Unknown || is[*url.Error](err) || is[*Error](err)
}

// proxyError is the status with which the proxy refused to make a connection.
type proxyError int

func (e proxyError) Error() string {
	return fmt.Sprintf("the proxy returned %d %s", e, http.StatusText(int(e)))
}

// ofProxy reports whether a step was one to a proxy, by net/http's names.
func ofProxy(operation *net.OpError) bool {
	return operation.Op == "proxyconnect" || strings.HasPrefix(operation.Op, "socks ")
}

// explain returns the cause of an error, and what to say of it.
func explain(err error) (Cause, string) {
	proxy, refused := errors.AsType[proxyError](err)
	dns, lookup := errors.AsType[*net.DNSError](err)
	operation, network := errors.AsType[*net.OpError](err)
	timeout, timed := errors.AsType[net.Error](err)
	tooLarge, bounded := errors.AsType[*http.MaxBytesError](err)
	verification, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case refused && proxy >= http.StatusInternalServerError:
		return ProxyFailed, proxy.Error()
	case refused:
		return ProxyRefused, proxy.Error()
	case lookup && dns.IsNotFound:
		return NoSuchHost, "the name does not resolve: " + dns.Err
	case lookup:
		return NoResolver, "the name does not resolve: " + dns.Err
	case untrusted:
		return NotTrusted, "certificate not trusted: " + certificateReason(verification.Err)
	case bounded:
		return Unusable, fmt.Sprintf("the answer is larger than %d KiB", tooLarge.Limit>>10)
	case strings.Contains(err.Error(), "response headers exceeded"), strings.Contains(err.Error(), "header list larger"):
		return Unusable, fmt.Sprintf("the answer's headers are larger than %d KiB", maxHeader>>10) // in HTTP/1.1 and in HTTP/2
	case strings.HasPrefix(err.Error(), "connection error: "):
		return Unusable, "the answer is not valid HTTP/2"
	case network && ofProxy(operation):
		return NoConnection, "no connection: " + unquoted(operation.Err)
	case network && operation.Op == "dial":
		return NoConnection, "no connection: " + unquoted(err) // even if time ran out
	case network && (operation.Op == "remote error" || operation.Op == "local error"):
		return Unusable, "TLS: " + unquoted(err) // crypto/tls names its alerts so
	case errors.Is(err, context.Canceled), timed && timeout.Timeout():
		return NoAnswer, "no answer in time"
	case is[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "malformed"):
		return Unusable, "the answer is not HTTP, or not over TLS" // net/http has no type for malformed answers
	case strings.Contains(err.Error(), " Service Fabric"):
		return Unusable, unquoted(err) // the SDK's errors for another certificate than the pinned one, and for redirects
	case isBroken(err):
		return NoAnswer, "the connection ended before the answer did"
	default:
		return Unknown, unquoted(err)
	}
}

// isBroken reports whether a connection ended too early. The errors of HTTP/2
// have no type.
func isBroken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || is[*net.OpError](err) ||
		strings.Contains(err.Error(), "http2: ") || isStreamError(err)
}

// isStreamError reports whether only one request of an HTTP/2 connection has failed.
func isStreamError(err error) bool { return strings.Contains(err.Error(), "stream error: ") }

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// certificateReason returns x509's own words: names and dates of certificates.
// Anybody can write anything into a certificate that is not trusted, so names are
// left out unless they are host names.
func certificateReason(err error) string {
	wrong, ok := errors.AsType[x509.HostnameError](err)
	if ok && slices.ContainsFunc(wrong.Certificate.DNSNames, func(name string) bool { return !hostName().MatchString(name) }) {
		return "x509: certificate is valid for other names, not " + wrong.Host
	}
	reason, _, _ := strings.Cut(err.Error(), " (possibly because of ") // a name follows
	return Clean(reason)
}

var hostName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\*\.)?([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}$`)
})

// unquoted returns the text of err up to where it begins to quote something.
func unquoted(err error) string {
	text, _, _ := strings.Cut(err.Error(), `"`)
	return strings.TrimRight(text, " :")
}
