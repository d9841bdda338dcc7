package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/azlocal/manager"
	"azinject/identity"
	"azinject/resolve"
)

// runner is who will run.
type runner struct {
	party *party // nil if it does not exist yet
	notes []string
}

func managed(id *manager.Identity, what string) *runner {
	return &runner{party: &party{What: what, ObjectID: id.ObjectID, ClientID: id.ClientID, ResourceID: id.ResourceID, Type: "ServicePrincipal"}}
}

var errNobody = errors.New("the file does not say who will run: give --identity, a client ID, object ID or resource ID")

// objectForm is how to name an identity that no search finds.
const objectForm = "for a system-assigned identity or an application, write --identity object:OBJECT_ID"

// findRunner finds who will run what the file declares.
func (q *inquiry) findRunner(ctx context.Context, person party) (*runner, error) {
	f := q.file
	if q.options.identity != "" {
		return q.given(ctx, q.options.identity, "--identity")
	}
	if f.kind == ofEndpoint {
		return q.ofNewEndpoint(ctx)
	}
	if strings.EqualFold(q.getenv(identity.CredentialSetting), identity.OnBehalfOf.String()) {
		return &runner{party: &person, notes: []string{"the job reads secrets as the user who submits it, which azlocal takes to be you"}}, nil
	}
	selected, err := identity.Select(q.withWebhook, q.cloud.Configuration.ActiveDirectoryAuthorityHost)
	variable := selected.Variable
	selected.Variable = q.inFile(variable)
	if wrong, ok := errors.AsType[*identity.SelectionError](err); ok {
		return nil, fmt.Errorf("%s: %w", q.inFile(wrong.Variable), cmp.Or(resolve.Wrapped(q.withWebhook(wrong.Variable)), wrong.Err))
	}
	switch {
	case err != nil:
		return nil, err
	case f.kind == ofDeployment:
		return q.ofEndpoint(ctx, selected)
	case f.kind == ofJob:
		return q.ofJob(ctx, selected)
	case selected.ID == nil && f.system != "":
		return q.given(ctx, "object:"+f.system, "the file")
	case selected.ID == nil:
		return nil, errNobody
	}
	r, err := q.chosen(ctx, selected.ID, selected.Variable)
	if err == nil && selected.Variable != variable && !f.labelled {
		r.notes = append(r.notes, `the pod gets this identity only with the label azure.workload.identity/use: "true", which it does not have`)
	}
	return r, err
}

