// What Terraform's provider for vSphere does before its first resource: SOAP, storage policies, REST, keep-alive.
package clients

import (
	"testing"

	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/methods"
)

func TestHandshake(t *testing.T) {
	user := env(t, "MOCK_USER")
	vc := soapClient(t)
	equal(t, vc.IsVC(), true)
	manager := session.NewManager(vc)

	before, err := manager.UserSession(t.Context())
	must(t, err)
	equal(t, before, nil)

	must(t, manager.Login(t.Context(), credentials(user)))
	found, err := manager.UserSession(t.Context())
	must(t, err)
	equal(t, found.UserName, user)
	_, err = methods.GetCurrentTime(t.Context(), vc)
	must(t, err)

	policies, err := pbm.NewClient(t.Context(), vc)
	must(t, err)
	equal(t, policies.ServiceContent.ProfileManager.Type, "PbmProfileProfileManager")

	client := rest.NewClient(vc)
	must(t, client.Login(t.Context(), credentials(user)))
	who, err := client.Session(t.Context())
	must(t, err)
	equal(t, who.User, user)
	_, err = library.NewManager(client).GetLibraryByID(t.Context(), localLibrary)
	must(t, err)

	must(t, manager.Logout(t.Context()))
	after, err := manager.UserSession(t.Context())
	must(t, err)
	equal(t, after, nil)
	must(t, client.Logout(t.Context()))
	gone, err := client.Session(t.Context())
	must(t, err)
	equal(t, gone, nil)
}

func TestWhatIsNotHereSaysSo(t *testing.T) {
	vc := soapClient(t)
	manager := session.NewManager(vc)
	must(t, manager.Login(t.Context(), credentials(env(t, "MOCK_USER"))))

	_, err := manager.AcquireCloneTicket(t.Context())

	refused(t, err, "ServerFaultCode: update-session-mock does not implement AcquireCloneTicket")
}
