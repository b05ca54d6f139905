// What a client relies on when it looks for libraries, and when it makes and removes local ones.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import type { BindingName } from './bindings.ts'
import { contract, example, given, id, moment, path, type Asked, type Call } from './pact.ts'

const { eachLike, regex, string } = MatchersV3

const ID = example.library_id
const aLibrary: [string][] = [['a library']]
const aLibraryToChange: [string][] = [['a library to change']]
const noLibrary: [string][] = [['no library']]
const notFound = { refuses: 404, errorType: 'NOT_FOUND' } as const
const invalid = { refuses: 400, errorType: 'INVALID_ARGUMENT' } as const

/** What is sent for an operation. */
type Requests = Record<'list' | 'get' | 'delete', Asked> & Record<'find' | 'create' | 'update', (spec: object) => Asked>

const API = '/api/content/library'
const API_LOCAL = '/api/content/local-library'
const apiLocal = path(`${API_LOCAL}/{library_id}`)
const REST = '/rest/com/vmware/content/library'
const REST_LOCAL = '/rest/com/vmware/content/local-library'
const restLocal = path(`${REST_LOCAL}/id:{library_id}`)
const requests: Record<BindingName, Requests> = {
  '/api': {
    list: { method: 'GET', path: API },
    get: { method: 'GET', path: path(`${API}/{library_id}`) },
    find: (body) => ({ method: 'POST', path: API, query: { action: 'find' }, body }),
    create: (body) => ({ method: 'POST', path: API_LOCAL, body }),
    update: (body) => ({ method: 'PATCH', path: apiLocal, body }),
    delete: { method: 'DELETE', path: apiLocal },
  },
  '/rest': {
    list: { method: 'GET', path: REST },
    get: { method: 'GET', path: path(`${REST}/id:{library_id}`) },
    find: (spec) => ({ method: 'POST', path: REST, query: { '~action': 'find' }, body: { spec } }),
    create: (create_spec) => ({ method: 'POST', path: REST_LOCAL, body: { create_spec } }),
    update: (update_spec) => ({ method: 'PATCH', path: restLocal, body: { update_spec } }),
    delete: { method: 'DELETE', path: restLocal },
  },
}

contract(requests, (requests, { exchange, refusesStrangers }) => {
  describe('list', () => {
    const request = requests.list
    const call: Call = (client) => client.libraries.list()

    exchange('list of libraries', { given: aLibrary, request, call, answers: 200, body: eachLike(id) })
    refusesStrangers('list of libraries', aLibrary, request, call)
  })

  describe('get', () => {
    const request = requests.get
    const call: Call = (client) => client.libraries.get(ID)

    exchange('get of a library', {
      given: aLibrary,
      request,
      call,
      answers: 200,
      body: {
        id,
        name: string('a library'),
        type: regex(/^(LOCAL|SUBSCRIBED)$/, 'LOCAL'),
        version: string('1'),
        creation_time: moment,
        last_modified_time: moment,
        storage_backings: eachLike({ type: regex(/^(DATASTORE|OTHER)$/, 'DATASTORE') }),
      },
    })
    exchange('get of a library that does not exist', { given: noLibrary, request, call, ...notFound })
    refusesStrangers('get of a library', aLibrary, request, call)
  })

  describe('find', () => {
    const named = requests.find({ name: given('library_name') })
    const call: Call = (client) => client.libraries.find({ name: example.library_name })

    exchange('find of libraries by name', {
      given: aLibraryToChange,
      request: named,
      call,
      answers: 200,
      body: eachLike(id),
    })
    exchange('find of libraries by a name that none has', {
      given: [['room for a library']],
      request: requests.find({ name: given('new_library_name') }),
      call: (client) => client.libraries.find({ name: example.new_library_name }),
      answers: 200,
      body: [],
    })
    exchange('find of libraries by nothing', {
      request: requests.find({}),
      call: (client) => client.libraries.find({}),
      ...invalid,
    })
    refusesStrangers('find of libraries', aLibraryToChange, named, call)
  })

  describe('create', () => {
    const room: [string][] = [['room for a library']]
    const request = requests.create({
      name: given('new_library_name'),
      storage_backings: [{ type: 'DATASTORE', datastore_id: given('datastore_id') }],
    })
    const spec = {
      name: example.new_library_name,
      storage_backings: [{ type: 'DATASTORE' as const, datastore_id: example.datastore_id }],
    }
    const call: Call = (client) => client.libraries.create(spec)

    exchange('create of a library', { given: room, request, call, answers: 201, body: id })
    exchange('create of a library on no storage', {
      given: room,
      request: requests.create({ name: given('new_library_name') }),
      call: (client) => client.libraries.create({ name: example.new_library_name }),
      ...invalid,
    })
    refusesStrangers('create of a library', room, request, call)
  })

  describe('update', () => {
    const request = requests.update({ description: 'Changed' })
    const call: Call = (client) => client.libraries.update(ID, { description: 'Changed' })

    exchange('update of a library', { given: aLibraryToChange, request, call, answers: 204 })
    exchange('update of a library that somebody else has changed', {
      given: aLibraryToChange,
      request: requests.update({ description: 'Changed', version: '0' }),
      call: (client) => client.libraries.update(ID, { description: 'Changed', version: '0' }),
      refuses: 409,
      errorType: 'CONCURRENT_CHANGE',
    })
    exchange('update of a library that does not exist', { given: noLibrary, request, call, ...notFound })
    refusesStrangers('update of a library', aLibraryToChange, request, call)
  })

  describe('delete', () => {
    const request = requests.delete
    const call: Call = (client) => client.libraries.delete(ID)

    exchange('delete of a library', { given: aLibraryToChange, request, call, answers: 204 })
    exchange('delete of a library that does not exist', { given: noLibrary, request, call, ...notFound })
    refusesStrangers('delete of a library', aLibraryToChange, request, call)
  })
})
