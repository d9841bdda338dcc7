package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/spf13/cobra"

	"azinject/azlocal/manager"
	"azinject/azlocal/rbac"
	"azinject/identity"
	"azinject/transport"
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
		Use:                   "access FILE [--identity ID] [--grant [--yes] [--wait] [--scope SCOPE]] [--json] [--container NAME] [--subscription ID] [--resource-group NAME] [--workspace-name NAME]",
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
				return fmt.Errorf("give one FILE only: %q is one too many", args[1])
			case !o.grant && (o.yes || o.wait):
				return errors.New("--yes and --wait need --grant")
			case o.scope != "store" && o.scope != "secret":
				return errors.New("--scope: write store or secret")
			}
			return p.access(args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.Var(&text{&o.identity, "ID"}, "identity", "who will run: a client ID, object ID or resource ID")
	flags.BoolVar(&o.grant, "grant", false, "grant what is missing, after asking")
	flags.BoolVar(&o.yes, "yes", false, "with --grant: do not ask")
	flags.BoolVar(&o.wait, "wait", false, "with --grant: wait until the grants are effective")
	flags.Var(&text{&o.scope, "SCOPE"}, "scope", "what a role is granted on: the whole store, or each\nsecret")
	flags.BoolVar(&o.json, "json", false, "print a JSON document")
	flags.Var(&text{&o.container, "NAME"}, "container", "which container, if a Kubernetes manifest or a container\napp has several, or which service of an azd project")
	flags.Var(&text{&o.workspace.subscription, "ID"}, "subscription", "the subscription of the workspace")
	flags.VarP(&text{&o.workspace.group, "NAME"}, "resource-group", "g", "the resource group of the workspace")
	flags.VarP(&text{&o.workspace.name, "NAME"}, "workspace-name", "w", "the workspace that FILE is deployed to")
	return cmd
}

// access does everything, and sets the exit status.
func (p *process) access(file string, o *accessOptions) error {
	ctx := context.Background() // signals end azlocal until there is something to report
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
		return p.print(&accessReport{OK: true, Stores: []*store{}, Notes: []string{d.nothing()}}, o)
	}
	if err := q.signIn(ctx, p.environ); err != nil {
		return err
	}
	report, err := q.answer(p.sayWaiting(ctx))
	if err != nil {
		return err
	}
	if o.grant {
		ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		p.grant(p.sayWaiting(ctx), q, report)
	}
	p.status = report.status()
	report.OK = p.status == 0
	return p.print(report, o)
}

// sayWaiting returns a context whose requests tell what is waited for, after 5
// seconds and then at most every 30.
func (p *process) sayWaiting(ctx context.Context) context.Context {
	const first, again = 5 * time.Second, 30 * time.Second
	var mu sync.Mutex
	next := time.Now().Add(first)
	return transport.Observe(ctx, func(a transport.Attempt) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if a.Until.IsZero() || now.Before(next) {
			return
		}
		next = now.Add(again)
		reason := fmt.Sprint("status ", a.Status)
		if a.Err != nil {
			reason = a.Err.Error()
		}
		fmt.Fprintf(p.stderr, "azlocal: waiting: %s: %s; gives up in %v\n", a.Host, transport.OneLine(reason), a.Until.Sub(now).Round(time.Second))
	})
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
	notes := append(runner.notes, q.follow(ctx)...)
	var asking sync.WaitGroup
	for _, s := range q.stores {
		asking.Go(func() {
			q.locate(ctx, s)
			s.Person = q.verdict(ctx, s, person)
			if runner.party != nil {
				s.Identity = new(q.verdict(ctx, s, *runner.party))
			}
		})
	}
	asking.Wait()
	for _, s := range q.stores {
		s.Person = s.ifSeen(s.Person)
		if s.Person.Access == rbac.Unknown && s.err == nil {
			s.Person = q.tryReading(ctx, s, s.Person)
		}
		s.PersonGrants = s.least(person, s.Person, q.options.scope)
		switch {
		case runner.party == nil:
			continue
		case runner.party.ObjectID == person.ObjectID:
			s.Identity = &s.Person
		default:
			*s.Identity = s.ifSeen(*s.Identity)
		}
		s.Grants = s.least(*runner.party, *s.Identity, q.options.scope)
	}
	return &accessReport{Person: person, Identity: runner.party, Notes: notes, Stores: q.stores}, nil
}
