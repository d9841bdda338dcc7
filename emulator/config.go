package emulator

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// DefaultTenant is the directory if the configuration names none.
const DefaultTenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"

// Config describes the Azure to emulate. The zero value of every field is usable.
type Config struct {
	// Tenant is the directory's GUID, [DefaultTenant] if empty.
	Tenant string `yaml:"tenant"`
	// Platform determines how the program under test finds its identity:
	//   - azureml (an online endpoint), azureml_cluster and azureml_serverless
	//     (jobs), azureml_kubernetes (a job), azureml_instance (a compute instance)
	//   - appservice (also Container Apps), container_instances, foundry_agent,
	//     cloudshell, servicefabric, arc, imds (virtual machines)
	//   - workload_identity (a pod in Kubernetes), identity_binding (a pod in AKS
	//     with an identity binding), on_behalf_of (an Azure Machine Learning job
	//     with its user's identity), service_principal (a secret in the
	//     environment) or none
	//
	// Empty means appservice.
	Platform string `yaml:"platform"`
	// Deployment is the ARM ID of an online deployment. Platform azureml passes
	// it to the program as AML_DEPLOYMENT_RESOURCE_ID.
	Deployment string `yaml:"deployment"`
	// Attached names the identities of the program, or of the machine it runs
	// on. Nil means all.
	Attached []string `yaml:"attached"`
	// ServiceAccountToken is the token of the pod on platforms workload_identity
	// and identity_binding. Nil means one that the identity trusts.
	ServiceAccountToken *ServiceAccountToken `yaml:"service_account_token"`
	// IdentityStartsAfter is how long after the start the identity endpoint
	// refuses connections, like a sidecar that is not up yet.
	IdentityStartsAfter time.Duration `yaml:"identity_starts_after"`
	// Certificate is what is wrong with the certificates of vaults, Resource
	// Manager, Microsoft Entra and the token proxy: untrusted, expired or
	// wrong_host. Empty means nothing.
	Certificate string `yaml:"certificate"`

	// Listen is the IP address to listen on, 127.0.0.1 if empty. Host is the
	// name under which programs reach it, such as host.docker.internal in
	// containers. It is Listen if empty. Neither is read from the file.
	Listen string `yaml:"-"`
	Host   string `yaml:"-"`

	Identities map[string]Identity  `yaml:"identities"`
	Vaults     map[string]Vault     `yaml:"vaults"`     // by name or host
	Workspaces map[string]Workspace `yaml:"workspaces"` // by ARM ID
	Projects   map[string]Project   `yaml:"projects"`   // by endpoint
	// AppConfigurations are App Configuration stores by name or host.
	AppConfigurations map[string]AppConfiguration `yaml:"app_configurations"`
	// Groups of Microsoft Entra have identities and other groups as members.
	Groups map[string][]string `yaml:"groups"`
	// ManagementGroups lists the subscriptions of each.
	ManagementGroups map[string][]string `yaml:"management_groups"`
	Roles            map[string]Role     `yaml:"roles"` // custom ones, by name
	RoleAssignments  []RoleAssignment    `yaml:"role_assignments"`
	DenyAssignments  []DenyAssignment    `yaml:"deny_assignments"`
	// CheckAccess makes Resource Manager serve checkAccess, which is not
	// documented.
	CheckAccess bool `yaml:"check_access"`

	Network Network `yaml:"network"`
	Faults  []Fault `yaml:"faults"` // the first that matches a request wins
}

// Identity is a managed identity, user-assigned if it has a ResourceID and
// system-assigned otherwise, unless one of the members below makes it an
// application or a person. Empty IDs are derived from its name and the same in
// every run.
type Identity struct {
	ClientID   string `yaml:"client_id"`
	ObjectID   string `yaml:"object_id"`
	ResourceID string `yaml:"resource_id"`
	// ClientSecret makes it an application that signs in to Microsoft Entra with
	// this secret.
	ClientSecret string `yaml:"client_secret"`
	// Federated is the workload that may sign in as this identity, which is an
	// application if it has no ResourceID.
	Federated *FederatedCredential `yaml:"federated"`
	// Binding binds a user-assigned identity to an AKS cluster.
	Binding *Binding `yaml:"binding"`
	// User makes it a person: the owner of a compute instance, or the user on
	// whose behalf a job runs.
	User bool `yaml:"user"`
	// GraphPermissions is what it may do in Microsoft Graph:
	// Application.Read.All or Application.ReadWrite.All. People may read anyway.
	GraphPermissions []string `yaml:"graph_permissions"`
}

// FederatedCredential makes an identity trust another issuer's tokens for a
// workload, such as those of a Kubernetes cluster for a service account.
type FederatedCredential struct {
	Issuer   string `yaml:"issuer"`   // an AKS cluster if empty
	Subject  string `yaml:"subject"`  // system:serviceaccount:<namespace>:<name>
	Audience string `yaml:"audience"` // api://AzureADTokenExchange if empty
}

// Binding is an AKS identity binding. It makes an identity available to a service
// account of the cluster, through the cluster's token proxy.
type Binding struct {
	// Subject is the service account whose ClusterRole has the identity:
	// system:serviceaccount:<namespace>:<name>.
	Subject string `yaml:"subject"`
}

