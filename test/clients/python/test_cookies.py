"""A client that keeps cookies and knows no header, as VMware's Postman collections and many scripts are.

Asks MOCK_URL as MOCK_USER, on /api and on /rest.
"""

import os

import requests

URL = os.environ['MOCK_URL']
USER = (os.environ['MOCK_USER'], 'secret')
ITEM = '22222222-2222-4222-8222-222222222222'


def on_api():
    client = requests.Session()
    assert client.post(f'{URL}/api/session', auth=USER).status_code == 201
    sessions = f'{URL}/api/content/library/item/update-session'
    created = client.post(sessions, json={'library_item_id': ITEM})
    assert created.status_code == 201, created.text
    one = f'{sessions}/{created.json()}'
    file = client.post(f'{one}/file?action=add', json={'name': 'a.iso', 'source_type': 'PUSH'}).json()
    assert client.put(file['upload_endpoint']['uri'], data=b'bytes').status_code == 200
    assert client.get(f'{one}/file').json()[0]['status'] == 'READY'
    assert client.post(f'{one}?action=cancel').status_code == 204
    assert client.post(f'{one}?action=cancel').status_code == 400
    assert client.delete(one).status_code == 204
    assert client.delete(f'{URL}/api/session').status_code == 204
    assert not client.cookies
    assert client.get(sessions).status_code == 401


def on_rest():
    client = requests.Session()
    login = f'{URL}/rest/com/vmware/cis/session'
    assert client.post(login, auth=USER).status_code == 200
    sessions = f'{URL}/rest/com/vmware/content/library/item/update-session'
    created = client.post(sessions, json={'create_spec': {'library_item_id': ITEM}})
    assert created.status_code == 200, created.text
    one = f"{sessions}/id:{created.json()['value']}"
    assert client.get(one).json()['value']['state'] == 'ACTIVE'
    assert client.post(f'{one}?~action=cancel').status_code == 200
    assert client.delete(one).status_code == 200
    assert client.delete(login).status_code == 200
    assert client.get(sessions).status_code == 401


on_api()
on_rest()