// given finds an identity by any of its IDs, or a resource's.
func (q *inquiry) given(ctx context.Context, id, from string) (*runner, error) {
	workspace, kind, name := resourceIn(id)
	switch kind {
	case "onlineendpoints":
		owner, err := q.manager.Endpoint(ctx, workspace, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		return pick(owner, identity.Selection{}, fmt.Sprintf("online endpoint %q", name))
	case "computes":
		owner, err := q.manager.Compute(ctx, workspace, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		return pick(owner, identity.Selection{}, fmt.Sprintf("compute %q", name))
	}
	parsed, err := identity.ParseID(id)
	if err != nil {
		return nil, fmt.Errorf("%s: write a client ID, an object ID, or the resource ID of a user-assigned identity, an online endpoint or a compute; %s", from, objectForm)
	}
	return q.chosen(ctx, parsed, from)
}

// chosen finds an identity by the ID that selects it. A GUID of which nothing else
// is known is taken for an object ID only where the user says so.
func (q *inquiry) chosen(ctx context.Context, id azidentity.ManagedIDKind, from string) (*runner, error) {
	switch id := id.(type) {
	case azidentity.ResourceID:
		found, err := q.manager.UserAssigned(ctx, id.String())
		if err != nil {
			return nil, err
		}
		return managed(found, userAssigned(found.ResourceID)), nil
	case azidentity.ObjectID:
		return managed(&manager.Identity{ObjectID: id.String()}, "the one that "+from+" names"), nil
	}
	found, err := q.manager.ByID(ctx, id.String())
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, fmt.Errorf("%s: you can see no user-assigned identity with the client ID or object ID %s; %s (an application's: az ad sp show --id %[2]s --query id)", from, id, objectForm)
	}
	return managed(found, userAssigned(found.ResourceID)), nil
}

func userAssigned(resourceID string) string {
	return fmt.Sprintf("the user-assigned identity %q", resourceID[strings.LastIndex(resourceID, "/")+1:])
}

// resourceIn returns the workspace, kind in lower case and name in an ID of an
// online endpoint or a compute.
func resourceIn(id string) (w resolve.Workspace, kind, name string) {
	p := strings.Split(id, "/")
	if len(p) != 11 {
		return w, "", ""
	}
	w, err := resolve.ParseWorkspace(strings.Join(p[:9], "/"))
	if err != nil {
		return w, "", ""
	}
	return w, strings.ToLower(p[9]), p[10]
}

// ofEndpoint finds the identity of a deployment's endpoint.
func (q *inquiry) ofEndpoint(ctx context.Context, selected identity.Selection) (*runner, error) {
	if q.noPlace != nil {
		return nil, q.noPlace
	}
	owner, err := q.manager.Endpoint(ctx, q.workspace, q.file.endpoint)
	if manager.IsNotFound(err) {
		return nil, fmt.Errorf("%w; create it before the deployment (az ml online-endpoint create), or check %s", err, whereWorkspace)
	}
	if err != nil {
		return nil, placed(err)
	}
	r, err := pick(owner, selected, fmt.Sprintf("online endpoint %q", q.file.endpoint))
	if err == nil && owner.Enforces {
		r.notes = append(r.notes, "enforce_access_to_default_secret_stores is enabled: the platform also checks your own access to connections")
	}
	return r, err
}

// ofNewEndpoint finds the identity of an endpoint that may not exist yet.
func (q *inquiry) ofNewEndpoint(ctx context.Context) (*runner, error) {
	later := &runner{notes: []string{"the endpoint's identity is created with the endpoint: check the deployment once the endpoint exists"}}
	switch {
	case len(q.file.assigned) == 1:
		return q.given(ctx, q.file.assigned[0], "user_assigned_identities")
	case q.file.endpoint == "": // az is given the name
		return later, nil
	}
	owner, err := q.manager.Endpoint(ctx, q.workspace, q.file.endpoint)
	if manager.IsNotFound(err) {
		return later, nil
	}
	if err != nil {
		return nil, placed(err)
	}
	return pick(owner, identity.Selection{}, fmt.Sprintf("online endpoint %q", q.file.endpoint))
}

// ofJob finds a job's own identity, or its compute's.
func (q *inquiry) ofJob(ctx context.Context, selected identity.Selection) (*runner, error) {
	own := q.file.identity
	switch {
	case selected.ID != nil && own != jobIdentity{kind: own.kind}:
		return q.chosen(ctx, selected.ID, selected.Variable)
	case own.resource != "":
		return q.given(ctx, own.resource, "the job's identity")
	case own.object != "":
		return q.given(ctx, "object:"+own.object, "the job's identity")
	case own.client != "":
		return q.given(ctx, own.client, "the job's identity")
	case q.file.compute == "" || q.file.compute == "local" || q.file.compute == "serverless":
		return nil, errNobody
	case strings.HasPrefix(q.file.compute, "/"):
		return q.given(ctx, q.file.compute, "compute")
	case q.noPlace != nil:
		return nil, q.noPlace
	}
	owner, err := q.manager.Compute(ctx, q.workspace, q.file.compute)
	if err != nil {
		return nil, placed(err)
	}
	return pick(owner, selected, fmt.Sprintf("compute %q", q.file.compute))
}

// placed adds what to check if Resource Manager refuses to show something.
func placed(err error) error {
	switch {
	case manager.IsNotFound(err):
		return fmt.Errorf("%w; check %s", err, whereWorkspace)
	case manager.IsForbidden(err):
		return fmt.Errorf("%w; you need the role Reader on the workspace: if you have it, check %s", err, whereWorkspace)
	}
	return err
}

// pick returns the one of the owner's identities that azinject will use there.
func pick(owner *manager.Owner, selected identity.Selection, what string) (*runner, error) {
	if selected.ID == nil {
		switch {
		case owner.System != nil:
			return managed(owner.System, "the system-assigned identity of "+what), nil
		case len(owner.Assigned) == 1:
			return managed(&owner.Assigned[0], userAssigned(owner.Assigned[0].ResourceID)+" of "+what), nil
		case owner.Assigned == nil:
			return nil, fmt.Errorf("%s has no identity", what)
		}
		return nil, fmt.Errorf("%s has several identities: choose one with AZINJECT_IDENTITY in the file, or with --identity", what)
	}
	wanted := selected.ID.String()
	if owner.System != nil && strings.EqualFold(wanted, owner.System.ObjectID) {
		return managed(owner.System, "the system-assigned identity of "+what), nil
	}
	for i, id := range owner.Assigned {
		if strings.EqualFold(wanted, id.ClientID) || strings.EqualFold(wanted, id.ObjectID) || strings.EqualFold(wanted, id.ResourceID) {
			return managed(&owner.Assigned[i], userAssigned(id.ResourceID)+" of "+what), nil
		}
	}
	return nil, fmt.Errorf("%s: %s does not have this identity", selected.Variable, what)
}
