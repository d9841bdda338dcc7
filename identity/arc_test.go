package identity

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const (
	arcTokens = "/var/opt/azcmagent/tokens"
	arcKey    = "the key that only an administrator can read"
)

// TestArc runs itself again in a new mount namespace, because the key of an
// Azure Arc machine has a fixed path.
func TestArc(t *testing.T) {
	if os.Getenv("TEST_ARC") != "" {
		arcInNamespace(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("a mount namespace needs root")
	}
	self := osexec.Command("/proc/self/exe", "-test.run", "^TestArc$", "-test.v")
	self.Env = append(os.Environ(), "TEST_ARC=yes", "GORACE=atexit_sleep_ms=0", "GOCOVERDIR="+t.TempDir())
	self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if out, err := self.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func arcInNamespace(t *testing.T) {
	for _, err := range []error{
		syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""),
		os.MkdirAll("/var/opt", 0o755),
		syscall.Mount("tmpfs", "/var/opt", "tmpfs", 0, ""),
		os.MkdirAll(arcTokens, 0o755),
		os.WriteFile(arcTokens+"/one.key", []byte(arcKey), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	agent := httptest.NewServer(http.HandlerFunc(answerAsArc))
	defer agent.Close()
	t.Setenv("IDENTITY_ENDPOINT", agent.URL+"/metadata/identity/oauth2/token")
	t.Setenv("IMDS_ENDPOINT", agent.URL)
	for name, test := range map[string]struct {
		id     azidentity.ManagedIDKind
		refuse string
	}{
		"the machine's own": {nil, ""},
		"one that it names": {azidentity.ClientID(guidA), ""},
		"another": {azidentity.ClientID(guidB), "no token for https://vault.azure.net: the managed identity endpoint of Azure Arc at " + agent.URL + "/metadata/identity/oauth2/token" +
			" returned 200 with a token, but does not say that it is for the identity " + guidB + " (AZURE_CLIENT_ID)"},
	} {
		credential, err := New(Selection{ID: test.id, Variable: clientVariable})
		if err != nil {
			t.Fatal(err)
		}
		token, err := ask(t.Context(), credential, vaultScope)
		if got := (token.Token == "arc token"); got != (test.refuse == "") || !got && err.Error() != test.refuse {
			t.Errorf("%s: GetToken: %v, or a wrong token", name, err)
		}
	}
}

// answerAsArc implements the agent's protocol:
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
func answerAsArc(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Metadata") != "true" || r.URL.Query().Get("resource") != "https://vault.azure.net":
		http.Error(w, `{"error":"invalid_request"}`, http.StatusBadRequest)
	case r.Header.Get("Authorization") != "Basic "+arcKey:
		w.Header().Set("WWW-Authenticate", "Basic realm="+arcTokens+"/one.key")
		w.WriteHeader(http.StatusUnauthorized)
	default:
		fmt.Fprintf(w, `{"access_token":"arc token","expires_on":"%d","client_id":"`+guidA+`","resource":"https://vault.azure.net","token_type":"Bearer"}`, time.Now().Add(time.Hour).Unix())
	}
}
