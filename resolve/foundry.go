package resolve

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"azinject/transport"
)

// projectAPIVersion is the only stable version of the API of projects.
// https://learn.microsoft.com/azure/foundry/reference/rest/connections-get
const projectAPIVersion = "v1"

// foundry is one account of Microsoft Foundry.
type foundry struct{ service }

func (f foundry) fetch(ctx context.Context, o Object) (content, error) {
	response, body, err := f.send(ctx, http.MethodPost, o.Project.path()+"/connections/"+url.PathEscape(o.Name)+"/getConnectionWithCredentials")
	if err != nil {
		return content{}, err
	}
	sent := transport.Sent(response.Request)
	return content{parse: func() (content, error) { return parseProjectConnection(o, body, sent...) }}, nil
}

// parseProjectConnection reads the answer for a ProjectConnection. The auth type
// stands beside the credentials, so none of them can have the name type. What is
// there in an auth type that is not documented, users see by its name.
func parseProjectConnection(o Object, body []byte, sent ...string) (content, error) {
	var answer struct {
		Name *string
		connection
	}
	if err := decode(body, &answer); err != nil {
		return content{}, err
	}
	switch {
	case answer.Name == nil:
		return content{}, errUnexpected
	case !strings.EqualFold(*answer.Name, o.Name):
		return content{}, errAnother
	}
	answer.AuthType, _ = scalar(answer.Credentials["type"])
	delete(answer.Credentials, "type")
	return answer.content(o, body, sent), nil
}
