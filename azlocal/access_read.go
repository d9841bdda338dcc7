package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// read reads what these variables refer to with the person's sign-in, as azinject
// would. What it has read is dropped.
func (q *inquiry) read(ctx context.Context, variables []string) []resolve.Source {
	some := slices.DeleteFunc(slices.Clone(q.file.variables), func(kv string) bool { return !slices.Contains(variables, nameOf(kv)) })
	plan, _ := resolve.NewPlan(some, q.resolution)
	result, _ := plan.Resolve(ctx, q.tokens)
	return result.Sources
}

// follow adds the vaults that values in App Configuration refer to. Only who can read
// the values knows them.
func (q *inquiry) follow(ctx context.Context) (notes []string) {
	var variables []string
	for _, s := range q.stores {
		if s.objects[0].Kind == resolve.KeyValue {
			variables = append(variables, s.variables...)
		}
	}
	if variables == nil {
		return nil
	}
	var found []resolve.Source
	for _, source := range q.read(ctx, variables) {
		o := source.Reference.Object
		switch {
		case o.Kind != resolve.KeyValue:
		case source.Secret != resolve.Object{}:
			found = append(found, resolve.Source{Variable: source.Variable, Reference: resolve.Reference{Object: source.Secret}})
		case source.Err != nil:
			notes = append(notes, "you cannot read "+o.String()+", which may refer to a vault that needs a role too")
		}
	}
	for _, s := range storesOf(found) {
		i := slices.IndexFunc(q.stores, func(old *store) bool { return old.holds(s.objects[0]) })
		if i < 0 {
			q.stores = append(q.stores, s)
			continue
		}
		for _, o := range s.objects {
			q.stores[i].add(o)
		}
		q.stores[i].variables = append(q.stores[i].variables, s.variables...)
	}
	return notes
}

// tryReading settles a doubt about the person by reading. Whatever is not found could
// have been read.
func (q *inquiry) tryReading(ctx context.Context, s *store, doubt verdict) verdict {
	v := verdict{Access: rbac.Yes, Because: []string{"reading works"}}
	for _, source := range q.read(ctx, s.variables) {
		if source.Err == nil && s.has(source.Reference.Object) {
			s.unseen = nil
		}
		failed, ok := errors.AsType[*resolve.FetchError](source.Err)
		if !ok || !s.has(failed.Object) || failed.Status == http.StatusNotFound {
			continue
		}
		if d := failed.Denial(); d != resolve.DeniedByRole && d != resolve.DeniedByPolicy {
			doubt.Because = append(doubt.Because, failed.Error())
			return doubt
		}
		v = verdict{Access: rbac.No, Because: []string{failed.Error()}}
	}
	if v.Access == rbac.Yes && s.unseen != nil {
		return doubt
	}
	return v
}

func (s *store) has(o resolve.Object) bool {
	return s.holds(o) && slices.ContainsFunc(s.Names, func(name string) bool { return strings.EqualFold(name, o.Name) })
}
