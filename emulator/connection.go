package emulator

import (
	"cmp"
	"encoding/json"
	"time"
)

// credentialMembers lists the auth types and the members of their credentials.
// CustomKeys has any names. AccountKey has key since 2024-04-01 and had sas in
// the previews before.
var credentialMembers = map[string][]string{
	"AAD":              nil,
	"AccessKey":        {"accessKeyId", "secretAccessKey"},
	"AccountKey":       {"key", "sas"},
	"ApiKey":           {"key"},
	"CustomKeys":       nil,
	"ManagedIdentity":  {"clientId", "resourceId"},
	"None":             nil,
	"OAuth2":           {"authUrl", "clientId", "clientSecret", "developerToken", "password", "refreshToken", "tenantId", "username"},
	"PAT":              {"pat"},
	"SAS":              {"sas"},
	"ServicePrincipal": {"clientId", "clientSecret", "tenantId"},
	"UsernamePassword": {"username", "password", "securityToken"},
}

// connectionResource is the response to listsecrets, with its members in the
// service's order. The service sends tags, location and
// useWorkspaceManagedIdentity although no specification lists them.
type connectionResource struct {
	Tags       *struct{}            `json:"tags"`
	Location   *string              `json:"location"`
	ID         string               `json:"id"`
	Name       string               `json:"name"`
	Type       string               `json:"type"`
	Properties connectionProperties `json:"properties"`
	System     systemData           `json:"systemData"`
}

type connectionProperties struct {
	AuthType                    string            `json:"authType"`
	Credentials                 any               `json:"credentials,omitempty"`
	Group                       string            `json:"group"`
	Category                    string            `json:"category"`
	ExpiryTime                  *string           `json:"expiryTime"`
	Target                      string            `json:"target"`
	CreatedByWorkspace          string            `json:"createdByWorkspaceArmId"`
	UseWorkspaceManagedIdentity bool              `json:"useWorkspaceManagedIdentity"`
	IsSharedToAll               bool              `json:"isSharedToAll"`
	SharedUserList              []string          `json:"sharedUserList"`
	Metadata                    map[string]string `json:"metadata"`
}

type systemData struct {
	CreatedAt          string `json:"createdAt"`
	CreatedBy          string `json:"createdBy"`
	CreatedByType      string `json:"createdByType"`
	LastModifiedAt     string `json:"lastModifiedAt"`
	LastModifiedBy     string `json:"lastModifiedBy"`
	LastModifiedByType string `json:"lastModifiedByType"`
}

type customKeys struct {
	Keys map[string]string `json:"keys"`
}

// resource returns the body of the response to listsecrets.
func (c Connection) resource(workspaceID, name string) json.RawMessage {
	if c.Body != "" {
		return json.RawMessage(c.Body)
	}
	p := connectionProperties{
		AuthType: c.AuthType, Credentials: c.wireCredentials(), Group: "AzureAI", Category: cmp.Or(c.Category, "CustomKeys"),
		Target:             cmp.Or(c.Target, "_"), // as the service does
		CreatedByWorkspace: workspaceID, SharedUserList: []string{}, Metadata: filled(c.Metadata),
	}
	if c.Expires != "" {
		p.ExpiryTime = &c.Expires
	}
	const who, principalType = "someone@emulated.example", "User"
	when := creation.Format(time.RFC3339)
	return marshal(connectionResource{
		ID: workspaceID + "/connections/" + name, Name: name, Type: "Microsoft.MachineLearningServices/workspaces/connections",
		Properties: p, System: systemData{when, who, principalType, when, who, principalType},
	})
}

// wireCredentials returns nil if the auth type has no credentials.
func (c Connection) wireCredentials() any {
	switch c.AuthType {
	case "AAD", "None":
		return nil
	case "CustomKeys":
		return customKeys{filled(c.Credentials)}
	}
	return filled(c.Credentials)
}

func filled(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
