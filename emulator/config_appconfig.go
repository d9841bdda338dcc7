package emulator

import "go.yaml.in/yaml/v3"

// AppConfiguration is an App Configuration store. Its key in the map is a name
// under .azconfig.io or, with a dot, the host of a store in another cloud.
type AppConfiguration struct {
	// Readers names the identities and groups that may read keys. Nil means all.
	Readers []string `yaml:"readers"`
	// RolePropagatesAfter is as in Vault.
	RolePropagatesAfter int                  `yaml:"role_propagates_after"`
	Throttle            *Throttle            `yaml:"throttle"`
	Keys                map[string]KeyValues `yaml:"keys"`
}

// KeyValues are the values of a key, one for each label. In YAML it may be a
// scalar, the value without a label.
type KeyValues []KeyValue

// KeyValue is one value. An empty Label or ContentType is none.
type KeyValue struct {
	Label       string `yaml:"label"`
	Value       string `yaml:"value"`
	ContentType string `yaml:"content_type"`
}

// UnmarshalYAML accepts a scalar as the value without a label.
func (k *KeyValues) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*k = KeyValues{{Value: node.Value}}
		return nil
	}
	return node.Decode((*[]KeyValue)(k))
}

// UnmarshalYAML refuses unknown keys.
func (k *KeyValue) UnmarshalYAML(node *yaml.Node) error {
	type plain KeyValue
	return decodeStrictly(node, (*plain)(k))
}
