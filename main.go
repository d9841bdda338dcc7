// Azinject resolves the secret references in its environment with the
// container's managed identity and becomes the command it was given.
//
//	Usage:
//	  azinject [--] COMMAND [ARG ...]   resolve, then become COMMAND
//	  azinject --check [--json]         resolve, report on every reference, start nothing
//	  azinject --plan [--json]          no network: what would be fetched, as whom, and
//	                                    the roles that takes
//	  azinject --install PATH           copy this program to the file PATH
//	  azinject --version | --help
//
//	It is the ENTRYPOINT of a container image, COMMAND the server:
//	  ENTRYPOINT ["/azinject", "--"]
//	  CMD ["gunicorn", "app:server"]
//
//	References, in the values of environment variables; the README has all there are:
//	  ${{azureml://connections/NAME}}, or with /credentials/KEY, /metadata/KEY, /target
//	  ${{azureml://onlineEndpoints/NAME/credentials/FIELD}}
//	  ${{keyvault:https://VAULT.vault.azure.net/secrets/NAME}}, or with /VERSION
//	In braces they may stand inside a longer value, several in one. As a whole value these
//	need no braces: keyvault:https://..., azureml://connections/..., @Microsoft.KeyVault(...)
//
//	Settings, all optional:
//	  AZINJECT_TIMEOUT              bound on the whole resolution (2m)
//	  AZINJECT_WORKSPACE            workspace of references that name none (the container's)
//	  AZINJECT_IDENTITY             user-assigned identity: client ID, resource ID or object:ID
//	  AZINJECT_CREDENTIAL           kind of credential (ManagedIdentityCredential, or
//	                                WorkloadIdentityCredential where a pod has one)
//	  AZINJECT_WAIT_FOR_ACCESS      keep asking, for this long on top, while a role is missing (0)
//	  AZINJECT_SKIP                 variables never to touch, separated by commas
//	  AZINJECT_UNSET                variables to remove from COMMAND's environment
//	  AZINJECT_ALLOWED_VAULT_HOSTS  further vault hosts, or suffixes that begin with a dot
//	  AZINJECT_LOG                  error, info or debug, to stderr (error)
//	  AZINJECT_LOG_FORMAT           text or json (text)
//	  AZUREML_CURRENT_CLOUD         AzureCloud, AzureChinaCloud or AzureUSGovernment (AzureCloud)
//
//	Exit status:
//	  125  azinject failed; COMMAND was not started
//	  126  COMMAND cannot be executed
//	  127  COMMAND was not found
//	  128+n  signal n came before COMMAND was started
//	  otherwise COMMAND's own, because the process is COMMAND by then
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	sdklog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"

	"azinject/exec"
)

// version is set by the linker.
var version = "devel"

func main() {
	// Nobody but azinject writes to stderr. GODEBUG=http2debug=2, set for the
	// server, would have net/http log tokens, and AZURE_SDK_GO_LOGGING the SDK
	// its requests.
	log.SetOutput(io.Discard)
	sdklog.SetListener(nil)
	environ := exec.Environ()
	err := run(os.Args[1:], environ)
	if err != nil {
		publish(newReport(environ, err), err, lookup(environ)(formatSetting) == "json")
	}
	os.Exit(exitCode(err))
}

// run does what the command line asks for. Where that is a start, it returns
// only if it fails.
func run(words, environ []string) error {
	args, err := parseArguments(words)
	if err != nil {
		return err
	}
	switch args.mode {
	case modeHelp:
		_, err := fmt.Print(usage)
		return err
	case modeVersion:
		_, err := fmt.Println("azinject", version)
		return err
	case modeInstall:
		return exec.Install(args.path)
	case modeCheck:
		return check(environ, args.json)
	case modePlan:
		return plan(environ, args.json)
	}
	return start(args.command, environ)
}

// start becomes the command. It returns only if that fails.
func start(command, environ []string) error {
	program, resolved, err := prepare(command, environ)
	if err != nil {
		return err
	}
	return program.Replace(resolved)
}

// prepare does everything but the last step: it returns the program to become
// and the environment to give it.
func prepare(command, environ []string) (*exec.Program, []string, error) {
	program, err := exec.Lookup(command, lookup(environ)("PATH"))
	if err != nil {
		return nil, nil, err
	}
	r, err := read(environ, true)
	if err != nil {
		return nil, nil, err
	}
	if len(r.plan.Sources()) == 0 {
		return program, r.serverEnviron(environ), nil
	}
	resolved, sources, err := r.resolve(program)
	if err != nil {
		return nil, nil, err
	}
	logSources(sources)
	return program, resolved, nil
}
