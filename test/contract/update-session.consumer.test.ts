// What a client relies on when it opens, watches and ends update sessions.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import type { UpdateSession } from '../../src/client/client.ts'
import type { BindingName, Client } from './bindings.ts'
import { contract, count, example, given, id, message, moment, path, type Asked, type Call } from './pact.ts'

const { eachLike, string } = MatchersV3

const { update_session_id: ID, library_item_id: ITEM_ID } = example
const IGNORANT: UpdateSession = { warning_behavior: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }] }

const an = (state: string): [string, { state: string }][] => [['an update session', { state }]]
const nowhere: [string][] = [['no update session']]
const anUnreceivedFile: [string, Record<string, string>][] = [['an update session with a file', { name: 'disk.vmdk' }]]
const ENDED = ['DONE', 'ERROR', 'CANCELED']

/** What is sent for an operation. */
type Requests = {
  /** Each client's own: to the server one that it knows is a repetition. */
  clientToken: string
  list: (query?: Asked['query']) => Asked
  create: (spec: object, clientToken?: string) => Asked
  get: Asked
  update: (spec: UpdateSession) => Asked
  delete: Asked
  act: (action: string, body?: object) => Asked
}

const API = '/api/content/library/item/update-session'
const apiSession = path(`${API}/{update_session_id}`)
const REST = '/rest/com/vmware/content/library/item/update-session'
const restSession = path(`${REST}/id:{update_session_id}`)
const requests: Record<BindingName, Requests> = {
  '/api': {
    clientToken: '55555555-5555-4555-8555-555555555555',
    list: (query) => ({ method: 'GET', path: API, ...(query && { query }) }),
    create: (body, clientToken) => ({
      method: 'POST',
      path: API,
      ...(clientToken !== undefined && { headers: { 'client-token': clientToken } }),
      body,
    }),
    get: { method: 'GET', path: apiSession },
    update: (body) => ({ method: 'PATCH', path: apiSession, body }),
    delete: { method: 'DELETE', path: apiSession },
    act: (action, body) => ({ method: 'POST', path: apiSession, query: { action }, ...(body && { body }) }),
  },
  '/rest': {
    clientToken: '66666666-6666-4666-8666-666666666666',
    list: (query) => ({ method: 'GET', path: REST, ...(query && { query }) }),
    create: (create_spec, client_token) => ({
      method: 'POST',
      path: REST,
      body: { create_spec, ...(client_token !== undefined && { client_token }) },
    }),
    get: { method: 'GET', path: restSession },
    update: (update_spec) => ({ method: 'PATCH', path: restSession, body: { update_spec } }),
    delete: { method: 'DELETE', path: restSession },
    act: (action, body) => ({ method: 'POST', path: restSession, query: { '~action': action }, ...(body && { body }) }),
  },
}

