package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Scripts that stand for az and azd. No real service would accept the token. az
// prints its expiry in two forms, azd in a third.
const (
	azToken   = "eyJ0eXAiOiJKV1QifQ.eyJhcHBpZCI6ImF6In0.c2lnbmF0dXJl"
	azSigned  = `echo '{"accessToken": "` + azToken + `", "expiresOn": "2100-01-01 00:00:00.000000", "expires_on": 4102444800, "subscription": "s", "tenant": "t", "tokenType": "Bearer"}'`
	azNobody  = `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`
	azdSigned = `printf '%s\n' '{"token": "azd-token", "expiresOn": "2100-01-01T00:00:00Z"}'`
	azdNobody = `printf '%s\n' '{"type":"consoleMessage","data":{"message":"\nERROR: not logged in, run azd auth login to login\n"}}' >&2; exit 1`
)

// machine is a machine for azlocal, with the programs that a test installs.
type machine struct {
	bin, calls string
}

// install makes a machine whose PATH contains only these scripts, by name. They
// record how they are called.
func install(t *testing.T, scripts map[string]string) *machine {
	t.Helper()
	m := &machine{t.TempDir(), filepath.Join(t.TempDir(), "calls")}
	for name, script := range scripts {
		text := "#!/bin/sh\necho " + name + ` "$*" >> "` + m.calls + "\"\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(m.bin, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// azlocal runs the binary on the machine. COMMAND is the probe that the
// environment selects.
func (m *machine) azlocal(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	args = append(append([]string{"login"}, args...), "--", os.Args[0])
	return azlocal(t, append([]string{"PATH=" + m.bin, "AZLOCAL_PROBE=token"}, environ...), args...)
}

// called returns the command lines of all calls to the scripts.
func (m *machine) called(t *testing.T) string {
	t.Helper()
	calls, err := os.ReadFile(m.calls)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(calls)
}

// printTokens requests tokens as every program on App Service does.
func printTokens() {
	o := &azidentity.ManagedIdentityCredentialOptions{}
	if id := os.Getenv("AZLOCAL_CLIENT_ID"); id != "" {
		o.ID = azidentity.ClientID(id)
	}
	if id := os.Getenv("AZLOCAL_RESOURCE_ID"); id != "" {
		o.ID = azidentity.ResourceID(id)
	}
	o.Transport = &http.Client{Transport: &http.Transport{DialContext: dial}}
	o.Retry.MaxRetries = -1
	credential, err := azidentity.NewManagedIdentityCredential(o)
	for _, scope := range strings.Fields(os.Getenv("AZLOCAL_SCOPES")) {
		if err != nil {
			break
		}
		token, err := credential.GetToken(context.Background(), policy.TokenRequestOptions{Scopes: []string{scope}})
		if err != nil {
			fmt.Println(strings.Join(strings.Fields(err.Error()), " "))
			continue
		}
		fmt.Println(scope, token.Token, token.ExpiresOn.Unix())
	}
	if err != nil {
		fmt.Println(err)
	}
}

// dial connects to the address in AZLOCAL_DIAL, as a container that knows it by
// a name.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	if at := os.Getenv("AZLOCAL_DIAL"); at != "" {
		_, port, _ := net.SplitHostPort(address)
		address = net.JoinHostPort(at, port)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

const vaultScope, managerScope = "https://vault.azure.net/.default", "https://management.core.windows.net//.default"

func TestLogin(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned, "azd": azdSigned})
	got := m.azlocal(t, []string{"AZLOCAL_SCOPES=" + managerScope + " " + vaultScope})
	want := managerScope + " " + azToken + " 4102444800\n" + vaultScope + " " + azToken + " 4102444800\n"
	if got != (result{0, want, ""}) {
		t.Errorf("azlocal = %+v, want %q", got, want)
	}
	const calls = `az account get-access-token -o json --resource https://management.core.windows.net/
az account get-access-token -o json --resource https://vault.azure.net
`
	if m.called(t) != calls {
		t.Errorf("called:\n%swant each once:\n%s", m.called(t), calls)
	}
}

// TestLoginStandsForEveryIdentity requests a user-assigned identity, as a
// deployment's YAML does.
func TestLoginStandsForEveryIdentity(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	for _, id := range []string{
		"AZLOCAL_CLIENT_ID=aaaaaaaa-0000-4000-8000-000000000001",
		"AZLOCAL_RESOURCE_ID=/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i",
	} {
		got := m.azlocal(t, []string{"AZLOCAL_SCOPES=" + vaultScope, id})
		if want := vaultScope + " " + azToken + " 4102444800\n"; got != (result{0, want, ""}) {
			t.Errorf("%s: azlocal = %+v, want %q", id, got, want)
		}
	}
}

func TestLoginAudiences(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	const openai, graph = "https://cognitiveservices.azure.com/.default", "https://graph.microsoft.com/.default"
	got := m.azlocal(t, []string{"AZLOCAL_SCOPES=" + openai + " " + graph}, "--audience", "https://cognitiveservices.azure.com/")
	lines := strings.Split(got.stdout, "\n")
	if !strings.HasPrefix(lines[0], openai+" "+azToken) || strings.Contains(lines[1], azToken) || !strings.Contains(lines[1], "400") ||
		!strings.Contains(lines[1], `\"https://graph.microsoft.com\", start azlocal login with --audience`) {
		t.Errorf("azlocal = %+v", got)
	}
	if strings.Contains(m.called(t), "graph") {
		t.Errorf("az was asked:\n%s", m.called(t))
	}
}

