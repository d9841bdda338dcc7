package emulator

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// DefaultTenant is the directory of every identity when the file names none.
const DefaultTenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"

// A Config describes the Azure to emulate. The zero Config is an Azure with
// nothing in it; every field has a usable zero value.
type Config struct {
	// Tenant is the directory's GUID, [DefaultTenant] if empty.
	Tenant string `yaml:"tenant"`
	// Platform is how the program under test finds its identity: azureml,
	// appservice (also Container Apps), cloudshell, servicefabric, imds,
	// workload_identity (a pod in Kubernetes), on_behalf_of (an Azure Machine
	// Learning job with its user's identity), service_principal (a secret in
	// the environment) or none. Empty means appservice.
	Platform string `yaml:"platform"`
	// Compute is which of Azure Machine Learning's platform azureml is: cluster
	// or instance; empty is an online endpoint.
	Compute string `yaml:"compute"`
	// RequireClientID makes azureml answer an empty 200 to a request without a
	// client ID, as compute clusters do.
	RequireClientID bool `yaml:"require_client_id"`
	// Deployment is the ARM ID of an online deployment. Platform azureml tells
	// it to the program as AML_DEPLOYMENT_RESOURCE_ID.
	Deployment string `yaml:"deployment"`
	// Attached names the identities that the program has, or the machine that
	// it runs on; nil means all of them.
	Attached []string `yaml:"attached"`
	// ServiceAccountToken is what the pod of platform workload_identity has to
	// show. Nil means what the identity trusts.
	ServiceAccountToken *ServiceAccountToken `yaml:"service_account_token"`
	// IdentityStartsAfter is for how long after the start connections to the
	// identity endpoint are refused, as by a sidecar that is not up yet.
	IdentityStartsAfter time.Duration `yaml:"identity_starts_after"`
	// Certificate is what is wrong with the certificates of vaults, Resource
	// Manager and Microsoft Entra: untrusted, expired, wrong_host, or nothing
	// if empty.
	Certificate string `yaml:"certificate"`

	// Listen is the address to listen on, 127.0.0.1 if empty, and Host the name
	// under which programs reach it, Listen if empty: a container's name for
	// the machine, such as host.docker.internal. They are no part of the file.
	Listen string `yaml:"-"`
	Host   string `yaml:"-"`

	Identities map[string]Identity  `yaml:"identities"`
	Vaults     map[string]Vault     `yaml:"vaults"`     // :: short name or whole host → vault
	Workspaces map[string]Workspace `yaml:"workspaces"` // :: ARM ID → workspace
	Network    Network              `yaml:"network"`
	Faults     []Fault              `yaml:"faults"` // the first that matches a request wins
}

// An Identity is a managed identity: user-assigned if it has a ResourceID, else
// system-assigned, unless one of the members below makes it an application or a
// person. IDs left empty are derived from its name, the same in every run.
type Identity struct {
	ClientID   string `yaml:"client_id"`
	ObjectID   string `yaml:"object_id"`
	ResourceID string `yaml:"resource_id"`
	// ClientSecret makes it an application, which signs in to Microsoft Entra
	// with this.
	ClientSecret string `yaml:"client_secret"`
	// Federated is the workload that may sign in as this identity, which is an
	// application if it has no ResourceID.
	Federated *FederatedCredential `yaml:"federated"`
	// User makes it a person instead: of a compute instance's single sign-on,
	// or on whose behalf a job runs.
	User bool `yaml:"user"`
}

// A FederatedCredential makes an identity trust the tokens that somebody else
// issues for a workload, such as a Kubernetes cluster for a service account.
type FederatedCredential struct {
	Issuer   string `yaml:"issuer"`   // a cluster of AKS if empty
	Subject  string `yaml:"subject"`  // system:serviceaccount:<namespace>:<name>
	Audience string `yaml:"audience"` // api://AzureADTokenExchange if empty
}

// A ServiceAccountToken is what a pod has in AZURE_FEDERATED_TOKEN_FILE. What
// is left empty is as the identity's FederatedCredential wants it.
type ServiceAccountToken struct {
	Issuer   string `yaml:"issuer"`
	Subject  string `yaml:"subject"`
	Audience string `yaml:"audience"`
	Expired  bool   `yaml:"expired"` // an hour ago
}

