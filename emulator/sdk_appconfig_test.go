package emulator_test

import (
	"errors"
	"testing"

	"azinject/emulator"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azappconfig"
)

// TestGoSDKReadsConfiguration checks App Configuration with Azure's own client:
// labels, odd names, content types and refusals.
func TestGoSDKReadsConfiguration(t *testing.T) {
	const id = "aaaaaaaa-0000-4000-8000-000000000005"
	const secretType = "application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8"
	azure, client := begin(t, identitiesOf("appservice", id)+`
app_configurations:
  store1:
    keys:
      app1:color: [{value: red}, {label: prod, value: green}]
      a/b ö+s: [{label: west/1 +ü, value: '{"uri":"https://kv1.vault.azure.net/secrets/s"}', content_type: "`+secretType+`"}]
  shut: {readers: [], keys: {k: x}}
`)
	open := func(store string) *azappconfig.Client {
		c, err := azappconfig.NewClient("https://"+store+".azconfig.io", credential(t, id), &azappconfig.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const odd = "a/b ö+s"
	for _, test := range []struct{ key, label, value, contentType string }{
		{"app1:color", "", "red", ""},
		{"app1:color", "prod", "green", ""},
		{odd, "west/1 +ü", `{"uri":"https://kv1.vault.azure.net/secrets/s"}`, secretType},
	} {
		o := &azappconfig.GetSettingOptions{}
		if test.label != "" {
			o.Label = &test.label
		}
		got, err := open("store1").GetSetting(t.Context(), test.key, o)
		if err != nil {
			t.Errorf("%s %q: %v", test.key, test.label, err)
			continue
		}
		label, contentType := "", ""
		if got.Label != nil {
			label = *got.Label
		}
		if got.ContentType != nil {
			contentType = *got.ContentType
		}
		if *got.Key != test.key || label != test.label || *got.Value != test.value || contentType != test.contentType || got.ETag == nil || got.LastModified == nil || got.SyncToken == "" {
			t.Errorf("%s %q = %+v", test.key, test.label, got.Setting)
		}
	}
	for store, want := range map[string]int{"store1": 404, "shut": 403} {
		_, err := open(store).GetSetting(t.Context(), "k", nil)
		if bad := new(azcore.ResponseError); !errors.As(err, &bad) || bad.StatusCode != want {
			t.Errorf("%s: %v, want %d", store, err, want)
		}
	}
	if n := azure.Counts()[emulator.KindKeyValue]; n != 5 {
		t.Errorf("%d requests, want 5", n)
	}
}
