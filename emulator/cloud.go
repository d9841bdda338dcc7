package emulator

import (
	"slices"
	"strings"
)

// A cloud is one of the separate Azures.
type cloud struct {
	vaultSuffix  string // also, without the dot, Key Vault's audience
	armHost      string
	armAudiences []string
	authority    string
	loginHosts   []string // Microsoft Entra's; the first is the one that it prefers
}

var clouds = []cloud{
	{
		vaultSuffix:  ".vault.azure.net",
		armHost:      "management.azure.com",
		armAudiences: []string{"https://management.core.windows.net/", "https://management.core.windows.net", "https://management.azure.com/", "https://management.azure.com"},
		authority:    "https://login.microsoftonline.com/",
		loginHosts:   []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"},
	},
	{
		vaultSuffix:  ".vault.azure.cn",
		armHost:      "management.chinacloudapi.cn",
		armAudiences: []string{"https://management.core.chinacloudapi.cn/", "https://management.core.chinacloudapi.cn", "https://management.chinacloudapi.cn/", "https://management.chinacloudapi.cn"},
		authority:    "https://login.chinacloudapi.cn/",
		loginHosts:   []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"},
	},
	{
		vaultSuffix:  ".vault.usgovcloudapi.net",
		armHost:      "management.usgovcloudapi.net",
		armAudiences: []string{"https://management.core.usgovcloudapi.net/", "https://management.core.usgovcloudapi.net", "https://management.usgovcloudapi.net/", "https://management.usgovcloudapi.net"},
		authority:    "https://login.microsoftonline.us/",
		loginHosts:   []string{"login.microsoftonline.us", "login.usgovcloudapi.net"},
	},
}

// otherResources are services that every tenant knows, so that the program
// under test gets tokens for them too. None of them is emulated.
var otherResources = []string{
	"https://ai.azure.com", "https://cognitiveservices.azure.com", "https://cognitiveservices.azure.com/",
	"https://database.windows.net/", "https://graph.microsoft.com", "https://graph.microsoft.com/",
	"https://ml.azure.com", "https://storage.azure.com", "https://storage.azure.com/",
}

// vaultHost returns the host of a vault in the configuration.
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

// vaultCloud returns the cloud of a vault's host. A host of none of them, such
// as Azure Stack's, is in a cloud of its own.
func vaultCloud(host string) cloud {
	for _, c := range clouds {
		if strings.HasSuffix(host, c.vaultSuffix) {
			return c
		}
	}
	return cloud{vaultSuffix: host[strings.Index(host, "."):], authority: clouds[0].authority}
}

// loginCloud returns the cloud that a host is Microsoft Entra of.
func loginCloud(host string) (c cloud, ok bool) {
	for _, c := range clouds {
		if slices.Contains(c.loginHosts, host) {
			return c, true
		}
	}
	return cloud{}, false
}

// emulated says whether there is a store of that name, or whether it is a host
// of Microsoft Entra.
func (c *Config) emulated(host string) bool {
	_, login := loginCloud(host)
	manager := slices.ContainsFunc(clouds, func(c cloud) bool { return c.armHost == host })
	return login || manager || slices.Contains(vaultHosts(c.Vaults), host)
}

// audience is what a token for a vault must be issued for: no trailing slash.
func (c cloud) audience() string { return "https://" + c.vaultSuffix[1:] }

// resources returns what tokens can be requested for in these clouds. Audiences
// are compared byte by byte. Vaults outside all clouds, such as Azure Stack's,
// belong to the first.
func (c *Config) resources(in ...cloud) map[string]bool {
	var known []string
	for _, cloud := range in {
		known = append(append(known, cloud.audience()), cloud.armAudiences...)
		if cloud.authority == clouds[0].authority {
			known = append(known, otherResources...)
		}
		for _, host := range vaultHosts(c.Vaults) {
			if v := vaultCloud(host); v.authority == cloud.authority {
				known = append(known, v.audience())
			}
		}
	}
	set := map[string]bool{}
	for _, resource := range known {
		set[resource] = true
	}
	return set
}
