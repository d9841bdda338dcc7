package emulator

import (
	"net"
	"net/url"
	"strings"
	"testing"
)

// place starts an Azure at another address and host.
func place(t *testing.T, config, listen, host string) (*Azure, error) {
	t.Helper()
	c := parse(t, config)
	c.Listen, c.Host = listen, host
	a, err := Start(c)
	if err == nil {
		t.Cleanup(func() { a.Close() })
	}
	return a, err
}

func TestPlace(t *testing.T) {
	const loopbacks = "127.0.0.1,localhost,169.254.169.254"
	const user = "platform: on_behalf_of\nidentities: {me: {user: true}}"
	for _, c := range []struct {
		config, listen, host string
		variable, reached    string // at this host
		unproxied            string
	}{
		{"identities: {me: {}}", "", "", "IDENTITY_ENDPOINT", "127.0.0.1", loopbacks},
		{"identities: {me: {}}", "127.0.0.2", "", "IDENTITY_ENDPOINT", "127.0.0.2", loopbacks + ",127.0.0.2"},
		{"identities: {me: {}}", "0.0.0.0", "host.docker.internal", "IDENTITY_ENDPOINT", "host.docker.internal", loopbacks + ",host.docker.internal"},
		{"identities: {me: {}}", "", "localhost", "IDENTITY_ENDPOINT", "localhost", loopbacks},
		{"identities: {me: {}}\nidentity_starts_after: 1h", "127.0.0.2", "there", "IDENTITY_ENDPOINT", "there", loopbacks + ",there"},
		{"platform: servicefabric\nidentities: {me: {}}", "127.0.0.1", "there", "IDENTITY_ENDPOINT", "there", loopbacks + ",there"},
		{"platform: azureml\nidentities: {me: {}}", "127.0.0.1", "there", "MSI_ENDPOINT", "there", loopbacks + ",there"},
		{user, "127.0.0.1", "there", "OBO_ENDPOINT", "there", loopbacks + ",there"},
		{user, "127.0.0.1", "there", "MSI_ENDPOINT", "there", loopbacks + ",there"},
	} {
		a, err := place(t, c.config, c.listen, c.host)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{c.variable, "HTTPS_PROXY"} {
			u, err := url.Parse(environ(a, name))
			if err != nil || u.Hostname() != c.reached || u.Port() == "" {
				t.Errorf("%s, %s: %s = %v, want host %s", c.listen, c.host, name, u, c.reached)
			}
		}
		if got := environ(a, "NO_PROXY"); got != c.unproxied {
			t.Errorf("%s, %s: NO_PROXY = %s, want %s", c.listen, c.host, got, c.unproxied)
		}
	}
}

func TestListen(t *testing.T) {
	a, err := place(t, "identities: {me: {}}", "127.0.0.2", "there")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"IDENTITY_ENDPOINT", "HTTPS_PROXY"} {
		u, _ := url.Parse(environ(a, name))
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.2", u.Port()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.Close()
	}
}

func TestIMDSNeedsItsAddress(t *testing.T) {
	a, err := Start(&Config{Platform: "imds", Identities: map[string]Identity{"me": {}}})
	if err == nil {
		a.Close()
		t.Skip("this machine has 169.254.169.254")
	}
	if !strings.Contains(err.Error(), "unshare --user --map-root-user --net") {
		t.Errorf("Start = %v, want it to say how", err)
	}
}
