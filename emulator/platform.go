package emulator

import (
	"cmp"
	"net/http"
	"strings"
)

// platform is a way for a program to get tokens.
type platform struct {
	path   string // of the identity endpoint, if there is one
	method string // of its requests, GET if empty
	serve  func(*machine, http.ResponseWriter, *http.Request)
	proxy  bool // the endpoint is a token proxy instead, over TLS
	// also holds what the endpoint serves at other paths, in lower case.
	also map[string]func(*machine, http.ResponseWriter, *http.Request)
	// environ returns the program's variables. base is the endpoint's URL
	// without a path.
	environ func(a *Azure, base string) ([]string, error)
	// imds reports that the endpoint listens at the address of IMDS.
	imds bool
	// needs describes the identity that must be attached, if any.
	needs *need
}

// need is a type of identity without which a platform does not work.
type need struct {
	met  func(Identity) bool
	what string // the identity's key in YAML
}

func isUser(id Identity) bool      { return id.User }
func isFederated(id Identity) bool { return id.Federated != nil }
func isBound(id Identity) bool     { return id.Binding != nil }
func hasSecret(id Identity) bool   { return id.ClientSecret != "" }

// job is a job of Azure Machine Learning.
var job = platform{
	path: "/MSI/token", serve: (*machine).serveAzureML, environ: (*Azure).jobEnviron,
	also: map[string]func(*machine, http.ResponseWriter, *http.Request){"/obo/token": (*machine).serveOnBehalfOf},
}

var platforms = map[string]platform{
	"appservice": {path: AppServicePath, serve: (*machine).serveAppService, environ: (*Azure).appServiceEnviron},
	"arc":        {path: "/metadata/identity/oauth2/token", serve: (*machine).serveArc, environ: (*Azure).arcEnviron},
	"azureml": {
		path: "/v1/token/msi/xds", serve: (*machine).serveOnlineEndpoint, environ: (*Azure).onlineEndpointEnviron,
		also: map[string]func(*machine, http.ResponseWriter, *http.Request){"/msi/auth": (*machine).serveAzureML},
	},
	"azureml_cluster":     job,
	"azureml_instance":    {path: "/MSI/auth", serve: (*machine).serveAzureML, environ: (*Azure).instanceEnviron},
	"azureml_kubernetes":  {path: "/token", method: http.MethodPost, serve: (*machine).serveCloudShell, environ: (*Azure).kubernetesEnviron},
	"azureml_serverless":  job,
	"cloudshell":          {path: "/oauth2/token", method: http.MethodPost, serve: (*machine).serveCloudShell, environ: (*Azure).cloudShellEnviron},
	"container_instances": {path: "/metadata/identity/oauth2/token", serve: (*machine).serveContainerInstances, environ: (*Azure).containerInstancesEnviron, imds: true},
	"foundry_agent":       {path: AppServicePath, serve: (*machine).serveAgent, environ: (*Azure).agentEnviron},
	"identity_binding":    {proxy: true, environ: (*Azure).bindingEnviron, needs: &need{isBound, "binding"}},
	"imds":                {path: "/metadata/identity/oauth2/token", serve: (*machine).serveIMDS, imds: true},
	"none":                {},
	"on_behalf_of": {
		path: "/OBO/token", serve: (*machine).serveOnBehalfOf, environ: (*Azure).jobEnviron, needs: &need{isUser, "user"},
		also: map[string]func(*machine, http.ResponseWriter, *http.Request){"/msi/token": (*machine).serveAzureML},
	},
	"service_principal": {environ: (*Azure).servicePrincipalEnviron, needs: &need{hasSecret, "client_secret"}},
	"servicefabric":     {path: "/metadata/identity/oauth2/token", serve: (*machine).serveServiceFabric, environ: (*Azure).serviceFabricEnviron},
	"workload_identity": {environ: (*Azure).workloadIdentityEnviron, needs: &need{isFederated, "federated"}},
}

// handler serves the platform's endpoint.
func (m *machine) handler(p platform) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve := p.also[strings.ToLower(r.URL.Path)]
		if strings.EqualFold(r.URL.Path, p.path) {
			serve = p.serve
		}
		method := cmp.Or(p.method, http.MethodGet)
		switch {
		case serve == nil:
			http.NotFound(w, r)
		case r.Method != method:
			w.Header().Set("Allow", method)
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		default:
			serve(m, w, r)
		}
	})
}

// principal returns the identity that the platform needs.
func (a *Azure) principal() *identity {
	return a.config.identity(a.config.having(a.platform.needs.met)[0])
}

// appServiceEnviron returns the variables of two protocols, of which azidentity
// knows only the first.
func (a *Azure) appServiceEnviron(base string) ([]string, error) {
	vars, err := a.serviceFabricEnviron(base)
	return append(vars, "MSI_ENDPOINT="+base+a.platform.path, "MSI_SECRET="+a.machine.secret), err
}

// serviceFabricEnviron leaves out the thumbprint, which opening the endpoint adds.
func (a *Azure) serviceFabricEnviron(base string) ([]string, error) {
	return []string{"IDENTITY_ENDPOINT=" + base + a.platform.path, "IDENTITY_HEADER=" + a.machine.secret}, nil
}

func (a *Azure) cloudShellEnviron(base string) ([]string, error) {
	return []string{"MSI_ENDPOINT=" + base + a.platform.path}, nil
}

// containerInstancesEnviron returns the variables that Container Instances set,
// although clients have no use for them.
// https://github.com/MicrosoftDocs/azure-docs/issues/122273
func (a *Azure) containerInstancesEnviron(string) ([]string, error) {
	return []string{"IDENTITY_API_VERSION=2020-05-01", "IDENTITY_HEADER=" + a.machine.secret, "IDENTITY_SERVER_THUMBPRINT=" + derivedHex("thumbprint")}, nil
}

// workloadIdentityEnviron returns the variables that the webhook of Microsoft
// Entra Workload ID adds to a pod.
func (a *Azure) workloadIdentityEnviron(string) ([]string, error) {
	return a.podEnviron(a.principal().federated)
}

// podEnviron returns these variables. The pod's token is one that trusted
// describes.
func (a *Azure) podEnviron(trusted *FederatedCredential) ([]string, error) {
	id := a.principal()
	token := a.cluster.sign(a.config.workloadClaims(trusted, a.issuer.now()))
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

// hasEndpoint reports whether a platform has an identity endpoint. It is true for
// an unknown platform, which is reported as such.
func hasEndpoint(name string) bool {
	p, known := platforms[name]
	return !known || p.serve != nil || p.proxy
}
