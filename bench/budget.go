package main

import "fmt"

// budget is a limit for azinject, and what was measured.
type budget struct {
	What     string  `json:"what"`
	Limit    float64 `json:"limit"`
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit"`
	Met      bool    `json:"met"`
}

// atMost returns a budget that is met if the measured value is within the limit.
func atMost(what string, measured, limit float64, unit string) budget {
	return budget{what, limit, measured, unit, measured <= limit}
}

func (b budget) verdict() string {
	if b.Met {
		return "met"
	}
	return "NOT MET"
}

func (b budget) String() string {
	return fmt.Sprintf("%s\t%s\tbudget %s %s\t%s", b.What, short(b.Measured), short(b.Limit), b.Unit, b.verdict())
}

func short(x float64) string {
	if x == float64(int64(x)) {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

const mega = 1e6

// judge compares the measurements with the budgets.
func (r *report) judge() {
	for _, c := range r.Cases {
		if c.Budget > 0 {
			unit := "times the floor"
			if c.of.references() == 0 {
				unit = "times the empty program"
			}
			r.Budgets = append(r.Budgets, atMost(c.Case, c.Ratio, c.Budget, unit))
		}
	}
	r.judgeRequests()
	for _, m := range r.Memory {
		if m.Program == nameAzinject {
			r.Budgets = append(r.Budgets, atMost(fmt.Sprintf("peak memory, %d secrets", memorySecrets), float64(m.Peak)/mega, 24, "MB"))
		}
	}
	if r.Size > 0 {
		r.Budgets = append(r.Budgets, atMost("size of the program", float64(r.Size)/mega, 8.6, "MB"))
	}
	if f := r.Fleet; f != nil {
		r.Budgets = append(r.Budgets,
			atMost("fleet: replicas that did not start", float64(f.Replicas-f.Started), 0, ""),
			atMost("fleet: time until all have started", f.Ratio, 1.6, "times the time that the limit imposes"),
			atMost("fleet: throttled answers per secret", f.Throttled, 3, ""))
	}
}

// judgeRequests adds the budgets for requests and connections, with the maximum of
// all cases.
func (r *report) judgeRequests() {
	var requests, tokens, challenges, connections float64
	seen := false
	for _, c := range r.Cases {
		if c.Program != nameAzinject || c.of.references() == 0 {
			continue
		}
		seen = true
		fetched := c.Requests["secret"] + c.Requests["connection"] + c.Requests[throttled]
		requests = max(requests, float64(fetched)/float64(c.of.references()))
		tokens = max(tokens, float64(c.Requests["token"])/float64(c.of.audiences()))
		challenges = max(challenges, float64(c.Requests["challenge"])/float64(max(c.Connections, 1)))
		connections = max(connections, float64(c.Connections))
	}
	if seen {
		r.Budgets = append(r.Budgets,
			atMost("requests per secret or connection, at most", requests, 1, ""),
			atMost("tokens per audience, at most", tokens, 1, ""),
			atMost("challenges per network connection, at most", challenges, 1, ""),
			atMost("network connections to one host, at most", connections, 32, ""))
	}
}
