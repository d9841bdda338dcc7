package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"azinject/resolve"
)

// usage is what --help prints. The package comment repeats it.
const usage = `Usage:
  azinject [--] COMMAND [ARG ...]   resolve, then become COMMAND
  azinject --check [--json]         resolve, report on every reference, start nothing
  azinject --plan [--json]          without the network: what would be fetched, by which
                                    identity, and the roles it needs
  azinject --install PATH           copy this program to the file PATH
  azinject --version | --help

Use it as the ENTRYPOINT of a container image, with the server as COMMAND:
  ENTRYPOINT ["/azinject", "--"]
  CMD ["gunicorn", "app:server"]

References in the values of environment variables (the README has them all):
  ${{azureml://connections/NAME}}, or with /credentials/KEY, /metadata/KEY, /target
  ${{azureml://onlineEndpoints/NAME/credentials/FIELD}}
  ${{keyvault:https://VAULT.vault.azure.net/secrets/NAME}}, or with /VERSION, #/JSON/POINTER
  ${{connections.NAME.credentials.KEY}}, ....metadata.KEY, ....target   (Microsoft Foundry)
In braces they can be part of a longer value. Without braces they are the whole value:
  keyvault:https://...        azureml://connections/...   akvs://SUBSCRIPTION/VAULT/SECRET
  @Microsoft.KeyVault(...)    @Microsoft.AppConfiguration(...)

Settings, all optional:
  AZINJECT_TIMEOUT              time limit for resolving everything (2m)
  AZINJECT_WORKSPACE            workspace of references that do not name one (the container's)
  AZINJECT_PROJECT              endpoint of the Foundry project of connections. references
                                (FOUNDRY_PROJECT_ENDPOINT, else AZURE_AI_PROJECT_ENDPOINT)
  AZINJECT_IDENTITY             user-assigned identity: client ID, resource ID or object:ID
  AZINJECT_CREDENTIAL           kind of credential (ManagedIdentityCredential, or
                                WorkloadIdentityCredential in a pod that has one)
  AZINJECT_WAIT_FOR_ACCESS      how much longer to retry while a role is missing (0)
  AZINJECT_SKIP                 variables to leave alone, separated by commas
  AZINJECT_UNSET                variables that COMMAND does not get
  AZINJECT_ALLOWED_VAULT_HOSTS  more vault hosts, or suffixes that begin with a dot
  AZINJECT_LOG                  error, info or debug, on stderr (error)
  AZINJECT_LOG_FORMAT           text or json (text)
  AZUREML_CURRENT_CLOUD         AzureCloud, AzureChinaCloud or AzureUSGovernment (AzureCloud)

Exit status:
  125  azinject failed; COMMAND was not started
  126  COMMAND cannot be executed
  127  COMMAND was not found
  128+n  signal n came before COMMAND was started
  otherwise COMMAND's own, because the process is COMMAND by then
`

// mode is what azinject is asked to do.
type mode string

// The modes. All but the first are options, with two hyphens.
const (
	modeStart   mode = ""
	modeCheck   mode = "check"
	modePlan    mode = "plan"
	modeInstall mode = "install"
	modeVersion mode = "version"
	modeHelp    mode = "help"
)

// isOption reports whether a word is the option of a mode.
func isOption(word string) bool {
	name, ok := strings.CutPrefix(word, "--")
	return ok && slices.Contains([]mode{modeCheck, modePlan, modeInstall, modeVersion, modeHelp}, mode(name))
}

// usageError is a mistake on the command line.
type usageError string

func (e usageError) Error() string { return string(e) + "; see azinject --help" }

// arguments are the command line.
type arguments struct {
	mode    mode
	command []string // to become, in modeStart
	path    string   // to install to, in modeInstall
	json    bool     // in modeCheck and modePlan
}

// parseArguments parses the command line. Options are read only before COMMAND.
// The error is a usageError.
func parseArguments(words []string) (arguments, error) {
	if len(words) == 0 || words[0] == "--" && len(words) == 1 {
		return arguments{}, usageError("no command to become: in a Dockerfile, write ENTRYPOINT as a list and repeat CMD after it, because ENTRYPOINT clears that of the base image")
	}
	first, rest := words[0], words[1:]
	switch {
	case first == "--":
		return arguments{command: rest}, nil
	case first == "" || first[0] != '-':
		return arguments{command: words}, nil
	case first == "-h":
		return arguments{mode: modeHelp}, nil
	}
	a := arguments{mode: mode(strings.TrimPrefix(first, "--"))}
	switch a.mode {
	case modeHelp, modeVersion:
	case modeCheck, modePlan:
		a.json = len(rest) == 1 && rest[0] == "--json"
		if len(rest) > 0 && !a.json {
			return arguments{}, usageError(first + " takes no command and no option except --json")
		}
	case modeInstall:
		if len(rest) != 1 || rest[0] == "" {
			return arguments{}, usageError("--install takes one argument, the name of the file to write")
		}
		a.path = rest[0]
	default:
		if first == "--json" {
			return arguments{}, usageError("--json goes after --check or --plan")
		}
		name := optionName(first)
		if isOption(name) {
			return arguments{}, usageError(name + " and what follows it are words of their own")
		}
		return arguments{}, usageError("unknown option " + name + "; a command that begins with \"-\" goes after \"--\"")
	}
	return a, nil
}

// checkArguments returns a mistake for each argument of the command that is, or
// looks like, a reference. Only variables are resolved.
func checkArguments(arguments []string) []resolve.Failure {
	var mistakes []resolve.Failure
	for i, argument := range arguments {
		if value, err := (resolve.Grammar{}).Parse(argument); err != nil || value != nil {
			mistakes = append(mistakes, resolve.Failure{Err: fmt.Errorf("argument %d of the command looks like a reference, and arguments are not resolved: "+
				"put it into a variable that the server reads itself", i+1)})
		}
	}
	return mistakes
}

// optionName returns what may be printed of an unknown option: its value may be
// in the same word, of a short option directly behind the letter.
func optionName(word string) string {
	name := strings.TrimLeft(word, "-")
	dashes := word[:len(word)-len(name)]
	if end := strings.IndexFunc(name, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
		name = name[:end]
	}
	if dashes == "-" && len(name) > 1 {
		name = name[:1] + "…"
	}
	return dashes + name
}
