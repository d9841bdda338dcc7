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
// Requests to vaults and Resource Manager without a token get their challenge
// first: faults neither strike nor count them, but for those with
// Unauthenticated or Challenge.
type Fault struct {
	// Match is METHOD HOST/PATH. The method may be *; the path is a prefix,
	// letter case does not matter. Host identity is the identity endpoint.
	Match string `yaml:"match"`
	// Times is how many requests it meets; 0 means all. Those that a fault
	// earlier in the list takes are not counted.
	Times int `yaml:"times"`
	// Unauthenticated makes it meet requests without a token too.
	Unauthenticated bool `yaml:"unauthenticated"`

	// Status is answered with Body, with an error made of Code, InnerCode and
	// Message, or with nothing. These, RetryAfter and Headers belong to it.
	Status     int               `yaml:"status"`
	RetryAfter time.Duration     `yaml:"retry_after"`
	Code       string            `yaml:"code"`
	InnerCode  string            `yaml:"inner_code"` // innererror.code, as in Key Vault's 403
	Message    string            `yaml:"message"`
	Body       string            `yaml:"body"`
	Headers    map[string]string `yaml:"headers"`

	// Challenge is a 401 with this WWW-Authenticate, whatever token the request
	// has or lacks. Vaults and Resource Manager only.
	Challenge string `yaml:"challenge"`
	// Redirect is a 302 to this URL.
	Redirect string `yaml:"redirect"`
	// HTML is a captive portal's page: a 200.
	HTML bool `yaml:"html"`

	// Slow gives the right answer after this time.
	Slow time.Duration `yaml:"slow"`
	// Truncated gives the first half of the right answer's body, and calls it
	// all.
	Truncated bool `yaml:"truncated"`
	// NoValue gives the right answer without the member that it is all about:
	// value, properties, the keys, access_token.
	NoValue bool `yaml:"no_value"`
	// Huge gives the right answer with more than 8 MiB of padding in front.
	Huge bool `yaml:"huge"`
	// ExpiredToken gives the right answer with a token that the stores refuse
	// as expired, though the answer says otherwise. Identity endpoint and
	// Microsoft Entra only.
	ExpiredToken bool `yaml:"expired_token"`

	// Cut closes the connection halfway through the right answer's body.
	Cut bool `yaml:"cut"`
	// Hang never answers.
	Hang bool `yaml:"hang"`
	// Reset breaks the connection with a TCP reset instead of an answer.
	Reset bool `yaml:"reset"`
	// Garbage answers something that is not HTTP and closes the connection.
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

// effects returns those the fault has: exactly one, once it has been checked.
func (f *Fault) effects() []effect {
	return slices.DeleteFunc(slices.Clone(effects), func(e effect) bool { return !e.chosen(f) })
}

// identityHost is how faults and the log name the identity endpoint.
const identityHost = "identity"

// A match is a parsed Fault.Match, lower case but for the method.
type match struct{ method, host, path string }

func parseMatch(s string) (match, error) {
	method, rest, ok := strings.Cut(s, " ")
	host, path, _ := strings.Cut(strings.TrimSpace(rest), "/")
	if !ok || method == "" || host == "" {
		return match{}, errors.New(`want METHOD HOST/PATH, such as "GET mykeyvault.vault.azure.net/secrets/db"`)
	}
	return match{strings.ToUpper(method), strings.ToLower(host), "/" + strings.ToLower(path)}, nil
}

// match parses Match, which has been checked.
func (f *Fault) match() match {
	m, _ := parseMatch(f.Match)
	return m
}

func (m match) matches(method, host, path string) bool {
	return (m.method == "*" || m.method == method) && m.host == host && strings.HasPrefix(strings.ToLower(path), m.path)
}

// faults is the Config's list and how often each has struck.
type faults struct {
	mu   sync.Mutex
	list []activeFault
}

type activeFault struct {
	Fault
	match match
	left  int // -1: no end
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

// take returns the fault that strikes the request, nil if none does.
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
