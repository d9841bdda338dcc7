package manager

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// AssignmentName returns the name of a role assignment, the same each time, so that
// repeating it changes nothing.
func AssignmentName(scope, principal, role string) string {
	key := strings.ToLower(scope + "|" + principal + "|" + role)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(key)).String()
}

// replication is how long a new identity may take to be known everywhere.
const replication = 2 * time.Minute

// Assign gives a managed identity or another principal a role. existed reports that
// it had just this role already.
// https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest
func (c *Client) Assign(ctx context.Context, scope, role, principal, principalType string) (existed bool, err error) {
	subscription := ""
	if p := strings.Split(scope, "/"); len(p) > 2 {
		subscription = "/subscriptions/" + p[2]
	}
	body := map[string]any{"properties": map[string]string{
		"roleDefinitionId": subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + role,
		"principalId":      principal,
		"principalType":    principalType, // without it a new identity is not found
	}}
	path := scope + "/providers/Microsoft.Authorization/roleAssignments/" + AssignmentName(scope, principal, role)
	until := time.Now().Add(replication)
	for n := 0; ; n++ {
		err = c.send(ctx, http.MethodPut, "assigning the role", path, authorizationVersion, nil, body, &struct{}{})
		failed, refused := errors.AsType[*Error](err)
		switch {
		case err == nil:
			return false, nil
		case refused && failed.Code == "RoleAssignmentExists":
			return true, nil
		case !refused || failed.Code != "PrincipalNotFound" || time.Now().After(until):
			return false, err
		}
		if !Pause(ctx, n) {
			return false, err
		}
	}
}

// Pause waits before the attempt after the one with index n, longer each time. It
// returns false if ctx ends first.
func Pause(ctx context.Context, n int) bool {
	const first, most = 500 * time.Millisecond, 15 * time.Second
	timer := time.NewTimer(min(most, first<<min(n, 10)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// AddPolicy lets a principal get the secrets of a vault with access policies. It
// leaves other policies and permissions as they are.
// https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/update-access-policy
func (c *Client) AddPolicy(ctx context.Context, vault, tenant, principal string) error {
	policy := map[string]any{"tenantId": tenant, "objectId": principal, "permissions": map[string]any{"secrets": []string{"get"}}}
	body := map[string]any{"properties": map[string]any{"accessPolicies": []any{policy}}}
	return c.send(ctx, http.MethodPut, "adding the access policy", vault+"/accessPolicies/add", vaultVersion, nil, body, &struct{}{})
}
