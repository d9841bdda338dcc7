package emulator

import (
	"cmp"
	"encoding/json"
	"regexp"
	"time"
)

const (
	// exchangeAudience is the audience of a workload's token that can be
	// exchanged for one of Microsoft Entra.
	exchangeAudience = "api://AzureADTokenExchange"
	// serviceAccountLifetime is the longest that AKS allows, because the emulator
	// does not renew the token.
	serviceAccountLifetime = 24 * time.Hour
)

var serviceAccountPattern = regexp.MustCompile(`^system:serviceaccount:([a-z0-9.-]+):([a-z0-9.-]+)$`)

// clusterIssuer returns the issuer of an AKS cluster's service account tokens.
func (c *Config) clusterIssuer() string {
	return "https://eastus.oic.prod-aks.azure.com/" + c.tenant() + "/" + derivedGUID("cluster") + "/"
}

// workloadClaims are the claims of a workload's token, which serves as a client
// assertion.
type workloadClaims struct {
	Audience   audiences         `json:"aud"`
	Expires    int64             `json:"exp"`
	IssuedAt   int64             `json:"iat"`
	Issuer     string            `json:"iss"`
	ID         string            `json:"jti"`
	Kubernetes *kubernetesClaims `json:"kubernetes.io,omitempty"`
	NotBefore  int64             `json:"nbf"`
	Subject    string            `json:"sub"`
}

type kubernetesClaims struct {
	Namespace      string           `json:"namespace"`
	Pod            kubernetesObject `json:"pod"`
	ServiceAccount kubernetesObject `json:"serviceaccount"`
}

type kubernetesObject struct {
	Name string `json:"name"`
	UID  string `json:"uid"`
}

// audiences is an array in Kubernetes's tokens. In others it may be a string.
type audiences []string

// UnmarshalJSON accepts an array or a string.
func (a *audiences) UnmarshalJSON(data []byte) error {
	*a = []string{""}
	if json.Unmarshal(data, &(*a)[0]) == nil {
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// workloadClaims returns the claims that Kubernetes puts into the pod's token.
func (c *Config) workloadClaims(trusted *FederatedCredential, now time.Time) workloadClaims {
	t := ServiceAccountToken{}
	if c.ServiceAccountToken != nil {
		t = *c.ServiceAccountToken
	}
	issued := now
	if t.Expired {
		issued = now.Add(-serviceAccountLifetime - time.Hour)
	}
	w := workloadClaims{
		Audience: audiences{cmp.Or(t.Audience, trusted.Audience)}, Issuer: cmp.Or(t.Issuer, trusted.Issuer), Subject: cmp.Or(t.Subject, trusted.Subject),
		IssuedAt: issued.Unix(), NotBefore: issued.Unix(), Expires: issued.Add(serviceAccountLifetime).Unix(), ID: derivedGUID("service-account token"),
	}
	if m := serviceAccountPattern.FindStringSubmatch(w.Subject); m != nil {
		w.Kubernetes = &kubernetesClaims{m[1], kubernetesObject{"emulated", derivedGUID("pod")}, kubernetesObject{m[2], derivedGUID("service account", w.Subject)}}
	}
	return w
}
