package resolve

import (
	"errors"
	"net/url"
	"strings"
)

// Project is a project of Microsoft Foundry.
type Project struct {
	// Host is the host name of its account, in lower case.
	Host string
	Name string
	// ID is its Resource Manager ID, "" if it is not known.
	ID string
}

// Endpoint returns the address of the project.
func (p Project) Endpoint() string { return "https://" + p.Host + p.path() }

func (p Project) path() string { return "/api/projects/" + url.PathEscape(p.Name) }

// projectSuffixes end the host names of Foundry accounts, by cloud. China has none.
// https://learn.microsoft.com/azure/foundry/how-to/develop/sdk-overview
var projectSuffixes = []string{".services.ai.azure.com", ".services.ai.azure.us"}

// projectScope returns the scope of the tokens for an account, "" for any other
// host. It is the gate for tokens.
func projectScope(host string) string {
	for _, suffix := range projectSuffixes {
		if account, ok := strings.CutSuffix(host, suffix); ok && checkCharacters(account, 0, 63, "-", "") == nil {
			return "https://" + strings.TrimPrefix(suffix, ".services.") + "/.default"
		}
	}
	return ""
}

// Audience returns the audience of the tokens for the project.
func (p Project) Audience() string { return strings.TrimSuffix(projectScope(p.Host), "/.default") }

const projectRule = "https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT"

// errProject reports text that is not the endpoint of a project.
var errProject = errors.New("not the endpoint of a Foundry project: write " + projectRule)

// ErrNoProject reports a reference to a project's connection in a container that
// does not know its project.
var ErrNoProject = errors.New("no Foundry project is known: set AZINJECT_PROJECT to its endpoint, " + projectRule +
	" (neither FOUNDRY_PROJECT_ENDPOINT, which Foundry sets, nor AZURE_AI_PROJECT_ENDPOINT names one)")

// ParseProject parses the endpoint of a project, as azd does: blanks around it and
// a slash at its end are ignored. The error says how to write one.
func ParseProject(endpoint string) (Project, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(endpoint), "https://")
	p := path{rest: strings.TrimSuffix(rest, "/")}
	host, _ := p.next()
	api, _ := p.next()
	projects, _ := p.next()
	project := Project{Host: strings.ToLower(host), Name: p.name("the name of the project")}
	if !ok || projectScope(project.Host) == "" || api != "api" || projects != "projects" || p.err != nil || !p.done {
		return Project{}, errProject
	}
	return project, nil
}

// DiscoverProject returns the container's own project and the variable that names
// it: the first of Foundry's and azd's that is set. It returns the zero Project if
// there is none. getenv returns "" for what is not set.
func DiscoverProject(getenv func(string) string) (p Project, from string) {
	for _, from := range []string{"FOUNDRY_PROJECT_ENDPOINT", "AZURE_AI_PROJECT_ENDPOINT"} {
		if endpoint := getenv(from); endpoint != "" {
			p, _ = ParseProject(endpoint)
			return p, from
		}
	}
	return Project{}, ""
}

// DiscoverID returns the project's Resource Manager ID from Foundry's or azd's
// variable, "" if neither has it. The one in the variable may be another project's.
func (p Project) DiscoverID(getenv func(string) string) string {
	for _, name := range []string{"FOUNDRY_PROJECT_ARM_ID", "AZURE_AI_PROJECT_ID"} {
		id := getenv(name)
		rest := path{rest: strings.TrimPrefix(id, "/")}
		rest.pair("subscriptions")
		rest.pair("resourceGroups")
		owner, account, project := rest.pair("providers"), rest.pair("accounts"), rest.pair("projects")
		if rest.err == nil && rest.done && strings.EqualFold(owner, "Microsoft.CognitiveServices") &&
			strings.HasPrefix(p.Host, strings.ToLower(account)+".") && strings.EqualFold(project, p.Name) {
			return id
		}
	}
	return ""
}
