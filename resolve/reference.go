// Package resolve finds the secret references in an environment, fetches what
// they name from Key Vault, App Configuration, Foundry and Resource Manager, and
// substitutes the values.
//
// Data flows one way. [NewPlan] parses the environment and groups the references
// by what has to be fetched. [Plan.Resolve] fetches each distinct secret,
// connection or endpoint credential once and returns the new environment. The
// package never reads the process's own environment, logs no value, and does not
// know how tokens are obtained or what becomes of the result.
package resolve

import (
	"cmp"
	"fmt"
	"strings"
)

// Kind says which request fetches an [Object].
type Kind int

// The kinds of object, one per request that azinject makes.
const (
	VaultSecret       Kind = iota // GET of a Key Vault secret
	Connection                    // POST listsecrets of a workspace connection
	ProjectConnection             // POST getConnectionWithCredentials of a Foundry connection
	KeyValue                      // GET of a key in App Configuration
	EndpointKeys                  // POST listKeys of an online endpoint (auth_mode: key)
	EndpointToken                 // POST token of an online endpoint (auth_mode: aml_token or aad_token)
)

// kinds has the words for each kind: in the JSON of --check and --plan, in messages,
// and for its store.
var kinds = [...]struct{ name, noun, storeNoun string }{
	VaultSecret:       {"secret", "secret", "vault"},
	Connection:        {"connection", "connection", "workspace"},
	ProjectConnection: {"projectConnection", "connection", "project"},
	KeyValue:          {"keyValue", "key", "App Configuration store"},
	EndpointKeys:      {"endpoint", endpointNoun, "workspace"},
	EndpointToken:     {"endpoint", endpointNoun, "workspace"},
}

const endpointNoun = "online endpoint"

// String returns the kind as the JSON of --check and --plan has it.
func (k Kind) String() string { return kinds[k].name }

// Noun returns what such an object is, such as "secret".
func (k Kind) Noun() string { return kinds[k].noun }

// StoreNoun returns what the store of such objects is, such as "vault".
func (k Kind) StoreNoun() string { return kinds[k].storeNoun }

// Object is what one request fetches. Several references may take different
// parts of the same object.
type Object struct {
	Kind Kind

	// Vault is the host name of the key vault, for a VaultSecret.
	Vault string
	// Configuration is the host name of the App Configuration store, for a KeyValue.
	Configuration string
	// Workspace of a connection or endpoint.
	Workspace Workspace
	// Project of a ProjectConnection.
	Project Project

	// Name of the secret, connection, endpoint or key, as written.
	Name string
	// Label of a KeyValue, "" for none.
	Label string
	// Version of a VaultSecret, "" for the latest.
	Version string
}

// String describes the object for people: what it is, its name, its store.
func (o Object) String() string {
	what, in := fmt.Sprintf("%s %q", o.Kind.Noun(), o.Name), o.Store()
	switch {
	case o.Kind == KeyValue && o.Label == "":
		what = "key " + quoted(o.Name) + " without a label"
	case o.Kind == KeyValue:
		what = "key " + quoted(o.Name) + " with label " + quoted(o.Label)
	case o.Kind != VaultSecret:
		in = fmt.Sprintf("%s %q", o.Kind.StoreNoun(), in)
	case o.Version != "":
		what += fmt.Sprintf(" version %q", o.Version)
	}
	return what + " in " + in
}

// folded returns the object in lower case, so that objects which are equal for
// Azure are equal keys. Key Vault's identifiers are case-insensitive, and so are
// Resource Manager's. App Configuration's are not. Whether those of Foundry's
// connections are is not documented, so each spelling is fetched.
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
func (o Object) folded() Object {
	if o.Kind == ProjectConnection || o.Kind == KeyValue {
		return o
	}
	o.Vault = strings.ToLower(o.Vault)
	o.Name = strings.ToLower(o.Name)
	o.Version = strings.ToLower(o.Version)
	o.Workspace = o.Workspace.folded()
	return o
}

// Part says which part of an object a reference takes.
type Part string

// The parts. A secret has the whole and what pointers lead to, an endpoint only
// credentials.
const (
	Whole       Part = ""
	Credentials Part = "credentials"
	Metadata    Part = "metadata"
	Target      Part = "target"
	Pointer     Part = "#"
)

// Reference is one parsed secret reference: an object and the part of it that
// is injected.
type Reference struct {
	Object Object
	Part   Part
	// Key is the name of the credential or metadata value, or the pointer.
	Key string
}

// Store returns the host of the object's vault or App Configuration store, or the
// name of its workspace or project.
func (o Object) Store() string {
	switch o.Kind {
	case VaultSecret, KeyValue:
		return o.Host()
	case ProjectConnection:
		return o.StoreName() + "/" + o.Project.Name
	default:
		return o.Workspace.Name
	}
}

// RoleScope returns the Resource Manager ID of the object's workspace or project,
// for role assignments. It is "" if the ID is not known.
func (o Object) RoleScope() string {
	if o.Host() == "" {
		return o.Workspace.ID()
	}
	return o.Project.ID
}

// Host returns the host name of the object's store, "" for Resource Manager.
func (o Object) Host() string { return cmp.Or(o.Vault, o.Configuration, o.Project.Host) }

// StoreName returns the first label of the store's host, which is its name in
// Resource Manager. That of a Foundry account usually is.
func (o Object) StoreName() string {
	name, _, _ := strings.Cut(o.Host(), ".")
	return name
}

// PartName returns the part as the reference writes it, "" for the whole.
func (r Reference) PartName() string {
	if r.Key == "" || r.Part == Pointer {
		return string(r.Part) + r.Key
	}
	return string(r.Part) + "/" + r.Key
}
