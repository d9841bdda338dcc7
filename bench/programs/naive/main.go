// Naive does for Key Vault what azinject does, as the SDK's examples do it: with
// the default credential, one secret after another.
package main

import (
	"context"
	"log"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

func main() {
	environ := os.Environ()
	if err := inject(context.Background(), environ); err != nil {
		log.Fatal(err)
	}
	log.Fatal(syscall.Exec(os.Args[1], os.Args[1:], environ))
}

// inject replaces references with their secrets.
func inject(ctx context.Context, environ []string) error {
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return err
	}
	clients := map[string]*azsecrets.Client{}
	for i, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		reference, ok := strings.CutPrefix(value, "keyvault:")
		if !ok {
			continue
		}
		u, err := url.Parse(reference)
		if err != nil {
			return err
		}
		client := clients[u.Host]
		if client == nil {
			if client, err = azsecrets.NewClient("https://"+u.Host, credential, nil); err != nil {
				return err
			}
			clients[u.Host] = client
		}
		secret, err := client.GetSecret(ctx, strings.TrimPrefix(u.Path, "/secrets/"), "", nil)
		if err != nil {
			return err
		}
		environ[i] = name + "=" + *secret.Value
	}
	return nil
}
