package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// table writes the results as they come, similar ones under one heading.
type table struct {
	w       io.Writer
	heading string
}

// show writes the results of one case.
func (t *table) show(results []result) {
	tabs := tabwriter.NewWriter(t.w, 0, 0, 3, ' ', 0)
	if h := results[0].of.heading(); h != t.heading {
		t.heading = h
		fmt.Fprintf(t.w, "\n%s\n", h)
	}
	for _, r := range results {
		fmt.Fprintf(tabs, "  %-11s\t%-8s\t%10v\t%22s\t%6.2fx\t%-14s\t%10v\t%s\n", r.what(), r.Program, r.Median, fmt.Sprintf("%v .. %v", r.Min, r.Max), r.Ratio, r.verdict(), r.CPU, r.traffic())
	}
	tabs.Flush()
}

// columns explains the columns.
const columns = `
Columns: what is fetched, program, median time from fork to the server's exit, fastest .. slowest run,
median as a multiple of the floor, azinject's budget, processor time, requests and connections to one host.
The floor is max(token, 2 round trips) + 1 round trip. No client can be faster.`

func (r result) what() string {
	if r.of.vaults > 1 || r.of.references() == 0 {
		return "" // it is in the heading
	}
	return plural(r.Secrets, "secret")
}

func (r result) verdict() string {
	switch {
	case r.Budget == 0:
		return ""
	case r.met():
		return fmt.Sprintf("%.1fx met", r.Budget)
	}
	return fmt.Sprintf("%.1fx NOT MET", r.Budget)
}

// traffic returns, for example, "20 secrets, 1 token; 20 connections".
func (r result) traffic() string {
	var counts []string
	for _, kind := range r.kinds() {
		text := plural(r.Requests[kind], kind)
		if kind == throttled {
			text = strings.TrimSuffix(text, "s")
		}
		counts = append(counts, text)
	}
	if counts == nil {
		return ""
	}
	return strings.Join(counts, ", ") + "; " + plural(r.Connections, "connection")
}

// list writes lines with their tabs as columns.
func list[T fmt.Stringer](w io.Writer, heading string, lines []T) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", heading)
	tabs := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, line := range lines {
		fmt.Fprintf(tabs, "  %v\n", line)
	}
	tabs.Flush()
}

func (m memory) String() string { return fmt.Sprintf("%s\t%.1f MB", m.Program, float64(m.Peak)/mega) }

func (b bareResult) String() string {
	return fmt.Sprintf("round trip %v\tfloor %v\tmeasured %v", b.RoundTrip, b.Floor, b.Median)
}

func (f *fleetResult) String() string {
	line := fmt.Sprintf("started %d of %d: half of them after %v, all after %v (the limit imposes %v)\n  %s in total",
		f.Started, f.Replicas, f.Median, f.Elapsed, f.Imposed, result{Requests: f.Requests, Connections: f.PerHost}.traffic())
	if f.Error != "" {
		line += "\n  " + f.Error
	}
	return line
}