// A Vault is a key vault. A map key without a dot is a name under
// .vault.azure.net; one with a dot is the whole host, for other clouds.
type Vault struct {
	// PermissionModel is rbac (also if empty) or access_policy.
	PermissionModel string `yaml:"permission_model"`
	// Readers names the identities that may get secrets; nil means all.
	Readers []string `yaml:"readers"`
	// RolePropagatesAfter is how many reads by readers, all told, are refused
	// like everybody else's before the role assignment has arrived.
	RolePropagatesAfter int `yaml:"role_propagates_after"`
	// Firewall refuses every caller with ForbiddenByFirewall, Private with
	// ForbiddenByConnection.
	Firewall bool              `yaml:"firewall"`
	Private  bool              `yaml:"private"`
	Throttle *Throttle         `yaml:"throttle"`
	Secrets  map[string]Secret `yaml:"secrets"`
}

// A Throttle admits Requests in each window of length Per and answers 429 to
// the rest. RetryAfter, if positive, is sent with the 429 in whole seconds,
// rounded up.
type Throttle struct {
	Requests   int           `yaml:"requests"`
	Per        time.Duration `yaml:"per"`
	RetryAfter time.Duration `yaml:"retry_after"`
}

// A Secret has versions, the last of which is the latest. In YAML a scalar
// stands for one enabled version.
type Secret struct {
	Versions []SecretVersion `yaml:"versions"`
}

// A SecretVersion is one value of a secret. An empty Version is replaced with
// 32 hexadecimal digits derived from the secret's name; Enabled is true if nil.
type SecretVersion struct {
	Version string     `yaml:"version"`
	Value   string     `yaml:"value"`
	Enabled *bool      `yaml:"enabled"`
	Expires *time.Time `yaml:"expires"`
}

// A Workspace is an Azure Machine Learning workspace.
type Workspace struct {
	// ConnectionReaders names the identities that may list the secrets of
	// connections, EndpointKeyReaders those that may read keys and tokens of
	// endpoints; nil means all.
	ConnectionReaders  []string `yaml:"connection_readers"`
	EndpointKeyReaders []string `yaml:"endpoint_key_readers"`
	// RolePropagatesAfter is as in Vault, for both.
	RolePropagatesAfter int                       `yaml:"role_propagates_after"`
	Connections         map[string]Connection     `yaml:"connections"`
	OnlineEndpoints     map[string]OnlineEndpoint `yaml:"online_endpoints"`
}

// A Connection is a workspace connection. Credentials holds the members that
// its AuthType has; those of CustomKeys are the custom keys themselves. Body,
// if set, is the whole answer to listsecrets, sent byte for byte.
type Connection struct {
	AuthType    string            `yaml:"auth_type"`
	Category    string            `yaml:"category"`
	Target      string            `yaml:"target"`
	Credentials map[string]string `yaml:"credentials"`
	Metadata    map[string]string `yaml:"metadata"`
	Expires     string            `yaml:"expires"`
	Body        string            `yaml:"body"`
}

// An OnlineEndpoint has keys (AuthMode key), a token of its own (aml_token,
// times in Unix seconds) or neither (aad_token).
type OnlineEndpoint struct {
	AuthMode     string `yaml:"auth_mode"`
	PrimaryKey   string `yaml:"primary_key"`
	SecondaryKey string `yaml:"secondary_key"`
	AccessToken  string `yaml:"access_token"`
	Expiry       int64  `yaml:"expiry"`
	RefreshAfter int64  `yaml:"refresh_after"`
}

// Network sets how far away Azure is. Latency is the round trip to vaults,
// Resource Manager and Microsoft Entra: a new connection takes one, its TLS
// handshake another (two for TLS 1.2), and then each request. TokenLatency is
// what the identity endpoint, which is near, takes for each request. HTTP2
// offers h2 as well: whether Key Vault speaks it is not documented, so clients
// must do without.
type Network struct {
	Latency      time.Duration `yaml:"latency"`
	TokenLatency time.Duration `yaml:"token_latency"`
	HTTP2        bool          `yaml:"http2"`
}

// UnmarshalYAML reads a scalar as the value of the only version.
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
