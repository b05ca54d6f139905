// Wrong requests to /api: each gets an error of the API's shape that names what is wrong, and changes nothing.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { basic, connect, freshUser, request, SESSIONS } from '../../support/api.ts'
import { ITEM, unknownId, type Client, type Message } from '../../support/client.ts'
import { breakSandbox } from '../../support/sandbox.ts'
import { bomb } from '../../support/soap.ts'

type Answer = { error_type: string; messages: Message[]; challenge?: string }

const A_MESSAGE = {
  id: expect.stringMatching(/^[a-z_]+(\.[\w-]+)+$/),
  default_message: expect.stringMatching(/./),
  args: expect.any(Array),
}

/** The refusal, which has the API's shape and no more; what it says is one text. */
async function refusal(response: Response): Promise<{ status: number; type: string; text: string }> {
  const { error_type: type, messages, challenge: _, ...others } = await response.json<Answer>()
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(others).toEqual({})
  expect(messages.length).toBeGreaterThan(0)
  for (const message of messages) expect(message).toEqual(A_MESSAGE)
  return { status: response.status, type, text: messages.map(({ default_message }) => default_message).join(' ') }
}

const chunked = (...chunks: string[]) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })

let client: Client
let id: string
beforeEach(async () => {
  client = await connect()
  id = await client.create({ library_item_id: ITEM })
})
const json = { 'content-type': 'application/json' }
/** Of its own media type, or as JSON. */
const send = (method: string, path: string, init: RequestInit = {}) => {
  const headers = new Headers(init.headers ?? json)
  headers.set('vmware-api-session-id', client.token)
  return request(path, { method, ...init, headers })
}
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
/** A list, which is a value itself. */
const zeros = (values: number) => JSON.stringify(Array(values - 1).fill(0))
const session = (query = '') => `${SESSIONS}/${id}${query}`

