package main

import (
	"slices"
	"strings"

	"azinject/identity"
)

// advise returns the variables without which the server cannot get tokens as
// azinject does, and what to do about it in words. Neither is for people's own
// sign-in, and there is nothing to do where AZINJECT_UNSET names the variables.
func (s *start) advise() (unset []string, advice string) {
	if s.credential == nil || s.selected.Kind >= identity.AzureCLI {
		return nil, ""
	}
	unset, users := s.selected.Unset()
	isKept := func(name string) bool { return !slices.Contains(s.unset, name) }
	switch {
	case len(unset) == 0:
		advice = "the server can get tokens too: no AZINJECT_UNSET prevents that here"
	case slices.ContainsFunc(unset, isKept):
		advice = "to keep the server from getting tokens, set AZINJECT_UNSET=" + strings.Join(unset, ",")
		if users {
			advice += ", except for those of the job's user: OBO_ENDPOINT asks for no secret"
		}
	}
	return unset, advice
}
