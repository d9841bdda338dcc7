package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/spf13/cobra"

	"azinject/azlocal/manager"
	"azinject/azlocal/rbac"
	"azinject/identity"
	"azinject/resolve"
)

// statusLacking is the exit status if somebody lacks access.
const statusLacking = 1

// accessOptions are those of "azlocal access".
type accessOptions struct {
	container, identity string
	grant, yes, wait    bool
	scope               string
	json                bool
	workspace           workspaceOptions
}

func (p *process) accessCommand() *cobra.Command {
	o := &accessOptions{scope: "store"}
	cmd := &cobra.Command{
		Use:                   "access FILE [--identity ID] [--grant [--yes] [--wait]] [--json]",
		Short:                 "Check that a deployment's identity and you may read its secrets, and grant it",
		Long:                  accessManual,
		Example:               accessExamples,
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return errors.New("FILE is missing")
			case len(args) > 1:
				return fmt.Errorf("only one FILE: what is %q?", args[1])
			case !o.grant && (o.yes || o.wait):
				return errors.New("--yes and --wait need --grant")
			case o.scope != "store" && o.scope != "secret":
				return errors.New("--scope is store or secret")
			}
			return p.access(args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.Var(&text{&o.identity, "ID"}, "identity", "who will run: a client ID, object ID or resource ID")
	flags.BoolVar(&o.grant, "grant", false, "grant what is missing, after asking")
	flags.BoolVar(&o.yes, "yes", false, "with --grant: do not ask")
	flags.BoolVar(&o.wait, "wait", false, "with --grant: wait until the grants are effective")
	flags.Var(&text{&o.scope, "SCOPE"}, "scope", "what a role is granted on: the whole store, or each secret")
	flags.BoolVar(&o.json, "json", false, "print a JSON document")
	flags.Var(&text{&o.container, "NAME"}, "container", "which container, if a Kubernetes manifest has several")
	flags.Var(&text{&o.workspace.subscription, "ID"}, "subscription", "the subscription of the workspace")
	flags.VarP(&text{&o.workspace.group, "NAME"}, "resource-group", "g", "the resource group of the workspace")
	flags.VarP(&text{&o.workspace.name, "NAME"}, "workspace-name", "w", "the workspace that FILE is deployed to")
	return cmd
}

// access does everything, and sets the exit status.
func (p *process) access(file string, o *accessOptions) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	p.status = statusFailed
	d, err := readDeployable(file, o.container, p.environ)
	if err != nil {
		return err
	}
	for _, absent := range d.absent {
		p.warn("%s:%d: %s: not checked", file, absent.Line, absent.Message)
	}
	q, err := p.newInquiry(d, o)
	if err != nil {
		return err
	}
	if len(q.stores) == 0 {
		p.status = 0
		return p.print(&accessReport{OK: true, Stores: []*store{}}, o)
	}
	if err := q.signIn(ctx, p.environ); err != nil {
		return err
	}
	report, err := q.answer(ctx)
	if err != nil {
		return err
	}
	if o.grant {
		p.grant(ctx, q, report)
	}
	p.status = report.status()
	report.OK = p.status == 0
	return p.print(report, o)
}

// inquiry is what has to be found out.
type inquiry struct {
	options   *accessOptions
	file      *deployable
	getenv    func(string) string
	cloud     resolve.Cloud
	plan      *resolve.Plan
	workspace resolve.Workspace // that is deployed to, zero if unknown
	noPlace   error             // why it is unknown
	stores    []*store

	tokens  *identity.Shared
	manager *manager.Client
	tried   *resolve.Resolution // what the person could read, nil if not tried
}

// patience bounds all questions together.
const patience = 2 * time.Minute

// newInquiry finds the references, with azinject's own grammar.
func (p *process) newInquiry(d *deployable, o *accessOptions) (*inquiry, error) {
	q := &inquiry{options: o, file: d, getenv: func(name string) string { value, _ := valueOf(d.variables, name); return value }}
	q.cloud = currentCloud(merge(p.environ, d.variables))
	own, err := q.findWorkspace(p.environ)
	if err != nil {
		return nil, err
	}
	if d.kind == ofEndpoint {
		if d.enforces && q.noPlace != nil {
			return nil, q.noPlace
		}
		q.addConnections()
		return q, nil
	}
	g := resolve.Grammar{Cloud: q.cloud, AllowedVaultHosts: listIn(q.getenv("AZINJECT_ALLOWED_VAULT_HOSTS")), Workspace: own}
	skipped := append(listIn(q.getenv("AZINJECT_SKIP")), listIn(q.getenv("AZINJECT_UNSET"))...)
	plan, failures := resolve.NewPlan(d.variables, resolve.Options{Grammar: g, Skip: skips(skipped), Timeout: patience / 4})
	if err := mistakesIn(failures, q.noPlace); err != nil {
		return nil, err
	}
	q.plan = plan
	q.stores = storesOf(plan.Sources())
	return q, nil
}

