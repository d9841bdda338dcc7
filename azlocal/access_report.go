package main

import (
	"encoding/json"

	"azinject/access"
	"azinject/azlocal/manager"
	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// accessReport is what "azlocal access" finds out. docs/before-you-deploy.md
// describes its JSON. Fields may be added to it, and are never removed or changed.
type accessReport struct {
	OK       bool     `json:"ok"`
	Person   party    `json:"person"`
	Identity *party   `json:"identity,omitempty"` // missing if it does not exist yet
	Notes    []string `json:"notes,omitempty"`
	Stores   []*store `json:"stores"`
}

// party is somebody who is asked about.
type party struct {
	What       string `json:"what"` // in words
	ObjectID   string `json:"objectId"`
	ClientID   string `json:"clientId,omitempty"`
	ResourceID string `json:"resourceId,omitempty"`
	Type       string `json:"type"` // as az role assignment create takes it
}

func (p party) principal() access.Principal {
	return access.Principal{ObjectID: p.ObjectID, Type: p.Type}
}

// store is a vault, or another place that secrets are in.
type store struct {
	Kind    string   `json:"kind"`
	Store   string   `json:"store"`
	Names   []string `json:"names"` // what is read of it
	Scope   string   `json:"scope,omitempty"`
	Model   string   `json:"model,omitempty"` // role or access policy
	Actions []string `json:"actions"`
	Network []string `json:"network,omitempty"`

	Person   verdict  `json:"person"`
	Identity *verdict `json:"identity,omitempty"`
	// The least that each lacks, nothing where it has access or no grant helps.
	PersonGrants []*grant `json:"personGrants,omitempty"`
	Grants       []*grant `json:"grants,omitempty"` // the identity's

	objects   []resolve.Object
	variables []string // that need it
	need      need
	vault     *manager.Vault // nil if it is not a vault
	err       error          // why it was not found
	unseen    error          // why it may not exist
	// confirmed reports that Azure itself has said that a grant is effective.
	confirmed bool
	// late reports that one was not effective when the waiting ended.
	late bool
}

// verdict is whether somebody may read all of a store's names, and why.
type verdict struct {
	Access  rbac.Access `json:"access"`
	Because []string    `json:"because"`
	Lacks   []string    `json:"lacks,omitempty"` // the names, if it is only some

	blocked bool // by a deny assignment or a condition, which no other role should get around
}

// grant is one to make, and what became of it.
type grant struct {
	access.Grant
	Result string `json:"result,omitempty"` // granted, existed, refused or manual
	Error  string `json:"error,omitempty"`
	// Definition is that of a custom role, where no built-in one is for just this.
	Definition json.RawMessage `json:"definition,omitempty"`

	policy bool
	role   string // the ID
}

// status returns the exit status.
func (r *accessReport) status() int {
	worst := rbac.Yes
	for _, s := range r.Stores {
		worst = rbac.Worst(worst, s.Person.Access)
		if s.Identity != nil && !s.granted() {
			worst = rbac.Worst(worst, s.Identity.Access)
		}
		if s.late {
			worst = rbac.Worst(worst, rbac.Unknown)
		}
	}
	switch worst {
	case rbac.Yes:
		return 0
	case rbac.No:
		return statusLacking
	default:
		return statusFailed
	}
}

// noun returns what the store is, in words.
func (s *store) noun() string { return s.objects[0].Kind.StoreNoun() }

// granted reports whether everything that the identity lacked has been granted.
func (s *store) granted() bool {
	for _, g := range s.Grants {
		if g.Result != resultGranted && g.Result != resultExisted {
			return false
		}
	}
	return s.Grants != nil
}
