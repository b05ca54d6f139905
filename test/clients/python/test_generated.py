"""Every call of the client that openapi-generator makes of the mock's /openapi.json, the package `vsphere`.

Asks MOCK_URL as MOCK_USER.
"""

import inspect
import os

import urllib3
import vsphere

from calls import call, report

LIBRARY = '11111111-1111-4111-8111-111111111111'
TRUST = {'cert_reqs': 'CERT_REQUIRED', 'ca_certs': os.environ['REQUESTS_CA_BUNDLE']}
configuration = vsphere.Configuration(
    host=f'{os.environ["MOCK_URL"]}/api',
    username=os.environ['MOCK_USER'],
    password='secret',
    ssl_ca_cert=os.environ['REQUESTS_CA_BUNDLE'],
)
client = vsphere.ApiClient(configuration)
apis = [kind(client) for name, kind in inspect.getmembers(vsphere, inspect.isclass) if name.endswith('Api')]
calls = {}
for api in apis:
    for name, method in inspect.getmembers(api, inspect.ismethod):
        if not name.startswith('_') and not name.endswith(('_with_http_info', '_without_preload_content')):
            calls[name] = method


def ask(name, *arguments, **named):
    return call(calls[name], *arguments, **named)


def content(name, *arguments, **named):
    return ask(f'content_{name}', *arguments, **named)


def sessions(name, *arguments, **named):
    return content(f'library_item_update_session_{name}', *arguments, **named)


def files(name, *arguments, **named):
    return content(f'library_item_updatesession_file_{name}', *arguments, **named)


def new_session():
    return sessions('create', vsphere.ContentLibraryItemUpdateSessionModel(library_item_id=item))


configuration.api_key['api_key_auth'] = ask('cis_session_create')
assert ask('cis_session_get').user == configuration.username

assert content('library_list') == content('local_library_list') == [LIBRARY]
assert content('subscribed_library_list') == []
storage = vsphere.ContentLibraryStorageBacking(type='DATASTORE', datastore_id='datastore-1')
spec = vsphere.ContentLibraryModel(name='generated', type='LOCAL', storage_backings=[storage])
library = content('local_library_create', spec)
assert content('library_get', library).name == 'generated'
assert content('library_find', vsphere.ContentLibraryFindSpec(name='generated')) == [library]
# All that was read is sent back, with its moments as Python writes them.
content('local_library_update', library, content('local_library_get', library))
content('library_update', library, content('library_get', library))

spec = vsphere.ContentLibraryItemModel(library_id=library, name='boot', type='iso')
item = content('library_item_create', spec)
assert content('library_item_find', vsphere.ContentLibraryItemFindSpec(name='boot')) == [item]
content('library_item_update', item, content('library_item_get', item))
content('library_item_list', library)
assert content('library_item_download_session_list') == []

session = new_session()
assert sessions('list') == [session]
sessions('keep_alive', session)
progress = vsphere.ContentLibraryItemUpdateSessionKeepAliveRequest(client_progress=50)
sessions('keep_alive', session, progress)
behavior = vsphere.ContentLibraryItemUpdatesessionWarningBehavior(type='SELF_SIGNED_CERTIFICATE', ignored=True)
sessions('update', session, vsphere.ContentLibraryItemUpdateSessionModel(warning_behavior=[behavior]))
added = vsphere.ContentLibraryItemUpdatesessionFileAddSpec(name='boot.iso', source_type='PUSH', size=5)
uri = files('add', session, added).upload_endpoint.uri
assert urllib3.PoolManager(**TRUST).request('PUT', uri, body=b'bytes').status == 200
assert files('get', session, 'boot.iso').status == 'READY'
assert files('validate', session).has_errors is False
assert sessions('get', session).client_progress == 50
sessions('complete', session)
assert sessions('get', session).state == 'DONE'
sessions('delete', session)
assert [each.name for each in content('library_item_file_list', item)] == ['boot.iso']
assert [each.name for each in content('library_item_storage_list', item)] == ['boot.iso']
content('library_item_file_get', item, 'boot.iso')
content('library_item_storage_get', item, 'boot.iso')

session = new_session()
files('remove', session, 'boot.iso')
assert files('list', session) == []
sessions('cancel', session)
try:
    calls['content_library_item_update_session_cancel'](session)
    raise AssertionError('a second cancel is refused')
except vsphere.ApiException as refusal:
    assert (refusal.status, refusal.data.error_type) == (400, 'NOT_ALLOWED_IN_CURRENT_STATE'), refusal

session = new_session()
failure = vsphere.ContentLibraryItemUpdateSessionFailRequest(client_error_message='the disk is full')
sessions('fail', session, failure)
assert sessions('get', session).error_message.default_message == 'the disk is full'

content('library_item_delete', item)
content('local_library_delete', library)
ask('cis_session_delete')

report(calls)
