package emulator

import "strings"

func (c *checker) fault(at []string, f Fault) {
	c.faultEffect(at, &f)
	c.faultStatus(at, &f)
	m, err := parseMatch(f.Match)
	if err != nil {
		c.failf(under(at, "match"), "%v", err)
		return
	}
	c.faultHost(at, &f, m.host)
}

// faultHost checks that the host exists and that the fault is possible there.
func (c *checker) faultHost(at []string, f *Fault, host string) {
	_, login := loginCloud(host)
	issuesTokens := login || host == identityHost
	switch {
	case host == identityHost && !hasEndpoint(c.platform()):
		c.failf(under(at, "match"), "platform %s has no identity endpoint", c.platform())
	case host != identityHost && !c.emulated(host):
		c.failf(under(at, "match"), "no host %q: name identity, a vault, project or App Configuration store of this file, Resource Manager or Microsoft Entra", host)
	case issuesTokens && f.Challenge != "":
		c.failf(under(at, "challenge"), "works for vaults and Resource Manager only")
	case issuesTokens && f.InnerCode != "":
		c.failf(under(at, "inner_code"), "works for vaults and Resource Manager only")
	case !issuesTokens && f.ExpiredToken:
		c.failf(under(at, "expired_token"), "works for host identity and Microsoft Entra only")
	}
}

// faultEffect checks that the fault has exactly one effect.
func (c *checker) faultEffect(at []string, f *Fault) {
	var all, chosen []string
	for _, e := range effects {
		all = append(all, e.key)
	}
	for _, e := range f.effects() {
		chosen = append(chosen, e.key)
	}
	switch {
	case len(chosen) == 0:
		c.failf(at, "needs one of %s", strings.Join(all, ", "))
	case len(chosen) > 1:
		c.failf(at, "has several effects, %s: choose one", strings.Join(chosen, ", "))
	}
}

// faultStatus checks the status, and that the keys which belong to it come with
// it.
func (c *checker) faultStatus(at []string, f *Fault) {
	if f.Status != 0 {
		if f.Status < 200 || f.Status > 599 {
			c.failf(under(at, "status"), "%d is not between 200 and 599", f.Status)
		}
		return
	}
	for _, option := range []struct {
		key string
		set bool
	}{
		{"retry_after", f.RetryAfter != 0}, {"code", f.Code != ""}, {"inner_code", f.InnerCode != ""},
		{"message", f.Message != ""}, {"body", f.Body != ""}, {"headers", f.Headers != nil},
	} {
		if option.set {
			c.failf(under(at, option.key), "needs status")
		}
	}
}
