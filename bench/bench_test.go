package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFloor(t *testing.T) {
	for roundTrip, want := range map[time.Duration]time.Duration{near: 52 * time.Millisecond, usual: 60 * time.Millisecond, distant: 150 * time.Millisecond} {
		if got := oneVault(20, roundTrip).floor(); got != want {
			t.Errorf("floor at %v = %v, want %v", roundTrip, got, want)
		}
	}
}

func TestImposed(t *testing.T) {
	if got := newFleet(false).imposed(); got != 18*time.Second {
		t.Errorf("imposed = %v, want 18s: nine windows of 2s, and the tenth at once", got)
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		times []time.Duration
		want  time.Duration
	}{{[]time.Duration{3, 1, 8}, 3}, {[]time.Duration{4, 1, 2, 9}, 3}, {[]time.Duration{7}, 7}} {
		if got := median(test.times); got != test.want {
			t.Errorf("median(%v) = %d, want %d", test.times, got, test.want)
		}
	}
}

// TestSiteCounts counts the bare client's requests.
func TestSiteCounts(t *testing.T) {
	s, err := newSite(oneVault(1, near))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for range 2 {
		if took, err := s.bare(); err != nil || took < s.floor() {
			t.Errorf("bare: %v, %v, want the floor, %v, at least", took, err, s.floor())
		}
		requests, connections := s.count()
		if requests["secret"] != 1 || requests["token"] != 1 || len(requests) != 2 || connections != 1 {
			t.Errorf("requests %v, connections %d", requests, connections)
		}
	}
}

func TestChart(t *testing.T) {
	var results []result
	for _, c := range cases(false) {
		for _, name := range []string{nameAzinject, nameNaive, namePython} {
			results = append(results, result{Program: name, Secrets: c.secrets, Median: ms(c.floor() + time.Duration(c.secrets)*usual), Floor: ms(c.floor()), of: c})
		}
	}
	name := filepath.Join(t.TempDir(), "chart.svg")
	if err := drawChart(name, results); err != nil {
		t.Fatal(err)
	}
	chart, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "floor", "azinject", "naive Go client", "Azure SDK for Python", "200"} {
		if !strings.Contains(string(chart), want) {
			t.Errorf("the chart has no %q", want)
		}
	}
}

func TestJudge(t *testing.T) {
	w := oneVault(20, usual)
	r := &report{Cases: []result{
		{Program: nameAzinject, Ratio: 1.7, Budget: 1.6, Requests: map[string]int{"secret": 20, "token": 2}, Connections: 20, of: testCase{workload: w}},
		{Program: nameNaive, Ratio: 9, Requests: map[string]int{"secret": 99}, of: testCase{workload: w}},
	}, Size: 8e6}
	r.judge()
	for _, b := range r.Budgets {
		if want := b.Limit != 1.6 && !strings.HasPrefix(b.What, "tokens"); b.Met != want {
			t.Errorf("%v: met = %t, want %t", b, b.Met, want)
		}
	}
	if len(r.Budgets) != 6 {
		t.Errorf("budgets = %v", r.Budgets)
	}
	r = &report{Size: 9e6, Fleet: &fleetResult{Replicas: 3, Started: 2, Ratio: 1.7, Throttled: 4}}
	r.Memory = append(r.Memory, memory{Program: nameAzinject, Peak: 25e6}, memory{Program: nameNaive, Peak: 90e6})
	r.judge()
	for _, b := range r.Budgets {
		if b.Met {
			t.Errorf("%v: met", b)
		}
	}
	if len(r.Budgets) != 5 {
		t.Errorf("budgets = %v", r.Budgets)
	}
}
