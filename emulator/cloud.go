package emulator

import (
	"slices"
	"strings"
)

// cloud is one of the separate Azures.
type cloud struct {
	vaultSuffix  string // without its first dot also the host of Key Vault's audience
	armHost      string
	armAudiences []string
	authority    string
	others       []string // audiences of Foundry and of Azure Machine Learning's endpoints
	loginHosts   []string // of Microsoft Entra, the preferred one first
	graphHost    string   // of Microsoft Graph
}

var clouds = []cloud{
	{
		vaultSuffix:  ".vault.azure.net",
		armHost:      "management.azure.com",
		armAudiences: []string{"https://management.core.windows.net/", "https://management.core.windows.net", "https://management.azure.com/", "https://management.azure.com"},
		authority:    "https://login.microsoftonline.com/",
		others:       []string{"https://ai.azure.com", "https://ml.azure.com"},
		loginHosts:   []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"},
		graphHost:    "graph.microsoft.com",
	},
	{
		vaultSuffix:  ".vault.azure.cn",
		armHost:      "management.chinacloudapi.cn",
		armAudiences: []string{"https://management.core.chinacloudapi.cn/", "https://management.core.chinacloudapi.cn", "https://management.chinacloudapi.cn/", "https://management.chinacloudapi.cn"},
		authority:    "https://login.chinacloudapi.cn/",
		others:       []string{"https://ml.azure.cn"},
		loginHosts:   []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"},
		graphHost:    "microsoftgraph.chinacloudapi.cn",
	},
	{
		vaultSuffix:  ".vault.usgovcloudapi.net",
		armHost:      "management.usgovcloudapi.net",
		armAudiences: []string{"https://management.core.usgovcloudapi.net/", "https://management.core.usgovcloudapi.net", "https://management.usgovcloudapi.net/", "https://management.usgovcloudapi.net"},
		authority:    "https://login.microsoftonline.us/",
		others:       []string{"https://ai.azure.us", "https://ml.azure.us"},
		loginHosts:   []string{"login.microsoftonline.us", "login.usgovcloudapi.net"},
		graphHost:    "graph.microsoft.us",
	},
}

// otherResources lists services for which every tenant issues tokens. They are
// not emulated, but the program under test may want tokens for them.
var otherResources = []string{
	"https://cognitiveservices.azure.com", "https://cognitiveservices.azure.com/",
	"https://database.windows.net/", "https://storage.azure.com", "https://storage.azure.com/",
}

// vaultHost returns the host of the vault with this key in the configuration.
func vaultHost(name string) string {
	if !strings.Contains(name, ".") {
		name += clouds[0].vaultSuffix
	}
	return strings.ToLower(name)
}

func vaultHosts(vaults map[string]Vault) []string {
	var hosts []string
	for name := range sorted(vaults) {
		hosts = append(hosts, vaultHost(name))
	}
	return hosts
}

// vaultCloud returns the cloud of a vault's host. A host outside all clouds,
// such as Azure Stack's, gets a cloud of its own.
func vaultCloud(host string) cloud {
	for _, c := range clouds {
		if strings.HasSuffix(host, c.vaultSuffix) {
			return c
		}
	}
	return cloud{vaultSuffix: host[strings.Index(host, "."):], authority: clouds[0].authority}
}

// loginCloud returns the cloud in which the host is Microsoft Entra.
func loginCloud(host string) (c cloud, ok bool) {
	for _, c := range clouds {
		if slices.Contains(c.loginHosts, host) {
			return c, true
		}
	}
	return cloud{}, false
}

// graphAudiences returns the audiences of tokens for Microsoft Graph.
func (c cloud) graphAudiences() []string {
	return []string{"https://" + c.graphHost, "https://" + c.graphHost + "/"}
}

// emulated reports whether the host is a vault, App Configuration, Foundry, Resource
// Manager, Microsoft Entra or Microsoft Graph.
func (c *Config) emulated(host string) bool {
	_, login := loginCloud(host)
	other := slices.ContainsFunc(clouds, func(c cloud) bool { return c.armHost == host || c.graphHost == host })
	for name := range c.AppConfigurations {
		other = other || configurationHost(name) == host
	}
	return login || other || c.isProjectHost(host) || slices.Contains(vaultHosts(c.Vaults), host)
}

// audience returns the audience of tokens for vaults, without a trailing slash.
func (c cloud) audience() string { return "https://" + c.vaultSuffix[1:] }

// resources returns what tokens can be requested for in these clouds. Audiences
// are compared byte by byte. Vaults outside all clouds, such as Azure Stack's,
// belong to the first.
func (c *Config) resources(in ...cloud) map[string]bool {
	var known []string
	for _, cloud := range in {
		known = slices.Concat(known, []string{cloud.audience()}, cloud.armAudiences, cloud.graphAudiences(), cloud.others)
		if cloud.authority == clouds[0].authority {
			known = append(known, otherResources...)
		}
		for _, host := range vaultHosts(c.Vaults) {
			if v := vaultCloud(host); v.authority == cloud.authority {
				known = append(known, v.audience())
			}
		}
		for name := range c.AppConfigurations {
			if audiences, authority := configurationAudiences(configurationHost(name)); authority == cloud.authority {
				known = append(known, audiences...)
			}
		}
	}
	set := map[string]bool{}
	for _, resource := range known {
		set[resource] = true
	}
	return set
}
