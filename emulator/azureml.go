package emulator

import (
	"fmt"
	"net/http"
	"strings"
)

// What Azure Machine Learning's endpoints write in plain text, as recorded. Which
// status comes with it has not been, so it is the likeliest.
const (
	textNoIdentity  = "InternalError - :{\nInfo: Request failure status code: 404\n\n}"
	textNoSignIn    = "SSO failure: unable to retrieve a token. Error Token service emulated. Token not found"
	textWrongSecret = "Invalid secret token header: %s."
)

func writeText(w http.ResponseWriter, status int, format string, args ...any) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, format, args...)
}

// serveOnlineEndpoint implements the endpoint in managed online endpoints that
// IDENTITY_ENDPOINT names. It is as App Service's, but needs no client ID for a
// user-assigned identity, and its answers are chunked. How it refuses is not
// documented, nor whether it sends expires_on or expires_in.
func (m *machine) serveOnlineEndpoint(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case !m.knows(r.Header.Get("X-Identity-Header")):
		writeJSON(w, http.StatusUnauthorized, oauthError{"unauthorized", "The X-IDENTITY-HEADER is missing or wrong"})
	case q.Get("api-version") != "2019-08-01":
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "The requested API version is not supported"})
	default:
		m.answerAzureML(chunked{w}, q.Get("client_id"), q.Get("resource"))
	}
}

// chunked sends responses without their length.
type chunked struct{ http.ResponseWriter }

func (c chunked) WriteHeader(status int) {
	c.Header().Del("Content-Length")
	c.ResponseWriter.WriteHeader(status)
	http.NewResponseController(c.ResponseWriter).Flush()
}

// serveAzureML implements the endpoint that MSI_ENDPOINT names in Azure Machine
// Learning's jobs, compute instances and online endpoints.
func (m *machine) serveAzureML(w http.ResponseWriter, r *http.Request) {
	clientID, secret := r.URL.Query().Get("clientid"), r.Header.Get("Secret")
	switch {
	case !m.knows(secret):
		writeText(w, http.StatusUnauthorized, textWrongSecret, secret)
	case m.job && m.defaultIdentity() == nil:
		writeText(w, http.StatusBadRequest, textNoIdentity)
	case clientID == "" && m.job:
		w.WriteHeader(http.StatusOK) // without a body, as compute clusters do
	default:
		m.answerAzureML(w, clientID, r.URL.Query().Get("resource"))
	}
}

func (m *machine) answerAzureML(w http.ResponseWriter, clientID, resource string) {
	id, many := m.azureMLIdentity(clientID)
	switch {
	case resource == "":
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "Required query variable 'resource' is missing"})
	case !m.resources[resource]:
		writeJSON(w, http.StatusBadRequest, m.unknownResource(resource))
	case many:
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "Multiple user assigned identities exist, please specify the clientid of the identity in the token request"})
	case id == nil && m.instance && !isGUID(clientID):
		writeText(w, http.StatusBadRequest, textNoSignIn)
	case id == nil:
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "Identity not found"})
	default:
		writeJSON(w, http.StatusOK, m.token(id, resource))
	}
}

// azureMLIdentity chooses the identity. A compute instance issues its user's
// token if the client ID is not a GUID. If it has no identity, it even sets
// DEFAULT_IDENTITY_CLIENT_ID to the word "clientid".
func (m *machine) azureMLIdentity(clientID string) (id *identity, many bool) {
	_, user, _ := m.standard()
	switch {
	case isGUID(clientID):
		return m.find(selector{clientID: clientID}), false
	case m.instance:
		return user, false
	case clientID == "":
		return m.only()
	}
	return nil, false
}

