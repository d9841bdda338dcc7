package resolve

// Secret holds a value that must not be printed. It is a function because
// that is the one kind of value which no formatting verb, logger or encoder
// can look into, at any depth: it prints as an address and refuses to be
// marshalled.
type Secret func() string

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret {
	return func() string { return value }
}
