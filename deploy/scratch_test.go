//go:build containers

package deploy_test

import "testing"

// TestScratch runs an image that contains only a server and azinject, as
// various users.
func TestScratch(t *testing.T) {
	locked := []string{"--user", "65532:65532", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}
	for name, options := range map[string][]string{"root": nil, "locked down": locked, "init": {"--init"}} {
		t.Run(name, func(t *testing.T) {
			run(t, append(trusting(options...), "--env", "SECRET=x "+openSecret, tag+"server")...).
				check(t, "0", "SECRET=x from-the-vault\n", "")
			run(t, append(trusting(options...), "--env", "SECRET="+closedSecret, tag+"server")...).
				check(t, "125", "", `azinject: error: SECRET: secret "db-password" in azinject-test-closed.vault.azure.net: access denied (403 ForbiddenByRbac)`)
			run(t, append(trusting(options...), "--env", "SECRET=none", tag+"server")...).
				check(t, "0", "SECRET=none\n", "")
		})
	}
}

// TestConnection checks that a machine without a workspace needs
// AZINJECT_WORKSPACE.
func TestConnection(t *testing.T) {
	run(t, trusting("--env", "SECRET="+openAIKey, "--env", "AZINJECT_WORKSPACE="+workspace, tag+"server")...).
		check(t, "0", "SECRET=from-the-connection\n", "")
	run(t, trusting("--env", "SECRET="+openAIKey, tag+"server")...).
		check(t, "125", "", "AZINJECT_WORKSPACE")
}

// TestNoNetwork runs a container without a network.
func TestNoNetwork(t *testing.T) {
	run(t, "--network", "none", "--env", "SECRET=none", tag+"server").
		check(t, "0", "SECRET=none\n", "")
	run(t, "--network", "none", "--env", "SECRET="+openSecret, tag+"server").
		check(t, "125", "", "azinject: hint: run this where there is a managed identity")
}

// TestProxy reads from a vault on another network through a proxy. The instance
// metadata service is on this network and is never reached through a proxy.
func TestProxy(t *testing.T) {
	const vault = "azinject-test-far.vault.azure.net"
	far := docker(t, "network", "create", "--label", label, "--internal", label+"-far")
	docker(t, "network", "connect", "--alias", vault, far, azure)
	t.Cleanup(func() {
		docker(t, "network", "disconnect", far, azure)
		docker(t, "network", "rm", far)
	})
	proxy := start(t, "--network", network, "--network-alias", "proxy", tag+"peer", "/peer", "proxy")
	t.Cleanup(func() { docker(t, "network", "disconnect", far, proxy.id) })
	docker(t, "network", "connect", far, proxy.id)
	proxy.says("ready")

	options := trusting("--env", "SECRET=${{keyvault:https://"+vault+"/secrets/db-password}}")
	run(t, append(options, "--env", "HTTPS_PROXY=http://proxy:3128", "--env", "HTTP_PROXY=http://proxy:3128", tag+"server")...).
		check(t, "0", "SECRET=from-afar\n", "")
	if logs, want := docker(t, "logs", proxy.id), "ready\nconnected to "+vault+":443"; logs != want {
		t.Errorf("the proxy prints %q, want %q", logs, want)
	}
	run(t, append(options, tag+"server")...).
		check(t, "125", "", "the name does not resolve")
}
