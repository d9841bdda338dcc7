package resolve

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// service is an API of Azure with JSON answers. Its requests have no body.
type service struct {
	address  string
	version  string // api-version
	accept   string // what answers it wants, "" for just JSON
	pipeline runtime.Pipeline
}

func newService(address, version string, options policy.ClientOptions) service {
	return service{address: address, version: version, pipeline: runtime.NewPipeline("azinject", "v0.0.0", runtime.PipelineOptions{}, &options)}
}

// send sends a request and returns the successful answer with its body. path is
// escaped, begins with a slash, and may have a query.
func (s service) send(ctx context.Context, method, path string) (*http.Response, []byte, error) {
	req, err := runtime.NewRequest(ctx, method, s.address+path)
	if err != nil {
		return nil, nil, err
	}
	query := req.Raw().URL.Query()
	query.Set("api-version", s.version)
	req.Raw().URL.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // not every server takes it for a space
	req.Raw().Header.Set("Accept", cmp.Or(s.accept, "application/json"))
	response, err := s.pipeline.Do(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := runtime.Payload(response)
	return response, body, err
}
