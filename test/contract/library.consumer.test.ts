// What a client relies on when it looks for libraries, and when it makes and removes local ones.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { example, exchange, given, id, moment, path, refusesStrangers } from './pact.ts'

const { eachLike, regex, string } = MatchersV3

const LIBRARIES = '/api/content/library'
const LOCAL_LIBRARIES = '/api/content/local-library'
const library = path(`${LIBRARIES}/{library_id}`)
const localLibrary = path(`${LOCAL_LIBRARIES}/{library_id}`)
const ID = example.library_id
const aLibrary: [string][] = [['a library']]
const aLibraryToChange: [string][] = [['a library to change']]
const noLibrary: [string][] = [['no library']]
const notFound = { refuses: 404, errorType: 'NOT_FOUND' } as const
const invalid = { refuses: 400, errorType: 'INVALID_ARGUMENT' } as const

describe('list', () => {
  const request = { method: 'GET', path: LIBRARIES }
  const call = (client: Client) => client.libraries.list()

  exchange('list of libraries', { given: aLibrary, request, call, answers: 200, body: eachLike(id) })
  refusesStrangers('list of libraries', aLibrary, request, call)
})

describe('get', () => {
  const request = { method: 'GET', path: library }
  const call = (client: Client) => client.libraries.get(ID)

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
  const request = { method: 'POST', path: LIBRARIES, query: { action: 'find' } }
  const named = { ...request, body: { name: given('library_name') } }
  const call = (client: Client) => client.libraries.find({ name: example.library_name })

  exchange('find of libraries by name', {
    given: aLibraryToChange,
    request: named,
    call,
    answers: 200,
    body: eachLike(id),
  })
  exchange('find of libraries by a name that none has', {
    given: [['room for a library']],
    request: { ...request, body: { name: given('new_library_name') } },
    call: (client) => client.libraries.find({ name: example.new_library_name }),
    answers: 200,
    body: [],
  })
  exchange('find of libraries by nothing', {
    request: { ...request, body: {} },
    call: (client) => client.libraries.find({}),
    ...invalid,
  })
  refusesStrangers('find of libraries', aLibraryToChange, named, call)
})

describe('create', () => {
  const room: [string][] = [['room for a library']]
  const request = {
    method: 'POST',
    path: LOCAL_LIBRARIES,
    body: {
      name: given('new_library_name'),
      storage_backings: [{ type: 'DATASTORE', datastore_id: given('datastore_id') }],
    },
  }
  const spec = {
    name: example.new_library_name,
    storage_backings: [{ type: 'DATASTORE' as const, datastore_id: example.datastore_id }],
  }
  const call = (client: Client) => client.libraries.create(spec)

  exchange('create of a library', { given: room, request, call, answers: 201, body: id })
  exchange('create of a library on no storage', {
    given: room,
    request: { ...request, body: { name: given('new_library_name') } },
    call: (client) => client.libraries.create({ name: example.new_library_name }),
    ...invalid,
  })
  refusesStrangers('create of a library', room, request, call)
})

describe('update', () => {
  const request = { method: 'PATCH', path: localLibrary, body: { description: 'Changed' } }
  const call = (client: Client) => client.libraries.update(ID, { description: 'Changed' })

  exchange('update of a library', { given: aLibraryToChange, request, call, answers: 204 })
  exchange('update of a library that somebody else has changed', {
    given: aLibraryToChange,
    request: { ...request, body: { description: 'Changed', version: '0' } },
    call: (client) => client.libraries.update(ID, { description: 'Changed', version: '0' }),
    refuses: 409,
    errorType: 'CONCURRENT_CHANGE',
  })
  exchange('update of a library that does not exist', { given: noLibrary, request, call, ...notFound })
  refusesStrangers('update of a library', aLibraryToChange, request, call)
})

describe('delete', () => {
  const request = { method: 'DELETE', path: localLibrary }
  const call = (client: Client) => client.libraries.delete(ID)

  exchange('delete of a library', { given: aLibraryToChange, request, call, answers: 204 })
  exchange('delete of a library that does not exist', { given: noLibrary, request, call, ...notFound })
  refusesStrangers('delete of a library', aLibraryToChange, request, call)
})
