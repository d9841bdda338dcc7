package main

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// deployable is what a file declares: an environment with references, and who will
// run with it.
type deployable struct {
	declaration
	kind deployableKind
	// endpoint is the name of a deployment's endpoint, or of the endpoint itself.
	endpoint string
	enforces bool     // an endpoint: the platform checks access to connections
	assigned []string // resource IDs of an endpoint's identities
	compute  string   // of a job
	identity jobIdentity
	client   string // a pod's client ID, from its service account
	account  string // the service account
	labelled bool   // the pod gets that client ID
	system   string // the object ID of a container app's system-assigned identity
}

type deployableKind int

const (
	ofEnvFile deployableKind = iota
	ofDeployment
	ofEndpoint
	ofJob
	ofPod
)

// jobIdentity is a job's own choice of who runs it.
// https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-command
type jobIdentity struct{ kind, client, object, resource string }

// readDeployable reads FILE.
func readDeployable(file, container string, inherited []string) (*deployable, error) {
	return readWith(file, func(name string, data []byte) (*deployable, error) {
		return parseDeployable(name, data, container, inherited)
	})
}

func parseDeployable(name string, data []byte, container string, inherited []string) (*deployable, error) {
	d := &deployable{}
	documents, err := parseYAML(data)
	isYAML := err == nil && looksYAML(documents) && filepath.Ext(name) != ".env"
	if isYAML && !isManifest(documents) && d.readAzureML(documents[0]) {
		return d, nil
	}
	declared, err := parseEnvironment(name, data, container, inherited)
	if err != nil {
		return nil, err
	}
	d.declaration = *declared
	switch {
	case isYAML && isManifest(documents):
		d.readPod(documents, container)
	case isYAML && isContainerApp(documents): // printed, and not written, if it has the ID
		d.system = scalar(member(documents[0], "identity", "principalId"))
	}
	return d, nil
}

// readAzureML reads what kind of file it is, and who runs. It returns true if there
// is no environment to read.
func (d *deployable) readAzureML(top *yaml.Node) bool {
	d.endpoint = scalar(member(top, "endpoint_name"))
	switch {
	case d.endpoint != "" && !isPresent(member(top, "compute")):
		d.kind = ofDeployment
	case member(top, "auth_mode") != nil || strings.Contains(strings.ToLower(scalar(member(top, "$schema"))), "onlineendpoint."):
		d.kind, d.endpoint = ofEndpoint, scalar(member(top, "name"))
		d.enforces = strings.EqualFold(scalar(member(top, "properties", "enforce_access_to_default_secret_stores")), "enabled")
		for _, one := range items(member(top, "identity", "user_assigned_identities")) {
			d.assigned = append(d.assigned, scalar(member(one, "resource_id")))
		}
		return true
	case member(top, "command") != nil, member(top, "compute") != nil && member(top, mappingKey) != nil: // of a component, or a batch deployment
		d.kind = ofJob
		d.compute = strings.TrimPrefix(scalar(member(top, "compute")), "azureml:")
		id := member(top, "identity")
		d.identity = jobIdentity{scalar(member(id, "type")), scalar(member(id, "client_id")), scalar(member(id, "object_id")), scalar(member(id, "resource_id"))}
	default:
		return false
	}
	return member(top, mappingKey) == nil
}

// nothing says why nobody needs access.
func (d *deployable) nothing() string {
	if d.kind == ofEndpoint {
		return "the endpoint does not enable enforce_access_to_default_secret_stores, so the platform checks nobody's access when it is created: check its deployments"
	}
	return "no variable has a reference: nobody needs access"
}
