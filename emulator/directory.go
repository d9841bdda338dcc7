package emulator

import (
	"crypto/subtle"
	"slices"
	"strings"
	"sync"
	"time"
)

// directory is what Microsoft Entra and Microsoft Graph know about the tenant's
// people, applications and managed identities. Requests add credentials.
type directory struct {
	tenant  string
	members []*identity          // by name
	clients map[string]*identity // those that are not people, by lower-case client ID
	groups  map[string]string    // names by object ID
	person  *identity            // who signs in interactively, nil if nobody is there
	people  signer               // signs device codes and refresh tokens

	mu        sync.RWMutex
	passwords map[string][]password // of applications, by lower-case client ID
	trusted   map[string][]federation
	redeemed  map[string]bool // device codes
}

// password is a secret of an application.
type password struct {
	id, secret, name string
	from, to         time.Time
}

// federation is a FederatedCredential with its name.
type federation struct {
	name string
	FederatedCredential
}

func newDirectory(c *Config) *directory {
	d := &directory{
		tenant: c.tenant(), clients: map[string]*identity{}, groups: map[string]string{}, people: newSigner(),
		passwords: map[string][]password{}, trusted: map[string][]federation{}, redeemed: map[string]bool{},
	}
	for name, id := range sorted(c.Identities) {
		full := c.identity(name)
		d.members = append(d.members, full)
		client := strings.ToLower(full.clientID)
		if id.User {
			if d.person == nil && c.attached(name) {
				d.person = full
			}
			continue
		}
		if full.secret != "" {
			d.passwords[client] = []password{{derivedGUID("password", name), full.secret, "", creation, creation.AddDate(100, 0, 0)}}
		}
		d.clients[client] = full
		if full.federated != nil {
			d.trusted[client] = []federation{{"emulated", *full.federated}}
		}
	}
	for name := range c.Groups {
		d.groups[c.principal(name)] = name
	}
	return d
}

// passwordsOf returns an application's secrets.
func (d *directory) passwordsOf(client *identity) []password {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.passwords[strings.ToLower(client.clientID)])
}

func (d *directory) addPassword(client *identity, p password) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.ToLower(client.clientID)
	d.passwords[key] = append(d.passwords[key], p)
}

// accepts reports whether the secret is one of the application's.
func (d *directory) accepts(client *identity, secret string, now time.Time) bool {
	return slices.ContainsFunc(d.passwordsOf(client), func(p password) bool {
		return subtle.ConstantTimeCompare([]byte(secret), []byte(p.secret)) == 1 && now.Before(p.to)
	})
}

// federationsOf returns the workloads that may sign in as the identity.
func (d *directory) federationsOf(client *identity) []federation {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.trusted[strings.ToLower(client.clientID)])
}

// trust adds a workload, or replaces the one of its name. clash reports that there
// is another one with its issuer and subject.
func (d *directory) trust(client *identity, f federation) (made, clash bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.ToLower(client.clientID)
	same := func(o federation) bool { return strings.EqualFold(o.name, f.name) }
	if slices.ContainsFunc(d.trusted[key], func(o federation) bool {
		return !same(o) && o.Issuer == f.Issuer && o.Subject == f.Subject
	}) {
		return false, true
	}
	if i := slices.IndexFunc(d.trusted[key], same); i >= 0 {
		d.trusted[key][i] = f
		return false, false
	}
	d.trusted[key] = append(d.trusted[key], f)
	return true, false
}

// redeem reports whether the device code is used for the first time.
func (d *directory) redeem(code string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	used := d.redeemed[code]
	d.redeemed[code] = true
	return !used
}

// member returns who has this object ID, nil if nobody does.
func (d *directory) member(objectID string) *identity {
	i := slices.IndexFunc(d.members, func(id *identity) bool { return strings.EqualFold(id.objectID, objectID) })
	if i < 0 {
		return nil
	}
	return d.members[i]
}
