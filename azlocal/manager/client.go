// Package manager asks Azure Resource Manager what "azlocal access" needs to know,
// and makes its grants. It sends plain requests: the SDK's modules for these few
// operations would make azlocal larger by a half, and do not encode filters.
package manager

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"azinject/azlocal/rbac"
	"azinject/resolve"
	"azinject/transport"
)

// The versions of the operations. Sovereign clouds get newer ones late.
const (
	authorizationVersion = "2022-04-01" // the first with conditions
	checkAccessVersion   = "2018-09-01-preview"
	vaultVersion         = "2024-11-01"
	workspaceVersion     = "2024-04-01"
	projectVersion       = "2025-06-01"
	identityVersion      = "2024-11-30"
	resourcesVersion     = "2021-04-01"
	graphVersion         = "2024-04-01"
)

// Client is Resource Manager, for one principal.
type Client struct {
	address  string
	pipeline runtime.Pipeline

	mu    sync.Mutex
	roles map[string]*rbac.Role // by GUID
}

// New returns the client, which may be used concurrently. It retries until the
// context of a call ends.
func New(cloud resolve.Cloud, tokens azcore.TokenCredential) *Client {
	const maxAttempt, connections = 20 * time.Second, 4
	service := cloud.ResourceManager()
	bearer := runtime.NewBearerTokenPolicy(tokens, []string{service.Audience + "/.default"}, nil)
	return newClient(service.Endpoint, transport.ForStore(connections, transport.MaxConnection), transport.Refusals{}, transport.NewRetry(maxAttempt), bearer)
}

func newClient(address string, client policy.Transporter, policies ...policy.Policy) *Client {
	options := transport.Options(client, policies...)
	return &Client{address: address, pipeline: runtime.NewPipeline("azlocal", "v0.0.0", runtime.PipelineOptions{}, &options), roles: map[string]*rbac.Role{}}
}

// Error is a question or a change that Resource Manager has not answered as hoped.
type Error struct {
	What string // that was asked for
	// Status is that of the answer, 0 if there was none. Code and Message are
	// Resource Manager's own.
	Status        int
	Code, Message string
	Err           error
}

func (e *Error) Error() string {
	switch {
	case e.Status == http.StatusNotFound:
		return e.What + ": not found (" + strings.TrimSpace("404 "+e.Code) + ")"
	case e.Status == http.StatusForbidden:
		return e.What + ": access denied (" + strings.TrimSpace("403 "+e.Code) + ")"
	case e.Status != 0:
		return strings.TrimRight(fmt.Sprintf("%s: %d %s: %s", e.What, e.Status, e.Code, e.Message), ": ")
	}
	return e.What + ": " + transport.OneLine(e.Err.Error())
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// IsForbidden reports whether the error is a lack of a role.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsNotFound reports whether the error is about something that does not exist.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

func hasStatus(err error, status int) bool {
	failed, ok := errors.AsType[*Error](err)
	return ok && failed.Status == status
}

var errUnexpected = errors.New("the answer is not the expected JSON")

// send sends a request and decodes the answer. what is for errors.
func (c *Client) send(ctx context.Context, method, what, path, version string, query url.Values, body, into any) error {
	if query == nil {
		query = url.Values{}
	}
	query.Set("api-version", version)
	return c.sendTo(ctx, method, what, c.address+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode(), body, into)
}

func (c *Client) sendTo(ctx context.Context, method, what, address string, body, into any) error {
	request, err := runtime.NewRequest(ctx, method, address)
	if err != nil {
		return &Error{What: what, Err: err}
	}
	request.Raw().Header.Set("Accept", "application/json")
	if body != nil {
		if err := withBody(request, body); err != nil {
			return &Error{What: what, Err: err}
		}
	}
	response, err := c.pipeline.Do(request)
	if refused, ok := errors.AsType[*transport.StatusError](err); ok {
		if refused.Status == http.StatusCreated {
			return nil
		}
		return &Error{what, refused.Status, refused.Code, refused.Message, refused}
	}
	if err != nil {
		return &Error{What: what, Err: err}
	}
	answer, err := runtime.Payload(response)
	if err != nil || json.Unmarshal(answer, into) != nil {
		return &Error{What: what, Err: errUnexpected}
	}
	return nil
}

func withBody(request *policy.Request, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return request.SetBody(streaming.NopCloser(bytes.NewReader(data)), "application/json")
}

func (c *Client) get(ctx context.Context, what, path, version string, into any) error {
	return c.send(ctx, http.MethodGet, what, path, version, nil, nil, into)
}

// maxPages bounds a list: nobody has 100,000 assignments at one scope.
const maxPages = 1000

// list returns all elements of a list.
func list[T any](ctx context.Context, c *Client, what, path, version, filter string) ([]T, error) {
	query := url.Values{"api-version": {version}}
	if filter != "" {
		query.Set("$filter", filter)
	}
	var all []T
	next := c.address + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	for range maxPages {
		var page struct {
			Value    []T
			NextLink string
		}
		if err := c.sendTo(ctx, http.MethodGet, what, next, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Value...)
		switch {
		case page.NextLink == "":
			return all, nil
		case !strings.HasPrefix(page.NextLink, c.address+"/"): // it would get the token
			return nil, &Error{What: what, Err: errors.New("the list continues on another host")}
		}
		next = page.NextLink
	}
	return nil, &Error{What: what, Err: errors.New("the list does not end")}
}
