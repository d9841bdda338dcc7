package identity

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/transport"
)

var (
	errRefused = errors.New("the request was refused")
	errNoToken = errors.New("the answer has no token")
)

// assumedLifetime is the lifetime of a token that comes without one: longer than
// a start takes, shorter than any token lives.
const assumedLifetime = 10 * time.Minute

// parseToken parses the answers of Microsoft Entra, with access_token and
// expires_in, and those of Azure Machine Learning's on-behalf-of endpoint, which
// have been seen with two names for the token and three for its expiry. It ignores
// the one that is a date, in no certain format. What no header can hold is no
// token. The error is errNoToken.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
// https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/ml/azure-ai-ml/azure/ai/ml/identity
func parseToken(body []byte, now time.Time) (azcore.AccessToken, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		Token       string
		ExpiresIn   json.RawMessage `json:"expires_in"`
		ExpiresOn   json.RawMessage `json:"expires_on"`
	}
	err := json.Unmarshal(body, &answer)
	token := azcore.AccessToken{Token: cmp.Or(answer.AccessToken, answer.Token)}
	if err != nil || token.Token == "" || strings.ContainsFunc(token.Token, unicode.IsControl) {
		return azcore.AccessToken{}, errNoToken
	}
	token.ExpiresOn = now.Add(assumedLifetime)
	if in, ok := seconds(answer.ExpiresIn); ok {
		token.ExpiresOn = now.Add(in)
	} else if on, ok := seconds(answer.ExpiresOn); ok {
		token.ExpiresOn = time.Unix(0, 0).Add(on)
	}
	return token, nil
}

// seconds parses a number or a string. ok is false for what is not positive, or
// absurdly large.
func seconds(raw json.RawMessage) (d time.Duration, ok bool) {
	const most = 200 * 365 * 24 * time.Hour
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	return time.Duration(n) * time.Second, err == nil && n > 0 && n < int64(most/time.Second)
}

// parseRefusal parses why there is no token, as [transport.ParseRefusal] does. Of
// Microsoft Entra's message it returns the first sentence, and its number.
func parseRefusal(body []byte, sent ...string) (code string, aadsts int, message string) {
	code, message = transport.ParseRefusal(body, sent...)
	if number, sentence := parseAADSTS(message); number != 0 {
		return code, number, sentence
	}
	return code, 0, message
}

// parseText returns a refusal in text/plain, which is how Azure Machine Learning's
// endpoints refuse, as one line. It returns "" for HTML and for JSON, whole or not.
func parseText(header http.Header, body []byte, sent ...string) string {
	text := strings.TrimSpace(string(body))
	if !strings.HasPrefix(header.Get("Content-Type"), "text/plain") || strings.Contains(text, "<") || strings.IndexAny(text, `{["`) == 0 {
		return ""
	}
	return transport.Clean(text, sent...)
}

// parseBody returns the body of a token proxy's refusal as one line. Its format is
// not documented. It returns "" for HTML, and for what may have a token in it.
func parseBody(body []byte, sent ...string) string {
	text := string(body)
	if strings.Contains(text, "<") || strings.Contains(strings.ToLower(text), "token\"") {
		return ""
	}
	return transport.Clean(text, sent...)
}

// parseAADSTS finds Microsoft Entra's message in a text and returns its number
// and first sentence, 0 if there is none. Advice follows the sentence, and IDs
// that only Microsoft can use.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
func parseAADSTS(text string) (number int, sentence string) {
	const mark = "AADSTS"
	at := strings.Index(text, mark)
	if at < 0 {
		return 0, ""
	}
	text = text[at:]
	digits, _, _ := strings.Cut(text[len(mark):], ":")
	number, err := strconv.Atoi(digits)
	if err != nil || number <= 0 {
		return 0, ""
	}
	for _, end := range []string{"\n", "\r", ". ", "Trace ID:"} {
		text, _, _ = strings.Cut(text, end)
	}
	return number, strings.TrimSuffix(transport.Clean(text), ".")
}