// serveOnBehalfOf implements the endpoint of jobs that run with their user's
// identity. It issues the user's token to whoever can reach it, without a secret.
// How it refuses is not documented.
func (m *machine) serveOnBehalfOf(w http.ResponseWriter, r *http.Request) {
	_, user, _ := m.standard()
	switch resource := r.URL.Query().Get("resource"); {
	case user == nil:
		w.WriteHeader(http.StatusOK) // without a body, as for jobs without their user's identity
	case resource == "":
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "Required query variable 'resource' is missing"})
	case !m.resources[resource]:
		writeJSON(w, http.StatusBadRequest, m.unknownResource(resource))
	default:
		c := m.issuer.claims(user, resource, shortLifetime)
		c.IDType = "user"
		writeJSON(w, http.StatusOK, m.response(c))
	}
}

// onlineEndpointEnviron returns the variables of a managed online endpoint.
// DEFAULT_IDENTITY_CLIENT_ID is not documented for these.
func (a *Azure) onlineEndpointEnviron(base string) ([]string, error) {
	vars := []string{
		"IDENTITY_ENDPOINT=" + base + a.platform.path, "IDENTITY_HEADER=" + a.machine.secret,
		"MSI_ENDPOINT=" + base + "/MSI/auth", "MSI_SECRET=" + a.machine.secret,
		"AML_APP_ROOT=/var/azureml-app", "AZUREML_MODEL_DIR=/var/azureml-app/azureml-models/emulated/1",
	}
	if a.config.Deployment != "" {
		vars = append(vars, "AML_DEPLOYMENT_RESOURCE_ID="+a.config.Deployment)
	}
	return vars, nil
}

// jobEnviron returns the variables of a job on a compute cluster, or on serverless
// compute. They include the user's endpoint if there is a user. Without any
// identity, a cluster says so in MSI_ENDPOINT.
func (a *Azure) jobEnviron(base string) ([]string, error) {
	vars := append(a.runEnviron(), "MSI_SECRET="+a.machine.secret)
	_, user, _ := a.machine.standard()
	if user != nil {
		vars = append(vars, "OBO_ENDPOINT="+base+"/OBO/token", "AZUREML_OBO_ENABLED=True")
	}
	id := a.machine.defaultIdentity()
	switch {
	case id != nil:
		vars = append(vars, "MSI_ENDPOINT="+base+"/MSI/token", "DEFAULT_IDENTITY_CLIENT_ID="+id.clientID)
	case a.config.platform() == "azureml_cluster":
		vars = append(vars, "MSI_ENDPOINT=identity-responder-not-enabled")
	default:
		vars = append(vars, "MSI_ENDPOINT="+base+"/MSI/token")
	}
	return vars, nil
}

// runEnviron returns the variables of every job. They name the workspace, if the
// configuration has one.
func (a *Azure) runEnviron() []string {
	vars := []string{"AZUREML_RUN_ID=emulated"}
	for id := range sorted(a.config.Workspaces) {
		words := strings.Split(id, "/")
		return append(vars, "AZUREML_ARM_SUBSCRIPTION="+words[2], "AZUREML_ARM_RESOURCEGROUP="+words[4], "AZUREML_ARM_WORKSPACE_NAME="+words[8])
	}
	return vars
}

// instanceEnviron returns the variables of a compute instance. If it has no
// identity, one of them is the very word "clientid".
func (a *Azure) instanceEnviron(base string) ([]string, error) {
	client := "clientid"
	if id := a.machine.defaultIdentity(); id != nil {
		client = id.clientID
	}
	return []string{"MSI_ENDPOINT=" + base + a.platform.path, "MSI_SECRET=" + a.machine.secret, "DEFAULT_IDENTITY_CLIENT_ID=" + client}, nil
}

// kubernetesEnviron returns the variables of a job on Kubernetes, whose endpoint
// asks for no secret.
func (a *Azure) kubernetesEnviron(base string) ([]string, error) {
	endpoint := base + a.platform.path
	return append(a.runEnviron(), "MSI_ENDPOINT="+endpoint, "OBO_ENDPOINT="+endpoint), nil
}
