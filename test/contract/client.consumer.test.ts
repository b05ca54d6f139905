// What `update-session-mock/client` relies on, written as its pact. The line above an interaction names the bug of the
// client that would be missed without it. An operation that is not here sends its input as one that is here does; the
// compiler checks its path against the specification.
import { MatchersV3, Pact } from '@pact-foundation/pact'
import { describe, expect, it } from 'vitest'
import { clientOf, login, type Client, type ErrorType, type FileSpec } from '../../src/client/client.ts'

const { atLeastLike, eachLike, integer, reify, regex, string } = MatchersV3
const parties = { consumer: 'update-session-client', provider: 'content-library' }
const pact = new Pact({ ...parties, dir: 'pacts', logLevel: 'warn' })

/** What provider states hand out, by name, and what stands for it while the pact is written. */
const example = {
  token: 'dXNlcg.0123456789abcdef',
  authorization: 'Basic asO2cmc6cMOkc3M=',
  library_id: '11111111-1111-4111-8111-111111111111',
  library_name: 'a library',
  library_item_id: '22222222-2222-4222-8222-222222222222',
  library_item_name: 'an item',
  new_item_name: 'a new item',
  update_session_id: '33333333-3333-4333-8333-333333333333:44444444-4444-4444-8444-444444444444',
}
const CLIENT_TOKEN = '55555555-5555-4555-8555-555555555555'
const { library_id: LIBRARY_ID, library_item_id: ITEM_ID, update_session_id: ID } = example

/**
 * A value that the verifier takes from the provider state. The pattern is for the client: with `fromProviderState` of
 * the library any value that it sends would do (https://github.com/pact-foundation/pact-js/issues/1088).
 */
const injected = (expression: string, pattern: RegExp, shown: string) => ({
  ...regex(pattern, shown),
  'pact:generator:type': 'ProviderState',
  expression,
})
type Injected = ReturnType<typeof injected>
const given = (name: keyof typeof example, pattern = /^\S(.*\S)?$/): Injected =>
  injected(`\${${name}}`, pattern, example[name])

const SESSIONS = '/api/content/library/item/update-session'
const session = (rest = ''): Injected => {
  const path = (id: string) => `${SESSIONS}/${id}${rest}`
  return injected(path('${update_session_id}'), new RegExp(`^${path('[^/]+')}$`), path(ID))
}

const id = regex(/^\S+$/, ID)
const moment = regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, '2026-10-01T12:00:00.000Z')

/** The shape of every refusal. `data`, `localized` and `params` are optional in the API, so nothing here asks for them. */
const refusal = (errorType: ErrorType) => ({
  error_type: errorType,
  messages: eachLike({
    id: regex(/^[\w.-]+$/, 'com.vmware.vdcs.cls-main.some_message'),
    default_message: string('The request was refused.'),
    args: atLeastLike(string('an argument'), 0, 1),
  }),
})

type Sent = { query?: Record<string, string | Injected>; headers?: Record<string, string | Injected>; body?: object }
type Interaction = {
  /** The provider state that hands out the token; one that lasts, unless another is named. */
  token?: string
  /** The other state. */
  state?: [name: string, parameters?: Record<string, string>]
  sends: [method: string, path: string | Injected, sent?: Sent]
  gets: [status: number, body?: object]
  by: (client: Client) => Promise<unknown>
}

const active: Interaction['state'] = ['an update session', { state: 'ACTIVE' }]
const FILE = 'disk#1.vmdk'
const withFile: Interaction['state'] = ['an update session with a file', { name: FILE }]

function interaction(description: string, { token = 'an API session', state, sends, gets, by }: Interaction): void {
  it(description, async () => {
    const [method, path, { query, headers, body } = {}] = sends
    const [status, answer] = gets
    const inState = pact.addInteraction().given(token)
    await (state ? inState.given(...state) : inState)
      .uponReceiving(description)
      .withRequest(method, path, (request) => {
        request.headers({ 'vmware-api-session-id': given('token', /^\S+$/), ...headers })
        if (query) request.query(query)
        if (body) request.jsonBody(body)
      })
      .willRespondWith(status, (response) => answer && response.jsonBody(answer))
      .executeTest(async ({ url }) => {
        const shown = answer && reify(answer)
        const asked = by(clientOf(url, example.token))
        if (status < 400) return expect(await asked).toEqual(shown)
        const { error_type: errorType, messages } = shown as { error_type: string; messages: object[] } // of `refusal`
        await expect(asked).rejects.toMatchObject({ status, errorType, messages })
      })
  })
}

