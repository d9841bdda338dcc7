// Bench measures azinject against its budgets. It runs the program that ships
// against an emulated Azure with latency, and takes the time from fork to the exit
// of the server that azinject becomes. Beside it, in the same minutes, it runs
// programs that do the same without azinject. What counts is azinject's time as a
// multiple of theirs.
//
//	make bench
//
// or, in this directory,
//
//	go run . [-azinject FILE] [-quick] [-only REGEXP] [-patience TIME] [-docs]
//
// A budget that is not met is reported, but the benchmark does not fail. It waits
// until the machine is idle, repeats runs that a hypervisor has disturbed, and
// reports what interference was left. If it is root, it raises its priority, and
// the programs find certificates where a Debian image has them.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"time"
)

type options struct {
	azinject string
	quick    bool
	only     *regexp.Regexp
	docs     bool
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
	flag.BoolVar(&o.quick, "quick", false, "fewer runs and sizes")
	only := flag.String("only", "", "measure only what matches the regular expression `REGEXP`")
	flag.BoolVar(&o.docs, "docs", false, "write the results to docs/performance.md and draw docs/startup.svg")
	flag.DurationVar(&o.patience, "patience", 10*time.Second, "how long to wait for quiet moments and to repeat runs, for each kind of work; a tenth of it with -quick")
	flag.Parse()
	expression, err := regexp.Compile(*only)
	if err != nil || flag.NArg() > 0 || o.docs && *only != "" {
		flag.Usage()
		os.Exit(2)
	}
	o.only = expression
	if o.quick {
		o.patience /= 10
	}
	return o
}

func run(o options) error {
	prioritise()
	directory, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	b := &bench{options: o, directory: directory}
	if b.programs, err = programs(o.azinject, directory); err != nil {
		return err
	}
	if b.launcher, err = newLauncher(directory); err != nil {
		return err
	}
	err = b.measure()
	fmt.Println()
	b.write(os.Stdout, true)
	if err != nil || !o.docs {
		return err
	}
	var page bytes.Buffer
	b.write(&page, false)
	const folder = "../docs"
	return errors.Join(publish(folder, page.Bytes()), drawChart(folder, b.results))
}

// write writes the tables and what they are worth, with budgets if they are for
// developers.
func (b *bench) write(w io.Writer, budgets bool) {
	for _, t := range b.tables() {
		t.write(w, budgets)
	}
	fmt.Fprintln(w, b.circumstances())
}

// circumstances returns a sentence about the machine and one about interference.
func (b *bench) circumstances() string {
	return fmt.Sprintf("Medians of %d runs, and of at least 3 of the SDKs, on %s/%s with %s, built with %s. %v",
		runs(b.quick), runtime.GOOS, runtime.GOARCH, plural(runtime.NumCPU(), "processor"), runtime.Version(), &b.quiet)
}
