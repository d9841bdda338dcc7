package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"azinject/emulator"
)

// emulation is an Azure on this machine.
type emulation struct {
	*emulator.Azure
	requests *os.File // to write them to, nil if nowhere
}

// prepareEmulation reads the description of an Azure and returns what starts it.
func prepareEmulation(file, requests string, at place) (func() (azure, error), error) {
	config, err := emulator.Load(file)
	if _, other := readEnvironment(file, "", nil); err != nil && other == nil {
		return nil, &misplaced{err}
	}
	if err != nil {
		return nil, err
	}
	config.Listen, config.Host = at.address, at.host
	return func() (azure, error) { return startEmulation(config, requests) }, nil
}

// misplaced reports that FILE declares COMMAND's environment.
type misplaced struct{ error }

func (m *misplaced) hint() string {
	return "FILE describes an Azure: what declares COMMAND's environment, such as a deployment, goes after --env-from"
}

func startEmulation(config *emulator.Config, requests string) (azure, error) {
	a, err := emulator.Start(config)
	if err != nil {
		return nil, err
	}
	f, err := create(requests)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &emulation{a, f}, nil
}

func (e *emulation) warning() string {
	return "every container on this machine can reach the emulated Azure while azlocal runs"
}

// Close also writes the requests.
func (e *emulation) Close() error {
	return errors.Join(e.Azure.Close(), writeRequests(e.requests, e.Requests()))
}

// create opens the request log before COMMAND runs, so that a wrong name is
// found, but after everything else that may fail, so that an older log is not
// lost for nothing. It returns nil if the name is empty.
func create(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	return os.Create(name)
}

func writeRequests(f *os.File, requests []emulator.Request) error {
	if f == nil {
		return nil
	}
	w := bufio.NewWriter(f)
	for _, r := range requests {
		fmt.Fprintln(w, r)
	}
	return errors.Join(w.Flush(), f.Close())
}
