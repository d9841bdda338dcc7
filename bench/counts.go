package main

const mega = 1e6

// counts returns the table of everything with a budget that is not a time.
func (r *report) counts() table {
	t := table{title: "Requests, connections, memory, size and an overloaded vault", head: []string{"", "HTTP/2", "HTTP/1.1"}}
	for _, l := range []struct {
		name string
		cell func(http2 bool) cell
	}{
		{"requests for a secret or connection, at most", func(http2 bool) cell {
			return r.most(http2, 1, func(m result) float64 {
				return float64(m.requests["secret"]+m.requests["connection"]+m.requests[throttled]) / float64(m.work.references())
			})
		}},
		{"tokens for an audience, at most", func(http2 bool) cell {
			return r.most(http2, 1, func(m result) float64 { return float64(m.requests["token"]) / float64(m.work.audiences()) })
		}},
		{"challenges", func(http2 bool) cell {
			return r.most(http2, 0, func(m result) float64 { return float64(m.requests["challenge"]) })
		}},
		{"connections to one host, at most", func(http2 bool) cell {
			budget := 32.
			if http2 {
				budget = 1
			}
			return r.most(http2, budget, func(m result) float64 { return float64(m.connections) })
		}},
		{"peak memory, " + plural(memorySecrets, "secret"), func(http2 bool) cell {
			if peak, ok := r.memory[http2]; ok {
				return within(peak/mega, 20, " MB")
			}
			return cell{}
		}},
		{"fleet of " + overload.String() + ": not started", func(http2 bool) cell {
			return r.fleet[http2].cell(0, func(f *fleetResult) float64 { return float64(f.failed) })
		}},
		{"fleet: time until all have started, beside what the limit imposes", func(http2 bool) cell {
			return r.fleet[http2].cell(1.3, func(f *fleetResult) float64 { return f.elapsed })
		}},
		{"fleet: throttled answers for each secret", func(http2 bool) cell {
			return r.fleet[http2].cell(1.5, func(f *fleetResult) float64 { return f.throttled })
		}},
	} {
		t.add(l.name, l.cell(true), l.cell(false))
	}
	if r.size > 0 {
		t.add("size of the program", within(float64(r.size)/mega, 8.6, " MB"), cell{})
	}
	return t
}

// most returns a cell with the maximum of azinject's workloads over a protocol. It
// is empty if there are none.
func (r *report) most(http2 bool, budget float64, value func(result) float64) cell {
	var c cell
	most := 0.
	for _, m := range r.results {
		if m.program == nameAzinject && m.work.references() > 0 && m.work.http2 == http2 {
			most = max(most, value(m))
			c = within(most, budget, "")
		}
	}
	return c
}
