"""The vendor's Python SDK: its samples' upload, and every refusal in the class that the SDK has for it."""

import os
import ssl
import unittest
import urllib.request
import uuid

import requests
from com.vmware.content.library.item.updatesession_client import File, WarningBehavior, WarningType
from com.vmware.content.library.item_client import DownloadSessionModel, UpdateSessionModel
from com.vmware.content.library_client import ItemModel
from com.vmware.content_client import LibraryModel
from com.vmware.vapi.std.errors_client import (
    AlreadyExists,
    InvalidArgument,
    NotAllowedInCurrentState,
    NotFound,
    OperationNotFound,
    ResourceBusy,
    ServiceUnavailable,
    Unauthenticated,
)
from vmware.vapi.vsphere.client import create_vsphere_client

LIBRARY = '11111111-1111-4111-8111-111111111111'
ITEM = '22222222-2222-4222-8222-222222222222'
CONTENT = b'update session ' * 10_000
CLS = 'com.vmware.vdcs.cls-main.'
TRUST = ssl.create_default_context(cafile=os.environ['REQUESTS_CA_BUNDLE'])


def connect(user=os.environ['MOCK_USER'], password='secret'):
    """The SDK speaks https to host:port, and requests takes what to trust from REQUESTS_CA_BUNDLE."""
    server = os.environ['MOCK_URL'].removeprefix('https://')
    return create_vsphere_client(server=server, username=user, password=password, session=requests.Session())


def upload(file, content, method='POST'):
    """As the samples do it: no login, and a content type that says nothing true."""
    request = urllib.request.Request(file.upload_endpoint.uri, data=content, method=method)
    request.add_header('Cache-Control', 'no-cache')
    request.add_header('Content-Type', 'text/ovf')
    with urllib.request.urlopen(request, context=TRUST) as response:
        return response.status


class Case(unittest.TestCase):
    def setUp(self):
        self.client = connect()
        self.items = self.client.content.library.Item
        self.sessions = self.client.content.library.item.UpdateSession
        self.files = self.client.content.library.item.updatesession.File

    def new_item(self):
        spec = ItemModel(library_id=LIBRARY, name=f'{self.id()} {uuid.uuid4()}'[-80:])
        return self.items.create(create_spec=spec, client_token=str(uuid.uuid4()))

    def new_session(self, item=None):
        spec = UpdateSessionModel(library_item_id=item or self.new_item())
        return self.sessions.create(create_spec=spec, client_token=str(uuid.uuid4()))

    def session_in(self, state):
        session = self.new_session()
        if state == 'DONE':
            self.sessions.complete(session)
        elif state == 'CANCELED':
            self.sessions.cancel(session)
        elif state == 'ERROR':
            self.sessions.fail(session, 'the disk is full')
        self.assertEqual(self.sessions.get(session).state, state)
        return session

    def push(self, session, name='disk.img', size=len(CONTENT), **more):
        spec = File.AddSpec(name=name, source_type=File.SourceType.PUSH, size=size, **more)
        return self.files.add(session, spec)


class Login(unittest.TestCase):
    def test_without_a_password_is_unauthenticated(self):
        with self.assertRaises(Unauthenticated):
            connect(password='')

    def test_ends_with_logout(self):
        client = connect()
        client.session_svc.delete()
        with self.assertRaises(Unauthenticated):
            client.content.Library.list()


class Upload(Case):
    def test_of_the_samples(self):
        """Create, remove what is there, add, POST or PUT, validate, complete, delete at once."""
        item = self.new_item()
        for method in ('POST', 'PUT'):
            before = int(self.items.get(item).content_version)
            session = self.new_session(item)
            for file in self.files.list(session):
                self.files.remove(session, file.name)
            self.assertEqual(upload(self.push(session), CONTENT, method), 200)
            self.assertEqual(self.files.get(session, 'disk.img').status, 'READY')
            verdict = self.files.validate(session)
            self.assertEqual((verdict.has_errors, list(verdict.missing_files or [])), (False, []))
            self.sessions.complete(session)
            self.assertEqual(self.sessions.get(session).state, 'DONE')
            self.sessions.delete(session)

            self.assertEqual(self.items.get(item).size, len(CONTENT))
            self.assertGreater(int(self.items.get(item).content_version), before)
            [stored] = self.client.content.library.item.File.list(item)
            self.assertEqual((stored.name, stored.size), ('disk.img', len(CONTENT)))


