package emulator

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// vaultVersions lists the api-versions of Key Vault's data plane. There is no
// default.
var vaultVersions = []string{"2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"}

// vault is a key vault,
// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret.
type vault struct {
	Vault
	name     string // the first label of host
	host     string
	id       string
	cloud    cloud
	issuer   *issuer
	rights   *authorization
	policies *policies
	role     *propagation
	window   *window
	secrets  map[string][]storedSecret // versions by lower-case name, the latest last
}

// storedSecret is a SecretVersion with its secret's name.
type storedSecret struct {
	SecretVersion
	name string
}

func newVault(c *Config, name string, i *issuer, rights *authorization) *vault {
	host := vaultHost(name)
	short, _, _ := strings.Cut(host, ".")
	v := &vault{
		Vault: c.Vaults[name], name: short, host: host, cloud: vaultCloud(host),
		id: c.vaultID(name), issuer: i, rights: rights, role: newPropagation(c.Vaults[name].RolePropagatesAfter), secrets: map[string][]storedSecret{},
	}
	v.policies = newPolicies(c, v.Vault)
	v.window = newWindow(v.Throttle, i.now)
	for name, secret := range v.Vault.Secrets {
		for n, version := range secret.Versions {
			version.Version = cmp.Or(version.Version, derivedHex("version", host, name, fmt.Sprint(n)))
			v.secrets[strings.ToLower(name)] = append(v.secrets[strings.ToLower(name)], storedSecret{version, name})
		}
	}
	return v
}

// resourceGroup returns the resource group of the vaults: that of the first
// workspace, so that both look like one deployment.
func (c *Config) resourceGroup() string {
	for id := range sorted(c.Workspaces) {
		m := workspacePattern.FindStringSubmatch(id)
		return "/subscriptions/" + m[1] + "/resourceGroups/" + m[2]
	}
	return "/subscriptions/" + derivedGUID("subscription") + "/resourceGroups/emulated"
}

// vaultID returns the ARM ID of the vault with this key in the configuration.
func (c *Config) vaultID(name string) string {
	short, _, _ := strings.Cut(vaultHost(name), ".")
	return cmp.Or(c.Vaults[name].ResourceGroup, c.resourceGroup()) + "/providers/Microsoft.KeyVault/vaults/" + short
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Keyvault-Region", location)
	w.Header().Set("X-Ms-Request-Id", derivedGUID(r.URL.Path))
	bundle, refused := v.get(r)
	reply(w, bundle, refused)
}

// get checks in the order of the real service, as far as it is known: the
// token, the throttle, the request, the role, the secret.
func (v *vault) get(r *http.Request) (*secretBundle, *refusal) {
	caller, refused := v.authenticate(r.Header.Get("Authorization"))
	if refused != nil {
		return nil, refused
	}
	if refused := v.window.admit(); refused != nil {
		return nil, refused
	}
	name, version, refused := v.parse(r)
	if refused != nil {
		return nil, refused
	}
	if refused := v.authorize(r, caller, name); refused != nil {
		return nil, refused
	}
	return v.find(name, version)
}

func (v *vault) authenticate(authorization string) (claims, *refusal) {
	token := bearer(authorization)
	if token == "" {
		return claims{}, v.challenge("AKV10000: Request is missing a Bearer or PoP token.")
	}
	c, err := v.issuer.verify(token)
	switch {
	case err == errTokenExpired: // wording unconfirmed
		return c, v.challenge("[TokenExpired] Error validating token: 'S2S12086: Lifetime validation failed. The token is expired.'.")
	case err != nil: // wording unconfirmed
		return c, v.challenge("[BearerReadAccessTokenFailed] Error validating token: 'S2S12005: The token is not well formed or its signature is not valid.'.")
	case c.Audience != v.cloud.audience():
		return c, v.challenge("AKV10022: Invalid audience. Expected " + v.cloud.audience() + ", found: " + c.Audience + ".")
	}
	return c, nil
}

// challenge returns a 401, which names the authority and the audience of the
// token that is needed.
func (v *vault) challenge(message string) *refusal {
	return refuse(http.StatusUnauthorized, "Unauthorized", "%s", message).with("WWW-Authenticate",
		fmt.Sprintf("Bearer authorization=%q, resource=%q", v.cloud.authority+v.issuer.tenant, v.cloud.audience()))
}

// parse splits /secrets/{name}[/{version}]. The version is empty for the latest,
// with or without a trailing slash.
func (v *vault) parse(r *http.Request) (name, version string, refused *refusal) {
	switch api := r.URL.Query().Get("api-version"); {
	case api == "":
		return "", "", refuse(http.StatusBadRequest, "BadParameter", "api-version must be specified")
	case !slices.Contains(vaultVersions, strings.ToLower(api)):
		return "", "", refuse(http.StatusBadRequest, "BadParameter", "The specified version (%s) is not recognized. Consider using the latest supported version (%s).", api, vaultVersions[len(vaultVersions)-1])
	}
	names := segments(r.URL)
	if len(names) > 3 || len(names) < 2 || !strings.EqualFold(names[0], "secrets") {
		return "", "", refuse(http.StatusNotFound, "NotFound", "The emulator has no such operation.")
	}
	if r.Method != http.MethodGet {
		return "", "", refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The emulator only gets secrets.").with("Allow", http.MethodGet)
	}
	if name = names[1]; !secretNamePattern.MatchString(name) {
		return "", "", refuse(http.StatusBadRequest, "BadParameter", "The request URI contains an invalid name: %s", name)
	}
	if len(names) == 2 {
		return name, "", nil
	}
	if version = names[2]; !versionPattern.MatchString(version) {
		return "", "", refuse(http.StatusBadRequest, "BadParameter", "The request URI contains an invalid version: %s", version)
	}
	return name, version, nil
}

