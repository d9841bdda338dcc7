package emulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// machine is what the program under test runs on. It has identities, and an
// endpoint that issues their tokens.
type machine struct {
	attached  []*identity // without applications
	issuer    *issuer
	resources map[string]bool
	job       bool   // of Azure Machine Learning, whose endpoint needs a client ID
	instance  bool   // of Azure Machine Learning, whose endpoint issues tokens of the user too
	secret    string // that requests must carry, where the platform has one
	keyFile   string // in which Azure Arc's clients find it
}

func newMachine(c *Config, i *issuer, secret string) *machine {
	m := &machine{
		issuer: i, resources: c.resources(clouds...), secret: secret,
		job:      slices.Contains([]string{"azureml_cluster", "azureml_serverless", "on_behalf_of"}, c.platform()),
		instance: c.platform() == "azureml_instance",
	}
	for _, name := range c.having(func(id Identity) bool { return !id.application() }) {
		m.attached = append(m.attached, c.identity(name))
	}
	return m
}

// selector names one identity.
type selector struct{ clientID, objectID, resourceID string }

func (s selector) empty() bool { return s == selector{} }

func (s selector) ambiguous() bool {
	return s != selector{clientID: s.clientID} && s != selector{objectID: s.objectID} && s != selector{resourceID: s.resourceID}
}

// find returns the attached identity that s names, nil if there is none. Letter
// case does not matter.
func (m *machine) find(s selector) *identity {
	for _, id := range m.attached {
		switch {
		case id.user:
		case s.clientID != "" && strings.EqualFold(s.clientID, id.clientID),
			s.objectID != "" && strings.EqualFold(s.objectID, id.objectID),
			s.resourceID != "" && id.assigned && strings.EqualFold(s.resourceID, id.resourceID):
			return id
		}
	}
	return nil
}

// standard returns the attached identities by type: the system-assigned one and
// the user, nil if there is none, and the user-assigned ones.
func (m *machine) standard() (system, user *identity, assigned []*identity) {
	for _, id := range m.attached {
		switch {
		case id.user:
			user = id
		case id.assigned:
			assigned = append(assigned, id)
		default:
			system = id
		}
	}
	return system, user, assigned
}

// only returns the identity for a request that names none: the system-assigned
// one, or else the only user-assigned one. many reports that there are several
// user-assigned ones to choose from.
func (m *machine) only() (id *identity, many bool) {
	system, _, assigned := m.standard()
	switch {
	case system != nil:
		return system, false
	case len(assigned) == 1:
		return assigned[0], false
	}
	return nil, len(assigned) > 1
}

// defaultIdentity returns the identity that Azure Machine Learning's compute
// names in DEFAULT_IDENTITY_CLIENT_ID, or that a hosted agent has, nil if there is
// none. Which one of several user-assigned identities that is has not been
// documented. Here it is the first by name.
func (m *machine) defaultIdentity() *identity {
	system, _, assigned := m.standard()
	switch {
	case system != nil:
		return system
	case len(assigned) > 0:
		return assigned[0]
	}
	return nil
}

// tokenResponse is the response of every platform. Platforms differ in their
// members and in whether times are numbers or strings.
type tokenResponse struct {
	AccessToken  string  `json:"access_token"`
	RefreshToken *string `json:"refresh_token,omitempty"`
	ClientID     string  `json:"client_id,omitempty"`
	ExpiresIn    string  `json:"expires_in,omitempty"`
	ExpiresOn    any     `json:"expires_on"`
	NotBefore    string  `json:"not_before,omitempty"`
	Resource     string  `json:"resource"`
	TokenType    string  `json:"token_type"`
}

// token issues a token. Its expires_on is a JSON integer, as in Azure Machine
// Learning.
func (m *machine) token(id *identity, resource string) tokenResponse {
	return m.response(m.issuer.claims(id, resource, tokenLifetime))
}

func (m *machine) response(c claims) tokenResponse {
	return tokenResponse{AccessToken: m.issuer.sign(c), ExpiresOn: c.Expires, Resource: c.Audience, TokenType: "Bearer"}
}

// full issues a token with the members that IMDS and Cloud Shell add, and with
// its times as strings.
func (m *machine) full(id *identity, resource string) tokenResponse {
	c := m.issuer.claims(id, resource, tokenLifetime)
	a := m.response(c)
	a.RefreshToken, a.ClientID = new(string), id.clientID
	a.ExpiresIn, a.ExpiresOn = digits(c.Expires-c.IssuedAt), digits(c.Expires)
	a.NotBefore = digits(c.NotBefore)
	return a
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// oauthError is the refusal of most identity endpoints.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (m *machine) unknownResource(resource string) oauthError {
	return oauthError{"invalid_resource", unknownResource(resource, m.issuer.tenant)}
}

func unknownResource(resource, tenant string) string {
	return "AADSTS500011: The resource principal named " + cmp.Or(resource, "''") +
		" was not found in the tenant named " + tenant + ". This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
}
