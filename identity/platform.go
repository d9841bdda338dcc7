package identity

import (
	"os"
	"slices"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
)

// Platform is where managed identities come from, as its users call it.
type Platform string

// The platforms.
const (
	HostedAgent        Platform = "a Foundry hosted agent"
	ServiceFabric      Platform = "Service Fabric"
	OnlineEndpoint     Platform = "an Azure Machine Learning online endpoint"
	AppService         Platform = "App Service or Container Apps"
	Job                Platform = "an Azure Machine Learning job"
	ComputeInstance    Platform = "an Azure Machine Learning compute instance"
	Kubernetes         Platform = "Azure Machine Learning on Kubernetes"
	CloudShell         Platform = "Cloud Shell"
	Arc                Platform = "Azure Arc"
	ContainerInstances Platform = "Container Instances"
	IMDS               Platform = "the instance metadata service (IMDS)"
)

// AzureML reports whether the platform is one of Azure Machine Learning's.
func (p Platform) AzureML() bool { return strings.Contains(string(p), "Azure Machine Learning") }

// The variables of identity endpoints, which the platform sets.
const (
	endpointVariable    = "IDENTITY_ENDPOINT"
	headerVariable      = "IDENTITY_HEADER"
	thumbprintVariable  = "IDENTITY_SERVER_THUMBPRINT"
	msiEndpointVariable = "MSI_ENDPOINT"
	msiSecretVariable   = "MSI_SECRET"
	onBehalfOfVariable  = "OBO_ENDPOINT"
	agentVariable       = "FOUNDRY_AGENT_INSTANCE_CLIENT_ID"
)

var secrets = []string{headerVariable, msiSecretVariable}

// platforms lists how platforms show themselves. The first one counts whose
// variables are all set, if its other signs are there too. The SDK tells protocols
// apart and not platforms, so there are more rows than it has cases. None
// contradicts it: it looks at IDENTITY_HEADER alone last.
var platforms = []struct {
	platform  Platform
	variables []string
	also      func() bool // nil if there are no other signs
	// unset are the variables without which the endpoint refuses every request,
	// as far as they are set. There are none where it asks for no secret.
	unset []string
}{
	{HostedAgent, []string{"FOUNDRY_HOSTING_ENVIRONMENT"}, nil, secrets}, // its protocol is not documented
	{ServiceFabric, []string{endpointVariable, headerVariable, thumbprintVariable}, nil, secrets},
	{OnlineEndpoint, []string{endpointVariable, headerVariable}, ofEndpoint, secrets},
	{AppService, []string{endpointVariable, headerVariable}, nil, secrets},
	{Job, []string{msiEndpointVariable, msiSecretVariable}, ofJob, secrets},
	{OnlineEndpoint, []string{msiEndpointVariable, msiSecretVariable}, ofEndpoint, secrets},
	{ComputeInstance, []string{msiEndpointVariable, msiSecretVariable}, nil, secrets},
	{Kubernetes, []string{msiEndpointVariable}, ofAzureML, nil},
	{CloudShell, []string{msiEndpointVariable}, nil, nil},
	{ContainerInstances, []string{headerVariable}, nil, nil},
}

// noResponder is MSI_ENDPOINT in jobs on a compute cluster without an identity.
// https://github.com/Azure/azure-sdk-for-python/issues/26328
const noResponder = "identity-responder-not-enabled"

// isWithoutIdentity reports whether only such an MSI_ENDPOINT is there.
func isWithoutIdentity() bool {
	return os.Getenv(msiEndpointVariable) == noResponder && os.Getenv(endpointVariable) == ""
}

// current returns the platform that the process's own environment shows, and the
// variables to unset there. It is IMDS, which may not exist, if the environment
// shows none.
func current() (p Platform, unset []string) {
	isUnset := func(name string) bool { return os.Getenv(name) == "" }
	if isWithoutIdentity() {
		return Job, []string{msiSecretVariable}
	}
	for _, row := range platforms {
		if !slices.ContainsFunc(row.variables, isUnset) && (row.also == nil || row.also()) {
			return row.platform, slices.DeleteFunc(slices.Clone(row.unset), isUnset)
		}
	}
	if protocol() == managedidentity.AzureArc {
		return Arc, nil
	}
	return IMDS, nil
}

// ofAzureML reports whether Azure Machine Learning has started the container.
func ofAzureML() bool { return isSet("AML_", "AZUREML_") }

// ofJob reports whether the container is a job's.
func ofJob() bool { return isSet("AZUREML_RUN_", "AZUREML_ARM_") }

// ofEndpoint reports whether the container is an online endpoint's. In containers of
// one's own the host name may be all that shows it.
func ofEndpoint() bool {
	host, _ := os.Hostname()
	return strings.HasPrefix(host, "mir-user-pod-") || isSet("AML_DEPLOYMENT_RESOURCE_ID", "AZUREML_ENTRY_SCRIPT", "AZUREML_MODEL_DIR")
}

// isSet reports whether a variable whose name begins like one of these is set.
// AZUREML_CURRENT_CLOUD does not count: it is a setting of azinject's.
func isSet(beginnings ...string) bool {
	return slices.ContainsFunc(os.Environ(), func(kv string) bool {
		name, value, _ := strings.Cut(kv, "=")
		begins := func(beginning string) bool { return strings.HasPrefix(name, beginning) }
		return value != "" && name != "AZUREML_CURRENT_CLOUD" && slices.ContainsFunc(beginnings, begins)
	})
}

// protocol returns the SDK's protocol of the process's own environment.
func protocol() managedidentity.Source {
	s, _ := managedidentity.GetSource() // which never fails
	return s
}

// onIMDS reports whether managed identities have the protocol of IMDS.
func onIMDS() bool { return protocol() == managedidentity.DefaultToIMDS }

// Platform returns the platform whose managed identity [New] would use, as the
// process's own environment shows it, and "" for other kinds of credential, except
// for IdentityBinding. It makes no request.
func (s Selection) Platform() Platform {
	switch {
	case s.application != nil && s.application.binding != nil:
		return IdentityBinding
	case s.Kind != ManagedIdentity:
		return ""
	}
	p, _ := current()
	return p
}

// Unlabelled reports whether IMDS is asked from a Kubernetes pod, although no
// variable asks for a managed identity. A pod with a workload identity is then told
// from others by a label, without which its variables are not set.
func (s Selection) Unlabelled() bool {
	return s.Platform() == IMDS && s.KindVariable == "" && os.Getenv("KUBERNETES_SERVICE_HOST") != ""
}

// Unset returns the variables without which a server in this environment cannot
// get tokens of the selected identity, none if it can anyway. users reports that
// it can still get those of the job's user, whose endpoint asks for no secret.
func (s Selection) Unset() (names []string, users bool) {
	switch _, unset := current(); s.Kind {
	case ManagedIdentity:
		return unset, os.Getenv(onBehalfOfVariable) != ""
	case Environment:
		return append(unset, ClientSecretVariable), false
	}
	return nil, false
}