class Refused(Case):
    """With the class of the SDK, the id and the arguments of the message, and the end of its text."""

    def assert_refused(self, kind, message_id, args, call, *arguments, text=''):
        with self.subTest(message_id, args=args):
            with self.assertRaises(kind) as caught:
                call(*arguments)
            [message] = caught.exception.messages
            self.assertEqual((message.id, message.args), (CLS + message_id, args))
            self.assertTrue(message.default_message.endswith(text), message.default_message)

    def test_a_change_in_the_wrong_state(self):
        states = {state: self.session_in(state) for state in ('ACTIVE', 'DONE', 'CANCELED', 'ERROR')}
        for name, state in ('cancel', 'DONE'), ('cancel', 'CANCELED'), ('delete', 'ACTIVE'):
            self.assert_refused(
                NotAllowedInCurrentState,
                'update_session_invalid_state_for_operation',
                [name, state],
                getattr(self.sessions, name),
                states[state],
                text=f'The operation {name} can not be invoked when the import session is in the {state} state.',
            )
        self.assert_refused(
            NotAllowedInCurrentState,
            'update_session_invalid_state_for_operation_reason',
            ['cancel', 'ERROR', 'the disk is full'],
            self.sessions.cancel,
            states['ERROR'],
            text='Reason: the disk is full',
        )

    def test_a_completion_without_a_file(self):
        session = self.new_session()
        self.push(session)
        self.assert_refused(
            NotAllowedInCurrentState,
            'update_session_file_not_received',
            ['disk.img', 'WAITING'],
            self.sessions.complete,
            session,
            text='File disk.img has transfer errors or has not been fully received yet (status: WAITING).',
        )
        self.assertEqual(self.sessions.get(session).state, 'ACTIVE')

    def test_what_is_not_there_and_what_is_there_already(self):
        item, unknown, gone = self.new_item(), str(uuid.uuid4()), self.session_in('CANCELED')
        session = self.new_session(item)
        self.sessions.delete(gone)
        for refused in [
            (NotFound, 'update_session_not_found', [gone], self.sessions.cancel, gone),
            (InvalidArgument, 'file_not_found', ['other.img'], self.files.get, session, 'other.img'),
            (ResourceBusy, 'update_session_already_active', [item, session], self.new_session, item),
            (NotFound, 'library_item_not_found', [unknown], self.new_session, unknown),
        ]:
            self.assert_refused(*refused)


class Session(Case):
    def test_is_made_once_by_a_client_token_and_shown_in_full(self):
        item, token = self.new_item(), str(uuid.uuid4())
        spec = UpdateSessionModel(library_item_id=item)
        session = self.sessions.create(spec, token)
        self.assertEqual(self.sessions.create(spec, token), session)
        shown = self.sessions.get(session)
        self.assertEqual(
            (shown.library_item_id, shown.state, shown.client_progress, shown.preview_info.state),
            (item, 'ACTIVE', 0, 'UNAVAILABLE'),
        )
        self.assertIsNotNone(shown.expiration_time)
        self.assertEqual(list(self.sessions.list(item)), [session])
        self.assertIn(session, self.sessions.list())

    def test_is_kept_alive_with_progress_and_changed(self):
        session = self.new_session()
        self.sessions.keep_alive(session)
        self.sessions.keep_alive(session, 42)
        self.assertEqual(self.sessions.get(session).client_progress, 42)
        behavior = WarningBehavior(type=WarningType.SELF_SIGNED_CERTIFICATE, ignored=True)
        self.sessions.update(session, UpdateSessionModel(warning_behavior=[behavior]))
        self.assertEqual(self.sessions.get(session).warning_behavior, [behavior])


class Libraries(Case):
    def test_are_found_and_read(self):
        libraries = self.client.content.Library
        self.assertEqual(list(libraries.find(libraries.FindSpec(name='local-library'))), [LIBRARY])
        self.assertEqual(libraries.get(LIBRARY).type, LibraryModel.LibraryType.LOCAL)

    def test_refuse_a_second_item_of_one_name(self):
        name = str(uuid.uuid4())
        self.items.create(ItemModel(library_id=LIBRARY, name=name))
        with self.assertRaises(AlreadyExists):
            self.items.create(ItemModel(library_id=LIBRARY, name=name))
        [item] = self.items.find(self.items.FindSpec(name=name, library_id=LIBRARY))
        self.items.delete(item)
        with self.assertRaises(NotFound):
            self.items.get(item)


class Steered(unittest.TestCase):
    def test_a_fault_is_met_twice_and_then_the_cancel_is_done(self):
        # A vCenter that no other test uses: a fault is for all of its users.
        user = f'steered-{uuid.uuid4()}'
        client = connect(user)  # which logs out when nothing refers to it any more
        sessions = client.content.library.item.UpdateSession
        session = sessions.create(UpdateSessionModel(library_item_id=ITEM))
        fault = {'operation': 'cancel', 'error': 'SERVICE_UNAVAILABLE', 'message': 'Later.', 'times': 2}
        url = f'{os.environ["MOCK_URL"]}/__admin/faults'
        requests.post(url, json=fault, headers={'x-mock-sandbox': user}).raise_for_status()
        for _ in range(2):
            with self.assertRaises(ServiceUnavailable) as caught:
                sessions.cancel(session)
            self.assertEqual(caught.exception.messages[0].default_message, 'Later.')
        sessions.cancel(session)
        self.assertEqual(sessions.get(session).state, 'CANCELED')


class Elsewhere(Case):
    def test_what_is_not_here_is_not_found(self):
        with self.assertRaises(OperationNotFound):
            self.client.vcenter.VM.list()
        # A sample of the SDK creates one.
        downloads = self.client.content.library.item.DownloadSession
        with self.assertRaises(OperationNotFound):
            downloads.create(create_spec=DownloadSessionModel(library_item_id=ITEM))


if __name__ == '__main__':
    unittest.main(verbosity=2)
