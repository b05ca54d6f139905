// What a client relies on when it opens, watches and ends update sessions.
import { MatchersV3 } from '@pact-foundation/pact'
import { describe } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { count, example, exchange, given, id, message, moment, path, refusesStrangers, type Asked } from './pact.ts'

const { eachLike, string } = MatchersV3

const SESSIONS = '/api/content/library/item/update-session'
const session = path(`${SESSIONS}/{update_session_id}`)
const { update_session_id: ID, library_item_id: ITEM_ID } = example
const CLIENT_TOKEN = '55555555-5555-4555-8555-555555555555'
const act = (action: string, body?: object): Asked => ({
  method: 'POST',
  path: session,
  query: { action },
  ...(body && { body }),
})

const an = (state: string): [string, { state: string }][] => [['an update session', { state }]]
const nowhere: [string][] = [['no update session']]
const anUnreceivedFile: [string, Record<string, string>][] = [['an update session with a file', { name: 'disk.vmdk' }]]
const ENDED = ['DONE', 'ERROR', 'CANCELED']

/** The operations that only an ACTIVE update session allows, and that say nothing when they succeed. */
const changes: { name: string; request: Asked; call: (client: Client) => Promise<unknown> }[] = [
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
    request: {
      method: 'PATCH',
      path: session,
      body: { warning_behavior: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }] },
    },
    call: ({ updateSessions }) =>
      updateSessions.update(ID, { warning_behavior: [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }] }),
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
  const request = { method: 'DELETE', path: session }
  const call = ({ updateSessions }: Client) => updateSessions.delete(ID)

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
  const request = { method: 'POST', path: SESSIONS, body: { library_item_id: given('library_item_id') } }
  const call = ({ updateSessions }: Client) => updateSessions.create({ library_item_id: ITEM_ID })

  exchange('create of an update session', {
    given: [['a library item']],
    request,
    call,
    answers: 201,
    body: id,
  })
  exchange('create of an update session that may be sent again', {
    given: [['a library item']],
    request: { ...request, headers: { 'client-token': CLIENT_TOKEN } },
    call: ({ updateSessions }) => updateSessions.create({ library_item_id: ITEM_ID }, CLIENT_TOKEN),
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
    request: { ...request, body: {} },
    call: ({ updateSessions }) => updateSessions.create({}),
    refuses: 400,
    errorType: 'INVALID_ARGUMENT',
  })
  refusesStrangers('create of an update session', [['a library item']], request, call)
})

describe('get', () => {
  const request = { method: 'GET', path: session }
  const call = ({ updateSessions }: Client) => updateSessions.get(ID)
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
  const ofItem = { method: 'GET', path: SESSIONS, query: { library_item_id: given('library_item_id') } }
  const listOfItem = ({ updateSessions }: Client) => updateSessions.list(ITEM_ID)

  exchange('list of update sessions', {
    given: an('ACTIVE'),
    request: { method: 'GET', path: SESSIONS },
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
