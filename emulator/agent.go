package emulator

import "net/http"

// serveAgent is the token service of Foundry's hosted agents. It gives out the
// agent's identity only. Its protocol is not documented. Azure's SDKs know it, so
// here it is App Service's, and so is the form of its refusal.
func (m *machine) serveAgent(w http.ResponseWriter, r *http.Request) {
	(&AppService{m.secret, m.agentToken}).ServeHTTP(w, r)
}

func (m *machine) agentToken(r *http.Request) (AppServiceToken, *AppServiceError) {
	q := r.URL.Query()
	agent := m.defaultIdentity()
	switch client, resource := q.Get("client_id"), q.Get("resource"); {
	case agent == nil || client != "" && client != agent.clientID:
		return AppServiceToken{}, RefuseAppService(http.StatusBadRequest, "Invalid clientId. It should match either the AgentIdentityId or AgentBlueprintId.")
	case !m.resources[resource]:
		return AppServiceToken{}, RefuseAppService(http.StatusBadRequest, "%s", m.unknownResource(resource).Description)
	default:
		c := m.issuer.claims(agent, resource, tokenLifetime)
		return AppServiceToken{AccessToken: m.issuer.sign(c), ClientID: agent.clientID, ExpiresOn: c.Expires}, nil
	}
}

// agentEnviron returns the variables of a hosted agent. The value of the first one
// is not documented.
func (a *Azure) agentEnviron(base string) ([]string, error) {
	vars := []string{
		"FOUNDRY_HOSTING_ENVIRONMENT=emulated", "FOUNDRY_AGENT_NAME=emulated", "FOUNDRY_AGENT_TENANT_ID=" + a.issuer.tenant, "PORT=8088",
		"IDENTITY_ENDPOINT=" + base + a.platform.path, "IDENTITY_HEADER=" + a.machine.secret,
	}
	if agent := a.machine.defaultIdentity(); agent != nil {
		vars = append(vars, "FOUNDRY_AGENT_INSTANCE_CLIENT_ID="+agent.clientID)
	}
	for endpoint := range sorted(a.config.Projects) { // the agent is part of the first
		return append(vars, "FOUNDRY_PROJECT_ENDPOINT="+endpoint), nil
	}
	return vars, nil
}
