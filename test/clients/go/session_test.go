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

type call func(*library.Manager, context.Context, string) error

var calls = map[string]call{
	"cancel":    (*library.Manager).CancelLibraryItemUpdateSession,
	"complete":  (*library.Manager).CompleteLibraryItemUpdateSession,
	"keepAlive": (*library.Manager).KeepAliveLibraryItemUpdateSession,
	"delete":    (*library.Manager).DeleteLibraryItemUpdateSession,
}

// What is allowed in which state is for the mock's own tests; here each call is made, and its refusal read.
func TestEachCallIsMade(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for _, c := range []struct{ state, call, after string }{
		{"ACTIVE", "cancel", "CANCELED"},
		{"ACTIVE", "complete", "DONE"},
		{"ACTIVE", "keepAlive", "ACTIVE"},
		{"DONE", "delete", ""},
	} {
		t.Run(c.call, func(t *testing.T) {
			id := newSessionIn(t, m, c.state)
			must(t, calls[c.call](m, t.Context(), id))
			if c.after != "" {
				isState(t, m, id, c.after)
				return
			}
			_, err := m.GetLibraryItemUpdateSession(t.Context(), id)
			refused(t, err, "404 Not Found")
		})
	}
}

func TestEachRefusalIsRead(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for call, state := range map[string]string{"cancel": "DONE", "complete": "DONE", "keepAlive": "CANCELED", "delete": "ACTIVE"} {
		t.Run(call, func(t *testing.T) {
			id := newSessionIn(t, m, state)
			refused(t, calls[call](m, t.Context(), id),
				"400 Bad Request: ",
				`"type":"com.vmware.vapi.std.errors.not_allowed_in_current_state"`,
				"The operation "+call+" can not be invoked when the import session is in the "+state+" state.",
			)
			isState(t, m, id, state)
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
