package emulator

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"regexp"
)

var datedVersion = regexp.MustCompile(`^20(1[89]|[2-9]\d)-\d\d-\d\d(-preview)?$`)

// serveIMDS implements the Instance Metadata Service of virtual machines,
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token.
func (m *machine) serveIMDS(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id, problem := m.imdsIdentity(r, q)
	if problem != nil {
		writeJSON(w, http.StatusBadRequest, problem)
		return
	}
	writeJSON(w, http.StatusOK, m.full(id, q.Get("resource")))
}

// serveContainerInstances is the IMDS of Container Instances, which has been seen
// to call its JSON plain text.
func (m *machine) serveContainerInstances(w http.ResponseWriter, r *http.Request) {
	m.serveIMDS(plainText{w}, r)
}

// plainText calls every response plain text.
type plainText struct{ http.ResponseWriter }

func (p plainText) WriteHeader(status int) {
	p.Header().Set("Content-Type", "text/plain; charset=utf-8")
	p.ResponseWriter.WriteHeader(status)
}

// imdsIdentity checks a request to IMDS and returns the identity that it is for.
// The codes are documented. The texts may change at any time.
func (m *machine) imdsIdentity(r *http.Request, q url.Values) (*identity, *oauthError) {
	s := selector{q.Get("client_id"), q.Get("object_id"), q.Get("msi_res_id")}
	switch {
	case r.Header.Get("Metadata") != "true":
		return nil, &oauthError{"bad_request_102", "Required metadata header not specified"}
	case r.Header.Get("X-Forwarded-For") != "":
		return nil, &oauthError{"bad_request_103", "X-Forwarded-For header is not allowed"} // code unconfirmed
	case q.Get("api-version") == "":
		return nil, &oauthError{"invalid_request", "Required query variable 'api-version' is missing"}
	case !datedVersion.MatchString(q.Get("api-version")):
		return nil, &oauthError{"invalid_request", "The requested API version is not supported"}
	case q.Get("resource") == "":
		return nil, &oauthError{"invalid_request", "Required query variable 'resource' is missing"}
	case s.ambiguous():
		return nil, &oauthError{"invalid_request", "Only one of client_id, object_id and msi_res_id may be specified"}
	}
	id, many := m.find(s), false
	if s.empty() {
		id, many = m.only()
	}
	switch {
	case many:
		return nil, &oauthError{"invalid_request", "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"}
	case id == nil:
		return nil, &oauthError{"invalid_request", "Identity not found"}
	case !m.resources[q.Get("resource")]:
		problem := m.unknownResource(q.Get("resource"))
		return nil, &problem
	}
	return id, nil
}

// serveCloudShell is the endpoint of Azure Cloud Shell, whose identity is the
// person at the keyboard, and of Azure Machine Learning on Kubernetes.
func (m *machine) serveCloudShell(w http.ResponseWriter, r *http.Request) {
	id, _ := m.only()
	if _, user, _ := m.standard(); user != nil {
		id = user
	}
	resource := r.PostFormValue("resource")
	switch {
	case r.Header.Get("Metadata") != "true":
		writeJSON(w, http.StatusBadRequest, oauthError{"bad_request_102", "Required metadata header not specified"})
	case resource == "":
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "Required parameter 'resource' is missing"})
	case id == nil:
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "Identity not found"})
	case !m.resources[resource]:
		writeJSON(w, http.StatusBadRequest, m.unknownResource(resource))
	default:
		writeJSON(w, http.StatusOK, m.full(id, resource))
	}
}

// serveServiceFabric implements the endpoint of Service Fabric, with its documented
// error codes,
// https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code.
func (m *machine) serveServiceFabric(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id, _ := m.only()
	switch resource := q.Get("resource"); {
	case !m.knows(r.Header.Get("Secret")):
		refuse(http.StatusBadRequest, "SecretHeaderNotFound", "Secret is not found in the request headers.").write(w)
	case q.Get("api-version") != "2019-07-01-preview":
		refuse(http.StatusBadRequest, "InvalidApiVersion", "The api-version '%s' is not supported. Supported version is '2019-07-01-preview'.", q.Get("api-version")).write(w)
	case resource == "":
		refuse(http.StatusBadRequest, "ArgumentNullOrEmpty", "The parameter 'resource' should not be null or empty string.").write(w)
	case id == nil:
		refuse(http.StatusNotFound, "ManagedIdentityNotFound", "Managed identity not found for the specified application host.").write(w)
	case !m.resources[resource]:
		refuse(http.StatusBadRequest, "InvalidResource", "%s", m.unknownResource(resource).Description).write(w)
	default:
		writeJSON(w, http.StatusOK, m.token(id, resource))
	}
}

func (m *machine) knows(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(secret), []byte(m.secret)) == 1
}
