// What a client relies on when it makes, finds and removes library items.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import type { BindingName, Client } from './bindings.ts'
import { contract, example, given, id, moment, path, type Asked, type Call } from './pact.ts'

const { eachLike, string } = MatchersV3

const ID = example.library_item_id
const anItem: [string][] = [['a library item']]
const noItem: [string][] = [['no library item']]
const notFound = { refuses: 404, errorType: 'NOT_FOUND' } as const
const invalid = { refuses: 400, errorType: 'INVALID_ARGUMENT' } as const

/** What is sent for an operation. */
type Requests = Record<'list' | 'get' | 'delete', Asked> & Record<'create' | 'find' | 'update', (spec: object) => Asked>

const API = '/api/content/library/item'
const apiItem = path(`${API}/{library_item_id}`)
const REST = '/rest/com/vmware/content/library/item'
const restItem = path(`${REST}/id:{library_item_id}`)
const ofLibrary = { library_id: given('library_id') }
const requests: Record<BindingName, Requests> = {
  '/api': {
    list: { method: 'GET', path: API, query: ofLibrary },
    create: (body) => ({ method: 'POST', path: API, body }),
    get: { method: 'GET', path: apiItem },
    find: (body) => ({ method: 'POST', path: API, query: { action: 'find' }, body }),
    update: (body) => ({ method: 'PATCH', path: apiItem, body }),
    delete: { method: 'DELETE', path: apiItem },
  },
  '/rest': {
    list: { method: 'GET', path: REST, query: ofLibrary },
    create: (create_spec) => ({ method: 'POST', path: REST, body: { create_spec } }),
    get: { method: 'GET', path: restItem },
    find: (spec) => ({ method: 'POST', path: REST, query: { '~action': 'find' }, body: { spec } }),
    update: (update_spec) => ({ method: 'PATCH', path: restItem, body: { update_spec } }),
    delete: { method: 'DELETE', path: restItem },
  },
}

contract(requests, (requests, { exchange, refusesStrangers }) => {
  describe('create', () => {
    const create = (library_id: string, name: string) => (client: Client) => client.items.create({ library_id, name })
    const request = requests.create({ ...ofLibrary, name: given('new_item_name') })
    const call = create(example.library_id, example.new_item_name)

    exchange('create of an item', { given: [['a library']], request, call, answers: 201, body: id })
    exchange('create of an item of a name that is taken', {
      given: anItem,
      request: requests.create({ ...ofLibrary, name: given('library_item_name') }),
      call: create(example.library_id, example.library_item_name),
      refuses: 400,
      errorType: 'ALREADY_EXISTS',
    })
    exchange('create of an item without a name', {
      given: [['a library']],
      request: requests.create(ofLibrary),
      call: (client) => client.items.create({ library_id: example.library_id }),
      ...invalid,
    })
    exchange('create of an item in a library that does not exist', {
      given: [['no library']],
      request: requests.create({ ...ofLibrary, name: 'an item' }),
      call: create(example.library_id, 'an item'),
      ...notFound,
    })
    refusesStrangers('create of an item', [['a library']], request, call)
  })

  describe('get', () => {
    const request = requests.get
    const call: Call = (client) => client.items.get(ID)

    exchange('get of an item', {
      given: anItem,
      request,
      call,
      answers: 200,
      body: {
        id,
        library_id: id,
        name: string('an item'),
        version: string('1'),
        content_version: string('1'),
        metadata_version: string('1'),
        creation_time: moment,
        last_modified_time: moment,
      },
    })
    exchange('get of an item that does not exist', { given: noItem, request, call, ...notFound })
    refusesStrangers('get of an item', anItem, request, call)
  })

  describe('list', () => {
    const request = requests.list
    const call: Call = (client) => client.items.list(example.library_id)

    exchange('list of the items of a library', { given: anItem, request, call, answers: 200, body: eachLike(id) })
    exchange('list of the items of a library that has none', {
      given: [['a library to change']],
      request,
      call,
      answers: 200,
      body: [],
    })
    exchange('list of the items of a library that does not exist', {
      given: [['no library']],
      request,
      call,
      ...notFound,
    })
    refusesStrangers('list of items', anItem, request, call)
  })

  describe('find', () => {
    const named = requests.find({ name: given('library_item_name') })
    const call: Call = (client) => client.items.find({ name: example.library_item_name })

    exchange('find of items by name', { given: anItem, request: named, call, answers: 200, body: eachLike(id) })
    exchange('find of items by a name that none has', {
      given: [['a library']],
      request: requests.find({ name: given('new_item_name') }),
      call: (client) => client.items.find({ name: example.new_item_name }),
      answers: 200,
      body: [],
    })
    exchange('find of items by nothing', {
      request: requests.find({}),
      call: (client) => client.items.find({}),
      ...invalid,
    })
    refusesStrangers('find of items', anItem, named, call)
  })

  describe('update', () => {
    const request = requests.update({ description: 'Changed' })
    const call: Call = (client) => client.items.update(ID, { description: 'Changed' })

    exchange('update of an item', { given: anItem, request, call, answers: 204 })
    exchange('update of an item that does not exist', { given: noItem, request, call, ...notFound })
    refusesStrangers('update of an item', anItem, request, call)
  })

  describe('delete', () => {
    const request = requests.delete
    const call: Call = (client) => client.items.delete(ID)

    exchange('delete of an item', { given: anItem, request, call, answers: 204 })
    exchange('delete of an item that does not exist', { given: noItem, request, call, ...notFound })
    refusesStrangers('delete of an item', anItem, request, call)
  })
})
