package emulator_test

import (
	"os"
	osexec "os/exec"
	"strings"
	"syscall"
	"testing"

	"azinject/emulator"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

// machinePlatforms lists the platforms on which azidentity needs an address or a
// file of the machine.
var machinePlatforms = []string{"imds", "container_instances", "arc"}

// TestGoSDKOnMachines runs itself again in namespaces where that address and the
// directory of that file belong to the test alone.
func TestGoSDKOnMachines(t *testing.T) {
	if os.Getenv("TEST_MACHINES") != "" {
		for _, platform := range machinePlatforms {
			t.Run(platform, func(t *testing.T) { readOnMachine(t, platform) })
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("namespaces need root")
	}
	if _, err := osexec.LookPath("ip"); err != nil {
		t.Skip("needs ip(8)")
	}
	const setup = `ip link set lo up && ip address add 169.254.169.254/32 dev lo && mkdir -p /var/opt && mount -t tmpfs tmpfs /var/opt && exec "$@"`
	self := osexec.Command("sh", "-c", setup, "sh", executable(t), "-test.run", "^TestGoSDKOnMachines$", "-test.v")
	self.Env = append(os.Environ(), "TEST_MACHINES=yes", "GORACE=atexit_sleep_ms=0", "GOCOVERDIR="+t.TempDir())
	self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	out, err := self.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: TestGoSDKOnMachines/") != len(machinePlatforms) {
		t.Errorf("%v\n%s", err, out)
	}
}

func readOnMachine(t *testing.T, platform string) {
	const clientID = "aaaaaaaa-0000-4000-8000-000000000021"
	azure, client := begin(t, identitiesOf(platform, clientID)+sdkStores)
	for _, id := range []string{"", clientID} {
		options := &azsecrets.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}}
		secrets, err := azsecrets.NewClient("https://open.vault.azure.net", credential(t, id), options)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := secrets.GetSecret(t.Context(), "db", "", nil); err != nil || *answer.Value != "two" {
			t.Errorf("client ID %q: %v, or a wrong value", id, err)
		}
	}
	if got := azure.Counts()[emulator.KindToken]; got != 2 {
		t.Errorf("requests for tokens = %d, want 2", got)
	}
	_, err := credential(t, "bbbbbbbb-0000-4000-8000-000000000021").GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://vault.azure.net/.default"}})
	if err == nil {
		t.Error("got a token of an identity that is not attached")
	}
}

func executable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