// findWorkspace sets the workspace that is deployed to, and returns that of
// references which name none. An invalid AZINJECT_WORKSPACE is an error.
func (q *inquiry) findWorkspace(environ []string) (own resolve.Workspace, err error) {
	const setting = "AZINJECT_WORKSPACE"
	inherited, _ := valueOf(environ, setting)
	for _, id := range []string{q.getenv(setting), inherited} {
		if id == "" {
			continue
		}
		if own, err = resolve.ParseWorkspace(id); err != nil {
			return own, fmt.Errorf("%s: %w", setting, err)
		}
		break
	}
	q.workspace, q.noPlace = q.options.workspace.complete(environ)
	chosen := q.options.workspace != workspaceOptions{}
	switch {
	case chosen && q.noPlace != nil:
		return own, q.noPlace
	case own == resolve.Workspace{} && q.noPlace == nil:
		own = q.workspace
	case own != resolve.Workspace{} && !chosen:
		q.workspace, q.noPlace = own, nil
	}
	return own, nil
}

// listIn splits a setting.
func listIn(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}

// skips returns what reports whether azinject never touches a variable.
func skips(names []string) func(string) bool {
	return func(name string) bool {
		for _, n := range names {
			if n == name {
				return true
			}
		}
		return strings.HasPrefix(name, "AZINJECT_")
	}
}

// mistakesIn returns the failures as one error, a line each.
func mistakesIn(failures []resolve.Failure, noPlace error) error {
	var all []error
	for _, f := range failures {
		if errors.Is(f.Err, resolve.ErrNoWorkspace) && noPlace != nil {
			f.Err = noPlace
		}
		all = append(all, fmt.Errorf("%s: %w", f.Variable, f.Err))
	}
	return errors.Join(all...)
}

// signIn finds the sign-in of the person.
func (q *inquiry) signIn(ctx context.Context, environ []string) error {
	found, err := findSignIn(ctx, sources(environ, q.cloud.Configuration), q.cloud.ResourceManager().Audience)
	if err != nil {
		return err
	}
	q.tokens = identity.Share(signInTokens{found})
	q.manager = manager.New(q.cloud, q.tokens)
	_, err = q.tokens.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{q.cloud.ResourceManager().Audience + "/.default"}})
	if err == nil && q.tokens.Claims().ObjectID == "" {
		err = errors.New("the token of your sign-in does not say who you are")
	}
	return err
}

// signInTokens is a sign-in as the SDK wants it.
type signInTokens struct{ *signIn }

// GetToken implements [azcore.TokenCredential].
func (s signInTokens) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return s.token(ctx, strings.TrimSuffix(options.Scopes[0], "/.default"))
}

// answer asks about both identities.
func (q *inquiry) answer(ctx context.Context) (*accessReport, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	claims := q.tokens.Claims()
	person := party{What: "you", ObjectID: claims.ObjectID, Type: "ServicePrincipal"}
	if claims.User {
		person.Type = "User"
	}
	runner, err := q.findRunner(ctx, person)
	if err != nil {
		return nil, err
	}
	report := &accessReport{Person: person, Identity: runner.party, Notes: runner.notes, Stores: q.stores}
	for _, s := range q.stores {
		q.locate(ctx, s)
		s.Person = q.verdict(ctx, s, person)
		if s.Person.Access == rbac.Unknown && s.err == nil {
			s.Person = q.tryReading(ctx, s, s.Person)
		}
		if runner.party != nil {
			v := s.Person
			if runner.party.ObjectID != person.ObjectID {
				v = q.verdict(ctx, s, *runner.party)
			}
			s.Identity = &v
			if v.Access != rbac.Yes {
				s.propose(*runner.party, q.options.scope)
			}
		}
	}
	return report, nil
}
