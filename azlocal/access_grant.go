package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"azinject/azlocal/manager"
	"azinject/azlocal/rbac"
)

// What became of a grant.
const (
	resultGranted = "granted"
	resultExisted = "existed"
	resultRefused = "refused"
	resultManual  = "manual" // an administrator has to do it
)

// grantPatience bounds the making of grants, and of waiting until they are
// effective.
const (
	grantPatience = 5 * time.Minute
	waitPatience  = 15 * time.Minute
)

// grant makes the grants of the stores that the person can read, if whoever is
// asked agrees. A second run finishes what an interrupted one has begun.
func (p *process) grant(ctx context.Context, q *inquiry, r *accessReport) {
	todo := r.grantable()
	if len(todo) == 0 {
		return
	}
	fmt.Fprintf(p.stderr, "azlocal grants to %s, with object ID %s:\n", r.Identity.What, r.Identity.ObjectID)
	for _, s := range todo {
		for _, g := range s.Grants {
			fmt.Fprintf(p.stderr, "  %s: %s\n", s.Store, g)
		}
	}
	if !q.options.yes && !p.agreed(ctx) {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, grantPatience)
	defer cancel()
	for _, s := range todo {
		for _, g := range s.Grants {
			q.carryOut(bounded, s, g, *r.Identity)
		}
	}
	if q.options.wait {
		p.await(ctx, q, r, todo)
	}
	for _, s := range todo {
		if s.granted() && s.Model == "role" && !s.confirmed && !s.late {
			note := "a new role takes up to 10 minutes to arrive"
			if q.options.wait {
				note = "Azure lists the new role but does not tell whether it is effective"
			}
			r.Notes = append(r.Notes, note+": AZINJECT_WAIT_FOR_ACCESS=10m makes azinject wait for it")
			return
		}
	}
}

// grantable returns the stores that can and may be granted.
func (r *accessReport) grantable() (todo []*store) {
	for _, s := range r.Stores {
		open := func(g *grant) bool { return g.Result == "" }
		if s.Person.Access == rbac.Yes && slices.ContainsFunc(s.Grants, open) {
			todo = append(todo, s)
		}
	}
	return todo
}

// agreed asks, and says what a no means. No answer is a no, and so is a signal.
func (p *process) agreed(ctx context.Context) bool {
	fmt.Fprint(p.stderr, "Grant this? [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(p.stdin).ReadString('\n')
		answer <- line
	}()
	line := ""
	select {
	case line = <-answer:
	case <-ctx.Done():
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	if !strings.HasSuffix(line, "\n") { // a terminal has shown it
		fmt.Fprintln(p.stderr)
	}
	fmt.Fprintln(p.stderr, "azlocal: nothing granted")
	if line == "" && ctx.Err() == nil {
		fmt.Fprintln(p.stderr, "azlocal: hint: add --yes to grant without being asked")
	}
	return false
}

// carryOut makes one grant.
func (q *inquiry) carryOut(ctx context.Context, s *store, g *grant, who party) {
	var existed bool
	var err error
	if g.policy {
		err = q.manager.AddPolicy(ctx, s.Scope, s.vault.Tenant, who.ObjectID)
	} else {
		existed, err = q.manager.Assign(ctx, g.Scope, g.role, who.ObjectID, who.Type)
	}
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		g.Result, g.Error = resultRefused, "interrupted: a second run finds out whether it was made, and makes it"
	case err != nil:
		g.Result, g.Error = resultRefused, err.Error()
	case existed:
		g.Result = resultExisted
	default:
		g.Result = resultGranted
	}
}

// await asks until the grants are effective.
func (p *process) await(ctx context.Context, q *inquiry, r *accessReport, todo []*store) {
	ctx, cancel := context.WithTimeout(ctx, waitPatience)
	defer cancel()
	for _, s := range todo {
		for n := 0; s.granted(); n++ {
			if q.effective(ctx, s, *r.Identity) {
				break
			}
			if n == 0 {
				fmt.Fprintf(p.stderr, "azlocal: waiting until the grant for %s is effective\n", s.Store)
			}
			if !manager.Pause(ctx, n) {
				r.Notes = append(r.Notes, "the grant for "+s.Store+" is not effective yet")
				s.late = true
				break
			}
		}
	}
}

// effective reports whether the identity can read the store now, and if so says
// why. Azure's own check knows best. Without it, what is listed has to do.
func (q *inquiry) effective(ctx context.Context, s *store, who party) bool {
	if s.vault != nil && s.vault.ByPolicy {
		q.locate(ctx, s)
	} else {
		s.confirmed = true
		for _, o := range s.objects {
			allowed, ok := q.manager.CheckAccess(ctx, s.target(o), who.ObjectID, s.need.actions)
			if ok && !allowed {
				s.confirmed = false
				return false
			}
			s.confirmed = s.confirmed && ok
		}
	}
	v := q.verdict(ctx, s, who)
	if v.Access == rbac.Yes {
		s.Identity = &v
	}
	return v.Access == rbac.Yes
}
