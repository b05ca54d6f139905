// Every call that govmomi has for the files of update sessions, and the bytes behind them.
package clients

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vim25/soap"
)

var content = bytes.Repeat([]byte("update session "), 50_000)

// announced is a session whose file waits for its bytes.
func announced(t *testing.T, m *library.Manager) (item, id string, file *library.UpdateFile) {
	t.Helper()
	item, id = newSession(t, m)
	sum := sha256.Sum256(content)
	file, err := m.AddLibraryItemFile(t.Context(), id, library.UpdateFile{
		Name:       "disk.img",
		SourceType: "PUSH",
		Size:       int64(len(content)),
		Checksum:   &library.Checksum{Algorithm: "SHA256", Checksum: hex.EncodeToString(sum[:])},
	})
	must(t, err)
	return item, id, file
}

func TestPushedFileBecomesPartOfTheItem(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	item, id, file := announced(t, m)

	equal(t, file.Status, "WAITING_FOR_TRANSFER")
	address, err := url.Parse(file.UploadEndpoint.URI)
	must(t, err)
	request := soap.DefaultUpload
	request.ContentLength = int64(len(content))
	must(t, m.Upload(t.Context(), bytes.NewReader(content), address, &request))
	got, err := m.GetLibraryItemUpdateSessionFile(t.Context(), id, "disk.img")
	must(t, err)
	equal(t, got.Status, "READY")
	equal(t, got.BytesTransferred, int64(len(content)))
	verdict, err := m.ValidateLibraryItemUpdateSessionFile(t.Context(), id)
	must(t, err)
	equal(t, verdict.HasErrors, false)
	must(t, m.CompleteLibraryItemUpdateSession(t.Context(), id))
	must(t, m.WaitOnLibraryItemUpdateSession(t.Context(), id, time.Second, nil))

	files, err := m.ListLibraryItemFiles(t.Context(), item)
	must(t, err)
	equal(t, len(files), 1)
	equal(t, *files[0].Size, int64(len(content)))
	one, err := m.GetLibraryItemFile(t.Context(), item, "disk.img")
	must(t, err)
	equal(t, one.Name, "disk.img")
}

func TestFileIsRemoved(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	_, id, _ := announced(t, m)

	must(t, m.RemoveLibraryItemUpdateSessionFile(t.Context(), id, "disk.img"))

	files, err := m.ListLibraryItemUpdateSessionFile(t.Context(), id)
	must(t, err)
	equal(t, len(files), 0)
	_, err = m.GetLibraryItemUpdateSessionFile(t.Context(), id, "disk.img")
	refused(t, err, "400 Bad Request: ", "com.vmware.vapi.std.errors.invalid_argument", "disk.img")
}

func TestSourceIsProbed(t *testing.T) {
	source := httptest.NewServer(http.NotFoundHandler())
	defer source.Close()
	m := connect(t, env(t, "MOCK_USER"))
	for uri, status := range map[string]string{
		source.URL + "/disk.img": "RESOURCE_NOT_FOUND",
		"ftp://source.test/disk": "INVALID_URL",
	} {
		result, err := m.ProbeTransferEndpoint(t.Context(), library.TransferEndpoint{URI: uri})
		must(t, err)
		equal(t, result.Status, status)
	}
}
