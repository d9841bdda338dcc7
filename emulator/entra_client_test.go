package emulator

import (
	"io"
	"strings"
	"testing"
	"time"
)

// trusting is an Azure in which an application and a managed identity trust a
// service account, and whose pod runs as the application.
const trusting = `
platform: workload_identity
attached: [app]
identities:
  app: {client_id: 99999999-0000-4000-8000-000000000001, federated: {subject: "system:serviceaccount:ns:sa"}}
  github: {client_id: 88888888-0000-4000-8000-000000000001, federated: {subject: "repo:me/it", issuer: "https://token.actions.githubusercontent.com", audience: custom}}
  managed: {client_id: 77777777-0000-4000-8000-000000000001, resource_id: /subscriptions/s/uai, federated: {subject: "system:serviceaccount:ns:sa"}}
  plain: {client_id: 66666666-0000-4000-8000-000000000001, client_secret: s}
`

// asserting returns the changes to a form that replace the secret with an
// assertion.
func asserting(assertion string) map[string]string {
	return map[string]string{
		"client_secret": "", "client_assertion": assertion, "client_assertion_type": assertionType, "client_info": "1",
	}
}

func TestEntraAssertion(t *testing.T) {
	a := build(t, trusting)
	now := time.Unix(1_700_000_000, 0)
	a.issuer.now = func() time.Time { return now }
	const check = " Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation "
	const mismatch = "No matching federated identity record found for presented assertion "
	for name, c := range map[string]struct {
		change func(*workloadClaims) // of what Kubernetes would issue
		form   map[string]string
		want   wantDenial
	}{
		"right":            {want: wantDenial{status: 200}},
		"managed identity": {form: map[string]string{"client_id": "77777777-0000-4000-8000-000000000001"}, want: wantDenial{status: 200}},
		"several audiences": {change: func(c *workloadClaims) { c.Audience = append(audiences{"x"}, c.Audience...) },
			want: wantDenial{status: 200}},
		"of another issuer": {form: map[string]string{"client_id": "88888888-0000-4000-8000-000000000001"}, want: wantDenial{401, "invalid_client", 700211, mismatch + "issuer 'https://eastus.oic.prod-aks.azure.com/" + DefaultTenant + "/"}},
		"GitHub": {change: func(c *workloadClaims) {
			c.Issuer, c.Subject, c.Audience = "https://token.actions.githubusercontent.com", "repo:me/it", audiences{"custom"}
		}, form: map[string]string{"client_id": "88888888-0000-4000-8000-000000000001"}, want: wantDenial{status: 200}},
		"issuer":         {change: func(c *workloadClaims) { c.Issuer = "https://x" }, want: wantDenial{401, "invalid_client", 700211, mismatch + "issuer 'https://x'." + check}},
		"audience":       {change: func(c *workloadClaims) { c.Audience = audiences{"x"} }, want: wantDenial{401, "invalid_client", 700212, mismatch + "audience 'x'." + check}},
		"subject":        {change: func(c *workloadClaims) { c.Subject = "x" }, want: wantDenial{401, "invalid_client", 700213, mismatch + "subject 'x'." + check}},
		"subject's case": {change: func(c *workloadClaims) { c.Subject = "system:serviceaccount:NS:sa" }, want: wantDenial{401, "invalid_client", 7002138, "subject 'system:serviceaccount:NS:sa'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison." + check}},
		"expired":        {change: func(c *workloadClaims) { c.Expires = now.Unix() }, want: wantDenial{401, "invalid_client", 700024, "Current time: 2023-11-14T22:13:20.0000000Z, assertion valid from 2023-11-14T22:13:20.0000000Z, expiry time of assertion 2023-11-14T22:13:20.0000000Z."}},
		"too early":      {change: func(c *workloadClaims) { c.NotBefore++ }, want: wantDenial{401, "invalid_client", 700024, "assertion valid from 2023-11-14T22:13:21.0000000Z"}},
		"too long":       {change: func(c *workloadClaims) { c.IssuedAt = 0 }, want: wantDenial{400, "invalid_request", 70023, "1.01:00:00. Token issued at 0. Token expires on 1700086400."}},
		"trusts nobody":  {form: map[string]string{"client_id": "66666666-0000-4000-8000-000000000001"}, want: wantDenial{401, "invalid_client", 70025, "The client '66666666-0000-4000-8000-000000000001'(plain) has no configured federated identity credentials."}},
		"unknown":        {form: map[string]string{"client_id": "x"}, want: wantDenial{400, "unauthorized_client", 700016, "'x'"}},
		"no token":       {form: map[string]string{"client_assertion": "x"}, want: wantDenial{400, "invalid_request", 50027, "JWT token is invalid or malformed."}},
		"odd token":      {form: map[string]string{"client_assertion": "e30.%.x"}, want: wantDenial{400, "invalid_request", 50027, ""}},
		"odd claims":     {form: map[string]string{"client_assertion": "e30.W10.x"}, want: wantDenial{400, "invalid_request", 50027, ""}},
		"no type":        {form: map[string]string{"client_assertion_type": ""}, want: wantDenial{400, "invalid_request", 900144, "'client_assertion_type'"}},
		"other type":     {form: map[string]string{"client_assertion_type": "saml"}, want: wantDenial{400, "invalid_request", 9002313, "Request is malformed or invalid."}},
	} {
		t.Run(name, func(t *testing.T) {
			shown := a.config.workloadClaims(a.principal().federated, now)
			if c.change != nil {
				c.change(&shown)
			}
			form := asserting(a.cluster.sign(shown))
			for name, value := range c.form {
				form[name] = value
			}
			c.want.check(t, serve(a.Stores(), tokenRequest(t, a, form)))
		})
	}
}

// TestForgedAssertion signs with an unknown key and with the tenant's own.
func TestForgedAssertion(t *testing.T) {
	a := build(t, trusting)
	shown := a.config.workloadClaims(a.principal().federated, time.Now())
	for _, forger := range []signer{newSigner(), a.issuer.signer} {
		wantDenial{401, "invalid_client", 50013, "Assertion failed signature validation."}.check(t, serve(a.Stores(), tokenRequest(t, a, asserting(forger.sign(shown)))))
	}
}

// TestAudienceOfOthers sends a string, as most issuers except Kubernetes do.
func TestAudienceOfOthers(t *testing.T) {
	a := build(t, trusting)
	now := time.Now().Unix()
	shown := map[string]any{"iss": a.config.clusterIssuer(), "sub": "system:serviceaccount:ns:sa", "aud": exchangeAudience, "iat": now, "nbf": now, "exp": now + 60}
	wantDenial{status: 200}.check(t, serve(a.Stores(), tokenRequest(t, a, asserting(a.cluster.sign(shown)))))
	shown["aud"] = 7
	wantDenial{400, "invalid_request", 50027, ""}.check(t, serve(a.Stores(), tokenRequest(t, a, asserting(a.cluster.sign(shown)))))
}

func TestMalformedForm(t *testing.T) {
	a := build(t, world)
	r := tokenRequest(t, a, nil)
	r.Body = io.NopCloser(strings.NewReader("grant_type=%zz"))
	wantDenial{400, "invalid_request", 9002313, "Request is malformed or invalid."}.check(t, serve(a.Stores(), r))
}
