package main

import (
	"errors"
	"fmt"
	"strings"
)

// synopsis is what a mistake on the command line is answered with, usage what
// --help prints and the package comment repeats.
const synopsis = `usage: azlocal --login [--audience URL ...] [--env-from FILE] [--containers] [--] COMMAND [ARG ...]
       azlocal --emulate FILE [--requests FILE] [--env-from FILE] [--containers] [--] COMMAND [ARG ...]
       azlocal --help
`

const usage = synopsis + `
  --login           real Azure, with your own sign-in: COMMAND gets its tokens as
                    it would get a managed identity's from App Service
  --audience URL    give tokens for this service too; may be repeated
  --emulate FILE    emulate the Azure that the YAML file describes: identities,
                    key vaults, workspace connections, latency, faults
  --requests FILE   when COMMAND has ended, write the requests it made of Azure
                    to FILE, a line each: kind, method, host, path, status
  --env-from FILE   give COMMAND the environment_variables of an Azure ML
                    deployment or command job
  --containers      for "docker run" as COMMAND: listen where containers reach it
                    and name it host.docker.internal
  --help            print this

The sign-in is that of the service principal in AZURE_TENANT_ID, AZURE_CLIENT_ID
and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, if these are set, or
else that of az, or else that of azd. It stands for every identity: which one is
asked for makes no difference. It gives tokens for Key Vault, Resource Manager
and what --audience names, to whoever has the random IDENTITY_HEADER.

In a container, NAME being a variable of --env-from; Docker Desktop does without
--add-host, and on Docker Engine --containers listens on docker0's address:
  azlocal --login --env-from FILE --containers -- docker run --rm --add-host host.docker.internal:host-gateway -e IDENTITY_ENDPOINT -e IDENTITY_HEADER -e NAME IMAGE
  azlocal --emulate FILE --env-from FILE --containers -- sh -c 'docker run --rm --add-host host.docker.internal:host-gateway -e IDENTITY_ENDPOINT -e IDENTITY_HEADER -e MSI_ENDPOINT -e MSI_SECRET -e AML_DEPLOYMENT_RESOURCE_ID -e HTTPS_PROXY -e NO_PROXY -e SSL_CERT_FILE -v "$SSL_CERT_FILE:$SSL_CERT_FILE:ro" -e NAME IMAGE'

Before a deployment:
  azlocal --login --env-from deployment.yml -- azinject --check
`

var (
	errHelp  = errors.New("help requested")
	errUsage = errors.New("usage")
)

// A usageError is a mistake on the command line.
type usageError struct{ message string }

func (e usageError) Error() string        { return e.message }
func (e usageError) Is(target error) bool { return target == errUsage }

type options struct {
	login      bool
	audiences  []string
	emulate    string
	requests   string
	envFrom    string
	containers bool
	command    []string
}

// parseOptions reads options up to COMMAND or "--". It returns errHelp if help
// is asked for.
func parseOptions(args []string) (*options, error) {
	o := new(options)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if args[0] == "--" {
			args = args[1:]
			break
		}
		rest, err := o.take(args)
		if err != nil {
			return nil, err
		}
		args = rest
	}
	o.command = args
	return o, o.check()
}

// take reads the option that is the first of the arguments and returns those
// after it. One dash does for two, as in Go's own programs.
func (o *options) take(args []string) ([]string, error) {
	written, value, inline := strings.Cut(args[0], "=")
	args = args[1:]
	name := strings.TrimPrefix(strings.TrimPrefix(written, "-"), "-")
	if on := map[string]*bool{"login": &o.login, "containers": &o.containers}[name]; on != nil && !inline {
		*on = true
		return args, nil
	}
	texts := map[string]func(string){
		"audience": func(v string) { o.audiences = append(o.audiences, v) },
		"emulate":  func(v string) { o.emulate = v },
		"requests": func(v string) { o.requests = v },
		"env-from": func(v string) { o.envFrom = v },
	}
	set := texts[name]
	switch {
	case name == "help" || name == "h":
		return nil, errHelp
	case name == "login" || name == "containers":
		return nil, usageError{written + " takes no value"}
	case set == nil:
		return nil, usageError{"unknown option " + written}
	case !inline && len(args) > 0 && !strings.HasPrefix(args[0], "--"):
		value, args = args[0], args[1:]
	}
	if value == "" {
		return nil, usageError{written + " needs a value"}
	}
	set(value)
	return args, nil
}

// check finds what is missing and what does not go together.
func (o *options) check() error {
	switch {
	case !o.login && o.emulate == "":
		return usageError{"--login or --emulate is needed"}
	case o.login && o.emulate != "":
		return usageError{"--login and --emulate exclude each other"}
	case o.login && o.requests != "":
		return usageError{"--requests is for --emulate: what COMMAND asks of real Azure is not seen"}
	case !o.login && o.audiences != nil:
		return usageError{"--audience is for --login"}
	case len(o.command) == 0:
		return usageError{"COMMAND is missing"}
	}
	for _, a := range o.audiences {
		if err := checkAudience(a); err != nil {
			return usageError{fmt.Sprint("--audience ", a, ": ", err)}
		}
	}
	return nil
}