describe('a request to /api', () => {
  it.each([
    ['an unknown action', 'POST', '?action=explode', 'POST /api/content/library/item/update-session/'],
    ['an action in the wrong case', 'POST', '?action=Cancel', '?action=Cancel'],
    ['an empty action', 'POST', '?action=', '?action='],
    ['the action of /rest', 'POST', '?~action=cancel', 'POST'],
    ['no action', 'POST', '', 'POST'],
    ['an action with another method', 'PATCH', '?action=cancel', 'PATCH'],
    ['a method that nothing has', 'PUT', '', 'PUT'],
  ])('with %s finds no operation, and hears which there are', async (_, method, query, named) => {
    const before = await client.get(id)

    const response = await send(method, session(query))

    expect(response.headers.get('allow')).toBe('GET, PATCH, DELETE, POST')
    const { status, type, text } = await refusal(response)
    expect([status, type]).toEqual([404, 'OPERATION_NOT_FOUND'])
    expect(text).toContain(named)
    expect(text).toContain('POST ?action=cancel')
    await expect(client.get(id)).resolves.toEqual(before)
  })

  it('with a method that its path does not have hears once of one that two operations have', async () => {
    const { text } = await refusal(await send('POST', `/api/content/library/item/${ITEM}/file`))
    expect(text).toMatch(/There are: GET\.$/)
  })

  it.each([
    '/api',
    '/api/',
    '/api/content',
    '/api/content/libraries',
    '/api/content/library/item/x/update-session',
    '/api/content/library/item/update-session/a/b',
    '/api/content/library/item/update-session/',
    '/api//content/library',
    '/nothing',
  ])('for %s, which is nothing, is 404 with and without a login', async (path) => {
    for (const headers of [{}, { 'vmware-api-session-id': client.token }])
      await expect(refusal(await request(path, { headers }))).resolves.toMatchObject({ status: 404, type: 'NOT_FOUND' })
  })

  it.each([
    ['malformed JSON', '{"warning_behavior": [}', 'JSON', 'INVALID_REQUEST'],
    ['JSON cut short', '{"warning_behavior": [', 'JSON', 'INVALID_REQUEST'],
    ['two JSON values', '{} {}', 'JSON', 'INVALID_REQUEST'],
    ['a bomb of XML entities', bomb(), 'JSON', 'INVALID_REQUEST'],
    ['64 levels, as many as are read', nested(64), 'update_spec'],
    ['65 levels', nested(65), '64 levels', 'INVALID_REQUEST'],
    ['10,000 values, as many as are read', zeros(10_000), 'update_spec'],
    ['10,001 values', zeros(10_001), '10000 values', 'INVALID_REQUEST'],
    ['one byte over the limit', `{}${' '.repeat(1_048_575)}`, '1048576 bytes', 'INVALID_REQUEST'],
    ['chunks over the limit', chunked(...Array(20).fill(' '.repeat(100_000))), '1048576 bytes', 'INVALID_REQUEST'],
    ['no body', undefined, 'update_spec'],
    ['an empty body', '', 'update_spec'],
    ['a text for a structure', '"text"', 'update_spec'],
    ['a list for a structure', '[]', 'update_spec'],
    ['a wrong type', '{"warning_behavior": "none"}', 'warning_behavior'],
    ['digits for a number', '{"client_progress": "40"}', 'client_progress'],
    ['a fraction for a whole number', '{"client_progress": 40.5}', 'client_progress'],
    ['a wrong type deep inside', '{"warning_behavior": [{"type": "RAIN", "ignored": "yes"}]}', 'ignored'],
    ['a missing field', '{"warning_behavior": [{"type": "EXPIRED_CERTIFICATE"}]}', 'warning_behavior.0.ignored'],
    ['an unknown word', '{"warning_behavior": [{"type": "RAIN", "ignored": true}]}', 'warning_behavior.0.type'],
    ['an unknown property', '{"colour": "red"}', 'colour'],
    ['an unknown property deep inside', '{"preview_info": {"state": "AVAILABLE", "x_y": 1}}', 'x_y'],
    ['the envelope of /rest', '{"update_spec": {}}', 'update_spec'],
    ['the words of an object', '{"__proto__": {"state": "DONE"}}', '__proto__'],
    ['a constructor', '{"constructor": 1}', 'constructor'],
    ['an empty text', '""', 'update_spec'],
    ['an id for the next statement', '{"library_item_id": 1}', 'library_item_id'],
  ])('with %s is refused', async (_, body, named, errorType = 'INVALID_ARGUMENT') => {
    const before = await client.get(id)

    const { status, type, text } = await refusal(await send('PATCH', session(), body === undefined ? {} : { body }))

    expect([status, type]).toEqual([400, errorType])
    expect(text).toContain(named)
    await expect(client.get(id)).resolves.toEqual(before)
  })

  it.each([
    ['just within the limit', { body: `{}${' '.repeat(1_048_574)}` }],
    ['in chunks', { body: chunked('{"warning_', 'behavior": []', '}') }],
    ['with a byte order mark', { body: '\ufeff{}' }],
    ['with a charset', { body: '{}', headers: { 'content-type': 'application/json; charset=UTF-8' } }],
    ['in capitals', { body: '{}', headers: { 'content-type': 'APPLICATION/JSON' } }],
    ['with null for what it leaves out', { body: '{"warning_behavior": null, "state": null}' }],
  ] as [string, RequestInit][])('with a body %s is taken', async (_, init) => {
    expect((await send('PATCH', session(), init)).status).toBe(204)
  })

  it.each([
    'text/plain',
    'application/xml',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('of media type %s is refused', async (type) => {
    const found = await refusal(await send('PATCH', session(), { body: '{}', headers: { 'content-type': type } }))
    expect(found).toMatchObject({ status: 400, type: 'INVALID_REQUEST', text: expect.stringContaining(type) })
  })

  it.each([
    ['no body', {}],
    ['an empty body', { body: '' }],
    ['a chunked body of no length', { body: chunked() }],
    ['chunks of no length', { body: chunked('', '') }],
    ['an empty object', { body: '{}' }],
    ['null', { body: 'null' }],
    ['an empty text, which axios makes of an empty body', { body: '""' }],
  ] as [string, RequestInit][])('to cancel, with %s and a JSON content type, is done', async (_, init) => {
    expect((await send('POST', session('?action=cancel'), init)).status).toBe(204)
    await expect(client.get(id)).resolves.toMatchObject({ state: 'CANCELED' })
  })

  it.each([
    ['a property', '{"reason": "no"}', 'reason'],
    ['the id, which is in the path', '{"update_session_id": "x"}', 'update_session_id'],
    ['a list', '[]', 'object'],
    ['a text', '"now"', 'object'],
  ])('to cancel, with %s in its body, is refused', async (_, body, named) => {
    const found = await refusal(await send('POST', session('?action=cancel'), { body }))
    expect(found).toMatchObject({ status: 400, type: 'INVALID_ARGUMENT', text: expect.stringContaining(named) })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it.each([
    ['an unknown one', '&colour=red', 'colour'],
    ['the name of an object', '&__proto__=x', '__proto__'],
    ['the action, the same', '&action=cancel', 'action'],
    ['the action, another', '&action=complete', 'action'],
    ['one that belongs elsewhere', '&library_item_id=x', 'library_item_id'],
  ])('with %s among its query parameters is refused', async (_, more, named) => {
    const found = await refusal(await send('POST', session(`?action=cancel${more}`)))
    expect(found).toMatchObject({ status: 400, type: 'INVALID_ARGUMENT', text: expect.stringContaining(named) })
    await expect(client.get(id)).resolves.toMatchObject({ state: 'ACTIVE' })
  })

  it.each([ITEM, ''])('that filters twice, by %j first, is refused: which of the two is meant?', async (first) => {
    const found = await refusal(await send('GET', `${SESSIONS}?library_item_id=${first}&library_item_id=${ITEM}`))
    expect([found.type, found.text]).toEqual(['INVALID_ARGUMENT', expect.stringContaining('library_item_id')])
  })

  it.each([
    ['raw', (text: string) => text],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded in small letters', (text: string) => text.replace(':', '%3a')],
  ])('for an id with its colon %s finds it', async (_, spell) => {
    expect((await send('GET', `${SESSIONS}/${spell(id)}`)).status).toBe(200)
    expect((await send('POST', `${SESSIONS}/${spell(id)}?action=cancel`)).status).toBe(204)
    await expect(client.get(id)).resolves.toMatchObject({ id, state: 'CANCELED' })
  })

  it.each([
    ['another', unknownId()],
    ['half of one', crypto.randomUUID()],
    ['a broken escape', '%E0%A4%A'],
    ['an encoded slash', 'a%2Fb'],
    ['an encoded NUL', 'a%00b'],
    ['the words of a query', encodeURIComponent("' OR '1'='1")],
    ['the name of an object', '__proto__'],
    ['255 characters', 'a'.repeat(255)],
  ])('for an id that is %s is 404', async (_, unknown) => {
    const refused = refusal(await send('GET', `${SESSIONS}/${unknown}`))
    await expect(refused).resolves.toMatchObject({ status: 404, type: 'NOT_FOUND' })
    await expect(client.list()).resolves.toEqual([id])
  })

  it('that meets a bug of ours gets a 500 in the form of the API, and nothing of our insides', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    await breakSandbox(client.user)

    const found = await refusal(await send('GET', session()))

    expect(found).toMatchObject({ status: 500, type: 'INTERNAL_SERVER_ERROR' })
    expect(found.text).not.toMatch(/update_session_table|SQL|\bat \S+:\d+|\.ts/)
    expect(logged).toHaveBeenCalled()
    logged.mockRestore()
  })
})

const login = (headers: Record<string, string>, body: BodyInit | null = null) =>
  request('/api/session', { method: 'POST', headers, body })

describe('a login', () => {
  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['a scheme alone', 'Basic'],
    ['no base64', 'Basic !!!'],
    ['base64 of nothing', 'Basic '],
    ['base64 of one letter', 'Basic a'],
    ['no colon', `Basic ${btoa('user')}`],
    ['no user', `Basic ${btoa(':secret')}`],
    ['no password', `Basic ${btoa('user:')}`],
    ['another scheme', 'Bearer abc'],
    ['two of them', `${basic('a')}, ${basic('b')}`],
    ['non-ASCII letters as they are', 'Basic größe:geheim'],
  ])('with %s for credentials is 401 with a challenge', async (_, authorization) => {
    const response = await login(authorization === undefined ? {} : { authorization })
    expect(await response.clone().json()).toMatchObject({ challenge: 'Basic realm="VAPI endpoint"' })
    await expect(refusal(response)).resolves.toMatchObject({ status: 401, type: 'UNAUTHENTICATED' })
  })

  it.each(['größe', '日本語', '🙂', 'a b', 'DOMAIN\\user', 'user@vsphere.local', "'; DROP TABLE api_session; --"])(
    'as %s, in UTF-8, is that user',
    async (name) => {
      const user = `${name} ${freshUser()}`
      const bytes = new TextEncoder().encode(`${user}:pässwörd:with:colons`)

      const response = await login({ authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` })

      expect(response.status).toBe(201)
      const token = await response.json<string>()
      const who = await request('/api/session', { headers: { 'vmware-api-session-id': token } })
      await expect(who.json()).resolves.toMatchObject({ user })
    },
  )

  it('takes no body that is not empty', async () => {
    const response = await login({ authorization: basic(freshUser()), ...json }, '{"user": "root"}')
    const text = expect.stringContaining('user') as unknown
    await expect(refusal(response)).resolves.toEqual({ status: 400, type: 'INVALID_ARGUMENT', text })
  })
})
