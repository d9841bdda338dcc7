package transport

import (
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// MaxLine bounds what is printed of another side's message, in bytes.
const MaxLine = 1000

// maxChecked bounds what is looked at of another side's message, in bytes. It is
// more than is printed, so that the end of a secret is not cut off first, by which
// it is found.
const maxChecked = 8 << 10

// masked stands for what is not printed.
const masked = "…"

// jwt matches tokens and pieces of tokens. It is compiled only after a failure.
var jwt = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`eyJ[\w-]*(\.[\w-]*)*`) })

// Clean makes another side's message fit for a line of a report: one line of at
// most about [MaxLine] bytes, with nothing that looks like a token, and without
// the secrets that were sent, whether they come back as they were, trimmed,
// percent-encoded or in base64. It returns "" if it cannot take one out.
func Clean(message string, sent ...string) string {
	for _, secret := range sent {
		for _, form := range forms(secret) {
			message = strings.ReplaceAll(message, form, masked)
		}
	}
	message = jwt().ReplaceAllString(shortened(words(message), maxChecked), masked)
	for _, secret := range sent {
		if repeats(message, secret) {
			return ""
		}
	}
	return shortened(message, MaxLine)
}

// minSecret is the length of the shortest secret. Taking out anything shorter
// would only garble the message.
const minSecret = 4

// forms returns the usual ways to write a secret, the longest first.
func forms(secret string) []string {
	trimmed := strings.TrimSpace(secret)
	if len(trimmed) < minSecret {
		return nil
	}
	return []string{
		base64.StdEncoding.EncodeToString([]byte(trimmed)), base64.URLEncoding.EncodeToString([]byte(trimmed)),
		url.QueryEscape(trimmed), url.PathEscape(trimmed), secret, trimmed,
	}
}

// repeats reports whether a secret is in the message in some other way: in another
// letter case, escaped differently or more than once, or inside something in
// base64.
func repeats(message, secret string) bool {
	secret = strings.TrimSpace(secret)
	if len(secret) < minSecret {
		return false
	}
	alike := strings.NewReplacer("+", " ", `\`, "") // a query writes a blank as "+", and JSON can write a slash as "\/"
	like := alike.Replace(strings.ToLower(secret))
	for range 3 {
		if strings.Contains(alike.Replace(strings.ToLower(message)), like) || inBase64(message, secret) {
			return true
		}
		unescaped := unescape(html.UnescapeString(message))
		if unescaped == message {
			break
		}
		message = unescaped
	}
	return false
}

// unescape decodes the valid percent-encodings in s, and JSON's escaped characters.
// It leaves the rest.
func unescape(s string) string {
	return regexp.MustCompile(`%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}`).ReplaceAllStringFunc(s, func(code string) string {
		decoded, _ := url.PathUnescape(code)
		if decoded == code {
			decoded, _ = strconv.Unquote(`"` + code + `"`)
		}
		return decoded
	})
}

// inBase64 reports whether a word of the message is base64, and contains secret.
func inBase64(message, secret string) bool {
	isOther := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+/-_", r)
	}
	standard := strings.NewReplacer("-", "+", "_", "/").Replace(message)
	for word := range strings.FieldsFuncSeq(standard, isOther) {
		decoded, _ := base64.RawStdEncoding.DecodeString(word)
		if strings.Contains(string(decoded), secret) {
			return true
		}
	}
	return false
}

// OneLine makes a message one line of printable characters, of at most about
// [MaxLine] bytes.
func OneLine(message string) string { return shortened(words(message), MaxLine) }

// words returns the message with one space for all that is not printed.
func words(message string) string {
	return strings.Join(strings.FieldsFunc(message, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
	}), " ")
}

// shortened returns the first bytes of a long message.
func shortened(message string, most int) string {
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + masked
	}
	return message
}

// Sent returns the secrets in the headers of a request to a store or an identity
// endpoint.
func Sent(req *http.Request) []string {
	_, credentials, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	return []string{credentials, req.Header.Get("X-IDENTITY-HEADER"), req.Header.Get("Secret")}
}