// ServiceAccountToken is the token in a pod's AZURE_FEDERATED_TOKEN_FILE. Empty
// members take what the identity's FederatedCredential or Binding trusts.
type ServiceAccountToken struct {
	Issuer   string `yaml:"issuer"`
	Subject  string `yaml:"subject"`
	Audience string `yaml:"audience"`
	Expired  bool   `yaml:"expired"` // since an hour ago
}

// Vault is a key vault. Its key in the map is a name under .vault.azure.net or,
// with a dot, the host of a vault in another cloud.
type Vault struct {
	// PermissionModel is rbac (also if empty) or access_policy.
	PermissionModel string `yaml:"permission_model"`
	// ResourceGroup is the ARM ID of the vault's group, that of the first
	// workspace if empty.
	ResourceGroup string `yaml:"resource_group"`
	// Readers names the identities and groups that may get secrets. Nil means all.
	Readers []string `yaml:"readers"`
	// RolePropagatesAfter is how many of the readers' requests are refused, in
	// total, before their role assignment has arrived.
	RolePropagatesAfter int `yaml:"role_propagates_after"`
	// Firewall refuses every caller with ForbiddenByFirewall, Private with
	// ForbiddenByConnection.
	Firewall bool              `yaml:"firewall"`
	Private  bool              `yaml:"private"`
	Throttle *Throttle         `yaml:"throttle"`
	Secrets  map[string]Secret `yaml:"secrets"`
}

// Throttle admits Requests in each window of length Per and refuses the others
// with 429. RetryAfter, if positive, is sent with the 429 in whole seconds,
// rounded up.
type Throttle struct {
	Requests   int           `yaml:"requests"`
	Per        time.Duration `yaml:"per"`
	RetryAfter time.Duration `yaml:"retry_after"`
}

// Secret has versions, the last of which is the latest. In YAML it may be a
// scalar, the value of its only version.
type Secret struct {
	Versions []SecretVersion `yaml:"versions"`
}

// SecretVersion is one value of a secret. An empty Version is replaced with 32
// hexadecimal digits derived from the secret's name. A nil Enabled means true.
type SecretVersion struct {
	Version string     `yaml:"version"`
	Value   string     `yaml:"value"`
	Enabled *bool      `yaml:"enabled"`
	Expires *time.Time `yaml:"expires"`
}

// Workspace is an Azure Machine Learning workspace.
type Workspace struct {
	// ConnectionReaders names the identities that may list the secrets of
	// connections, EndpointKeyReaders those that may get keys and tokens of
	// endpoints. Nil means all.
	ConnectionReaders  []string `yaml:"connection_readers"`
	EndpointKeyReaders []string `yaml:"endpoint_key_readers"`
	// RolePropagatesAfter is as in Vault. Both lists share it.
	RolePropagatesAfter int                       `yaml:"role_propagates_after"`
	Computes            map[string]Compute        `yaml:"computes"`
	Connections         map[string]Connection     `yaml:"connections"`
	OnlineEndpoints     map[string]OnlineEndpoint `yaml:"online_endpoints"`
}

// Connection is a workspace connection. Credentials holds the members of its
// AuthType. For CustomKeys these are the custom keys themselves. Body, if set,
// is the response to listsecrets, sent byte for byte.
type Connection struct {
	AuthType    string            `yaml:"auth_type"`
	Category    string            `yaml:"category"`
	Target      string            `yaml:"target"`
	Credentials map[string]string `yaml:"credentials"`
	Metadata    map[string]string `yaml:"metadata"`
	Expires     string            `yaml:"expires"`
	Body        string            `yaml:"body"`
}

// OnlineEndpoint has keys (AuthMode key), a token of its own (aml_token, times
// in Unix seconds) or neither (aad_token).
type OnlineEndpoint struct {
	// Identities names those that its deployments run as.
	Identities []string `yaml:"identities"`
	// Properties are the free ones, such as enforce_access_to_default_secret_stores.
	Properties   map[string]string `yaml:"properties"`
	AuthMode     string            `yaml:"auth_mode"`
	PrimaryKey   string            `yaml:"primary_key"`
	SecondaryKey string            `yaml:"secondary_key"`
	AccessToken  string            `yaml:"access_token"`
	Expiry       int64             `yaml:"expiry"`
	RefreshAfter int64             `yaml:"refresh_after"`
}

// Network sets how far away Azure is. Latency is the round trip to vaults,
// Resource Manager and Microsoft Entra: connecting takes one, the TLS handshake
// another (two for TLS 1.2), and each request one more. TokenLatency is how long
// the identity endpoint takes for a request. HTTP2 makes the stores offer h2.
type Network struct {
	Latency      time.Duration `yaml:"latency"`
	TokenLatency time.Duration `yaml:"token_latency"`
	HTTP2        bool          `yaml:"http2"`
}

// UnmarshalYAML accepts a scalar as the value of the only version.
func (s *Secret) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		s.Versions = []SecretVersion{{Value: node.Value}}
		return nil
	}
	type plain Secret // without this method
	return decodeStrictly(node, (*plain)(s))
}

// UnmarshalYAML refuses unknown keys, which a decoder called from within
// another UnmarshalYAML would let pass.
func (v *SecretVersion) UnmarshalYAML(node *yaml.Node) error {
	type plain SecretVersion
	return decodeStrictly(node, (*plain)(v))
}
