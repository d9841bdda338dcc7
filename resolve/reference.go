// Package resolve finds the secret references in an environment, fetches what
// they name from Azure Key Vault and Azure Resource Manager, and substitutes
// the values.
//
// Data flows one way: [NewPlan] parses the environment and groups the
// references by what has to be fetched, [Plan.Resolve] fetches each distinct
// secret, connection or endpoint credential once and returns the new
// environment. The package never reads the process's own environment, logs no
// value, and knows nothing of how tokens are obtained or what becomes of the
// result.
package resolve

import (
	"fmt"
	"strings"
)

// Kind says which request fetches an [Object].
type Kind int

// The kinds of object, one per request that azinject makes.
const (
	VaultSecret   Kind = iota // GET of a Key Vault secret
	Connection                // POST listsecrets of a workspace connection
	EndpointKeys              // POST listKeys of an online endpoint (auth_mode: key)
	EndpointToken             // POST token of an online endpoint (auth_mode: aml_token)
)

// Object is what one request fetches. Several references may take different
// parts of the same object.
type Object struct {
	Kind Kind

	// Vault is the host name of the key vault, for a VaultSecret.
	Vault string
	// Workspace holds the connection or endpoint. The zero Workspace means the
	// container's own, until [NewPlan] has filled it in.
	Workspace Workspace

	// Name of the secret, connection or endpoint, as written.
	Name string
	// Version of a VaultSecret; empty for the latest.
	Version string
}

// String describes the object for people: what it is, its name, its store.
func (o Object) String() string {
	switch o.Kind {
	case VaultSecret:
		if o.Version != "" {
			return fmt.Sprintf("secret %q version %q in %s", o.Name, o.Version, o.Vault)
		}
		return fmt.Sprintf("secret %q in %s", o.Name, o.Vault)
	case Connection:
		return fmt.Sprintf("connection %q in workspace %q", o.Name, o.Workspace.Name)
	default:
		return fmt.Sprintf("online endpoint %q in workspace %q", o.Name, o.Workspace.Name)
	}
}

// folded returns the object with everything that Azure compares without
// regard to letter case in lower case, so that equal objects are equal keys.
// Key Vault:
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
// ("case-insensitive identifier"); Resource Manager treats names likewise.
func (o Object) folded() Object {
	o.Vault = strings.ToLower(o.Vault)
	o.Name = strings.ToLower(o.Name)
	o.Version = strings.ToLower(o.Version)
	o.Workspace = o.Workspace.folded()
	return o
}

// Part says which part of a [Connection] a reference takes.
type Part string

// The parts of a connection. Secrets have only the whole; endpoints only
// credentials.
const (
	Whole       Part = ""
	Credentials Part = "credentials"
	Metadata    Part = "metadata"
	Target      Part = "target"
)

// Reference is one parsed secret reference: an object and the part of it that
// is injected.
type Reference struct {
	Object Object
	Part   Part
	// Key is the name of the credential or metadata value.
	Key string
}

// Store returns where the object is: the host of the vault, or the name of the
// workspace.
func (o Object) Store() string {
	if o.Kind == VaultSecret {
		return o.Vault
	}
	return o.Workspace.Name
}

// PartName returns the part as it stands in the reference, "" for the whole.
func (r Reference) PartName() string {
	if r.Key == "" {
		return string(r.Part)
	}
	return string(r.Part) + "/" + r.Key
}
