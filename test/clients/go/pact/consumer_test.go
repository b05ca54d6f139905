// What a client in Go relies on when it cancels.
package pact

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/pact-foundation/pact-go/v2/consumer"
	. "github.com/pact-foundation/pact-go/v2/matchers"
	"github.com/pact-foundation/pact-go/v2/models"
)

const sessions = "/api/content/library/item/update-session"

// cancel is the client that is tested.
func cancel(url, token, id string) (int, error) {
	request, err := http.NewRequest("POST", url+sessions+"/"+id+"?action=cancel", nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("vmware-api-session-id", token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func TestCancel(t *testing.T) {
	session := func(state string) models.ProviderState {
		return models.ProviderState{Name: "an update session", Parameters: map[string]interface{}{"state": state}}
	}
	for _, each := range []struct {
		state  models.ProviderState
		status int
		reason string
	}{
		{session("ACTIVE"), 204, ""},
		{session("DONE"), 400, "NOT_ALLOWED_IN_CURRENT_STATE"},
		{models.ProviderState{Name: "no update session"}, 404, "NOT_FOUND"},
	} {
		pact, err := consumer.NewV4Pact(consumer.MockHTTPProviderConfig{
			Consumer: "go-client", Provider: "content-library", PactDir: "pacts",
		})
		if err != nil {
			t.Fatal(err)
		}
		err = pact.AddInteraction().
			GivenWithParameter(models.ProviderState{Name: "an API session"}).
			GivenWithParameter(each.state).
			UponReceiving(fmt.Sprintf("a cancel that is answered %d", each.status)).
			WithRequestPathMatcher("POST", FromProviderState(sessions+"/${update_session_id}", sessions+"/session-1"),
				func(request *consumer.V4RequestBuilder) {
					request.Query("action", S("cancel"))
					request.Header("vmware-api-session-id", FromProviderState("${token}", "token-1"))
				}).
			WillRespondWith(each.status, func(response *consumer.V4ResponseBuilder) {
				if each.reason != "" {
					response.JSONBody(Map{"error_type": S(each.reason)})
				}
			}).
			ExecuteTest(t, func(server consumer.MockServerConfig) error {
				status, err := cancel(fmt.Sprintf("http://%s:%d", server.Host, server.Port), "token-1", "session-1")
				if err == nil && status != each.status {
					err = fmt.Errorf("answered %d, not %d", status, each.status)
				}
				return err
			})
		if err != nil {
			t.Fatal(err)
		}
	}
}
