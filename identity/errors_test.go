package identity

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/transport"
)

func TestTokenError(t *testing.T) {
	refused := transport.NewError(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("127.0.0.1:1: connect: connection refused")})
	slow := transport.NewError(context.DeadlineExceeded)
	const vault, address = "https://vault.azure.net", "http://h/token"
	for _, test := range []struct {
		err               TokenError
		text              string
		absent, transient bool
	}{
		{TokenError{Platform: IMDS, Err: refused, Endpoint: address}, "no token for https://vault.azure.net: the managed identity endpoint of the instance metadata service (IMDS) at http://h/token: no connection: dial tcp: 127.0.0.1:1: connect: connection refused", true, true},
		{TokenError{Platform: AppService, Err: refused}, "no token for https://vault.azure.net: the managed identity endpoint of App Service or Container Apps: no connection: dial tcp: 127.0.0.1:1: connect: connection refused", false, true},
		{TokenError{Platform: IMDS, Status: 403, Endpoint: address}, "no token for https://vault.azure.net: the managed identity endpoint of the instance metadata service (IMDS) at http://h/token returned 403", true, false},
		{TokenError{Platform: IMDS, Status: 404, Code: "c", Message: "m"}, "no token for https://vault.azure.net: the managed identity endpoint of the instance metadata service (IMDS) returned 404 c: m", false, true},
		{TokenError{Platform: ComputeInstance, Status: 200, NoToken: true}, "no token for https://vault.azure.net: the managed identity endpoint of an Azure Machine Learning compute instance returned 200 without a token", false, false},
		{TokenError{Platform: ComputeInstance, Status: 200, NoToken: true, Message: "m"}, "no token for https://vault.azure.net: the managed identity endpoint of an Azure Machine Learning compute instance returned 200 without a token: m", false, false},
		{TokenError{Platform: IMDS, Selected: Selection{ID: azidentity.ClientID(guidA), Variable: "UAI_CLIENT_ID"}, Status: 400, Code: "c", Message: "m"}, "no token for https://vault.azure.net: the managed identity endpoint of the instance metadata service (IMDS) returned 400 c for the identity " + guidA + " (UAI_CLIENT_ID): m", false, false},
		{TokenError{Platform: IMDS, Selected: Selection{ID: azidentity.ObjectID(guidA), Variable: Setting}, Status: 404}, "no token for https://vault.azure.net: the managed identity endpoint of the instance metadata service (IMDS) returned 404 for the identity " + guidA + " (AZINJECT_IDENTITY)", false, true},
		{TokenError{Platform: IMDS, Selected: Selection{ID: azidentity.ResourceID(resourceID), Variable: Setting}, Status: 200, NoToken: true}, "no token for https://vault.azure.net: the managed identity endpoint of the instance metadata service (IMDS) returned 200 without a token for the identity " + resourceID + " (AZINJECT_IDENTITY)", false, false},
		{TokenError{Selected: Selection{Kind: Environment, ID: azidentity.ClientID(guidA), Variable: "AZURE_CLIENT_ID"}, Status: 400, Message: "m"}, "no token for https://vault.azure.net: Microsoft Entra returned 400: m", false, false},
		{TokenError{Selected: Selection{Kind: WorkloadIdentity}, Status: 401, Code: "invalid_client", Message: "AADSTS700016: No application", AADSTS: 700016, Endpoint: "https://login.example"},
			"no token for https://vault.azure.net: Microsoft Entra at https://login.example returned 401 invalid_client: AADSTS700016: No application", false, false},
		{TokenError{Selected: Selection{Kind: Environment}, Status: 503}, "no token for https://vault.azure.net: Microsoft Entra returned 503", false, true},
		{TokenError{Platform: Arc, Selected: Selection{ID: azidentity.ClientID(guidA), Variable: Setting}, Status: 200}, "no token for https://vault.azure.net: the managed identity endpoint of Azure Arc returned 200 with a token, but does not say that it is for the identity " + guidA + " (AZINJECT_IDENTITY)", false, false},
		{TokenError{Platform: Arc, Status: 200}, "no token for https://vault.azure.net: the managed identity endpoint of Azure Arc returned 200", false, false},
		{TokenError{Selected: Selection{Kind: Environment}, Err: refused}, "no token for https://vault.azure.net: Microsoft Entra: no connection: dial tcp: 127.0.0.1:1: connect: connection refused", false, true},
		{TokenError{Selected: Selection{Kind: OnBehalfOf}, Status: 404, Endpoint: address}, "no token for https://vault.azure.net: the on-behalf-of endpoint at http://h/token returned 404", false, false},
		{TokenError{Selected: Selection{Kind: OnBehalfOf}, Status: 403}, "no token for https://vault.azure.net: the on-behalf-of endpoint returned 403", false, false},
		{TokenError{Selected: Selection{Kind: AzureCLI}, Err: ErrNotInstalled}, "no token for https://vault.azure.net: Azure CLI: not installed, or not in PATH", false, false},
		{TokenError{Selected: Selection{Kind: AzureDeveloperCLI}, Err: ErrNotSignedIn}, "no token for https://vault.azure.net: Azure Developer CLI: it asks for a sign-in", false, false},
		{TokenError{Selected: Selection{Kind: AzureCLI}, Err: slow}, "no token for https://vault.azure.net: Azure CLI: no answer in time", false, true},
	} {
		test.err.Audience = vault
		if got := test.err.Error(); got != test.text {
			t.Errorf("Error() = %q, want %q", got, test.text)
		}
		if test.err.Absent() != test.absent || test.err.Transient() != test.transient {
			t.Errorf("%s: Absent, Transient = %v, %v, want %v, %v", test.text, test.err.Absent(), test.err.Transient(), test.absent, test.transient)
		}
	}
}
