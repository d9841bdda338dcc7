package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

const usage = `usage: azlocal --emulate azure.yaml [--env-from deployment.yml] [--requests FILE] [--] COMMAND [ARG ...]

  --emulate FILE    emulate the Azure that the YAML file describes: identities,
                    key vaults, workspace connections, latency, faults
  --env-from FILE   give COMMAND the environment_variables of an Azure ML
                    deployment or command job
  --requests FILE   when COMMAND has ended, write the requests it made of Azure
                    to FILE, a line each: kind, method, host, path, status
  --help            print this
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
	emulate  string
	envFrom  string
	requests string
	command  []string
}

// parseOptions reads options up to COMMAND or "--". It returns errHelp if help
// is asked for.
func parseOptions(args []string) (*options, error) {
	o := new(options)
	set := flag.NewFlagSet("azlocal", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.emulate, "emulate", "", "")
	set.StringVar(&o.envFrom, "env-from", "", "")
	set.StringVar(&o.requests, "requests", "", "")
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, errHelp
	case err != nil:
		return nil, usageError{fmt.Sprint(err)}
	}
	o.command = set.Args()
	switch {
	case o.emulate == "":
		return nil, usageError{"--emulate is missing"}
	case len(o.command) == 0:
		return nil, usageError{"COMMAND is missing"}
	}
	return o, nil
}
