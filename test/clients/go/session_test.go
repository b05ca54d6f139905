// Every call that govmomi has for update sessions, in every state it can bring about.
package clients

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/vmware/govmomi/vapi/library"
)

func TestSessionIsShown(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	item, id := newSession(t, m)

	session, err := m.GetLibraryItemUpdateSession(t.Context(), id)
	must(t, err)
	ids, err := m.ListLibraryItemUpdateSession(t.Context())
	must(t, err)

	equal(t, session.ID, id)
	equal(t, session.LibraryItemID, item)
	equal(t, session.LibraryItemContentVersion, "1")
	equal(t, session.State, "ACTIVE")
	equal(t, session.ExpirationTime.After(time.Now()), true)
	equal(t, slices.Contains(ids, id), true)
}

func TestSecondSessionOfAnItemIsRefused(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	item, _ := newSession(t, m)

	_, err := m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})

	refused(t, err, "400 Bad Request: ", "com.vmware.vapi.std.errors.resource_busy", item)
}

// What is allowed in which state is for the mock's own tests; here each call is made, and its refusal read.
func TestEachCallIsMadeAndItsRefusalIsRead(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for _, c := range []struct {
		name                 string
		call                 func(*library.Manager, context.Context, string) error
		from, after, refused string
	}{
		{"cancel", (*library.Manager).CancelLibraryItemUpdateSession, "ACTIVE", "CANCELED", "DONE"},
		{"complete", (*library.Manager).CompleteLibraryItemUpdateSession, "ACTIVE", "DONE", "DONE"},
		{"keepAlive", (*library.Manager).KeepAliveLibraryItemUpdateSession, "ACTIVE", "ACTIVE", "CANCELED"},
		{"delete", (*library.Manager).DeleteLibraryItemUpdateSession, "DONE", "", "ACTIVE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := newSessionIn(t, m, c.from)
			must(t, c.call(m, t.Context(), id))
			isState(t, m, id, c.after)

			id = newSessionIn(t, m, c.refused)
			refused(t, c.call(m, t.Context(), id),
				"400 Bad Request: ",
				`"type":"com.vmware.vapi.std.errors.not_allowed_in_current_state"`,
				"The operation "+c.name+" can not be invoked when the import session is in the "+c.refused+" state.",
			)
			isState(t, m, id, c.refused)
		})
	}
}

// govmomi never sends the message that the API requires.
func TestFailIsRefused(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	_, id := newSession(t, m)

	refused(t, m.FailLibraryItemUpdateSession(t.Context(), id), "400 Bad Request: ", "client_error_message")
	isState(t, m, id, "ACTIVE")
}
