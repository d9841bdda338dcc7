package main

import (
	"fmt"
	"os"
)

// bench is a benchmark that is under way.
type bench struct {
	options
	directory string
	programs  []program
	launcher  *launcher
	quiet     quiet
	report
}

// quarterSecrets is the number of secrets when a quarter of a processor is left.
const quarterSecrets = 20

// measure measures everything that -only selects.
func (b *bench) measure() error {
	if err := b.launcher.hidden; err != nil {
		err = fmt.Errorf("the usual place of certificates needs root, and Debian's ca-certificates: %w", err)
		if b.docs {
			return err
		}
		fmt.Printf("SSL_CERT_FILE names the certificates: %v\n", err)
	}
	for _, w := range workloads(b.quick) {
		if err := b.add(&b.results, w, nil); err != nil {
			return err
		}
	}
	if err := b.measureQuarter(); err != nil {
		return err
	}
	b.memory, b.fleet = map[bool]float64{}, map[bool]*fleetResult{}
	for _, http2 := range protocols {
		if err := b.measureMore(http2); err != nil {
			return err
		}
	}
	info, err := os.Stat(b.azinject)
	if err == nil {
		b.size = info.Size()
	}
	return err
}

// add measures a workload, with the programs in the group if there is one, and
// prints the results.
func (b *bench) add(to *results, w workload, g *group) error {
	name := w.String()
	if g != nil {
		name += ", with a quarter of a processor"
	}
	if !b.only.MatchString(name) {
		return nil
	}
	s, err := newSite(w, nil, b.launcher)
	if err != nil {
		return err
	}
	defer s.close()
	s.group = g
	b.quiet.patience = b.patience
	measured, err := s.measure(b.programs, b.quick, &b.quiet)
	if err != nil {
		return err
	}
	fmt.Println(name)
	for _, r := range measured {
		fmt.Println(" ", r)
	}
	*to = append(*to, measured...)
	return nil
}

// measureQuarter measures with a quarter of a processor, if there may be control
// groups.
func (b *bench) measureQuarter() error {
	g, err := newGroup()
	if err != nil {
		fmt.Println("A quarter of a processor is SKIPPED:", err)
		return nil
	}
	defer g.remove()
	for _, http2 := range protocols {
		if err := b.add(&b.quarter, oneVault(quarterSecrets).over(http2), g); err != nil {
			return err
		}
	}
	return nil
}

// measureMore measures memory, and a fleet.
func (b *bench) measureMore(http2 bool) error {
	azinject := b.programs[0]
	if b.only.MatchString("memory") {
		peak, err := measureMemory(azinject, http2, b.launcher, b.directory)
		if err != nil {
			return err
		}
		b.memory[http2] = peak
	}
	if !b.only.MatchString("fleet") || b.quick && http2 {
		return nil
	}
	started, err := overload.measure(azinject, http2, b.launcher)
	if err != nil {
		return err
	}
	if started.err != nil {
		fmt.Println("A replica did not start:", started.err)
	}
	b.fleet[http2] = started
	return nil
}
