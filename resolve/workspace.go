package resolve

import (
	"errors"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// Workspace is an Azure Machine Learning workspace, by the three names in its
// Resource Manager ID.
type Workspace struct {
	Subscription  string
	ResourceGroup string
	Name          string
}

// provider is the resource provider of workspaces.
const provider = "Microsoft.MachineLearningServices"

// ID returns the workspace's Resource Manager ID.
func (w Workspace) ID() string {
	return "/subscriptions/" + w.Subscription + "/resourceGroups/" + w.ResourceGroup +
		"/providers/" + provider + "/workspaces/" + w.Name
}

// folded returns w in lower case: Resource Manager's IDs are case-insensitive.
func (w Workspace) folded() Workspace {
	return Workspace{
		Subscription:  strings.ToLower(w.Subscription),
		ResourceGroup: strings.ToLower(w.ResourceGroup),
		Name:          strings.ToLower(w.Name),
	}
}

// workspaceRule says how to write a workspace's ID.
const workspaceRule = "write /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/" +
	provider + "/workspaces/NAME, or azureml://subscriptions/SUBSCRIPTION/resourceGroups/GROUP/workspaces/NAME"

// errWorkspace reports text that is not a workspace's ID.
var errWorkspace = errors.New("not a workspace: " + workspaceRule)

// ErrNoWorkspace reports a reference without a workspace in a container that
// does not know its own.
var ErrNoWorkspace = errors.New("the reference names no workspace, and none is known: set AZINJECT_WORKSPACE to its ID " +
	"(neither AML_DEPLOYMENT_RESOURCE_ID nor the AZUREML_ARM_ variables, which Azure Machine Learning sets, name one)")

// subscriptionRule says how to write a subscription. Its name is not its ID.
const subscriptionRule = `write the subscription's ID, a GUID, which "az account show --query id" prints`

// errSubscription reports a workspace whose subscription is not an ID.
var errSubscription = errors.New("not a workspace: " + subscriptionRule)

var errSlash = errors.New("drop the slash at the end")

// ParseWorkspace parses a workspace's Resource Manager ID or azureml:// URI, the
// two spellings in public use. The error says how to write one.
func ParseWorkspace(id string) (Workspace, error) {
	rest, ok := strings.CutPrefix(id, "azureml://")
	if !ok {
		rest, ok = strings.CutPrefix(id, "/")
	}
	p := path{rest: rest}
	w := p.workspace()
	mistake, _ := errors.AsType[*SyntaxError](p.err)
	switch {
	case ok && mistake != nil && mistake.Rule == subscriptionRule:
		return Workspace{}, errSubscription
	case ok && mistake == nil && !p.done && p.rest == "":
		return Workspace{}, errSlash
	case !ok || mistake != nil || !p.done:
		return Workspace{}, errWorkspace
	}
	return w, nil
}

// DiscoverWorkspace returns the container's own workspace and the variables that
// name it, in words: AML_DEPLOYMENT_RESOURCE_ID in an online deployment, the three
// AZUREML_ARM_ variables in a job. It returns the zero Workspace if neither is
// set. getenv returns "" for what is not set.
func DiscoverWorkspace(getenv func(string) string) (w Workspace, from string) {
	const deployment = "AML_DEPLOYMENT_RESOURCE_ID"
	if rest, ok := strings.CutPrefix(getenv(deployment), "/"); ok {
		p := path{rest: rest}
		if w = p.workspace(); p.err == nil {
			return w, deployment
		}
	}
	w = Workspace{
		Subscription:  getenv("AZUREML_ARM_SUBSCRIPTION"),
		ResourceGroup: getenv("AZUREML_ARM_RESOURCEGROUP"),
		Name:          getenv("AZUREML_ARM_WORKSPACE_NAME"),
	}
	if checked, err := ParseWorkspace(w.ID()); err == nil {
		return checked, "AZUREML_ARM_SUBSCRIPTION, AZUREML_ARM_RESOURCEGROUP and AZUREML_ARM_WORKSPACE_NAME"
	}
	return Workspace{}, ""
}

// workspace takes subscriptions/S/resourceGroups/R[/providers/P]/workspaces/W from
// the front of p. The fixed words may be in any letter case, as in Resource
// Manager.
func (p *path) workspace() (w Workspace) {
	p.word("subscriptions")
	subscription, at := p.next()
	p.check(checkSubscription(subscription, at))
	w.Subscription = subscription
	w.ResourceGroup = p.pair("resourceGroups")
	if strings.EqualFold(p.peek(), "providers") {
		p.next()
		if name, at := p.next(); !strings.EqualFold(name, provider) {
			p.wrong(at, "write "+provider+" here, the provider of workspaces")
		}
	}
	w.Name = p.pair("workspaces")
	return w
}

// checkSubscription accepts the ID of a subscription.
func checkSubscription(id string, at int) error {
	if len(id) != 36 || uuid.Validate(id) != nil {
		return syntaxError(at, subscriptionRule)
	}
	return nil
}

// pair takes "word/NAME" from the front of p and returns NAME. Those of resource
// groups may have letters and digits of any script.
// https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
func (p *path) pair(word string) string {
	p.word(word)
	return p.nameOf("the name after \""+word+"\"", func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// word takes a fixed word of a workspace's ID.
func (p *path) word(word string) {
	if got, at := p.next(); !strings.EqualFold(got, word) {
		p.wrong(at, "a workspace is written subscriptions/SUBSCRIPTION/resourceGroups/GROUP/workspaces/NAME, "+
			"and this should be \""+word+"\"")
	}
}
