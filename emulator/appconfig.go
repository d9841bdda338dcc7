package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// configurationVersions lists api-versions of App Configuration. There is no
// default.
var configurationVersions = []string{"1.0", "2023-05-01-preview", "2023-10-01", "2023-11-01"}

// configurationClouds lists the host names of App Configuration stores, with the
// audiences that the stores of a cloud accept besides their own.
var configurationClouds = []struct {
	suffix, authority string
	audiences         []string
}{
	{".azconfig.io", clouds[0].authority, []string{"https://appconfig.azure.com", "https://azconfig.io"}},
	{".appconfig.azure.com", clouds[0].authority, []string{"https://appconfig.azure.com"}},
	{".azconfig.azure.cn", clouds[1].authority, []string{"https://appconfig.azure.cn"}},
	{".appconfig.azure.cn", clouds[1].authority, []string{"https://appconfig.azure.cn"}},
	{".azconfig.azure.us", clouds[2].authority, []string{"https://appconfig.azure.us"}},
	{".appconfig.azure.us", clouds[2].authority, []string{"https://appconfig.azure.us"}},
}

// readKeyValues is the data action that reading a key takes.
const readKeyValues = "Microsoft.AppConfiguration/configurationStores/keyValues/read"

// configurationHost returns the host of the store with this key in the
// configuration.
func configurationHost(name string) string {
	if !strings.Contains(name, ".") {
		name += configurationClouds[0].suffix
	}
	return strings.ToLower(name)
}

// configurationAudiences returns the audiences that a store accepts, and the
// authority that issues its tokens.
func configurationAudiences(host string) (audiences []string, authority string) {
	for _, c := range configurationClouds {
		if strings.HasSuffix(host, c.suffix) {
			return append([]string{"https://" + host}, c.audiences...), c.authority
		}
	}
	return nil, ""
}

// configurationID returns the ARM ID of the store with this key in the
// configuration.
func (c *Config) configurationID(name string) string {
	short, _, _ := strings.Cut(configurationHost(name), ".")
	return c.resourceGroup() + "/providers/Microsoft.AppConfiguration/configurationStores/" + short
}

// configurationStore is an App Configuration store that gets keys,
// https://learn.microsoft.com/azure/azure-app-configuration/rest-api-key-value.
type configurationStore struct {
	AppConfiguration
	id, host  string
	audiences []string
	issuer    *issuer
	rights    *authorization
	role      *propagation
	window    *window
}

func newConfigurationStore(c *Config, name string, i *issuer, rights *authorization) *configurationStore {
	s := &configurationStore{AppConfiguration: c.AppConfigurations[name], id: c.configurationID(name), host: configurationHost(name), issuer: i, rights: rights}
	s.audiences, _ = configurationAudiences(s.host)
	s.role, s.window = newPropagation(s.RolePropagatesAfter), newWindow(s.Throttle, i.now)
	return s
}

func (s *configurationStore) resource() *resource {
	return &resource{s.id, last(s.id), "Microsoft.AppConfiguration/configurationStores",
		fixed(map[string]any{"location": location, "properties": map[string]any{"endpoint": "https://" + s.host, "provisioningState": "Succeeded"}}), nil, true}
}

func (s *configurationStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Request-Id", derivedGUID(r.URL.Path))
	if refused := s.refuses(r); refused != nil {
		refused.write(w)
		return
	}
	names, label := segments(r.URL), r.URL.Query().Get("label")
	if len(names) == 1 {
		s.list(w, r)
		return
	}
	if label == "\x00" { // says the same as no label
		label = ""
	}
	at := slices.IndexFunc(s.Keys[names[1]], func(k KeyValue) bool { return k.Label == label })
	if at < 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.send(w, names[1], s.Keys[names[1]][at])
}

