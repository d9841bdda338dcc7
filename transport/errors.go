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
	"strings"
	"syscall"
	"unicode"
)

// Cause says why a request got no answer that can be used.
type Cause int

// The causes. All but Unknown tell what there is to do about them.
const (
	Unknown      Cause = iota
	NoSuchHost         // there is no such name
	NoResolver         // the name could not be looked up
	NoConnection       // refused, unreachable, or nobody answered
	NotTrusted         // the certificate is not trusted
	NoAnswer           // connected, and no answer in time
	Broken             // the connection ended before the answer did
	NoTLS              // the two sides cannot agree on TLS
	Malformed          // the answer is not HTTP, or not TLS
	TooLarge           // more than MaxBody
	ProxyRefused       // the proxy does not let the request through
	ProxyFailed        // the proxy found no way to the host
)

// Error is a request without a usable answer. Its text quotes nothing that came
// over the network, but for what certificates say of themselves.
type Error struct {
	Cause Cause
	// Proxy says that it is the proxy that cannot be reached, and not the host.
	Proxy bool
	// Err is the cause in detail. Its own text may quote an answer.
	Err error
}

// Unwrap returns the cause in detail.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	if e.Proxy {
		return "the proxy that HTTPS_PROXY names: " + e.text()
	}
	return e.text()
}

func (e *Error) text() string {
	switch e.Cause {
	case NoSuchHost, NoResolver:
		dns, _ := errors.AsType[*net.DNSError](e.Err)
		return "the name does not resolve: " + dns.Err
	case NoConnection:
		return "no connection: " + unquoted(e.Err)
	case NotTrusted:
		return "certificate not trusted: " + certificateReason(e.Err)
	case NoAnswer:
		return "no answer in time"
	case Broken:
		return "the connection ended before the answer did"
	case NoTLS:
		return "TLS: " + unquoted(e.Err)
	case Malformed:
		return "what answers does not speak HTTP, or not over TLS"
	case TooLarge:
		return fmt.Sprintf("the answer has more than %d MiB", MaxBody>>20)
	case ProxyRefused, ProxyFailed:
		p, _ := errors.AsType[*proxyError](e.Err)
		return p.Error()
	default:
		return unquoted(e.Err)
	}
}

// proxyError reports that the proxy made no connection.
type proxyError struct {
	// Status that the proxy answered.
	Status int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy answers %d %s", e.Status, http.StatusText(e.Status))
}

// wrap makes an *Error of an error of an HTTP client. Other errors, such as
// those of authentication, it returns as they are.
func wrap(err error) error {
	if done, ok := errors.AsType[*Error](err); ok {
		return done // without what has been said around it since
	}
	request, ok := errors.AsType[*url.Error](err)
	if ok {
		err = request.Err // the address has been said, and the query need not be
	}
	cause := causeOf(err)
	if cause == Unknown && !ok {
		return err
	}
	if operation, ok := errors.AsType[*net.OpError](err); ok && ofProxy(operation) {
		return &Error{Cause: cause, Proxy: true, Err: operation.Err}
	}
	return &Error{Cause: cause, Err: err}
}

// ofProxy knows how net/http names the steps to a proxy.
func ofProxy(operation *net.OpError) bool {
	return operation.Op == "proxyconnect" || strings.HasPrefix(operation.Op, "socks ")
}

func causeOf(err error) Cause {
	proxy, refused := errors.AsType[*proxyError](err)
	dns, lookup := errors.AsType[*net.DNSError](err)
	operation, network := errors.AsType[*net.OpError](err)
	timeout, timed := errors.AsType[net.Error](err)
	switch {
	case refused && proxy.Status >= http.StatusInternalServerError:
		return ProxyFailed
	case refused:
		return ProxyRefused
	case lookup && dns.IsNotFound:
		return NoSuchHost
	case lookup:
		return NoResolver
	case Has[*tls.CertificateVerificationError](err), Has[x509.UnknownAuthorityError](err), Has[x509.HostnameError](err),
		Has[x509.CertificateInvalidError](err), Has[x509.SystemRootsError](err):
		return NotTrusted
	case Has[*http.MaxBytesError](err):
		return TooLarge
	case network && (operation.Op == "dial" || ofProxy(operation)):
		return NoConnection // though the reason be that time ran out
	case network && (operation.Op == "remote error" || operation.Op == "local error"):
		return NoTLS // how crypto/tls names its alerts
	case errors.Is(err, context.Canceled), timed && timeout.Timeout():
		return NoAnswer
	case Has[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch):
		return Malformed
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Broken
	case strings.Contains(err.Error(), "malformed"):
		return Malformed // net/http has no type for it, nor for these
	case strings.Contains(err.Error(), "http2: "), strings.Contains(err.Error(), "stream error: "):
		return Broken
	default:
		return Unknown
	}
}

// Has says whether there is a T in the chain of err.
func Has[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// certificateReason is x509's own words: names and dates of certificates.
func certificateReason(err error) string {
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		err = verification.Err
	}
	return err.Error()
}

// unquoted is the text of err up to where it begins to quote something.
func unquoted(err error) string {
	text, _, _ := strings.Cut(err.Error(), `"`)
	return strings.TrimRight(text, " :")
}

// MaxLine bounds what is printed of what another side says, in bytes.
const MaxLine = 1000

// OneLine makes a message of another side's fit for a line of a report.
func OneLine(message string) string {
	words := strings.FieldsFunc(message, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	message = strings.Join(words, " ")
	if len(message) > MaxLine {
		message = strings.ToValidUTF8(message[:MaxLine], "") + "…"
	}
	return message
}