contract(requests, ({ act, clientToken, ...requests }, { exchange, refusesStrangers }) => {
  /** The operations that only an ACTIVE update session allows, and that say nothing when they succeed. */
  const changes: { name: string; request: Asked; call: Call }[] = [
    { name: 'cancel', request: act('cancel'), call: ({ updateSessions }) => updateSessions.cancel(ID) },
    { name: 'complete', request: act('complete'), call: ({ updateSessions }) => updateSessions.complete(ID) },
    { name: 'keep-alive', request: act('keep-alive'), call: ({ updateSessions }) => updateSessions.keepAlive(ID) },
    {
      name: 'fail',
      request: act('fail', { client_error_message: 'The disk is full.' }),
      call: ({ updateSessions }) => updateSessions.fail(ID, 'The disk is full.'),
    },
    {
      name: 'update',
      request: requests.update(IGNORANT),
      call: ({ updateSessions }) => updateSessions.update(ID, IGNORANT),
    },
  ]

  describe.each(changes)('$name', ({ name, request, call }) => {
    exchange(`${name} of an ACTIVE update session`, { given: an('ACTIVE'), request, call, answers: 204 })

    for (const state of ENDED)
      exchange(`${name} of an update session that is ${state}`, {
        given: an(state),
        request,
        call,
        refuses: 400,
        errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
      })
    exchange(`${name} of an update session that does not exist`, {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers(name, an('ACTIVE'), request, call)
  })

  describe('complete, with a file', () => {
    exchange('complete of an update session that waits for a file', {
      given: anUnreceivedFile,
      request: act('complete'),
      call: ({ updateSessions }) => updateSessions.complete(ID),
      refuses: 400,
      errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
    })
    exchange('complete of an update session that has received its file', {
      given: [['an update session with a file', { name: 'disk.vmdk', content: 'bytes' }]],
      request: act('complete'),
      call: ({ updateSessions }) => updateSessions.complete(ID),
      answers: 204,
    })
    exchange('cancel of an update session that waits for a file', {
      given: anUnreceivedFile,
      request: act('cancel'),
      call: ({ updateSessions }) => updateSessions.cancel(ID),
      answers: 204,
    })
  })

  describe('keep-alive, with progress', () => {
    const progress = (percent: number) => ({
      given: an('ACTIVE'),
      request: act('keep-alive', { client_progress: percent }),
      call: ({ updateSessions }: Client) => updateSessions.keepAlive(ID, percent),
    })

    exchange('keep-alive that reports progress', { ...progress(50), answers: 204 })
    exchange('keep-alive that reports more than all', {
      ...progress(101),
      refuses: 400,
      errorType: 'INVALID_ARGUMENT',
    })
  })

  describe('delete', () => {
    const request = requests.delete
    const call: Call = ({ updateSessions }) => updateSessions.delete(ID)

    for (const state of ENDED)
      exchange(`delete of an update session that is ${state}`, { given: an(state), request, call, answers: 204 })
    exchange('delete of an ACTIVE update session', {
      given: an('ACTIVE'),
      request,
      call,
      refuses: 400,
      errorType: 'NOT_ALLOWED_IN_CURRENT_STATE',
    })
    exchange('delete of an update session that does not exist', {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('delete', an('DONE'), request, call)
  })

  describe('create', () => {
    const spec = { library_item_id: given('library_item_id') }
    const request = requests.create(spec)
    const call: Call = ({ updateSessions }) => updateSessions.create({ library_item_id: ITEM_ID })

    exchange('create of an update session', {
      given: [['a library item']],
      request,
      call,
      answers: 201,
      body: id,
    })
    exchange('create of an update session that may be sent again', {
      given: [['a library item']],
      request: requests.create(spec, clientToken),
      call: ({ updateSessions }) => updateSessions.create({ library_item_id: ITEM_ID }, clientToken),
      answers: 201,
      body: id,
    })
    exchange('create of an update session for an item whose last one was cancelled', {
      given: an('CANCELED'),
      request,
      call,
      answers: 201,
      body: id,
    })
    exchange('create of an update session for an item that has an ACTIVE one', {
      given: an('ACTIVE'),
      request,
      call,
      refuses: 500,
      errorType: 'RESOURCE_BUSY',
    })
    exchange('create of an update session for an item that does not exist', {
      given: [['no library item']],
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    exchange('create of an update session for no item', {
      request: requests.create({}),
      call: ({ updateSessions }) => updateSessions.create({}),
      refuses: 400,
      errorType: 'INVALID_ARGUMENT',
    })
    refusesStrangers('create of an update session', [['a library item']], request, call)
  })

  describe('get', () => {
    const request = requests.get
    const call: Call = ({ updateSessions }) => updateSessions.get(ID)
    const model = (state: string) => ({
      library_item_id: id,
      library_item_content_version: string('1'),
      client_progress: count,
      state,
      expiration_time: moment,
    })

    for (const state of ['ACTIVE', 'DONE', 'CANCELED'])
      exchange(`get of an update session that is ${state}`, {
        given: an(state),
        request,
        call,
        answers: 200,
        body: model(state),
      })
    exchange('get of an update session that is ERROR', {
      given: an('ERROR'),
      request,
      call,
      answers: 200,
      body: { ...model('ERROR'), error_message: message },
    })
    exchange('get of an update session that does not exist', {
      given: nowhere,
      request,
      call,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('get', an('ACTIVE'), request, call)
  })

  describe('list', () => {
    const ofItem = requests.list({ library_item_id: given('library_item_id') })
    const listOfItem: Call = ({ updateSessions }) => updateSessions.list(ITEM_ID)

    exchange('list of update sessions', {
      given: an('ACTIVE'),
      request: requests.list(),
      call: ({ updateSessions }) => updateSessions.list(),
      answers: 200,
      body: eachLike(id),
    })
    exchange('list of the update sessions of an item', {
      given: an('CANCELED'),
      request: ofItem,
      call: listOfItem,
      answers: 200,
      body: eachLike(id),
    })
    exchange('list of the update sessions of an item that has none', {
      given: [['a library item']],
      request: ofItem,
      call: listOfItem,
      answers: 200,
      body: [],
    })
    exchange('list of the update sessions of an item that does not exist', {
      given: [['no library item']],
      request: ofItem,
      call: listOfItem,
      refuses: 404,
      errorType: 'NOT_FOUND',
    })
    refusesStrangers('list of update sessions', an('ACTIVE'), ofItem, listOfItem)
  })
})
