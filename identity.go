package main

import (
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// usedIdentity is who fetches, and why. Without an ID it is the system-assigned
// identity, or the only one.
type usedIdentity struct {
	Credential string `json:"credential"` // as AZINJECT_CREDENTIAL names it
	Platform   string `json:"platform,omitempty"`
	ClientID   string `json:"clientId,omitempty"`
	ObjectID   string `json:"objectId,omitempty"`
	ResourceID string `json:"resourceId,omitempty"`
	From       string `json:"from,omitempty"` // variables, separated by commas
}

func (s *start) usedIdentity() *usedIdentity {
	selected := s.selected
	u := &usedIdentity{Credential: selected.Kind.String(), Platform: string(selected.Platform())}
	u.From = strings.Join(strings.Fields(selected.KindVariable+" "+selected.Variable), ", ")
	switch id := selected.ID.(type) {
	case azidentity.ClientID:
		u.ClientID = id.String()
	case azidentity.ObjectID:
		u.ObjectID = id.String()
	case azidentity.ResourceID:
		u.ResourceID = id.String()
	}
	return u
}

// String returns the identity as --plan prints it.
func (u *usedIdentity) String() string {
	text := u.Credential
	switch {
	case u.ClientID != "":
		text += " with client ID " + u.ClientID
	case u.ObjectID != "":
		text += " with object ID " + u.ObjectID
	case u.ResourceID != "":
		text += " " + u.ResourceID
	case u.Platform != "":
		text += ", system-assigned or the only one"
	}
	if u.Platform != "" {
		text += ", from " + u.Platform
	}
	if u.From != "" {
		text += " (" + u.From + ")"
	}
	return text
}

// advise returns the variables without which the server cannot get tokens as
// azinject does, and what to do about it in words. Neither is for people's own
// sign-in, and there is nothing to do where AZINJECT_UNSET names the variables.
func (s *start) advise() (unset []string, advice string) {
	if s.credential == nil || s.selected.Kind.Tool() {
		return nil, ""
	}
	unset, users := s.selected.Unset()
	isKept := func(name string) bool { return !slices.Contains(s.unset, name) }
	switch {
	case len(unset) == 0:
		advice = "the server can get tokens too, and AZINJECT_UNSET cannot prevent that here"
	case slices.ContainsFunc(unset, isKept):
		advice = "to keep the server from getting tokens, set AZINJECT_UNSET=" + strings.Join(unset, ",")
		if users {
			advice += ", except for those of the job's user: OBO_ENDPOINT asks for no secret"
		}
	}
	return unset, advice
}
