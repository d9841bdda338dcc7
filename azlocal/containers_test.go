package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const (
	warned         = "azlocal: warning: every container on this machine that knows the random IDENTITY_HEADER gets tokens with your rights for Key Vault, App Configuration, Foundry, Resource Manager, online endpoints while azlocal runs\n"
	containerToken = vaultScope + " " + azToken + " 4102444800\n"
)

// TestContainers reaches the endpoint as a container does: by a name that only
// containers know, at the address of the bridge or loopback.
func TestContainers(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	got := m.azlocal(t, []string{"AZLOCAL_SCOPES=" + vaultScope, "AZLOCAL_DIAL=" + placeFor(true).address}, "--containers")
	if got != (result{0, containerToken, warned}) {
		t.Errorf("azlocal = %+v", got)
	}
	got = m.azlocal(t, []string{"AZLOCAL_PROBE=print"}, "--containers", "--audience", "https://x.example")
	if !strings.Contains(got.stdout, "\"IDENTITY_ENDPOINT=http://host.docker.internal:") || !strings.Contains(got.stderr, ", https://x.example while azlocal runs") || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("azlocal = %+v", got)
	}
	for line := range strings.Lines(got.stdout) {
		if secret, ok := strings.CutPrefix(line, `"IDENTITY_HEADER=`); ok && strings.Contains(got.stderr, secret[:len(secret)-2]) {
			t.Error("the warning contains the secret")
		}
	}
}

// TestContainersBridge does the same with and without Docker Engine's bridge.
func TestContainersBridge(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	for name, c := range map[string]struct{ network, reached, unreached string }{
		"bridge":                    {"ip link add docker0 type bridge && ip address add 172.30.0.1/16 dev docker0 && ip link set docker0 up", "172.30.0.1", "127.0.0.1"},
		"bridge with IPv6 as well":  {"ip link add docker0 type bridge && ip address add fd00::1/64 dev docker0 && ip address add 172.30.0.1/16 dev docker0 && ip link set docker0 up", "172.30.0.1", "127.0.0.1"},
		"bridge without an address": {"ip link add docker0 type bridge", "127.0.0.1", "172.30.0.1"},
		"none":                      {"true", "127.0.0.1", "172.30.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			unshare := []string{"--user", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && " + c.network + ` && exec "$@"`, "sh"}
			if out, err := exec.Command("unshare", append(unshare, "true")...).CombinedOutput(); err != nil {
				t.Skipf("needs unshare(1), ip(8) and unprivileged network namespaces: %v\n%s", err, out)
			}
			for address, want := range map[string]string{c.reached: containerToken, c.unreached: ""} {
				command := exec.CommandContext(t.Context(), "unshare", append(unshare, binary, "login", "--containers", "--", os.Args[0])...)
				command.Env = []string{"PATH=" + m.bin + ":" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "AZLOCAL_PROBE=token", "AZLOCAL_SCOPES=" + vaultScope, "AZLOCAL_DIAL=" + address}
				out, err := command.Output()
				if err != nil || (string(out) == containerToken) != (want != "") {
					t.Errorf("at %s: %v, %q, want %q", address, err, out, want)
				}
			}
		})
	}
}

// TestContainersEmulated reads a secret as a container does. A container may
// have another user, so everybody must be able to read the certificate file.
func TestContainersEmulated(t *testing.T) {
	azure := write(t, "azure.yaml", "identities: {me: {}}\nvaults: {mykeyvault: {secrets: {db: s3cr3t}}}\n")
	const emulated = "azlocal: warning: every container on this machine can reach the emulated Azure while azlocal runs\n"
	got := azlocal(t, []string{"AZLOCAL_PROBE=secret", "AZLOCAL_DIAL=" + placeFor(true).address}, "emulate", azure, "--containers", "--", os.Args[0])
	if got != (result{0, "s3cr3t\n", emulated}) {
		t.Errorf("azlocal = %+v", got)
	}
	for args, named := range map[string]bool{"--containers": true, "": false} {
		got := azlocal(t, nil, append(append([]string{"emulate", azure}, strings.Fields(args)...), "--", "sh", "-c", `echo $IDENTITY_ENDPOINT $HTTPS_PROXY; ls -l "$SSL_CERT_FILE"`)...)
		endpoint, mode, _ := strings.Cut(got.stdout, "\n")
		if n := strings.Count(endpoint, "http://host.docker.internal:"); (n == 2) != named || n == 1 || !strings.HasPrefix(mode, "-rw-r--r--") {
			t.Errorf("%s: azlocal = %+v", args, got)
		}
	}
}
