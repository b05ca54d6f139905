// govmomi against the mock: who connects, and what they begin with.
package clients

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
)

const localLibrary = "11111111-1111-4111-8111-111111111111"

func credentials(user string) *url.Userinfo { return url.UserPassword(user, "secret") }

// soapClient trusts the mock's authority and has not logged in yet.
func soapClient(t *testing.T) *vim25.Client {
	t.Helper()
	u, err := soap.ParseURL(env(t, "MOCK_URL"))
	must(t, err)
	client := soap.NewClient(u, false)
	must(t, client.SetRootCAs(env(t, "MOCK_CA_FILE")))
	vc, err := vim25.NewClient(context.Background(), client)
	must(t, err)
	return vc
}

// connect logs in over REST: a user name is a vCenter of its own.
func connect(t *testing.T, user string) *library.Manager {
	t.Helper()
	client := rest.NewClient(soapClient(t))
	must(t, client.Login(t.Context(), credentials(user)))
	return library.NewManager(client)
}

// newSession is an ACTIVE session of a new item.
func newSession(t *testing.T, m *library.Manager) (item, id string) {
	t.Helper()
	item, err := m.CreateLibraryItem(t.Context(), library.Item{LibraryID: localLibrary, Name: rand.Text()})
	must(t, err)
	id, err = m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})
	must(t, err)
	return item, id
}

// newSessionIn leads to a state that govmomi can lead to: its fail sends no message, which is refused.
func newSessionIn(t *testing.T, m *library.Manager, state string) string {
	t.Helper()
	_, id := newSession(t, m)
	switch state {
	case "DONE":
		must(t, m.CompleteLibraryItemUpdateSession(t.Context(), id))
	case "CANCELED":
		must(t, m.CancelLibraryItemUpdateSession(t.Context(), id))
	}
	return id
}

// isState wants no session where the state is empty.
func isState(t *testing.T, m *library.Manager, id, state string) {
	t.Helper()
	session, err := m.GetLibraryItemUpdateSession(t.Context(), id)
	if state == "" {
		refused(t, err, "404 Not Found")
		return
	}
	must(t, err)
	equal(t, session.State, state)
}

func env(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run `npm run test:clients`", name)
	}
	return value
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// refused wants an error whose text has all these parts: govmomi's callers have nothing but the text.
func refused(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("nothing was refused; wanted %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Fatalf("%q is not in the refusal: %v", part, err)
		}
	}
}
