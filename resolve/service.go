package resolve

import (
	"context"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// service is an API of Azure with JSON answers. Its requests have no body.
type service struct {
	address  string
	version  string // api-version
	pipeline runtime.Pipeline
}

func newService(address, version string, options policy.ClientOptions) service {
	return service{address, version, runtime.NewPipeline("azinject", "v0.0.0", runtime.PipelineOptions{}, &options)}
}

// send sends a request and returns the successful answer with its body. path is
// escaped and begins with a slash.
func (s service) send(ctx context.Context, method, path string) (*http.Response, []byte, error) {
	req, err := runtime.NewRequest(ctx, method, s.address+path)
	if err != nil {
		return nil, nil, err
	}
	req.Raw().URL.RawQuery = url.Values{"api-version": {s.version}}.Encode()
	req.Raw().Header.Set("Accept", "application/json")
	response, err := s.pipeline.Do(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := runtime.Payload(response)
	return response, body, err
}
