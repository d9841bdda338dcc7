package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"azinject/emulator"
)

// An emulation is an Azure on this machine.
type emulation struct {
	*emulator.Azure
	requests *os.File // to write them to, nil if nowhere
}

// prepareEmulation reads the Azure's description, and returns what starts it.
func prepareEmulation(o *options) (func() (azure, error), error) {
	config, err := emulator.Load(o.emulate)
	if err != nil {
		return nil, err
	}
	return func() (azure, error) { return startEmulation(config, o) }, nil
}

func startEmulation(config *emulator.Config, o *options) (azure, error) {
	at := placeFor(o.containers)
	config.Listen, config.Host = at.address, at.host
	a, err := emulator.Start(config)
	if err != nil {
		return nil, err
	}
	f, err := create(o.requests)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &emulation{a, f}, nil
}

// environ has no other proxies and trusted roots than the emulator's: what they
// lead to is not here.
func (e *emulation) environ(inherited, declared []string) []string {
	return merge(without(inherited, ofIdentity, ofNetwork, ofCredential), without(declared, ofNetwork), e.Environ())
}

func (e *emulation) warning() string {
	return "every container on this machine can reach the emulated Azure, as long as azlocal runs"
}

func (e *emulation) close() error {
	return errors.Join(e.Close(), writeRequests(e.requests, e.Requests()))
}

// create opens the request log before COMMAND runs, so that a wrong name is
// found, but after everything else that may fail, so that an older log is not
// lost for nothing. It returns nil for no name.
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
