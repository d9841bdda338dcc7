// Azlocal runs a program against Azure from this machine, or against an Azure
// on this machine, so that what works here works in the cloud, unmodified and
// with the same host names.
//
//	usage: azlocal --login [--audience URL ...] [--env-from FILE] [--containers] [--] COMMAND [ARG ...]
//	       azlocal --emulate FILE [--requests FILE] [--env-from FILE] [--containers] [--] COMMAND [ARG ...]
//	       azlocal --help
//
//	  --login           real Azure, with your own sign-in: COMMAND gets its tokens as
//	                    it would get a managed identity's from App Service
//	  --audience URL    give tokens for this service too; may be repeated
//	  --emulate FILE    emulate the Azure that the YAML file describes: identities,
//	                    key vaults, workspace connections, latency, faults
//	  --requests FILE   when COMMAND has ended, write the requests it made of Azure
//	                    to FILE, a line each: kind, method, host, path, status
//	  --env-from FILE   give COMMAND the environment_variables of an Azure ML
//	                    deployment or command job
//	  --containers      for "docker run" as COMMAND: listen where containers reach it
//	                    and name it host.docker.internal
//	  --help            print this
//
//	The sign-in is that of the service principal in AZURE_TENANT_ID, AZURE_CLIENT_ID
//	and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, if these are set, or
//	else that of az, or else that of azd. It stands for every identity: which one is
//	asked for makes no difference. It gives tokens for Key Vault, Resource Manager
//	and what --audience names, to whoever has the random IDENTITY_HEADER.
//
//	In a container, NAME being a variable of --env-from; Docker Desktop does without
//	--add-host, and on Docker Engine --containers listens on docker0's address:
//	  azlocal --login --env-from FILE --containers -- docker run --rm --add-host host.docker.internal:host-gateway -e IDENTITY_ENDPOINT -e IDENTITY_HEADER -e NAME IMAGE
//	  azlocal --emulate FILE --env-from FILE --containers -- sh -c 'docker run --rm --add-host host.docker.internal:host-gateway -e IDENTITY_ENDPOINT -e IDENTITY_HEADER -e MSI_ENDPOINT -e MSI_SECRET -e AML_DEPLOYMENT_RESOURCE_ID -e HTTPS_PROXY -e NO_PROXY -e SSL_CERT_FILE -v "$SSL_CERT_FILE:$SSL_CERT_FILE:ro" -e NAME IMAGE'
//
//	Before a deployment:
//	  azlocal --login --env-from deployment.yml -- azinject --check
//
// COMMAND inherits the environment without the variables that lead to another
// identity: IDENTITY_*, MSI_*, IMDS_ENDPOINT, OBO_ENDPOINT and
// AZURE_POD_IDENTITY_AUTHORITY_HOST. Then come the variables of --env-from,
// then azlocal's own, the later replacing the earlier.
//
// With --login it inherits no part of the developer's sign-in either, and
// nothing that would have it sign in by itself: AZURE_CLIENT_*, AZURE_USERNAME,
// AZURE_PASSWORD, AZURE_FEDERATED_TOKEN*, AZURE_TOKEN_CREDENTIALS and
// AZINJECT_CREDENTIAL. It keeps the proxies and certificate files, which lead
// to Azure.
//
// With --emulate it gets the emulator's proxy and certificate file, and no
// other *_PROXY, SSL_CERT_*, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE in either
// letter case, neither inherited nor from --env-from.
//
// With --login, azlocal first gets a token for Resource Manager, of the cloud
// that AZUREML_CURRENT_CLOUD names, and does not run COMMAND if there is none.
// A service principal in the environment is the only sign-in tried; of az and
// azd it is the first that gives a token. The tenant is that of the active
// subscription: az account set.
//
// SIGTERM, SIGINT, SIGQUIT and SIGHUP are passed on to COMMAND. Ctrl-C and
// Ctrl-\ on a terminal reach it without that: as long as it is in azlocal's
// process group and that is the terminal's foreground group, SIGINT and SIGQUIT
// are taken for the terminal's and not passed on.
//
// Exit status: 125 if azlocal itself fails, 126 if COMMAND cannot be run, 127
// if it is not found, 128+n if signal n killed it, otherwise its own.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	sdklog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"
)

func main() {
	// With AZURE_SDK_GO_LOGGING or GODEBUG=http2debug=2, set for COMMAND, the
	// SDK and net/http would log requests with secrets in them.
	sdklog.SetListener(nil)
	log.SetOutput(io.Discard)
	status, err := run(os.Args[1:], os.Environ(), os.Stderr)
	if errors.Is(err, errHelp) {
		fmt.Print(usage)
		err = nil
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(os.Stderr, "azlocal: error: %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	var nobody *signInError
	if errors.As(err, &nobody) {
		fmt.Fprintln(os.Stderr, "azlocal: hint:", nobody.remedy)
	}
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, synopsis)
	}
	os.Exit(status)
}
