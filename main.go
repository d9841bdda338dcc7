// Azinject resolves the secret references in its environment with the
// container's managed identity and becomes the command it was given.
//
//	Usage:
//	  azinject [--] COMMAND [ARG ...]   resolve, then become COMMAND
//	  azinject --check [--json]         resolve, report on every reference, start nothing
//	  azinject --plan [--json]          without the network: what would be fetched, by which
//	                                    identity, and the roles it needs
//	  azinject --install PATH           copy this program to the file PATH
//	  azinject --version | --help
//
//	Use it as the ENTRYPOINT of a container image, with the server as COMMAND:
//	  ENTRYPOINT ["/azinject", "--"]
//	  CMD ["gunicorn", "app:server"]
//
//	References in the values of environment variables (the README has them all):
//	  ${{azureml://connections/NAME}}, or with /credentials/KEY, /metadata/KEY, /target
//	  ${{azureml://onlineEndpoints/NAME/credentials/FIELD}}
//	  ${{keyvault:https://VAULT.vault.azure.net/secrets/NAME}}, or with /VERSION, #/JSON/POINTER
//	  ${{connections.NAME.credentials.KEY}}, ....metadata.KEY, ....target   (Microsoft Foundry)
//	In braces they can be part of a longer value. Without braces they are the whole value:
//	  keyvault:https://...        azureml://connections/...   akvs://SUBSCRIPTION/VAULT/SECRET
//	  @Microsoft.KeyVault(...)    @Microsoft.AppConfiguration(...)
//
//	Settings, all optional:
//	  AZINJECT_TIMEOUT              time limit for resolving everything (2m)
//	  AZINJECT_WORKSPACE            workspace of references that do not name one (the container's)
//	  AZINJECT_PROJECT              endpoint of the Foundry project of connections. references
//	                                (FOUNDRY_PROJECT_ENDPOINT, else AZURE_AI_PROJECT_ENDPOINT)
//	  AZINJECT_IDENTITY             user-assigned identity: client ID, resource ID or object:ID
//	  AZINJECT_CREDENTIAL           kind of credential (ManagedIdentityCredential, or
//	                                WorkloadIdentityCredential in a pod that has one)
//	  AZINJECT_WAIT_FOR_ACCESS      how much longer to retry while a role is missing (0)
//	  AZINJECT_SKIP                 variables to leave alone, separated by commas
//	  AZINJECT_UNSET                variables that COMMAND does not get
//	  AZINJECT_ALLOWED_VAULT_HOSTS  more vault hosts, or suffixes that begin with a dot
//	  AZINJECT_LOG                  error, info or debug, on stderr (error)
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
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"time"

	sdklog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"

	"azinject/exec"
	"azinject/exec/signals"
	"azinject/report"
)

// version is set by the linker.
var version = "devel"

func main() {
	// Only azinject writes to stderr. GODEBUG=http2debug=2, set for the server,
	// would make net/http log tokens, and AZURE_SDK_GO_LOGGING the SDK its
	// requests.
	log.SetOutput(io.Discard)
	sdklog.SetListener(nil)
	ctx, environ := signals.Context(), exec.Environ()
	stdout := output{signals.Writer(os.Stdout)}
	stderr := report.Log{Writer: signals.Writer(os.Stderr), JSON: getenvFrom(environ)(formatSetting) == "json"}
	context.AfterFunc(ctx, func() { os.Exit(giveUp(ctx, environ, stderr)) })
	os.Exit(run(ctx, os.Args[1:], environ, stdout, stderr))
}

// giveUp waits a little for the report of a signal and returns the exit status.
// A step may hang, such as a write to a pipe that nobody reads.
func giveUp(ctx context.Context, environ []string, stderr report.Log) int {
	const grace = time.Second
	time.Sleep(grace)
	go tell(ended(ctx), environ, "", stderr) // which may hang too
	time.Sleep(grace)
	return exitCode(ended(ctx))
}

// run does what the command line asks for and returns the exit status. It does
// not return if a start succeeds.
func run(ctx context.Context, words, environ []string, stdout io.Writer, stderr report.Log) int {
	args, err := parseArguments(words)
	if err == nil {
		switch args.mode {
		case modeHelp:
			_, err = io.WriteString(stdout, usage)
		case modeVersion:
			_, err = fmt.Fprintln(stdout, "azinject", version)
		case modeInstall:
			err = exec.Install(ctx, args.path)
		case modeCheck, modePlan:
			return inspect(ctx, args, environ, stdout, stderr)
		default:
			err = become(ctx, args.command, environ, stderr)
		}
	}
	tell(err, environ, "server not started", stderr)
	return exitCode(err)
}

// become becomes the command. It returns only if that fails.
func become(ctx context.Context, command, environ []string, stderr report.Log) error {
	program, resolved, err := prepare(ctx, command, environ, stderr)
	if signaled := ended(ctx); signaled != nil {
		return signaled
	}
	if err != nil {
		return err
	}
	signals.Release()
	if signaled := ended(ctx); signaled != nil {
		return signaled
	}
	return program.Replace(resolved)
}

// ended returns an error if a signal has come, and nil otherwise.
func ended(ctx context.Context) error {
	if signaled := context.Cause(ctx); signaled != nil {
		return fmt.Errorf("%w before the server was started", signaled)
	}
	return nil
}

// inspect does --check or --plan and returns the exit status. As JSON the
// document contains the report, and nothing goes to stderr.
func inspect(ctx context.Context, args arguments, environ []string, stdout io.Writer, stderr report.Log) int {
	var d *document
	var err error
	if args.mode == modePlan {
		d, err = plan(environ)
	} else {
		d, err = check(ctx, environ, stderr)
	}
	if signaled := ended(ctx); signaled != nil {
		d, err = newDocument(args.mode, nil, nil), signaled
	}
	const outcome = "the server would not start"
	d.OK = err == nil
	if err != nil {
		d.Failures = report.New(environ, err, outcome).Entries
	}
	write, told := d.writeText, stderr
	if args.json {
		write, told.Writer = d.writeJSON, io.Discard
	}
	if failed := write(stdout); failed != nil {
		told, err = stderr, cmp.Or(err, failed)
	}
	d.warn(told)
	tell(err, environ, outcome, told)
	return exitCode(err)
}

// output is stdout, which its errors name.
type output struct{ io.Writer }

func (o output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("writing to stdout: %w", failed.Err)
	}
	return n, err
}

// tell writes the report of err to Kubernetes' termination log and to stderr. The
// second may hang.
func tell(err error, environ []string, outcome string, stderr report.Log) {
	if err == nil {
		return
	}
	r := report.New(environ, err, outcome)
	r.WriteTerminationMessage()
	r.Write(stderr)
}

// statusFailed is the exit status when azinject itself fails, as in env(1),
// nohup(1) and timeout(1).
const statusFailed = 125

// exitCode returns the exit status for err.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return statusFailed
}
