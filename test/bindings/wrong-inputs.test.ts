// Wrong input: each binding answers it with an error of its own form, and never with a 500.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { all } from '../../src/operations/index.ts'
import { connect, SESSIONS } from '../support/api.ts'
import { ITEM } from '../support/client.ts'
import { request } from '../support/http.ts'
import { invocation, post, withSession, type Answer } from '../support/json-rpc.ts'
import { bomb } from '../support/soap.ts'

let token: string
beforeAll(async () => {
  token = (await connect()).token
})

const send = (method: string, path: string, body?: string) =>
  request(path, {
    method,
    headers: { 'vmware-api-session-id': token, 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  })

const REST = '/rest/com/vmware/content/library/item'
type Messages = { messages: { id: string }[] }
/** Where a session is created, how a spec is wrapped there, and where an error has its messages. */
const rests = [
  {
    name: '/api',
    path: SESSIONS,
    wrap: (spec: unknown) => spec,
    messagesOf: async (response: Response) => (await response.json<Messages>()).messages,
  },
  {
    name: '/rest',
    path: `${REST}/update-session`,
    wrap: (create_spec: unknown) => ({ create_spec }),
    messagesOf: async (response: Response) => (await response.json<{ value: Messages }>()).value.messages,
  },
]

describe.each(rests)('$name', ({ path, wrap, messagesOf }) => {
  it.each([
    ['half of a body', '{"library_item_id":', 'com.vmware.vapi.rest.invalid_body'],
    ['a body without end', '['.repeat(100_000), 'com.vmware.vapi.rest.invalid_body'],
    ['a deep body', `${'['.repeat(1000)}${']'.repeat(1000)}`, 'com.vmware.vapi.rest.body_too_complex'],
    ['XML', '<a/>', 'com.vmware.vapi.rest.invalid_body'],
    ['a bomb of XML entities', bomb(), 'com.vmware.vapi.rest.invalid_body'],
    ['ten megabytes', `"${'x'.repeat(10 * 1024 * 1024)}"`, 'com.vmware.vapi.rest.body_too_large'],
  ])('refuses %s', async (_, body, id) => {
    const response = await send('POST', path, body)

    expect(response.status).toBe(400)
    expect(await messagesOf(response)).toMatchObject([{ id }])
  })

  it.each([
    ['a list for a structure', [], 'vapi.data.validate.mismatch'],
    ['a field of the wrong type', { library_item_id: 1 }, 'vapi.data.validate.mismatch'],
    ['a structure for a string', { library_item_id: { id: ITEM } }, 'vapi.data.validate.mismatch'],
    ['a fraction for a whole number', { library_item_id: ITEM, client_progress: 40.5 }, 'vapi.data.validate.mismatch'],
    ['an unknown field', { library_item_id: ITEM, colour: 'red' }, 'vapi.data.structure.field.invalid'],
    ['an inherited field', { library_item_id: ITEM, constructor: 'x' }, 'vapi.data.structure.field.invalid'],
    ['an unknown enumerator', { library_item_id: ITEM, state: 'PAUSED' }, 'vapi.data.validate.mismatch'],
  ])('refuses %s, and says which', async (_, spec, id) => {
    const response = await send('POST', path, JSON.stringify(wrap(spec)))

    expect(response.status).toBe(400)
    expect(await messagesOf(response)).toContainEqual(expect.objectContaining({ id }))
  })

  it('refuses a hundred wrong things, and names ten', async () => {
    const warning_behavior = Array.from({ length: 100 }, () => 'x')

    const response = await send('POST', path, JSON.stringify(wrap({ library_item_id: ITEM, warning_behavior })))

    expect(response.status).toBe(400)
    expect(await messagesOf(response)).toHaveLength(1 + 10)
  })
})

/** Words that mean something here or there, so that some of what is made up comes close. */
const word = fc.constantFrom(
  '',
  'x',
  ITEM,
  'create_spec',
  'spec',
  'library_item_id',
  '__proto__',
  'constructor',
  '%',
  '..',
)
const { anything, dataValue } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.string(),
    fc.double(),
    fc.constantFrom(null, true),
    fc.array(tie('anything')),
    fc.dictionary(word, tie('anything')),
  ),
  dataValue: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true),
    fc.array(tie('dataValue')),
    fc.record({ OPTIONAL: tie('dataValue') }),
    fc.record({ SECRET: fc.string() }),
    tie('structure').map((fields) => ({ STRUCTURE: { 'operation-input': fields } })),
  ),
  structure: fc.dictionary(word, tie('dataValue')),
}))
const body = fc.oneof(
  fc.string(),
  anything.map((each) => JSON.stringify(each)),
)
/** All but those that would end the login of these tests. */
const operation = fc.constantFrom(...all.filter(({ service }) => !service.endsWith('.session')))
const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT')
const RUNS = { numRuns: 100 * inject('rounds') }

describe('any input', () => {
  it('/api answers in its own form', async () => {
    await fc.assert(
      fc.asyncProperty(operation, word, body, async ({ method, path, action = '' }, id, text) => {
        const url = `/api${path.replaceAll(/\{\w+\}/g, encodeURIComponent(id))}${action && `?action=${action}`}`

        const response = await send(method, url, method === 'GET' ? undefined : text)

        expect(response.status).toBeLessThan(500)
        if (response.status >= 400) expect(await response.json()).toMatchObject({ error_type: expect.any(String) })
      }),
      RUNS,
    )
  })

  it('/rest answers in its own form', async () => {
    await fc.assert(
      fc.asyncProperty(
        operation,
        method,
        word,
        fc.boolean(),
        body,
        async ({ service, name }, method, id, acts, text) => {
          const path = service.replaceAll('.', '/').replaceAll('_', '-')
          const url = `/rest/${path}${id && `/id:${encodeURIComponent(id)}`}${acts ? `?~action=${name}` : ''}`

          const response = await send(method, url, method === 'GET' ? undefined : text)

          expect(response.status).toBeLessThan(500)
          if (response.status >= 400)
            expect(await response.json()).toMatchObject({
              type: expect.stringMatching(/^com\.vmware\.vapi\.std\.errors\.\w+$/),
              value: { messages: expect.any(Array) },
            })
        },
      ),
      RUNS,
    )
  })

  it('JSON-RPC answers in its own form', async () => {
    await fc.assert(
      fc.asyncProperty(operation, dataValue, async ({ service, name }, input) => {
        const call = invocation({ service, operation: name, securityCtx: withSession(token) })

        const response = await post(JSON.stringify({ ...call, params: { ...call.params, input } }))

        expect(response.status).toBe(200)
        const answer = await response.json<Answer>()
        // A body with a key of this name is no body.
        const code = JSON.stringify(input).includes('"__proto__":') ? -32700 : -32602
        expect(answer.error?.code ?? code).toBe(code)
        if (!answer.error) expect(answer).toMatchObject({ id: '1', result: expect.any(Object) })
        expect(JSON.stringify(answer)).not.toContain('internal_server_error')
      }),
      RUNS,
    )
  })
})
