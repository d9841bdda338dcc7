package emulator

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong with the requests it matches. It has one
// effect: exactly one of Status and of the members from Challenge on is set.
//
// Requests to vaults and Resource Manager without a token are challenged first.
// Faults ignore them, except those with Unauthenticated or Challenge.
type Fault struct {
	// Match is METHOD HOST/PATH. The method may be *, the path is a prefix, and
	// letter case does not matter. Host identity is the identity endpoint.
	Match string `yaml:"match"`
	// Times is how many requests it hits, 0 for all. Requests that an earlier
	// fault in the list hits are not counted.
	Times int `yaml:"times"`
	// Unauthenticated makes it hit requests without a token too.
	Unauthenticated bool `yaml:"unauthenticated"`

	// Status is the response's status. Its body is Body, or an error made of
	// Code, InnerCode and Message, or empty. In all of these {sent} stands for
	// the secret that the request carries.
	Status     int               `yaml:"status"`
	RetryAfter time.Duration     `yaml:"retry_after"`
	Code       string            `yaml:"code"`
	InnerCode  string            `yaml:"inner_code"` // innererror.code, as in Key Vault's 403
	Message    string            `yaml:"message"`
	Body       string            `yaml:"body"`
	Headers    map[string]string `yaml:"headers"`

	// Challenge sends a 401 with this WWW-Authenticate, even if the request has
	// a token. It works for vaults and Resource Manager only.
	Challenge string `yaml:"challenge"`
	// Redirect sends a 302 to this URL.
	Redirect string `yaml:"redirect"`
	// HTML sends a captive portal's page with status 200.
	HTML bool `yaml:"html"`

	// Slow sends the correct response after this time.
	Slow time.Duration `yaml:"slow"`
	// Truncated sends half of the correct response's body, with a matching
	// Content-Length.
	Truncated bool `yaml:"truncated"`
	// NoValue sends the correct response without its essential member: value,
	// properties, credentials, the keys or access_token.
	NoValue bool `yaml:"no_value"`
	// Huge sends the correct response after more than 8 MiB of padding.
	Huge bool `yaml:"huge"`
	// ExpiredToken sends a token that the stores refuse as expired, although the
	// response says that it is valid. It works for the identity endpoint and
	// Microsoft Entra only.
	ExpiredToken bool `yaml:"expired_token"`

	// Cut closes the connection halfway through the correct response's body.
	Cut bool `yaml:"cut"`
	// Hang never responds.
	Hang bool `yaml:"hang"`
	// Reset breaks the connection with a TCP reset.
	Reset bool `yaml:"reset"`
	// Garbage sends something other than HTTP and closes the connection.
	Garbage bool `yaml:"garbage"`
}

// effect is one way for things to go wrong: a member of Fault, and what it
// does.
type effect struct {
	key    string
	chosen func(*Fault) bool
	strike func(*strike)
}

var effects = []effect{
	{"status", func(f *Fault) bool { return f.Status != 0 }, (*strike).status},
	{"challenge", func(f *Fault) bool { return f.Challenge != "" }, (*strike).challenge},
	{"redirect", func(f *Fault) bool { return f.Redirect != "" }, (*strike).redirect},
	{"html", func(f *Fault) bool { return f.HTML }, (*strike).html},
	{"slow", func(f *Fault) bool { return f.Slow != 0 }, (*strike).slow},
	{"truncated", func(f *Fault) bool { return f.Truncated }, (*strike).truncated},
	{"no_value", func(f *Fault) bool { return f.NoValue }, (*strike).noValue},
	{"huge", func(f *Fault) bool { return f.Huge }, (*strike).huge},
	{"expired_token", func(f *Fault) bool { return f.ExpiredToken }, (*strike).expiredToken},
	{"cut", func(f *Fault) bool { return f.Cut }, (*strike).cut},
	{"hang", func(f *Fault) bool { return f.Hang }, (*strike).hang},
	{"reset", func(f *Fault) bool { return f.Reset }, (*strike).reset},
	{"garbage", func(f *Fault) bool { return f.Garbage }, (*strike).garbage},
}

// effects returns the fault's effects. A checked fault has exactly one.
func (f *Fault) effects() []effect {
	return slices.DeleteFunc(slices.Clone(effects), func(e effect) bool { return !e.chosen(f) })
}

// identityHost stands for the identity endpoint in faults and in the log.
const identityHost = "identity"

// match is a parsed Fault.Match. Host and path are in lower case.
type match struct{ method, host, path string }

func parseMatch(s string) (match, error) {
	method, rest, ok := strings.Cut(s, " ")
	host, path, _ := strings.Cut(strings.TrimSpace(rest), "/")
	if !ok || method == "" || host == "" {
		return match{}, errors.New(`write METHOD HOST/PATH, such as "GET mykeyvault.vault.azure.net/secrets/db"`)
	}
	return match{strings.ToUpper(method), strings.ToLower(host), "/" + strings.ToLower(path)}, nil
}

// match parses Match, which must be valid.
func (f *Fault) match() match {
	m, _ := parseMatch(f.Match)
	return m
}

func (m match) matches(method, host, path string) bool {
	return (m.method == "*" || m.method == method) && m.host == host && strings.HasPrefix(strings.ToLower(path), m.path)
}

// faults holds the Config's faults and how many more requests each may hit.
type faults struct {
	mu   sync.Mutex
	list []activeFault
}

type activeFault struct {
	Fault
	match match
	left  int // negative means unlimited
}

func newFaults(list []Fault) *faults {
	f := &faults{}
	for _, fault := range list {
		left := fault.Times
		if left == 0 {
			left = -1
		}
		f.list = append(f.list, activeFault{fault, fault.match(), left})
	}
	return f
}

// take returns the fault that hits the request, nil if none does.
func (f *faults) take(method, host, path string, authenticated bool) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.list, func(a activeFault) bool {
		return a.left != 0 && a.match.matches(method, host, path) && (authenticated || a.Unauthenticated || a.Challenge != "")
	})
	if at < 0 {
		return nil
	}
	if f.list[at].left > 0 {
		f.list[at].left--
	}
	return &f.list[at].Fault
}
