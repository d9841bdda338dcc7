package emulator

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestInstanceDiscovery(t *testing.T) {
	a := build(t, world)
	const q = "?api-version=1.1&authorization_endpoint="
	for name, c := range map[string]struct {
		host, query string
		want        wantDenial // status 200: text is the tenant's configuration
	}{
		"public":        {"login.microsoftonline.com", q + url.QueryEscape("https://login.microsoftonline.com/T/oauth2/v2.0/authorize"), wantDenial{status: 200, text: "https://login.microsoftonline.com/T/v2.0/.well-known/openid-configuration"}},
		"old name":      {"login.microsoftonline.com", q + url.QueryEscape("https://login.windows.net/common/oauth2/authorize"), wantDenial{status: 200, text: "https://login.windows.net/common/v2.0/.well-known/openid-configuration"}},
		"China":         {"login.chinacloudapi.cn", q + url.QueryEscape("https://login.chinacloudapi.cn/T/oauth2/v2.0/authorize"), wantDenial{status: 200, text: "https://login.chinacloudapi.cn/T/v2.0/.well-known/openid-configuration"}},
		"US government": {"login.microsoftonline.us", q + url.QueryEscape("https://login.microsoftonline.us/T/oauth2/v2.0/authorize"), wantDenial{status: 200, text: "https://login.microsoftonline.us/T/v2.0/.well-known/openid-configuration"}},
		"unknown":       {"login.microsoftonline.com", q + url.QueryEscape("https://login.example/T/oauth2/v2.0/authorize"), wantDenial{400, "invalid_instance", 50049, "Unknown or invalid instance."}},
		"no TLS":        {"login.microsoftonline.com", q + url.QueryEscape("http://login.windows.net/T/oauth2/v2.0/authorize"), wantDenial{400, "invalid_instance", 50049, "Unknown"}},
		"no tenant":     {"login.microsoftonline.com", q + url.QueryEscape("https://login.windows.net"), wantDenial{400, "invalid_instance", 50049, "Unknown"}},
		"no URL":        {"login.microsoftonline.com", q + "%25", wantDenial{400, "invalid_instance", 50049, "Unknown"}},
		"no version":    {"login.microsoftonline.com", "?authorization_endpoint=x", wantDenial{400, "invalid_request", 900144, "'api-version'"}},
		"no endpoint":   {"login.microsoftonline.com", "?api-version=1.1", wantDenial{400, "invalid_request", 900144, "'authorization_endpoint'"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(a.Stores(), "GET", "https://"+c.host+"/common/discovery/instance"+c.query, nil)
			if c.want.status != 200 {
				c.want.check(t, w)
				return
			}
			got := decoded[instanceDiscovery](t, w)
			if got.Endpoint != c.want.text || len(got.Metadata) != 3 || got.Metadata[0].PreferredCache != "login.windows.net" || !slices.Contains(got.Metadata[1].Aliases, "login.chinacloudapi.cn") {
				t.Errorf("answer = %+v, want %s", got, c.want.text)
			}
		})
	}
}

func TestOpenIDConfiguration(t *testing.T) {
	a := build(t, world)
	for at, want := range map[string]struct{ issuer, token string }{
		"login.microsoftonline.com/" + DefaultTenant:                  {"https://login.microsoftonline.com/" + DefaultTenant + "/v2.0", "https://login.microsoftonline.com/" + DefaultTenant + "/oauth2/v2.0/token"},
		"login.microsoftonline.com/" + strings.ToUpper(DefaultTenant): {"https://login.microsoftonline.com/" + DefaultTenant + "/v2.0", "https://login.microsoftonline.com/" + DefaultTenant + "/oauth2/v2.0/token"},
		"login.windows.net/" + DefaultTenant:                          {"https://login.microsoftonline.com/" + DefaultTenant + "/v2.0", "https://login.windows.net/" + DefaultTenant + "/oauth2/v2.0/token"},
		"login.chinacloudapi.cn/" + DefaultTenant:                     {"https://login.partner.microsoftonline.cn/" + DefaultTenant + "/v2.0", "https://login.chinacloudapi.cn/" + DefaultTenant + "/oauth2/v2.0/token"},
		"login.partner.microsoftonline.cn/" + DefaultTenant:           {"https://login.partner.microsoftonline.cn/" + DefaultTenant + "/v2.0", "https://login.partner.microsoftonline.cn/" + DefaultTenant + "/oauth2/v2.0/token"},
		"login.microsoftonline.us/" + DefaultTenant:                   {"https://login.microsoftonline.us/" + DefaultTenant + "/v2.0", "https://login.microsoftonline.us/" + DefaultTenant + "/oauth2/v2.0/token"},
		"login.microsoftonline.com/organizations":                     {"https://login.microsoftonline.com/{tenantid}/v2.0", "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"},
	} {
		got := decoded[openIDConfiguration](t, send(a.Stores(), "GET", "https://"+at+"/v2.0/.well-known/openid-configuration", nil))
		if got.Issuer != want.issuer || got.TokenEndpoint != want.token || !slices.Contains(got.AuthMethods, "client_secret_basic") {
			t.Errorf("%s: %+v, want %v", at, got, want)
		}
	}
	w := send(a.Stores(), "GET", "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration", nil)
	wantDenial{400, "invalid_tenant", 90002, "Tenant 'contoso.example' not found."}.check(t, w)
	w = send(a.Stores(), "POST", "https://login.microsoftonline.com/"+DefaultTenant+"/v2.0/.well-known/openid-configuration", nil)
	wantDenial{400, "invalid_request", 900561, "only accepts GET requests. Received a POST request."}.check(t, w)
}
