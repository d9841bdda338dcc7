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

// An identity is an Identity with all its IDs.
type identity struct {
	name       string
	clientID   string
	objectID   string
	resourceID string // of the identity; for a system-assigned one, of the machine
	assigned   bool   // user-assigned
	user       bool
	secret     string
	federated  *FederatedCredential // complete; nil if it trusts nobody
}

func (c *Config) platform() string { return cmp.Or(c.Platform, "appservice") }

func (c *Config) tenant() string { return cmp.Or(c.Tenant, DefaultTenant) }

func (c *Config) attached(name string) bool {
	return c.Attached == nil || slices.Contains(c.Attached, name)
}

// having returns the attached identities that are so, by name.
func (c *Config) having(so func(Identity) bool) []string {
	var names []string
	for name, id := range sorted(c.Identities) {
		if c.attached(name) && so(id) {
			names = append(names, name)
		}
	}
	return names
}

// application says whether it signs in by itself, and is no machine's.
func (id Identity) application() bool {
	return !id.User && id.ResourceID == "" && (id.ClientSecret != "" || id.Federated != nil)
}

// identity completes the identity of that name.
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
	}
	if id.application() {
		full.resourceID = ""
	}
	if f := id.Federated; f != nil {
		full.federated = &FederatedCredential{cmp.Or(f.Issuer, c.clusterIssuer()), f.Subject, cmp.Or(f.Audience, exchangeAudience)}
	}
	return full
}

// machineID is the ARM ID of the resource that the program runs on. That the
// token of an online endpoint's system-assigned identity names the endpoint is
// what the service does elsewhere, not documented for endpoints.
func (c *Config) machineID() string {
	if m := deploymentPattern.FindStringSubmatch(c.Deployment); m != nil {
		return m[1]
	}
	return "/subscriptions/" + derivedGUID("subscription") + "/resourcegroups/emulated/providers/Microsoft.Compute/virtualMachines/emulated"
}

// access is who may do something, by object ID; nil is everybody.
type access map[string]bool

func (a access) allows(c claims) bool { return a == nil || a[c.ObjectID] }

// A propagation is how many uses a role is still too new for.
type propagation struct{ left atomic.Int64 }

func newPropagation(uses int) *propagation {
	p := new(propagation)
	p.left.Store(int64(uses))
	return p
}

// arrived counts a use that the role permits.
func (p *propagation) arrived() bool { return p.left.Add(-1) < 0 }

func (c *Config) access(names []string) access {
	if names == nil {
		return nil
	}
	a := access{}
	for _, name := range names {
		a[c.identity(name).objectID] = true
	}
	return a
}

// derivedGUID makes an ID of the words that is the same in every run.
func derivedGUID(words ...string) string {
	h := derivedHex(words...)
	return strings.Join([]string{h[:8], h[8:12], "4" + h[13:16], "a" + h[17:20], h[20:]}, "-")
}

// derivedHex is derivedGUID as 32 hexadecimal digits, the shape of a secret's
// version.
func derivedHex(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "/")))
	return hex.EncodeToString(sum[:16])
}

// sorted yields a map's entries by key.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
