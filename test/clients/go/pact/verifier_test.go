// Holds the mock to the pacts.
package pact

import (
	"os"
	"testing"

	"github.com/pact-foundation/pact-go/v2/provider"
)

func TestContract(t *testing.T) {
	url := os.Getenv("UPDATE_SESSION_MOCK_URL")
	err := provider.NewVerifier().VerifyProvider(t, provider.VerifyRequest{
		Provider:               "content-library",
		ProviderBaseURL:        url,
		ProviderStatesSetupURL: url + "/__admin/pact/provider-states?sandbox=" + os.Getenv("VMWARE_USER"),
		PactDirs:               []string{"pacts"},
	})
	if err != nil {
		t.Fatal(err)
	}
}
