// Every call that govmomi has for update sessions, in every state it can bring about.
package clients

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vapi/library"
)

func TestSessionIsShown(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	item := newItem(t, m, t.Name())

	id, err := m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})
	must(t, err)
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
	item := newItem(t, m, t.Name())
	_, err := m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})
	must(t, err)

	_, err = m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})

	refused(t, err, "400 Bad Request: ", "com.vmware.vapi.std.errors.resource_busy", item)
}

type call func(*library.Manager, context.Context, string) error

var calls = map[string]call{
	"cancel":    (*library.Manager).CancelLibraryItemUpdateSession,
	"complete":  (*library.Manager).CompleteLibraryItemUpdateSession,
	"keepAlive": (*library.Manager).KeepAliveLibraryItemUpdateSession,
	"delete":    (*library.Manager).DeleteLibraryItemUpdateSession,
}

func TestAccepted(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for _, c := range []struct{ state, call, after string }{
		{"ACTIVE", "cancel", "CANCELED"},
		{"ACTIVE", "complete", "DONE"},
		{"ACTIVE", "keepAlive", "ACTIVE"},
	} {
		t.Run(c.state+" "+c.call, func(t *testing.T) {
			id := newSessionIn(t, m, c.state)
			must(t, calls[c.call](m, t.Context(), id))
			isState(t, m, id, c.after)
		})
	}
}

func TestRemoved(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for _, state := range []string{"DONE", "CANCELED"} {
		t.Run(state, func(t *testing.T) {
			id := newSessionIn(t, m, state)
			must(t, m.DeleteLibraryItemUpdateSession(t.Context(), id))
			_, err := m.GetLibraryItemUpdateSession(t.Context(), id)
			refused(t, err, "404 Not Found")
		})
	}
}

func TestRefused(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for _, c := range []struct{ state, call string }{
		{"ACTIVE", "delete"},
		{"DONE", "cancel"},
		{"DONE", "complete"},
		{"DONE", "keepAlive"},
		{"CANCELED", "cancel"},
		{"CANCELED", "complete"},
		{"CANCELED", "keepAlive"},
	} {
		t.Run(c.state+" "+c.call, func(t *testing.T) {
			id := newSessionIn(t, m, c.state)
			err := calls[c.call](m, t.Context(), id)
			refused(t, err,
				"400 Bad Request: ",
				`"type":"com.vmware.vapi.std.errors.not_allowed_in_current_state"`,
				"The operation "+c.call+" can not be invoked when the import session is in the "+c.state+" state.",
			)
			isState(t, m, id, c.state)
		})
	}
}

func TestUnknownIsNotFound(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			refused(t, call(m, t.Context(), uuid.NewString()+":"+uuid.NewString()), "404 Not Found")
		})
	}
}

// govmomi never sends the message that the API requires.
func TestFailIsRefused(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	id := newSessionIn(t, m, "ACTIVE")

	refused(t, m.FailLibraryItemUpdateSession(t.Context(), id), "400 Bad Request: ", "client_error_message")
	isState(t, m, id, "ACTIVE")
}
