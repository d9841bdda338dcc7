package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

// azAsPerson is an az that gets its tokens from the Cloud Shell that it runs
// in, where a person is signed in.
const azAsPerson = `while [ "$1" != --resource ]; do shift; done
token=$(curl -s -H Metadata:true --data-urlencode "resource=$2" "$MSI_ENDPOINT" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
echo '{"accessToken": "'$token'", "expires_on": 4102444800}'`

// printSecret reads a secret as a server on App Service does.
func printSecret() {
	through := policy.ClientOptions{Transport: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dial}}}
	credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: through})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := azsecrets.NewClient("https://mykeyvault.vault.azure.net", credential, &azsecrets.ClientOptions{ClientOptions: through})
	if err != nil {
		fmt.Println(err)
		return
	}
	got, err := client.GetSecret(context.Background(), "db", "", nil)
	if err != nil {
		fmt.Println(strings.Join(strings.Fields(err.Error()), " "))
		return
	}
	fmt.Println(*got.Value)
}

// TestLoginReadsASecret runs one azlocal as Azure, behind a proxy, and another
// that is signed in there. The vault sees who reads the secret and decides.
func TestLoginReadsASecret(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("needs curl")
	}
	m := install(t, map[string]string{"az": azAsPerson})
	for reader, want := range map[string]string{"me": "s3cr3t\n", "somebody": "ForbiddenByRbac"} {
		azure := write(t, "azure.yaml", `platform: cloudshell
identities: {me: {user: true}, somebody: {}}
attached: [me]
vaults: {mykeyvault: {readers: [`+reader+`], secrets: {db: s3cr3t}}}
`)
		environ := []string{"AZLOCAL_PROBE=secret", "PATH=" + m.bin + ":/usr/bin:/bin"}
		got := azlocal(t, environ, "emulate", azure, "--", binary, "login", "--", os.Args[0])
		if !strings.Contains(got.stdout, want) || got.status != 0 || got.stderr != "" {
			t.Errorf("read by %s: azlocal = %+v, want %q", reader, got, want)
		}
	}
}