describe('cancel', () => {
  const cancel = (which: string, rest: Pick<Interaction, 'token' | 'state' | 'gets'>) =>
    interaction(`cancel ${which}`, {
      sends: ['POST', session(), { query: { action: 'cancel' } }],
      by: ({ updateSessions }) => updateSessions.cancel(ID),
      ...rest,
    })

  // The client asks for another action, or takes an empty answer for a failure.
  cancel('of an ACTIVE update session', { state: active, gets: [204] })
  // The client removes the files first, or waits for them.
  cancel('of an update session that waits for a file', { state: withFile, gets: [204] })
  // The client takes the refusal for a success because the session has ended anyway, or loses its words.
  for (const state of ['DONE', 'ERROR', 'CANCELED'])
    cancel(`of an update session that is ${state}`, {
      state: ['an update session', { state }],
      gets: [400, refusal('NOT_ALLOWED_IN_CURRENT_STATE')],
    })
  // The client takes a session that does not exist for one that is canceled.
  cancel('of no update session', { state: ['no update session'], gets: [404, refusal('NOT_FOUND')] })
  // The client logs in again by itself, or reports a failure that is not a `Refusal`.
  cancel('after a logout', {
    token: 'an API session that has ended',
    state: active,
    gets: [401, refusal('UNAUTHENTICATED')],
  })
})

describe('an API session', () => {
  // The client encodes the account in Latin-1 and not in UTF-8, or does not take the answer as its token.
  it('login', () =>
    pact
      .addInteraction()
      .given('a user')
      .uponReceiving('login')
      .withRequest('POST', '/api/session', (request) =>
        request.headers({ authorization: given('authorization', /^Basic asO2cmc6cMOkc3M=$/) }),
      )
      .willRespondWith(201, (response) => response.jsonBody(string(example.token)))
      .executeTest(async ({ url }) =>
        expect(await login(url, { user: 'jörg', password: 'päss' })).toMatchObject({ token: example.token }),
      ))
  // The client posts, which would be a login.
  interaction('who am I', {
    sends: ['GET', '/api/session'],
    gets: [200, { user: string('user'), created_time: moment, last_accessed_time: moment }],
    by: (client) => client.whoAmI(),
  })
  // The client forgets the token and leaves the API session open.
  interaction('logout', {
    token: 'an API session to end',
    sends: ['DELETE', '/api/session'],
    gets: [204],
    by: (client) => client.logout(),
  })
})

describe('update sessions', () => {
  const spec = { library_item_id: given('library_item_id') }

  // The client does not send the item, or wraps it as `/rest` does.
  interaction('create of an update session', {
    state: ['a library item'],
    sends: ['POST', SESSIONS, { body: spec }],
    gets: [201, id],
    by: ({ updateSessions }) => updateSessions.create({ library_item_id: ITEM_ID }),
  })
  // The client drops the client token, so that a repeated create is refused.
  interaction('create of an update session that may be sent again', {
    state: ['a library item'],
    sends: ['POST', SESSIONS, { headers: { 'client-token': CLIENT_TOKEN }, body: spec }],
    gets: [201, id],
    by: ({ updateSessions }) => updateSessions.create({ library_item_id: ITEM_ID }, CLIENT_TOKEN),
  })
  // The client reads something else of the session, its files for example.
  interaction('get of an update session', {
    state: active,
    sends: ['GET', session()],
    gets: [200, { library_item_id: id, client_progress: integer(0), state: 'ACTIVE', expiration_time: moment }],
    by: ({ updateSessions }) => updateSessions.get(ID),
  })
  // The client drops the filter and shows the sessions of other items.
  interaction('list of the update sessions of an item', {
    state: active,
    sends: ['GET', SESSIONS, { query: { library_item_id: given('library_item_id') } }],
    gets: [200, eachLike(id)],
    by: ({ updateSessions }) => updateSessions.list(ITEM_ID),
  })
  // The client drops the change.
  const warned = { warning_behavior: [{ type: 'SELF_SIGNED_CERTIFICATE' as const, ignored: true }] }
  interaction('update of an update session', {
    state: active,
    sends: ['PATCH', session(), { body: warned }],
    gets: [204],
    by: ({ updateSessions }) => updateSessions.update(ID, warned),
  })
  // The client cancels what it should complete: one word apart.
  interaction('complete of an update session', {
    state: active,
    sends: ['POST', session(), { query: { action: 'complete' } }],
    gets: [204],
    by: ({ updateSessions }) => updateSessions.complete(ID),
  })
  // The client keeps the session alive and drops the progress.
  interaction('keep-alive that reports progress', {
    state: active,
    sends: ['POST', session(), { query: { action: 'keep-alive' }, body: { client_progress: 50 } }],
    gets: [204],
    by: ({ updateSessions }) => updateSessions.keepAlive(ID, 50),
  })
  // The client drops the reason, or sends it under another name.
  interaction('fail of an update session', {
    state: active,
    sends: ['POST', session(), { query: { action: 'fail' }, body: { client_error_message: 'The disk is full.' } }],
    gets: [204],
    by: ({ updateSessions }) => updateSessions.fail(ID, 'The disk is full.'),
  })
  // The client reads the session and takes that for a removal.
  interaction('delete of an update session', {
    state: ['an update session', { state: 'DONE' }],
    sends: ['DELETE', session()],
    gets: [204],
    by: ({ updateSessions }) => updateSessions.delete(ID),
  })
})

