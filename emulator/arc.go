package emulator

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
)

// arcTokens is where Azure Arc's agent writes keys. Clients accept no other place.
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
const arcTokens = "/var/opt/azcmagent/tokens"

// arcVersions are the versions that Azure's SDKs for Go and Python ask for.
var arcVersions = []string{"2020-06-01", "2019-11-01"}

// serveArc implements the endpoint of Azure Arc's agent. It refuses a request
// first, and names a file with a key that only some users can read.
func (m *machine) serveArc(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	id, problem := m.imdsIdentity(r, q)
	switch {
	case r.Header.Get("Metadata") == "true" && r.Header.Get("Authorization") == "":
		w.Header().Set("WWW-Authenticate", "Basic realm="+m.keyFile)
		w.WriteHeader(http.StatusUnauthorized)
	case problem == nil && r.Header.Get("Authorization") != "Basic "+m.secret:
		writeJSON(w, http.StatusForbidden, oauthError{"access_denied", "The key is wrong"}) // unconfirmed
	case problem == nil && !slices.Contains(arcVersions, q.Get("api-version")):
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "The requested API version is not supported"})
	case problem != nil:
		writeJSON(w, http.StatusBadRequest, problem)
	default:
		writeJSON(w, http.StatusOK, m.full(id, q.Get("resource")))
	}
}

func (a *Azure) arcEnviron(base string) ([]string, error) {
	return []string{"IDENTITY_ENDPOINT=" + base + a.platform.path, "IMDS_ENDPOINT=" + base}, nil
}

// writeArcKey writes the file with the key, which exists until [Azure.Close].
func (a *Azure) writeArcKey() error {
	err := os.MkdirAll(arcTokens, 0o755)
	a.machine.keyFile = filepath.Join(arcTokens, rand.Text()+".key")
	if err == nil {
		err = os.WriteFile(a.machine.keyFile, []byte(a.machine.secret), 0o600)
	}
	if err != nil {
		return fmt.Errorf("platform arc writes a key to %s, where clients look for it, so it needs root, best in a mount namespace of your own, "+
			`for example: unshare --map-root-user --mount sh -c "mount -t tmpfs tmpfs /var/opt; exec ..." (%w)`, arcTokens, err)
	}
	a.closers = append(a.closers, func() error {
		err := os.Remove(a.machine.keyFile)
		os.Remove(arcTokens) // unless it contains more, such as a real agent's keys
		os.Remove(filepath.Dir(arcTokens))
		return err
	})
	return nil
}
