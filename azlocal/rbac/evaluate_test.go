package rbac

import "testing"

const (
	subscription = "/subscriptions/s"
	group        = subscription + "/resourceGroups/rg"
	vault        = group + "/providers/Microsoft.KeyVault/vaults/kv"
	secret       = vault + "/secrets/db"
	subject      = "aaaaaaaa-0000-4000-8000-000000000001"
	team         = "aaaaaaaa-0000-4000-8000-00000000000f"
)

var (
	get = Action{"Microsoft.KeyVault/vaults/secrets/getSecret/action", true}
	run = Action{"Microsoft.Compute/virtualMachines/start/action", false}
)

func role(name string, permissions ...Permission) *Role {
	return &Role{Name: name, Permissions: permissions}
}

var (
	owner       = role("Owner", Permission{Actions: []string{"*"}})
	contributor = role("Contributor", Permission{Actions: []string{"*"}, NotActions: []string{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"}})
	vaultReader = role("Key Vault Reader", Permission{Actions: []string{"Microsoft.KeyVault/vaults/*/read"}, DataActions: []string{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"}})
	secretsUser = role("Key Vault Secrets User", Permission{DataActions: []string{"Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"}})
	allButGet   = role("all but get", Permission{DataActions: []string{"Microsoft.KeyVault/*"}, NotDataActions: []string{"*/getSecret/action"}})
	twoParts    = role("two parts", Permission{DataActions: []string{"*"}, NotDataActions: []string{"*/getSecret/*"}}, Permission{DataActions: []string{"Microsoft.KeyVault/*/getSecret/*"}})
)

func TestEvaluateRoles(t *testing.T) {
	own := func(r *Role, scope string) Assignment { return Assignment{Scope: scope, PrincipalID: subject, Role: r} }
	conditioned := Assignment{Scope: vault, PrincipalID: subject, Role: secretsUser, Condition: "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'db'"}
	through := Assignment{Scope: group, PrincipalID: team, Role: secretsUser}
	for name, c := range map[string]struct {
		assignments []Assignment
		action      Action
		want        Access
		by          string // the role
	}{
		"nothing":                                  {nil, get, No, ""},
		"on the vault":                             {[]Assignment{own(secretsUser, vault)}, get, Yes, "Key Vault Secrets User"},
		"on the secret":                            {[]Assignment{own(secretsUser, secret)}, get, Yes, "Key Vault Secrets User"},
		"on another secret":                        {[]Assignment{own(secretsUser, vault+"/secrets/db2")}, get, No, ""},
		"on the group":                             {[]Assignment{own(secretsUser, group)}, get, Yes, "Key Vault Secrets User"},
		"on a group whose name begins so":          {[]Assignment{own(secretsUser, subscription+"/resourceGroups/r")}, get, No, ""},
		"on the subscription":                      {[]Assignment{own(secretsUser, subscription)}, get, Yes, "Key Vault Secrets User"},
		"on a management group":                    {[]Assignment{own(secretsUser, "/providers/Microsoft.Management/managementGroups/corp")}, get, Yes, "Key Vault Secrets User"},
		"on the root":                              {[]Assignment{own(secretsUser, "/")}, get, Yes, "Key Vault Secrets User"},
		"through a group of people":                {[]Assignment{through}, get, Yes, "Key Vault Secrets User"},
		"an owner reads no data":                   {[]Assignment{own(owner, subscription)}, get, No, ""},
		"a contributor reads no data":              {[]Assignment{own(contributor, vault)}, get, No, ""},
		"a contributor manages":                    {[]Assignment{own(contributor, subscription)}, Action{"Microsoft.KeyVault/vaults/accessPolicies/write", false}, Yes, "Contributor"},
		"a contributor assigns no roles":           {[]Assignment{own(contributor, subscription)}, Action{"Microsoft.Authorization/roleAssignments/write", false}, No, ""},
		"a second role makes up for NotActions":    {[]Assignment{own(contributor, subscription), own(owner, group)}, Action{"Microsoft.Authorization/roleAssignments/write", false}, Yes, "Owner"},
		"metadata is not the value":                {[]Assignment{own(vaultReader, vault)}, get, No, ""},
		"a data action is not a management action": {[]Assignment{own(secretsUser, vault)}, Action{get.Name, false}, No, ""},
		"excluded":                                 {[]Assignment{own(allButGet, vault)}, get, No, ""},
		"excluded in one role, allowed by another": {[]Assignment{own(allButGet, vault), own(secretsUser, vault)}, get, Yes, "Key Vault Secrets User"},
		"excluded in one part, allowed by another": {[]Assignment{own(twoParts, vault)}, get, Yes, "two parts"},
		"conditional":                              {[]Assignment{conditioned}, get, Conditional, "Key Vault Secrets User"},
		"conditional and not":                      {[]Assignment{conditioned, own(twoParts, vault)}, get, Yes, "two parts"},
		"not conditional and so":                   {[]Assignment{own(twoParts, vault), conditioned}, get, Yes, "two parts"},
		"a condition on a role that does not help": {[]Assignment{{Scope: vault, PrincipalID: subject, Role: owner, Condition: "x"}}, get, No, ""},
	} {
		got := Evaluate(subject, c.action, secret, c.assignments, nil)
		by := ""
		if got.By != nil {
			by = got.By.Role.Name
		}
		if got.Access != c.want || by != c.by || got.Denial != nil {
			t.Errorf("%s: %s by %q, want %s by %q", name, got.Access, by, c.want, c.by)
		}
	}
	if got := Evaluate(subject, get, secret, []Assignment{through, own(twoParts, vault)}, nil); got.By.PrincipalID != subject {
		t.Errorf("by %s, want the subject's own assignment", got.By.PrincipalID)
	}
}

func TestEvaluateDenials(t *testing.T) {
	all := []Permission{{Actions: []string{"*"}, DataActions: []string{"*"}}}
	me, other, everybody, people := Principal{subject, "ServicePrincipal"}, Principal{"x", "User"}, Principal{everyone, "SystemDefined"}, Principal{team, "Group"}
	for name, c := range map[string]struct {
		denial Denial
		want   Access
	}{
		"named":                         {Denial{Scope: vault, Permissions: all, Principals: []Principal{me}}, No},
		"somebody else":                 {Denial{Scope: vault, Permissions: all, Principals: []Principal{other}}, Yes},
		"everyone":                      {Denial{Scope: "/", Permissions: all, Principals: []Principal{everybody}}, No},
		"everyone except the subject":   {Denial{Scope: group, Permissions: all, Principals: []Principal{everybody}, ExcludePrincipals: []Principal{me}}, Yes},
		"everyone except a group":       {Denial{Scope: group, Permissions: all, Principals: []Principal{everybody}, ExcludePrincipals: []Principal{people}}, Unknown},
		"everyone except somebody else": {Denial{Scope: group, Permissions: all, Principals: []Principal{everybody}, ExcludePrincipals: []Principal{other}}, No},
		"a group":                       {Denial{Scope: group, Permissions: all, Principals: []Principal{people}}, Unknown},
		"elsewhere":                     {Denial{Scope: group + "2", Permissions: all, Principals: []Principal{everybody}}, Yes},
		"another action":                {Denial{Scope: vault, Permissions: []Permission{{DataActions: []string{"*/setSecret/action"}}}, Principals: []Principal{me}}, Yes},
		"management only":               {Denial{Scope: vault, Permissions: []Permission{{Actions: []string{"*"}}}, Principals: []Principal{me}}, Yes},
		"all but this action":           {Denial{Scope: vault, Permissions: []Permission{{DataActions: []string{"*"}, NotDataActions: []string{get.Name}}}, Principals: []Principal{me}}, Yes},
		"the secret itself":             {Denial{Scope: secret, OnlyHere: true, Permissions: all, Principals: []Principal{me}}, No},
		"only what is above the secret": {Denial{Scope: vault, OnlyHere: true, Permissions: all, Principals: []Principal{me}}, Unknown},
	} {
		allowed := []Assignment{{Scope: vault, PrincipalID: subject, Role: secretsUser}}
		got := Evaluate(subject, get, secret, allowed, []Denial{c.denial})
		if got.Access != c.want || (got.Denial != nil) != (c.want != Yes) {
			t.Errorf("%s: %s, want %s", name, got.Access, c.want)
		}
		if got := Evaluate(subject, get, secret, nil, []Denial{c.denial}); got.Access != No || got.Denial != nil {
			t.Errorf("%s, without a role: %s", name, got.Access)
		}
	}
	if got := Evaluate(subject, run, group, []Assignment{{Scope: group, PrincipalID: subject, Role: owner}}, nil); got.Access != Yes {
		t.Errorf("an owner starts machines: %s", got.Access)
	}
}

func TestAccessText(t *testing.T) {
	for access, want := range map[Access]string{Yes: "yes", No: "no", Conditional: "conditional", Unknown: "cannot tell"} {
		if text, err := access.MarshalText(); string(text) != want || err != nil {
			t.Errorf("%d = %s, %v", access, text, err)
		}
	}
}

func TestWorst(t *testing.T) {
	order := []Access{Yes, Conditional, Unknown, No}
	for i, a := range order {
		for j, b := range order {
			if a.Worse(b) != (i > j) || Worst(a, b) != order[max(i, j)] {
				t.Errorf("%s and %s: Worse %t, Worst %s", a, b, a.Worse(b), Worst(a, b))
			}
		}
	}
	if Worst() != Yes || *new(Access) != Unknown {
		t.Error("without an answer it is not known, and without a question it is fine")
	}
}
