package manager

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"azinject/resolve"
)

// Identity is a managed identity.
type Identity struct {
	ObjectID   string `json:"objectId"`
	ClientID   string `json:"clientId,omitempty"`
	ResourceID string `json:"resourceId,omitempty"` // if it is user-assigned
}

// Owner is something that has identities.
type Owner struct {
	System   *Identity // nil if it has none
	Assigned []Identity
	// Enforces reports that the platform was told to check the access to
	// connections too, and to give it.
	Enforces bool
	// AuthMode is an endpoint's, as Resource Manager spells it.
	AuthMode string
}

// ownerWire is the part of a resource that names its identities.
// https://learn.microsoft.com/rest/api/azureml/online-endpoints/get
type ownerWire struct {
	Identity struct {
		PrincipalID            string
		UserAssignedIdentities map[string]struct{ ClientID, PrincipalID string }
	}
	Properties struct {
		AuthMode   string
		Properties map[string]any
	}
}

func (w *ownerWire) owner() *Owner {
	o := &Owner{AuthMode: w.Properties.AuthMode}
	if id := w.Identity.PrincipalID; isGUID(id) {
		o.System = &Identity{ObjectID: id}
	}
	for resource, id := range w.Identity.UserAssignedIdentities {
		if isGUID(id.PrincipalID) && isPlain(resource) {
			o.Assigned = append(o.Assigned, Identity{id.PrincipalID, id.ClientID, resource})
		}
	}
	// Whether the service returns the property is not documented.
	enforced, _ := w.Properties.Properties["enforce_access_to_default_secret_stores"].(string)
	o.Enforces = strings.EqualFold(enforced, "enabled")
	return o
}

// Endpoint returns an online endpoint's identities.
func (c *Client) Endpoint(ctx context.Context, w resolve.Workspace, name string) (*Owner, error) {
	return c.owner(ctx, fmt.Sprintf("online endpoint %q in workspace %q", name, w.Name), w.ID()+"/onlineEndpoints/"+name)
}

// Compute returns a compute's identities.
func (c *Client) Compute(ctx context.Context, w resolve.Workspace, name string) (*Owner, error) {
	return c.owner(ctx, fmt.Sprintf("compute %q in workspace %q", name, w.Name), w.ID()+"/computes/"+name)
}

func (c *Client) owner(ctx context.Context, what, id string) (*Owner, error) {
	var wire ownerWire
	if err := c.get(ctx, what, id, workspaceVersion, &wire); err != nil {
		return nil, err
	}
	return wire.owner(), nil
}

// UserAssigned returns the identity with this resource ID.
// https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/get
func (c *Client) UserAssigned(ctx context.Context, id string) (*Identity, error) {
	var wire struct {
		Properties struct{ ClientID, PrincipalID string }
	}
	what := fmt.Sprintf("user-assigned identity %q", id[strings.LastIndex(id, "/")+1:])
	if err := c.get(ctx, what, id, identityVersion, &wire); err != nil {
		return nil, err
	}
	if !isGUID(wire.Properties.PrincipalID) {
		return nil, &Error{What: what, Err: errUnexpected}
	}
	return &Identity{wire.Properties.PrincipalID, wire.Properties.ClientID, id}, nil
}

// ByID returns the user-assigned identity with this client ID or object ID, nil if
// the signed-in principal can read none.
func (c *Client) ByID(ctx context.Context, guid string) (*Identity, error) {
	for _, property := range []string{"clientId", "principalId"} {
		found, err := c.query(ctx, "user-assigned identity "+guid, fmt.Sprintf(
			"resources | where type =~ 'microsoft.managedidentity/userassignedidentities' and properties.%s =~ '%s'", property, guid))
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if id := one.Properties; isGUID(id.PrincipalID) && isPlain(one.ID) {
				return &Identity{id.PrincipalID, id.ClientID, one.ID}, nil
			}
		}
	}
	return nil, nil
}

// graphResource is what queries of Resource Graph return.
type graphResource struct {
	ID, Name   string
	Properties struct{ ClientID, PrincipalID string }
}

// query asks Resource Graph, which knows everything that the principal may read.
// https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
func (c *Client) query(ctx context.Context, what, query string) ([]graphResource, error) {
	body := map[string]any{"query": query, "options": map[string]any{"resultFormat": "objectArray"}}
	var answer struct{ Data []graphResource }
	err := c.send(ctx, http.MethodPost, what, "/providers/Microsoft.ResourceGraph/resources", graphVersion, nil, body, &answer)
	return answer.Data, err
}

func isGUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// plainID matches Resource Manager IDs without characters that are special in a
// shell, because IDs are printed in commands.
var plainID = regexp.MustCompile(`^(/[\p{L}\p{N}_.()-]+)+$`)

func isPlain(id string) bool { return plainID.MatchString(id) }
