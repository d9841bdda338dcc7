//go:build containers

package deploy_test

import "testing"

// TestRoots puts the root of Azure's certificates into the image, into
// SSL_CERT_FILE, or nowhere. Without any in the image, azinject uses its
// built-in roots.
func TestRoots(t *testing.T) {
	here := []string{"--network", network, "--env", "SECRET=" + openSecret}
	inImage := "/etc/ssl/certs/ca-certificates.crt"
	for name, test := range map[string]struct {
		options []string
		image   string
		stderr  string // "" if the vault is trusted
	}{
		"in the system's file":   {[]string{"--volume", roots + ":" + inImage + ":ro"}, "server", ""},
		"in the system's folder": {[]string{"--volume", roots + ":/etc/ssl/certs/ours.pem:ro"}, "server", ""},
		"in SSL_CERT_FILE":       {[]string{"--volume", roots + ":/ours.pem:ro", "--env", "SSL_CERT_FILE=/ours.pem"}, "server", ""},
		"nowhere":                {nil, "server", "which are Mozilla's built-in ones, because the image has none;"},
		"not among the system's": {nil, "debian-server", "which are those of the image;"},
		"SSL_CERT_FILE missing":  {[]string{"--env", "SSL_CERT_FILE=/nowhere.pem"}, "server", "SSL_CERT_FILE: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.image == "debian-server" {
				image(t, test.image, "FROM "+tag+"debian\nCOPY --from="+tag+"server / /\n"+`ENTRYPOINT ["/azinject", "--"]`+"\n"+`CMD ["/peer", "print", "SECRET"]`+"\n")
			}
			got := run(t, append(append(here, test.options...), tag+test.image)...)
			if test.stderr == "" {
				got.check(t, "0", "SECRET=from-the-vault\n", "")
			} else {
				got.check(t, "125", "", test.stderr)
			}
		})
	}
}
