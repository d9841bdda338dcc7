package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestImposed(t *testing.T) {
	if got := overload.imposed(); got != 18*time.Second {
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

// TestBare checks that the program that azinject is compared with does the same,
// with the fewest requests and connections.
func TestBare(t *testing.T) {
	directory := t.TempDir()
	if err := build("bare", directory); err != nil {
		t.Fatal(err)
	}
	l, err := newLauncher(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer close(l.calls)
	for _, w := range []workload{oneVault(1), oneVault(40), severalStores} {
		for _, http2 := range protocols {
			s, err := newSite(w.over(http2), nil, l)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			var out strings.Builder
			bare := program{name: nameBare, argv: []string{filepath.Join(directory, "bare"), "/bin/sh", "-c", "env"}}
			if _, err := s.execute(bare, &out); err != nil {
				t.Fatal(s.failure(bare, err))
			}
			for _, kv := range w.environ() {
				if name, value, _ := strings.Cut(kv, "="); name != "AZINJECT_WORKSPACE" && strings.Contains(out.String(), value) {
					t.Errorf("%v: %s was not replaced", s.workload, name)
				}
			}
			if want := "SECRET_0_000=secret-000secret-000"; !strings.Contains(out.String(), want) {
				t.Errorf("%v: no %s", s.workload, want)
			}
			want := 1
			if !http2 {
				want = min(w.secrets, 32)
			}
			requests, connections := s.count()
			if connections != want || requests["secret"] != w.vaults*w.secrets || requests["connection"] != w.connections ||
				requests["token"] != w.audiences() || requests["challenge"] != 0 {
				t.Errorf("%v: %v over %d connections, want %d", s.workload, requests, connections, want)
			}
		}
	}
}

// TestNoGroup checks that a folder which is not of control groups is left as it
// was.
func TestNoGroup(t *testing.T) {
	folder := t.TempDir()
	if _, err := makeGroup(folder, "cpu.max", "25000 100000"); err == nil {
		t.Error("made a group")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// measured returns made-up results.
func measured() results {
	counts := map[string]int{"secret": 20, "token": 2}
	var all results
	for _, w := range workloads(false) {
		scale := time.Duration(w.secrets + 50)
		all = append(all,
			result{w, nameAzinject, 21, 112 * scale, 151 * scale, 0, counts, 2},
			result{w, nameBare, 21, 100 * scale, 100 * scale, 0, counts, 1},
			result{w, nameEmpty, 21, 50 * scale, 100 * scale, 0, nil, 0},
			result{w, nameGo, 3, 560 * scale, 100 * scale, 0, map[string]int{"challenge": 1}, 99})
	}
	return all
}

func TestTables(t *testing.T) {
	r := report{results: measured(), size: 9e6, memory: map[bool]float64{true: 20e6}, fleet: map[bool]*fleetResult{false: {failed: 1, elapsed: 1.3, throttled: 1.6}}}
	r.quarter = r.results
	var budgets, users strings.Builder
	for _, table := range r.tables() {
		table.write(&budgets, true)
		table.write(&users, false)
	}
	for _, want := range []string{
		"| no reference, beside an empty program | 2.24 MISSES 1.80 | 1.51 meets 1.80 |  |  |\n",
		"| 1 secret | 1.12 meets 1.12 | 1.51 MISSES 1.50 | 1.12 meets 1.12 | 1.51 MISSES 1.50 |\n",
		"| requests for a secret or connection, at most | 20 MISSES 1 | 20 MISSES 1 |\n",
		"| tokens for an audience, at most | 2 MISSES 1 | 2 MISSES 1 |\n",
		"| challenges | 0 meets 0 | 0 meets 0 |\n",
		"| connections to one host, at most | 2 MISSES 1 | 2 meets 32 |\n",
		"| peak memory, 100 secrets | 20 MB meets 20 MB |  |\n",
		": not started |  | 1 MISSES 0 |\n",
		"| fleet: time until all have started, beside what the limit imposes |  | 1.30 meets 1.30 |\n",
		"| fleet: throttled answers for each secret |  | 1.60 MISSES 1.50 |\n",
		"| size of the program | 9 MB MISSES 8.60 MB |  |\n",
		"| 1000 | 1.12 | 20.59 | 1.12 | 20.59 | 5 |  |\n",
		"| beside azinject without this limit | 1 | 1 |\n",
	} {
		if !strings.Contains(budgets.String(), want) {
			t.Errorf("no %q in\n%s", want, &budgets)
		}
	}
	if want := "| 1 secret | 1.12 | 1.51 | 1.12 | 1.51 |\n"; !strings.Contains(users.String(), want) || strings.Contains(users.String(), "MISSES") {
		t.Errorf("want %q, and no budget, in\n%s", want, &users)
	}
}

// TestNothingMeasured checks that nothing is claimed.
func TestNothingMeasured(t *testing.T) {
	for _, table := range new(report).tables() {
		var out strings.Builder
		table.write(&out, true)
		if strings.Contains(out.String(), "meets") || strings.Contains(out.String(), "MISSES") {
			t.Error(out.String())
		}
	}
}

func TestChart(t *testing.T) {
	folder := t.TempDir()
	if err := drawChart(folder, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "startup.svg")); err == nil {
		t.Error("there is a chart of nothing")
	}
	if err := drawChart(folder, measured()); err != nil {
		t.Fatal(err)
	}
	chart, err := os.ReadFile(filepath.Join(folder, "startup.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "azinject, HTTP/2", "azinject, HTTP/1.1", "Azure SDK for Go", "1000"} {
		if !strings.Contains(string(chart), want) {
			t.Errorf("the chart has no %q", want)
		}
	}
	if strings.Contains(string(chart), "Python") {
		t.Error("the chart has what was not measured")
	}
}

// TestPublish checks that only the results in the page are replaced.
func TestPublish(t *testing.T) {
	page, err := os.ReadFile("../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	name := filepath.Join(folder, "performance.md")
	for _, results := range []string{"first\n", "second\n"} {
		if err := os.WriteFile(name, page, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := publish(folder, []byte(results)); err != nil {
			t.Fatal(err)
		}
		if page, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	text := string(page)
	if !strings.HasPrefix(text, "# Performance\n") || !strings.Contains(text, begin+"\nsecond\n\n"+end) || strings.Contains(text, "first") {
		t.Errorf("the page is\n%s", text)
	}
	if err := os.WriteFile(name, []byte("# Performance\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := publish(folder, nil); err == nil {
		t.Error("published in a page without a place for it")
	}
}
