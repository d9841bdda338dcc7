package emulator

import (
	"net/http"
	"strings"
)

// A platform is a way for a program to get tokens.
type platform struct {
	path  string // of the identity endpoint, if there is one
	serve func(*machine, http.ResponseWriter, *http.Request)
	// also is what the endpoint serves at other paths, lower case.
	also map[string]func(*machine, http.ResponseWriter, *http.Request)
	// environ returns the variables of the program. base is the endpoint's URL
	// without a path.
	environ func(a *Azure, base string) ([]string, error)
	// needs is the one attached identity that there must be.
	needs *need
}

// A need is a sort of identity that a platform does not do without.
type need struct {
	met  func(Identity) bool
	what string // in words
}

func isUser(id Identity) bool      { return id.User }
func isFederated(id Identity) bool { return id.Federated != nil }
func hasSecret(id Identity) bool   { return id.ClientSecret != "" }

var platforms = map[string]platform{
	"appservice": {path: AppServicePath, serve: (*machine).serveAppService, environ: (*Azure).appServiceEnviron},
	"azureml": {
		path: "/MSI/auth", serve: (*machine).serveAzureML, environ: (*Azure).azureMLEnviron,
		also: map[string]func(*machine, http.ResponseWriter, *http.Request){"/msi/token": (*machine).serveAzureML},
	},
	"cloudshell": {path: "/oauth2/token", serve: (*machine).serveCloudShell, environ: (*Azure).cloudShellEnviron},
	"imds":       {path: "/metadata/identity/oauth2/token", serve: (*machine).serveIMDS},
	"none":       {},
	"on_behalf_of": {
		path: "/OBO/token", serve: (*machine).serveOnBehalfOf, environ: (*Azure).onBehalfOfEnviron, needs: &need{isUser, "user"},
		also: map[string]func(*machine, http.ResponseWriter, *http.Request){"/msi/token": (*machine).serveAzureML},
	},
	"service_principal": {environ: (*Azure).servicePrincipalEnviron, needs: &need{hasSecret, "client_secret"}},
	"servicefabric":     {path: "/metadata/identity/oauth2/token", serve: (*machine).serveServiceFabric, environ: (*Azure).appServiceEnviron},
	"workload_identity": {environ: (*Azure).workloadIdentityEnviron, needs: &need{isFederated, "federated"}},
}

// handler serves the platform's endpoint.
func (m *machine) handler(p platform) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve := p.also[strings.ToLower(r.URL.Path)]
		if strings.EqualFold(r.URL.Path, p.path) {
			serve = p.serve
		}
		if serve == nil {
			http.NotFound(w, r)
			return
		}
		serve(m, w, r)
	})
}

// principal is the identity that the platform needs.
func (a *Azure) principal() *identity {
	return a.config.identity(a.config.having(a.platform.needs.met)[0])
}

// appServiceEnviron is Service Fabric's too, which adds a thumbprint.
func (a *Azure) appServiceEnviron(base string) ([]string, error) {
	return []string{"IDENTITY_ENDPOINT=" + base + a.platform.path, "IDENTITY_HEADER=" + a.machine.secret}, nil
}

func (a *Azure) cloudShellEnviron(base string) ([]string, error) {
	return []string{"MSI_ENDPOINT=" + base + a.platform.path}, nil
}

// azureMLEnviron has the default identity only on compute: whether online
// endpoints set it is not documented.
func (a *Azure) azureMLEnviron(base string) ([]string, error) {
	vars := []string{"MSI_ENDPOINT=" + base + a.platform.path, "MSI_SECRET=" + a.machine.secret}
	id := a.machine.defaultIdentity()
	switch {
	case a.config.Compute != "" && id != nil:
		vars = append(vars, "DEFAULT_IDENTITY_CLIENT_ID="+id.clientID)
	case a.config.Compute == "instance":
		vars = append(vars, "DEFAULT_IDENTITY_CLIENT_ID=clientid") // literally
	}
	if a.config.Deployment != "" {
		vars = append(vars, "AML_DEPLOYMENT_RESOURCE_ID="+a.config.Deployment)
	}
	return vars, nil
}

// onBehalfOfEnviron is what a job on a compute cluster has if it runs with its
// user's identity. The cluster's own endpoint is there as well.
func (a *Azure) onBehalfOfEnviron(base string) ([]string, error) {
	vars := []string{
		"OBO_ENDPOINT=" + base + a.platform.path, "AZUREML_OBO_ENABLED=True",
		"MSI_ENDPOINT=" + base + "/MSI/token", "MSI_SECRET=" + a.machine.secret,
	}
	if id := a.machine.defaultIdentity(); id != nil {
		vars = append(vars, "DEFAULT_IDENTITY_CLIENT_ID="+id.clientID)
	}
	return vars, nil
}

// workloadIdentityEnviron is exactly what the webhook of Microsoft Entra
// Workload ID puts into a pod.
func (a *Azure) workloadIdentityEnviron(string) ([]string, error) {
	id := a.principal()
	token := a.cluster.sign(a.config.workloadClaims(id.federated, a.issuer.now()))
	file, err := a.writeFile("azure-identity-token", []byte(token))
	return []string{
		"AZURE_CLIENT_ID=" + id.clientID, "AZURE_TENANT_ID=" + a.issuer.tenant,
		"AZURE_FEDERATED_TOKEN_FILE=" + file, "AZURE_AUTHORITY_HOST=" + clouds[0].authority,
	}, err
}

func (a *Azure) servicePrincipalEnviron(string) ([]string, error) {
	id := a.principal()
	return []string{"AZURE_TENANT_ID=" + a.issuer.tenant, "AZURE_CLIENT_ID=" + id.clientID, "AZURE_CLIENT_SECRET=" + id.secret}, nil
}

// hasEndpoint says whether a platform has an identity endpoint. One that does
// not exist, which is a finding of its own, might.
func hasEndpoint(name string) bool {
	p, known := platforms[name]
	return !known || p.serve != nil
}
