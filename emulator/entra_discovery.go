package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// instanceDiscovery lists the hosts of Microsoft Entra. Microsoft's client
// libraries request it before they trust a host that they do not know.
type instanceDiscovery struct {
	Endpoint string             `json:"tenant_discovery_endpoint"`
	Version  string             `json:"api-version"`
	Metadata []instanceMetadata `json:"metadata"`
}

type instanceMetadata struct {
	PreferredNetwork string   `json:"preferred_network"`
	PreferredCache   string   `json:"preferred_cache"`
	Aliases          []string `json:"aliases"`
}

// instance serves the hosts of all clouds, in each of them.
func (e *entra) instance(r *http.Request) (any, *denial) {
	q := r.URL.Query()
	version, authorization := q.Get("api-version"), q.Get("authorization_endpoint")
	switch {
	case r.Method != http.MethodGet:
		return nil, wrongMethod(r, "GET")
	case version == "": // unconfirmed
		return nil, lacking("api-version")
	case authorization == "": // unconfirmed
		return nil, lacking("authorization_endpoint")
	}
	u, err := url.Parse(authorization)
	if err != nil || u.Scheme != "https" {
		return nil, unknownInstance()
	}
	host, tenant := strings.ToLower(u.Host), segments(u)[0]
	if _, ok := loginCloud(host); !ok || tenant == "" {
		return nil, unknownInstance()
	}
	d := instanceDiscovery{Endpoint: "https://" + host + "/" + tenant + "/v2.0/.well-known/openid-configuration", Version: version}
	for _, c := range clouds {
		d.Metadata = append(d.Metadata, c.metadata())
	}
	return d, nil
}

func (c cloud) metadata() instanceMetadata {
	m := instanceMetadata{c.loginHosts[0], c.loginHosts[0], c.loginHosts}
	if c.authority == clouds[0].authority {
		m.PreferredCache = "login.windows.net" // for historical reasons
	}
	return m
}

func unknownInstance() *denial {
	return deny(http.StatusBadRequest, "invalid_instance", "AADSTS50049: Unknown or invalid instance.")
}

// openIDConfiguration has the members that clients use.
type openIDConfiguration struct {
	TokenEndpoint         string   `json:"token_endpoint"`
	AuthMethods           []string `json:"token_endpoint_auth_methods_supported"`
	Keys                  string   `json:"jwks_uri"`
	SubjectTypes          []string `json:"subject_types_supported"`
	SigningAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	Scopes                []string `json:"scopes_supported"`
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	DeviceEndpoint        string   `json:"device_authorization_endpoint"`
	EndSessionEndpoint    string   `json:"end_session_endpoint"`
}

// configuration serves a tenant's endpoints. The names common and organizations
// stand for all tenants.
func (e *entra) configuration(r *http.Request, tenant string) (any, *denial) {
	id := e.issuer.tenant
	switch {
	case r.Method != http.MethodGet:
		return nil, wrongMethod(r, "GET")
	case tenant == "common" || tenant == "organizations":
		id = "{tenantid}"
	case e.isTenant(tenant):
		tenant = id
	default:
		return nil, e.unknownTenant("invalid_tenant", tenant)
	}
	at := "https://" + storeHost(r) + "/" + tenant
	return openIDConfiguration{
		TokenEndpoint:         at + "/oauth2/v2.0/token",
		AuthMethods:           []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		Keys:                  at + "/discovery/v2.0/keys",
		SubjectTypes:          []string{"pairwise"},
		SigningAlgorithms:     []string{"RS256"},
		ResponseTypes:         []string{"code", "id_token", "code id_token", "id_token token"},
		Scopes:                []string{"openid", "profile", "email", "offline_access"},
		Issuer:                "https://" + e.cloud.loginHosts[0] + "/" + id + "/v2.0",
		AuthorizationEndpoint: at + "/oauth2/v2.0/authorize",
		DeviceEndpoint:        at + "/oauth2/v2.0/devicecode",
		EndSessionEndpoint:    at + "/oauth2/v2.0/logout",
	}, nil
}