func TestLoginCloud(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	file := write(t, "deployment.yml", "environment_variables: {AZUREML_CURRENT_CLOUD: AzureChinaCloud}")
	for _, args := range [][]string{{"--env-from", file}, nil} {
		m.azlocal(t, []string{"AZUREML_CURRENT_CLOUD=AzureUSGovernment", "AZLOCAL_SCOPES=https://vault.azure.cn/.default"}, args...)
	}
	const calls = `az account get-access-token -o json --resource https://management.core.chinacloudapi.cn/
az account get-access-token -o json --resource https://vault.azure.cn
az account get-access-token -o json --resource https://management.core.usgovcloudapi.net/
az account get-access-token -o json --resource https://vault.azure.cn
`
	if m.called(t) != calls {
		t.Errorf("called:\n%swant\n%s", m.called(t), calls)
	}
}

// TestLoginRefused checks that COMMAND learns why az gave no token for a service.
func TestLoginRefused(t *testing.T) {
	m := install(t, map[string]string{"az": `case "$*" in *vault*) echo "ERROR: AADSTS50076: you must use multi-factor authentication. ` + azToken + `" >&2; exit 1;; esac; ` + azSigned})
	got := m.azlocal(t, []string{"AZLOCAL_SCOPES=" + vaultScope + " " + managerScope})
	for _, want := range []string{"400", "azlocal got no token for https://vault.azure.net: az: AADSTS50076: you must use multi-factor authentication. …", managerScope + " " + azToken} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("COMMAND printed %q, want %q", got.stdout, want)
		}
	}
	if got.stderr != "" || strings.Count(got.stdout, azToken) != 1 {
		t.Errorf("azlocal = %+v", got)
	}
}

func TestNotSignedIn(t *testing.T) {
	const installAz = "azlocal: hint: install the Azure CLI (https://aka.ms/azure-cli), and run: az login\n"
	const az = "az: Please run 'az login' to setup account"
	for name, c := range map[string]struct {
		scripts map[string]string
		want    string
	}{
		"az":           {map[string]string{"az": azNobody}, az + "\nazlocal: hint: run: az login\n"},
		"azd":          {map[string]string{"azd": azdNobody}, "azd: not logged in, run azd auth login to login\nazlocal: hint: run: azd auth login\n"},
		"both":         {map[string]string{"az": azNobody, "azd": azdNobody}, az + "; azd: not logged in, run azd auth login to login\nazlocal: hint: run: az login\n"},
		"neither":      {nil, "neither az nor azd is installed, and the environment contains no service principal\n" + installAz},
		"silent":       {map[string]string{"az": "exit 3"}, "az: exit status 3\nazlocal: hint: run: az login\n"},
		"several line": {map[string]string{"az": `printf 'ERROR: one\r\n\n\033[31mtwo\tthree\033[0m\n' >&2; exit 1`}, "az: one [31mtwo three [0m\nazlocal: hint: run: az login\n"},
		"no JSON":      {map[string]string{"az": "echo " + azToken}, "az: invalid character 'e' looking for beginning of value\nazlocal: hint: run: az login\n"},
		"no token":     {map[string]string{"az": `echo '{"expires_on": 4102444800}'`}, "az: no token in the answer\nazlocal: hint: run: az login\n"},
		"token, error": {map[string]string{"az": "echo " + azToken + "; echo " + azToken + " >&2; exit 1"}, "az: …\nazlocal: hint: run: az login\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := install(t, c.scripts).azlocal(t, []string{"AZLOCAL_PROBE=print"})
			if want := (result{125, "", "azlocal: error: not signed in to Azure: " + c.want}); got != want {
				t.Errorf("azlocal = %+v, want %+v", got, want)
			}
		})
	}
}

// TestSignInIsTheFirstThatWorks signs in with azd while az is installed but
// signed out.
func TestSignInIsTheFirstThatWorks(t *testing.T) {
	m := install(t, map[string]string{"az": azNobody, "azd": azdSigned})
	got := m.azlocal(t, []string{"AZLOCAL_SCOPES=" + vaultScope})
	if want := vaultScope + " azd-token 4102444800\n"; got != (result{0, want, ""}) {
		t.Errorf("azlocal = %+v, want %q", got, want)
	}
	if n := strings.Count(m.called(t), "az account"); n != 1 {
		t.Errorf("az was asked %d times:\n%s", n, m.called(t))
	}
}

// TestNothingRunsForNothing checks that other mistakes are reported before the
// sign-in.
func TestNothingRunsForNothing(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	for _, args := range []string{"login nosuchprogram", "login --env-from nosuch.yml /bin/sh", "login --nosuch /bin/sh", "--login /bin/sh"} {
		if got := azlocal(t, []string{"PATH=" + m.bin}, strings.Fields(args)...); got.status < 125 {
			t.Errorf("azlocal %s = %+v", args, got)
		}
	}
	if m.called(t) != "" {
		t.Errorf("called:\n%s", m.called(t))
	}
}
