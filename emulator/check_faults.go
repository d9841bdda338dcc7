package emulator

import (
	"net/url"
	"strings"
)

func (c *checker) fault(at []string, f Fault) {
	m, err := parseMatch(f.Match)
	if err != nil {
		c.failf(under(at, "match"), "%v", err)
	}
	if f.Times < 0 {
		c.failf(under(at, "times"), "must not be negative (0 is every time)")
	}
	c.faultKind(at, &f)
	c.faultStatus(at, &f)
	if f.Slow < 0 {
		c.failf(under(at, "slow"), "must not be negative")
	}
	if _, err := url.Parse(f.Redirect); err != nil {
		c.failf(under(at, "redirect"), "%q is not a URL", f.Redirect)
	}
	c.faultHost(at, &f, m.host)
}

// faultHost holds a fault to hosts that there are, and to what they have.
func (c *checker) faultHost(at []string, f *Fault, host string) {
	_, login := loginCloud(host)
	if host == "" { // a finding already
		return
	}
	switch {
	case host == identityHost && !hasEndpoint(c.platform()):
		c.failf(under(at, "match"), "platform %s has no identity endpoint", c.platform())
	case host != identityHost && !c.emulated(host):
		c.failf(under(at, "match"), "no host %q: name identity, a vault of this file, Resource Manager or Microsoft Entra", host)
	}
	if (host == identityHost || login) && f.Challenge != "" {
		c.failf(under(at, "challenge"), "only vaults and Resource Manager have this")
	}
	if (host == identityHost || login) && f.InnerCode != "" {
		c.failf(under(at, "inner_code"), "only vaults and Resource Manager have this")
	}
	if host != identityHost && !login && f.ExpiredToken {
		c.failf(under(at, "expired_token"), "only host identity and Microsoft Entra have this")
	}
}

// faultKind holds a fault to one kind.
func (c *checker) faultKind(at []string, f *Fault) {
	var all, chosen []string
	for _, k := range faultKinds {
		all = append(all, k.key)
	}
	for _, k := range f.kinds() {
		chosen = append(chosen, k.key)
	}
	switch {
	case len(chosen) == 0:
		c.failf(at, "needs one of %s", strings.Join(all, ", "))
	case len(chosen) > 1:
		c.failf(at, "%s exclude each other", strings.Join(chosen, " and "))
	}
}

// faultStatus checks status and the keys that belong to it.
func (c *checker) faultStatus(at []string, f *Fault) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		c.failf(under(at, "status"), "%d is not a final HTTP status", f.Status)
	}
	for _, part := range []struct {
		key string
		set bool
	}{
		{"retry_after", f.RetryAfter != 0}, {"code", f.Code != ""}, {"inner_code", f.InnerCode != ""},
		{"message", f.Message != ""}, {"body", f.Body != ""}, {"headers", f.Headers != nil},
	} {
		if part.set && f.Status == 0 {
			c.failf(under(at, part.key), "goes with status only")
		}
	}
	if f.RetryAfter < 0 {
		c.failf(under(at, "retry_after"), "must not be negative")
	}
	if f.InnerCode != "" && f.Code == "" {
		c.failf(under(at, "inner_code"), "needs code too")
	}
	for name := range sorted(f.Headers) {
		if name == "" || strings.ContainsAny(name, " :\t\r\n") {
			c.failf(under(at, "headers"), "%q is not a header's name", name)
		}
	}
}
