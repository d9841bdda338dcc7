package identity

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

// remote is a credential that gets each token with one request of our own.
type remote struct {
	selected Selection
	endpoint string // as messages name it
	pipeline runtime.Pipeline
	// newRequest returns the request for the one scope in options, and the
	// secret in it that no message may repeat, "" if there is none.
	newRequest func(ctx context.Context, options policy.TokenRequestOptions) (req *policy.Request, proof string, err error)
}

// maxAttempt bounds one request for a token.
const maxAttempt = 30 * time.Second

func newRetry() *transport.Retry {
	r := transport.NewRetry(maxAttempt)
	r.Hopeless = func(body []byte) bool { return reasonIn(string(body)) != "" }
	return r
}

func newPipeline(client policy.Transporter) runtime.Pipeline {
	options := transport.Options(client, newRetry())
	return runtime.NewPipeline("azinject", "v0.0.0", runtime.PipelineOptions{}, &options)
}

// GetToken implements [azcore.TokenCredential].
func (r *remote) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	req, proof, err := r.newRequest(ctx, options)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	e := &TokenError{Audience: audience(options), Selected: r.selected, Platform: r.selected.Platform(), Endpoint: r.endpoint, ForBinding: isForBinding(proof)}
	response, err := r.pipeline.Do(req)
	if err != nil {
		e.Err = err
		return azcore.AccessToken{}, e
	}
	return e.parse(response, proof)
}

// parse returns the token in an answer, or else e with the answer's facts, except
// those that repeat what was sent.
func (e *TokenError) parse(response *http.Response, sent ...string) (azcore.AccessToken, error) {
	body, err := runtime.Payload(response)
	if err != nil {
		e.Err = err
		return azcore.AccessToken{}, e
	}
	e.Status, e.Err = response.StatusCode, errRefused
	if e.Status == http.StatusOK {
		token, err := parseToken(body, time.Now())
		if err == nil {
			return token, nil
		}
		e.Err, e.NoToken = err, true
	}
	sent = append(sent, transport.Sent(response.Request)...)
	e.Code, e.AADSTS, e.Message = parseRefusal(body, sent...)
	switch {
	case e.Message != "":
	case e.Platform == IdentityBinding && e.Status >= http.StatusBadRequest:
		e.Message = parseBody(body, sent...)
	case e.Selected.application == nil: // Microsoft Entra always sends JSON
		e.Message = parseText(response.Header, body, sent...)
		e.Reason = reasonIn(e.Message)
	}
	return azcore.AccessToken{}, e
}

var _ azcore.TokenCredential = (*remote)(nil)
