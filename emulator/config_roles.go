package emulator

// Role is a custom role. Its key in the map is its name.
type Role struct {
	Actions        []string `yaml:"actions"`
	NotActions     []string `yaml:"not_actions"`
	DataActions    []string `yaml:"data_actions"`
	NotDataActions []string `yaml:"not_data_actions"`
}

// RoleAssignment gives a principal a role.
type RoleAssignment struct {
	Principal string `yaml:"principal"` // an identity or a group
	Role      string `yaml:"role"`      // the name of a built-in role, or of one in [Config.Roles]
	// Scope is the ARM ID of what the role is for, a vault's name or a project's
	// endpoint.
	Scope string `yaml:"scope"`
	// Condition compares one attribute of the resource, such as
	// @Resource[Microsoft.KeyVault/vaults/secrets:name] StringStartsWith 'app-'.
	Condition string `yaml:"condition"`
}

// DenyAssignment takes actions away. Everybody is denied if Principals is empty.
type DenyAssignment struct {
	Name        string   `yaml:"name"`
	Principals  []string `yaml:"principals"` // identities and groups
	Except      []string `yaml:"except"`
	Scope       string   `yaml:"scope"`
	Actions     []string `yaml:"actions"`
	DataActions []string `yaml:"data_actions"`
}

// Compute is a compute of a workspace.
type Compute struct {
	Type       string   `yaml:"type"` // AmlCompute if empty, ComputeInstance or Kubernetes
	Identities []string `yaml:"identities"`
}