// refuses checks the token, the throttle, the request and the role. Their order is
// not documented.
func (s *configurationStore) refuses(r *http.Request) *problem {
	caller, refused := s.authenticate(r.Header.Get("Authorization"))
	switch names, version := segments(r.URL), r.URL.Query()["api-version"]; {
	case refused != nil:
		return refused
	case s.window.admit() != nil:
		p := &problem{Status: http.StatusTooManyRequests, Title: "Resource utilization has surpassed the assigned quota", Policy: "Total Requests"}
		return p.as("too-many-requests").with("Retry-After-Ms", fmt.Sprint(s.Throttle.RetryAfter.Milliseconds()))
	case len(version) != 1 || !slices.Contains(configurationVersions, version[0]):
		p := &problem{Status: http.StatusBadRequest, Title: "Unsupported API version", Name: "api-version"}
		return p.as("invalid-argument")
	case len(names) > 2 || names[0] != "kv":
		return (&problem{Status: http.StatusNotFound, Title: "The emulator only gets and lists keys"}).as("not-found")
	case r.Method != http.MethodGet:
		return (&problem{Status: http.StatusMethodNotAllowed}).with("Allow", http.MethodGet)
	case !s.rights.allows(caller.ObjectID, readKeyValues, true, s.id) || !s.role.arrived():
		return &problem{Status: http.StatusForbidden} // without a body, https://github.com/Azure/AppConfiguration/issues/410
	}
	return nil
}

func (s *configurationStore) authenticate(authorization string) (claims, *problem) {
	refused := func(parameters string) *problem {
		return (&problem{Status: http.StatusUnauthorized}).with("WWW-Authenticate", "HMAC-SHA256, Bearer"+parameters)
	}
	token := bearer(authorization)
	if token == "" {
		return claims{}, refused("")
	}
	c, err := s.issuer.verify(token)
	if err != nil || !slices.Contains(s.audiences, c.Audience) {
		return c, refused(` error="invalid_token", error_description="Authorization token failed validation"`)
	}
	return c, nil
}

// problem is a refusal, without a body if it has no Type.
// https://datatracker.ietf.org/doc/html/rfc7807
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Name   string `json:"name,omitempty"`
	Detail string `json:"detail,omitempty"`
	Policy string `json:"policy,omitempty"`
	Status int    `json:"status"`

	header [2]string
}

func (p *problem) as(name string) *problem {
	p.Type = "https://azconfig.io/errors/" + name
	return p
}

func (p *problem) with(name, value string) *problem {
	p.header = [2]string{name, value}
	return p
}

func (p *problem) write(w http.ResponseWriter) {
	if p.header[0] != "" {
		w.Header().Set(p.header[0], p.header[1])
	}
	if p.Type == "" {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(p.Status)
		return
	}
	body := marshal(p)
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(p.Status)
	w.Write(body)
}

// keyValue is a KeyValue on the wire.
type keyValue struct {
	ETag         string            `json:"etag"`
	Key          string            `json:"key"`
	Label        *string           `json:"label"`
	ContentType  *string           `json:"content_type"`
	Value        string            `json:"value"`
	Tags         map[string]string `json:"tags"`
	Locked       bool              `json:"locked"`
	LastModified string            `json:"last_modified"`
}

func (s *configurationStore) wire(key string, k KeyValue) keyValue {
	return keyValue{
		ETag: derivedHex("etag", s.host, key, k.Label), Key: key, Label: orNull(k.Label), ContentType: orNull(k.ContentType), Value: k.Value,
		Tags: map[string]string{}, LastModified: creation.Format("2006-01-02T15:04:05-07:00"),
	}
}

// orNull returns nil for no text, which is null in JSON.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (s *configurationStore) send(w http.ResponseWriter, key string, k KeyValue) {
	answer := s.wire(key, k)
	body := marshal(answer)
	h := w.Header()
	h.Set("Content-Type", "application/vnd.microsoft.appconfig.kv+json; charset=utf-8")
	h.Set("ETag", `"`+answer.ETag+`"`)
	h.Set("Last-Modified", creation.Format(http.TimeFormat))
	h.Set("Sync-Token", "zAJw6V16=MTozIzEyMzQ1Njc4;sn=12345678")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}
