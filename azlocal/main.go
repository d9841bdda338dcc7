// Azlocal runs a program against an Azure on this machine, so that what works
// here works in the cloud, unmodified and with the same host names.
//
// Usage:
//
//	azlocal --emulate azure.yaml [--env-from deployment.yml] [--requests FILE] [--] COMMAND [ARG ...]
//
// Options:
//
//	--emulate FILE    emulate the Azure that the YAML file describes: identities,
//	                  key vaults, workspace connections, latency, faults
//	--env-from FILE   give COMMAND the environment_variables of an Azure ML
//	                  deployment or command job
//	--requests FILE   when COMMAND has ended, write the requests it made of Azure
//	                  to FILE, a line each: kind, method, host, path, status
//	--help            print this
//
// COMMAND inherits the environment without the variables that lead to another
// Azure, identity or proxy: IDENTITY_*, MSI_*, IMDS_ENDPOINT, OBO_ENDPOINT,
// AZURE_POD_IDENTITY_AUTHORITY_HOST, the *_PROXY variables and those that name
// certificate files. Then come the variables of --env-from, then the
// emulator's, the later replacing the earlier.
//
// SIGTERM, SIGINT, SIGQUIT and SIGHUP are passed on to COMMAND. Ctrl-C and
// Ctrl-\ on a terminal reach it without that: as long as it is in azlocal's
// process group and that is the terminal's foreground group, SIGINT and SIGQUIT
// are taken for the terminal's and not passed on.
//
// Exit status: 125 if azlocal itself fails, 126 if COMMAND cannot be run, 127 if
// it is not found, 128+n if signal n killed it, otherwise its own.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

func main() {
	status, err := run(os.Args[1:], os.Environ())
	if errors.Is(err, errHelp) {
		fmt.Print(usage)
		err = nil
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(os.Stderr, "azlocal: error: %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, usage)
	}
	os.Exit(status)
}
