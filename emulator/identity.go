package emulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// identity is an Identity with all its IDs.
type identity struct {
	name       string
	clientID   string
	objectID   string
	resourceID string // the machine's if system-assigned
	assigned   bool   // user-assigned
	user       bool
	// application says that it signs in by itself, without a machine.
	application bool
	secret      string
	federated   *FederatedCredential // without empty members, or nil if it trusts nobody
	bound       *Binding             // nil if it has none
	graph       []string             // permissions
}

func (c *Config) platform() string { return cmp.Or(c.Platform, "appservice") }

func (c *Config) tenant() string { return cmp.Or(c.Tenant, DefaultTenant) }

func (c *Config) attached(name string) bool {
	return c.Attached == nil || slices.Contains(c.Attached, name)
}

// having returns the names of the attached identities for which met returns
// true.
func (c *Config) having(met func(Identity) bool) []string {
	var names []string
	for name, id := range sorted(c.Identities) {
		if c.attached(name) && met(id) {
			names = append(names, name)
		}
	}
	return names
}

// application reports whether the identity signs in by itself, without a
// machine.
func (id Identity) application() bool {
	return !id.User && id.ResourceID == "" && (id.ClientSecret != "" || id.Federated != nil)
}

// identity returns the identity of that name with all its IDs.
func (c *Config) identity(name string) *identity {
	id := c.Identities[name]
	full := &identity{
		name:       name,
		clientID:   cmp.Or(id.ClientID, derivedGUID("client", name)),
		objectID:   cmp.Or(id.ObjectID, derivedGUID("object", name)),
		resourceID: cmp.Or(id.ResourceID, c.machineID()),
		assigned:   id.ResourceID != "",
		user:       id.User,
		secret:     id.ClientSecret,
		graph:      id.GraphPermissions,
	}
	if id.application() {
		full.application, full.resourceID = true, ""
	}
	if full.bound = id.Binding; full.bound != nil && id.Federated == nil {
		// The binding's own credential. Its subject is not documented.
		full.federated = &FederatedCredential{c.bindingIssuer(full.clientID), full.bound.Subject, exchangeAudience}
	}
	if f := id.Federated; f != nil {
		full.federated = &FederatedCredential{cmp.Or(f.Issuer, c.clusterIssuer()), f.Subject, cmp.Or(f.Audience, exchangeAudience)}
	}
	return full
}

// upn returns a person's user principal name.
func (id *identity) upn() string { return id.name + "@emulated.example" }

// machineID returns the ARM ID of the resource on which the program runs. For an
// online endpoint this is a guess from what Azure does for other resources.
func (c *Config) machineID() string {
	if m := deploymentPattern.FindStringSubmatch(c.Deployment); m != nil {
		return m[1]
	}
	return "/subscriptions/" + derivedGUID("subscription") + "/resourcegroups/emulated/providers/Microsoft.Compute/virtualMachines/emulated"
}

// propagation counts the uses of a role for which it is still too new.
type propagation struct{ left atomic.Int64 }

func newPropagation(uses int) *propagation {
	p := new(propagation)
	p.left.Store(int64(uses))
	return p
}

// arrived counts a use of the role and reports whether it has arrived.
func (p *propagation) arrived() bool { return p.left.Add(-1) < 0 }

// derivedGUID makes an ID from the words. It is the same in every run.
func derivedGUID(words ...string) string {
	h := derivedHex(words...)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:]}, "-")
}

// derivedHex makes 32 hexadecimal digits from the words, like a secret's version.
func derivedHex(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "/")))
	return hex.EncodeToString(sum[:16])
}

// sorted iterates over a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