describe('files of an update session', () => {
  const spec: FileSpec = { name: FILE, source_type: 'PUSH' }
  const file = {
    ...spec,
    upload_endpoint: { uri: regex(/^https?:\/\/\S+$/, 'https://vcenter.example.com/cls/data/44444444/disk.vmdk') },
    bytes_transferred: integer(0),
    status: 'WAITING_FOR_TRANSFER',
  }

  // The client drops the specification, or does not hand on the address to upload to.
  interaction('add of a file that the client pushes', {
    state: active,
    sends: ['POST', session('/file'), { body: spec }],
    gets: [201, file],
    by: ({ updateSessionFiles }) => updateSessionFiles.add(ID, spec),
  })
  // The client reads the session in place of its files.
  interaction('list of the files of an update session', {
    state: withFile,
    sends: ['GET', session('/file')],
    gets: [200, eachLike(file)],
    by: ({ updateSessionFiles }) => updateSessionFiles.list(ID),
  })
  // The client puts the name into the path without encoding it.
  interaction('get of a file', {
    state: withFile,
    sends: ['GET', session('/file/disk%231.vmdk')],
    gets: [200, file],
    by: ({ updateSessionFiles }) => updateSessionFiles.get(ID, FILE),
  })
  // The client reads the file and takes that for a removal.
  interaction('remove of a file', {
    state: withFile,
    sends: ['DELETE', session('/file/disk%231.vmdk')],
    gets: [204],
    by: ({ updateSessionFiles }) => updateSessionFiles.remove(ID, FILE),
  })
  // The client leaves out the action, which would add a file.
  interaction('validate of an update session that has received its file', {
    state: ['an update session with a file', { name: FILE, content: 'bytes' }],
    sends: ['POST', session('/file'), { query: { action: 'validate' } }],
    gets: [200, { has_errors: false, missing_files: [], invalid_files: [] }],
    by: ({ updateSessionFiles }) => updateSessionFiles.validate(ID),
  })
})

describe('items and libraries', () => {
  const ITEMS = '/api/content/library/item'

  // The client leaves the key of the specification in the address: `item?library_id?library_id=…`.
  interaction('list of the items of a library', {
    state: ['a library item'],
    sends: ['GET', ITEMS, { query: { library_id: given('library_id') } }],
    gets: [200, eachLike(id)],
    by: ({ items }) => items.list(LIBRARY_ID),
  })
  // The client leaves out the action, which would create an item.
  interaction('find of items by name', {
    state: ['a library item'],
    sends: ['POST', ITEMS, { query: { action: 'find' }, body: { name: given('library_item_name') } }],
    gets: [200, eachLike(id)],
    by: ({ items }) => items.find({ name: example.library_item_name }),
  })
  // The client asks for a search, or drops the specification.
  interaction('create of an item', {
    state: ['a library'],
    sends: ['POST', ITEMS, { body: { library_id: given('library_id'), name: given('new_item_name') } }],
    gets: [201, id],
    by: ({ items }) => items.create({ library_id: LIBRARY_ID, name: example.new_item_name }),
  })
  // The client searches items, or drops what to look for.
  interaction('find of libraries by name', {
    state: ['a library to change'],
    sends: ['POST', '/api/content/library', { query: { action: 'find' }, body: { name: given('library_name') } }],
    gets: [200, eachLike(id)],
    by: ({ libraries }) => libraries.find({ name: example.library_name }),
  })
})
