// What a client sees of a mock that its test steers: faults, and a clock that runs ahead.
package clients

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"
)

// aVCenter is one that no other test uses: faults and the clock are for all of its users.
func aVCenter(t *testing.T) (string, *library.Manager) {
	t.Helper()
	user := t.Name() + "-" + uuid.NewString()
	return user, connect(t, user)
}

type object map[string]any

// steer tells the admin API what is to be from now on.
func steer(t *testing.T, user, path string, body object) {
	t.Helper()
	text, err := json.Marshal(body)
	must(t, err)
	admin(t, user, "POST", path, bytes.NewReader(text))
}

// look asks the admin API what is, and puts it into the last argument.
func look(t *testing.T, user, path string, seen any) {
	t.Helper()
	must(t, json.Unmarshal(admin(t, user, "GET", path, nil), seen))
}

func admin(t *testing.T, user, method, path string, body io.Reader) (said []byte) {
	t.Helper()
	request, err := http.NewRequest(method, env(t, "MOCK_URL")+"/__admin"+path, body)
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("x-mock-sandbox", url.QueryEscape(user))
	must(t, soapClient(t).Do(t.Context(), request, func(response *http.Response) (err error) {
		said, err = io.ReadAll(response.Body)
		if response.StatusCode >= 300 {
			t.Fatalf("%s %s: %s %s", method, path, response.Status, said)
		}
		return err
	}))
	return said
}

func TestFaultStrikesTwiceAndThenTheCancelIsDone(t *testing.T) {
	user, m := aVCenter(t)
	id := newSession(t, m, t.Name())
	steer(t, user, "/faults", object{"operation": "cancel", "error": "SERVICE_UNAVAILABLE", "times": 2})

	for range 2 {
		refused(t, m.CancelLibraryItemUpdateSession(t.Context(), id), "503 Service Unavailable")
		isState(t, m, id, "ACTIVE")
	}
	must(t, m.CancelLibraryItemUpdateSession(t.Context(), id))
	isState(t, m, id, "CANCELED")
}

// As in govmomi's issue 1832 (reference 1.3): bytes keep the update session alive, and nothing keeps the login.
func TestUploadOfFourHoursOutlivesItsLogin(t *testing.T) {
	user, m := aVCenter(t)
	// The server looks every 250 ms what has come. Five looks are to be four hours, so a session may idle for one.
	steer(t, user, "/settings", object{"session_idle": "1h"})
	item := newItem(t, m, t.Name())
	id, err := m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})
	must(t, err)
	file, err := m.AddLibraryItemFile(t.Context(), id, library.UpdateFile{Name: "disk.img", SourceType: "PUSH"})
	must(t, err)

	body, sender := io.Pipe()
	sent := make(chan error, 1)
	go func() { sent <- uploadStream(t, m, file, body) }()
	var size int64
	for range 5 {
		_, err := sender.Write(content)
		must(t, err)
		untilMoreThan(t, user, id, size)
		size += int64(len(content))
		steer(t, user, "/clock/advance", object{"by": "49m"})
	}
	must(t, sender.Close())

	must(t, <-sent)
	refused(t, m.CompleteLibraryItemUpdateSession(t.Context(), id), "401 Unauthorized")
	again := connect(t, user)
	must(t, again.CompleteLibraryItemUpdateSession(t.Context(), id))
	files, err := again.ListLibraryItemFiles(t.Context(), item)
	must(t, err)
	equal(t, *files[0].Size, size)
}

// uploadStream sends what is not all there yet, and of unknown length.
func uploadStream(t *testing.T, m *library.Manager, file *library.UpdateFile, body io.Reader) error {
	u, err := url.Parse(file.UploadEndpoint.URI)
	if err != nil {
		return err
	}
	request := soap.DefaultUpload
	request.ContentLength = -1
	return m.Upload(t.Context(), body, u, &request)
}

// untilMoreThan waits until the server has counted more bytes than these, without being a client of it.
func untilMoreThan(t *testing.T, user, session string, size int64) {
	t.Helper()
	for {
		var seen struct {
			Files []struct {
				BytesTransferred int64 `json:"bytes_transferred"`
			}
		}
		look(t, user, "/sessions/"+session, &seen)
		if seen.Files[0].BytesTransferred > size {
			return
		}
	}
}