// segments returns the decoded segments of a path, without a trailing slash.
func segments(u *url.URL) []string {
	names := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, name := range names {
		if decoded, err := url.PathUnescape(name); err == nil {
			names[i] = decoded
		}
	}
	return names
}

// authorize applies the network rules, then the permission model.
func (v *vault) authorize(r *http.Request, c claims, name string) *refusal {
	where := v.name + ";location=" + location
	switch {
	case v.Firewall:
		address, _, _ := net.SplitHostPort(r.RemoteAddr)
		return refuse(http.StatusForbidden, "Forbidden", "Client address is not authorized and caller is not a trusted service.\r\nClient address: %s\r\nCaller: %s;xms_mirid=%s\r\nVault: %s",
			address, c.caller(), c.MIRID, where).because("ForbiddenByFirewall")
	case v.Private:
		return refuse(http.StatusForbidden, "Forbidden", "Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: %s;xms_mirid=%s\r\nVault: %s",
			c.caller(), c.MIRID, where).because("ForbiddenByConnection")
	case v.permits(c, name) && v.role.arrived():
		return nil
	case v.PermissionModel == "access_policy":
		return refuse(http.StatusForbidden, "Forbidden", "The user, group or application '%s' does not have secrets get permission on key vault '%s'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
			c.caller(), where).because("AccessDenied")
	}
	return refuse(http.StatusForbidden, "Forbidden", strings.Join([]string{
		"Caller is not authorized to perform action on resource.",
		"If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
		"Caller: %s", "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'", "Resource: '%s'",
		"Assignment: (not found)", "DenyAssignmentId: null", "DecisionReason: null ", "Vault: %s", "",
	}, "\r\n"), c.caller(), v.dataPath(name), where).because("ForbiddenByRbac")
}

// permits applies the permission model. With roles the access policies are
// ignored, and the other way round.
func (v *vault) permits(c claims, secret string) bool {
	if v.PermissionModel == "access_policy" {
		return v.policies.permit(v.rights, c.ObjectID)
	}
	return v.rights.allows(c.ObjectID, "Microsoft.KeyVault/vaults/secrets/getSecret/action", true, v.id+"/secrets/"+secret)
}

// dataPath returns a secret's resource ID, as Key Vault's refusals spell it.
func (v *vault) dataPath(secret string) string {
	id := strings.NewReplacer("/resourceGroups/", "/resourcegroups/", "/Microsoft.KeyVault/", "/microsoft.keyvault/").Replace(v.id)
	return id + "/secrets/" + strings.ToLower(secret)
}

func (v *vault) find(name, version string) (*secretBundle, *refusal) {
	versions := v.secrets[strings.ToLower(name)]
	at := len(versions) - 1
	if version != "" {
		at = slices.IndexFunc(versions, func(s storedSecret) bool { return strings.EqualFold(s.Version, version) })
	}
	if at < 0 {
		return nil, refuse(http.StatusNotFound, "SecretNotFound", "A secret with (name/id) %s was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
			strings.TrimSuffix(name+"/"+version, "/"))
	}
	s := versions[at]
	if s.Enabled != nil && !*s.Enabled {
		return nil, refuse(http.StatusForbidden, "Forbidden", "Operation get is not allowed on a disabled secret.").because("SecretDisabled")
	}
	return s.bundle(v.host), nil
}

// secretBundle is a secret on the wire. Key Vault serves expired secrets too.
type secretBundle struct {
	Value      string           `json:"value"`
	ID         string           `json:"id"`
	Attributes secretAttributes `json:"attributes"`
	Tags       struct{}         `json:"tags"`
}

type secretAttributes struct {
	Enabled         bool   `json:"enabled"`
	Expires         *int64 `json:"exp,omitempty"`
	Created         int64  `json:"created"`
	Updated         int64  `json:"updated"`
	RecoveryLevel   string `json:"recoveryLevel"`
	RecoverableDays int    `json:"recoverableDays"`
}

func (s storedSecret) bundle(host string) *secretBundle {
	attributes := secretAttributes{
		Enabled: true, Created: creation.Unix(), Updated: creation.Unix(),
		RecoveryLevel: "Recoverable+Purgeable", RecoverableDays: 90,
	}
	if s.Expires != nil {
		attributes.Expires = new(s.Expires.Unix())
	}
	return &secretBundle{Value: s.Value, ID: "https://" + host + "/secrets/" + s.name + "/" + s.Version, Attributes: attributes}
}
