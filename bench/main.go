// Bench measures azinject against its budgets. It runs the program that ships
// against an emulated Azure with latency, and takes the time from fork to the exit
// of the server that azinject becomes. In the same run it measures two programs
// that do the same without azinject. It compares them all with the floor, the
// time that no client can beat.
//
//	make bench
//
// or, in this directory,
//
//	go run . [-azinject FILE] [-quick] [-only REGEXP] [-patience TIME] [-json FILE] [-svg FILE]
//
// Times are medians. A budget that is not met is reported, but the benchmark does
// not fail. It waits until the machine is idle, repeats runs that a hypervisor has
// disturbed, and raises its priority if it is root. It reports how many runs were
// disturbed all the same.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"time"
)

type options struct {
	azinject string
	quick    bool
	only     *regexp.Regexp
	json     string
	svg      string
	patience time.Duration
}

func main() {
	if err := run(parseOptions()); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(1)
	}
}

func parseOptions() options {
	var o options
	flag.StringVar(&o.azinject, "azinject", "../bin/azinject", "the program to measure")
	flag.BoolVar(&o.quick, "quick", false, "fewer runs and cases, and a smaller fleet")
	only := flag.String("only", "", "measure only what matches the regular expression `REGEXP`")
	flag.StringVar(&o.json, "json", "", "write the results to `FILE`")
	flag.StringVar(&o.svg, "svg", "", "draw the time by number of secrets and write it to `FILE`")
	flag.DurationVar(&o.patience, "patience", 2*time.Minute, "how long to wait for quiet moments and to repeat runs, in total")
	flag.Parse()
	expression, err := regexp.Compile(*only)
	if err != nil || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	o.only = expression
	return o
}

func run(o options) error {
	prioritise()
	directory, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	all, err := programs(o.azinject, directory)
	if err != nil {
		return err
	}
	r := &report{Machine: here()}
	if err := r.measure(o, all, directory); err != nil {
		return err
	}
	r.judge()
	list(os.Stdout, "Budgets", r.Budgets)
	fmt.Printf("\nOf %d runs, %d were disturbed and repeated, and %d were disturbed and kept.\n", r.Runs, r.Repeated, r.Busy)
	if o.json != "" {
		if err := r.writeJSON(o.json); err != nil {
			return err
		}
	}
	if o.svg != "" {
		return drawChart(o.svg, r.Cases)
	}
	return nil
}

// measure measures and prints what -only selects.
func (r *report) measure(o options, all []program, directory string) error {
	if err := r.introduce(all); err != nil {
		return err
	}
	t, q := &table{w: os.Stdout}, &quiet{patience: o.patience}
	for _, c := range cases(o.quick) {
		if !o.only.MatchString(c.String()) {
			continue
		}
		results, err := c.measure(all, o.quick, q)
		if err != nil {
			return err
		}
		t.show(results)
		r.Cases = append(r.Cases, results...)
	}
	r.Runs, r.Repeated, r.Busy = q.runs, q.repeated, q.busy
	if o.only.MatchString("memory") {
		var err error
		if r.Memory, err = measureMemory(all, directory, 5); err != nil {
			return err
		}
		list(os.Stdout, fmt.Sprintf("Peak memory, %d secrets", memorySecrets), r.Memory)
	}
	if o.only.MatchString("size") {
		info, err := os.Stat(o.azinject)
		if err != nil {
			return err
		}
		r.Size = info.Size()
	}
	return r.measureFleet(o, all[0])
}

func (r *report) measureFleet(o options, azinject program) error {
	f := newFleet(o.quick)
	if !o.only.MatchString(f.String()) {
		return nil
	}
	var err error
	if r.Fleet, err = f.measure(azinject); err == nil {
		list(os.Stdout, "Fleet: "+r.Fleet.Case, []*fleetResult{r.Fleet})
	}
	return err
}

// introduce prints the machine, the programs and the times of the server and of a
// bare client.
func (r *report) introduce(all []program) error {
	fmt.Printf("%s/%s, %d CPUs, %s\n", r.Machine.OS, r.Machine.Arch, r.Machine.CPUs, r.Machine.Go)
	for _, p := range all {
		fmt.Printf("%-8s  %s\n", p.name, p.description)
	}
	s, err := newSite(workload{})
	if err != nil {
		return err
	}
	defer s.close()
	var times []time.Duration
	for range 21 {
		alone, err := s.run(program{name: "the server"})
		if err != nil {
			return err
		}
		times = append(times, alone.elapsed)
	}
	r.Server = ms(median(times))
	fmt.Printf("server    %s, which takes %v on its own\n", server, r.Server)
	for _, roundTrip := range []time.Duration{near, usual, distant} {
		w := oneVault(1, roundTrip)
		measured, err := bare(w, 21)
		if err != nil {
			return err
		}
		r.Bare = append(r.Bare, bareResult{ms(roundTrip), ms(w.floor()), measured})
	}
	list(os.Stdout, "The least that a client can do, without a process to start, and the floor:", r.Bare)
	fmt.Println(columns)
	return nil
}
