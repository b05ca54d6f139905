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

func digest() string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func upload(t *testing.T, m *library.Manager, file *library.UpdateFile, body []byte) error {
	t.Helper()
	u, err := url.Parse(file.UploadEndpoint.URI)
	must(t, err)
	request := soap.DefaultUpload
	request.ContentLength = int64(len(body))
	return m.Upload(t.Context(), bytes.NewReader(body), u, &request)
}

func push(name string, checksum string) library.UpdateFile {
	return library.UpdateFile{
		Name:       name,
		SourceType: "PUSH",
		Size:       int64(len(content)),
		Checksum:   &library.Checksum{Algorithm: "SHA256", Checksum: checksum},
	}
}

// announced is a file of an ACTIVE session whose bytes have not come.
func announced(t *testing.T, checksum string) (*library.Manager, string, *library.UpdateFile) {
	t.Helper()
	m := connect(t, env(t, "MOCK_USER"))
	id := newSessionIn(t, m, "ACTIVE")
	file, err := m.AddLibraryItemFile(t.Context(), id, push("disk.img", checksum))
	must(t, err)
	return m, id, file
}

func TestPushedFileBecomesPartOfTheItem(t *testing.T) {
	m := connect(t, env(t, "MOCK_USER"))
	item := newItem(t, m, t.Name())
	id, err := m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})
	must(t, err)

	file, err := m.AddLibraryItemFile(t.Context(), id, push("disk.img", digest()))
	must(t, err)
	equal(t, file.Status, "WAITING_FOR_TRANSFER")
	must(t, upload(t, m, file, content))
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
	m, id, _ := announced(t, digest())

	must(t, m.RemoveLibraryItemUpdateSessionFile(t.Context(), id, "disk.img"))

	files, err := m.ListLibraryItemUpdateSessionFile(t.Context(), id)
	must(t, err)
	equal(t, len(files), 0)
	_, err = m.GetLibraryItemUpdateSessionFile(t.Context(), id, "disk.img")
	refused(t, err, "400 Bad Request: ", "com.vmware.vapi.std.errors.invalid_argument", "disk.img")
}

func TestBytesThatDoNotFitTheChecksumAreRefused(t *testing.T) {
	m, id, file := announced(t, hex.EncodeToString(make([]byte, 32)))

	refused(t, upload(t, m, file, content), "400 Bad Request")
	refused(t, m.WaitOnLibraryItemUpdateSession(t.Context(), id, time.Second, nil), "checksum")
}

func TestPulledFileBecomesPartOfTheItem(t *testing.T) {
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }))
	defer source.Close()
	m := connect(t, env(t, "MOCK_USER"))
	item := newItem(t, m, t.Name())
	id, err := m.CreateLibraryItemUpdateSession(t.Context(), library.Session{LibraryItemID: item})
	must(t, err)
	checksum := library.Checksum{Algorithm: "SHA256", Checksum: digest()}

	_, err = m.AddLibraryItemFileFromURI(t.Context(), id, "disk.img", source.URL+"/disk.img", checksum)
	must(t, err)
	must(t, m.CompleteLibraryItemUpdateSession(t.Context(), id))
	must(t, m.WaitOnLibraryItemUpdateSession(t.Context(), id, 100*time.Millisecond, nil))

	files, err := m.ListLibraryItemFiles(t.Context(), item)
	must(t, err)
	equal(t, len(files), 1)
	equal(t, *files[0].Size, int64(len(content)))
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
