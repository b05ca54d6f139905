"""Every function of saltext.vcf's module for content libraries, with the `__opts__` that Salt's loader gives a module.

Asks MOCK_URL as MOCK_USER.
"""

import inspect
import os

import requests
from saltext.vcf.modules import vcf_vcenter_content_library as salt

from calls import call, report

salt.__opts__ = {
    'pillar': {
        'saltext.vcf': {
            'vcenter': {
                'host': os.environ['MOCK_URL'].removeprefix('https://'),
                'username': os.environ['MOCK_USER'],
                'password': 'secret',
                'verify_ssl': os.environ['REQUESTS_CA_BUNDLE'],
            }
        }
    }
}
STORAGE = [{'type': 'DATASTORE', 'datastore_id': 'datastore-1'}]


def state(session):
    return call(salt.update_session_get, session)['state']


assert call(salt.list_) == call(salt.list_local)
library = call(salt.create_local, 'salt', STORAGE)
assert call(salt.get, library)['name'] == 'salt'
assert call(salt.find_libraries, name='salt', type='LOCAL') == [library]
call(salt.update_local, library, {'description': 'changed'})
call(salt.publish_library, library)

item = call(salt.create_item, library, 'boot', 'iso', description='to boot from')
assert call(salt.list_items, library) == [item]
assert call(salt.find_items, library_id=library, name='boot') == [item]
assert call(salt.get_item, item)['description'] == 'to boot from'
call(salt.update_item, item, {'description': 'changed'})

session = call(salt.update_session_create, item)
call(salt.update_session_keep_alive, session)
file = call(salt.update_session_add_file, session, 'boot.iso', size=5)
requests.put(file['upload_endpoint']['uri'], data=b'bytes').raise_for_status()
assert [each['status'] for each in call(salt.update_session_list_files, session)] == ['READY']
call(salt.update_session_complete, session)
assert state(session) == 'DONE'

session = call(salt.update_session_create, item)
call(salt.update_session_cancel, session)
assert state(session) == 'CANCELED'
try:
    salt.update_session_cancel(session)
    raise AssertionError('a second cancel is refused')
except requests.HTTPError as refusal:
    assert refusal.response.json()['error_type'] == 'NOT_ALLOWED_IN_CURRENT_STATE'

session = call(salt.update_session_create, item)
call(salt.update_session_fail, session, 'the disk is full')
assert state(session) == 'ERROR'

assert call(salt.list_subscribed) == []
call(salt.create_subscribed, 'subscribed', 'https://publisher.test/lib.json', STORAGE)
call(salt.update_subscribed, library, {'description': 'changed'})
call(salt.sync_subscribed, library)
call(salt.ovf_deploy, item, {'resource_pool_id': 'resgroup-1'}, {'name': 'vm', 'accept_all_EULA': True})
call(salt.ovf_filter, item, {'resource_pool_id': 'resgroup-1'})
call(salt.ovf_create_from_vm, 'vm-1', {'name': 'template'})
call(salt.vm_template_get, item)
call(salt.vm_template_create, {'name': 'template', 'source_vm': 'vm-1', 'library': library})
call(salt.vm_template_deploy, item, {'name': 'vm'})

call(salt.delete_item, item)
call(salt.delete_local, library)

report(name for name, _ in inspect.getmembers(salt, inspect.isfunction) if not name.startswith('__'))
