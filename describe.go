package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/identity"
	"azinject/resolve"
)

// describe documents the identity and the workspace, if there is need of them.
func (d *document) describe(r *request) {
	if len(d.References) == 0 {
		return
	}
	d.Identity = r.describeIdentity()
	own := func(s resolve.Source) bool { return s.Reference.Object.Workspace == r.Workspace }
	if r.Workspace != (resolve.Workspace{}) && slices.ContainsFunc(r.plan.Sources(), own) {
		d.Workspace = &documentedWorkspace{r.Workspace.ID(), r.workspaceFrom}
	}
}

// describeIdentity says as whom the references are fetched, and why.
func (r *request) describeIdentity() *documentedIdentity {
	s := r.selected
	d := &documentedIdentity{Credential: s.Kind.String()}
	if platform, ok := s.Platform(); ok {
		d.Platform = platform.String()
	}
	switch id := s.ID.(type) {
	case azidentity.ClientID:
		d.ClientID = id.String()
	case azidentity.ObjectID:
		d.ObjectID = id.String()
	case azidentity.ResourceID:
		d.ResourceID = id.String()
	}
	from := slices.DeleteFunc([]string{s.KindVariable, s.Variable}, func(name string) bool { return name == "" })
	d.From = strings.Join(slices.Compact(from), ", ")
	return d
}

// String returns what --plan prints.
func (d *documentedIdentity) String() string {
	text := d.Credential
	switch {
	case d.ClientID != "":
		text += " with client ID " + d.ClientID
	case d.ObjectID != "":
		text += " with object ID " + d.ObjectID
	case d.ResourceID != "":
		text += " " + d.ResourceID
	case d.Platform != "":
		text += ", system-assigned or the only one"
	}
	if d.Platform != "" {
		text += ", from " + d.Platform
	}
	return text
}

// unknownPrincipal stands for an object ID in commands.
const unknownPrincipal = "OBJECT_ID"

// principal returns the object ID of who fetches, or what the shell finds it
// with, and its type. Only a placeholder is known of an identity that no
// variable names.
func (r *request) principal() (objectID, kind string) {
	s := r.selected
	platform, _ := s.Platform()
	switch {
	case s.Kind == identity.OnBehalfOf:
		return unknownPrincipal, "User"
	case platform == identity.CloudShell, slices.Contains([]identity.Kind{identity.AzureCLI, identity.AzureDeveloperCLI, identity.Developer}, s.Kind):
		return "$(az ad signed-in-user show --query id --output tsv)", "User"
	default:
		switch id := s.ID.(type) {
		case azidentity.ClientID:
			return fmt.Sprintf("$(az ad sp show --id %s --query id --output tsv)", id), "ServicePrincipal"
		case azidentity.ResourceID:
			return fmt.Sprintf("$(az identity show --ids %q --query principalId --output tsv)", id), "ServicePrincipal"
		case azidentity.ObjectID:
			return id.String(), "ServicePrincipal"
		}
	}
	return unknownPrincipal, "ServicePrincipal"
}
