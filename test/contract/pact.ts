// What every consumer test needs: the pact being written, its matchers, and one exchange at a time.
import { MatchersV3, Pact } from '@pact-foundation/pact'
import { expect, it } from 'vitest'
import { clientOf, type Client, type ErrorType } from '../../src/client/client.ts'

const { atLeastLike, eachLike, integer, reify, regex, string } = MatchersV3

const pact = new Pact({
  consumer: 'update-session-client',
  provider: 'content-library',
  dir: 'pacts',
  logLevel: 'warn',
})

/** What provider states hand out, by the names they use, and what stands for it while the pact is written. */
export const example = {
  token: 'dXNlcg.0123456789abcdef',
  authorization: 'Basic dXNlcjpwYXNzd29yZA==',
  update_session_id: '33333333-3333-4333-8333-333333333333:44444444-4444-4444-8444-444444444444',
  library_item_id: '22222222-2222-4222-8222-222222222222',
  library_item_name: 'an item',
  new_item_name: 'a new item',
  library_id: '11111111-1111-4111-8111-111111111111',
  library_name: 'a library',
  new_library_name: 'a new library',
  datastore_id: 'datastore-1',
}
type Name = keyof typeof example

/**
 * A value that the provider state supplies on verification. Pact's own `fromProviderState` matches any string in the
 * mock server, so that a client asking for a wrong path stays green (pact-js issue 1088): this one keeps a pattern.
 */
const injected = (expression: string, pattern: RegExp, shown: string) => ({
  ...regex(pattern, shown),
  'pact:generator:type': 'ProviderState',
  expression,
})
type Matcher = ReturnType<typeof injected>

/** What the provider state calls so. */
export const given = (name: Name): Matcher => injected(`\${${name}}`, /^\S(.*\S)?$/, example[name])

/** A path with `{names}` of what the provider states hand out. */
export const path = (template: string): Matcher => {
  const fill = (by: (name: Name) => string) => template.replaceAll(/\{(\w+)\}/g, (_, name: string) => by(name as Name)) // a name that is none shows in the pact
  return injected(
    fill((name) => `\${${name}}`),
    new RegExp(`^${fill(() => '[^/]+')}$`),
    fill((name) => example[name]),
  )
}

/** Who asks, and the provider state that gives them their token. */
const callers = {
  'somebody with an API session': 'an API session',
  'somebody who is about to log out': 'an API session to end',
  'somebody who has logged out': 'an API session that has ended',
  nobody: undefined,
}
type Given = [state: string, parameters?: Record<string, string>]
type Call = (client: Client) => Promise<unknown>
export type Asked = {
  method: string
  path: string | Matcher
  query?: Record<string, string | Matcher>
  headers?: Record<string, string>
  body?: unknown
}
type Exchange = {
  /** Besides the API session. */
  given?: Given[]
  /** Instead of somebody with an API session that lasts. */
  caller?: keyof typeof callers
  request: Asked
  call: Call
} & ({ answers: number; body?: unknown } | { refuses: number; errorType: ErrorType })

/** The client asks, and the pact records what it asked and what it takes for an answer. */
export function exchange(
  description: string,
  { given: states = [], caller = 'somebody with an API session', request, call, ...outcome }: Exchange,
): void {
  it(description, async () => {
    const interaction = pact.addInteraction()
    const login = callers[caller]
    if (login !== undefined) interaction.given(login)
    for (const [state, parameters] of states) interaction.given(state, parameters)
    const expected = 'body' in outcome ? outcome.body : undefined
    await interaction
      .uponReceiving(description)
      .withRequest(request.method, request.path, (builder) => {
        if (request.query) builder.query(request.query)
        builder.headers({ ...(login !== undefined && { 'vmware-api-session-id': given('token') }), ...request.headers })
        if (request.body !== undefined) builder.jsonBody(request.body)
      })
      .willRespondWith('answers' in outcome ? outcome.answers : outcome.refuses, (builder) => {
        if ('errorType' in outcome) builder.jsonBody({ error_type: outcome.errorType, messages: eachLike(message) })
        else if (expected !== undefined) builder.jsonBody(expected)
      })
      .executeTest(async ({ url }) => {
        const asked = call(clientOf(url, example.token))
        if ('answers' in outcome) expect(await asked).toEqual(expected && reify(expected))
        else await expect(asked).rejects.toMatchObject({ status: outcome.refuses, errorType: outcome.errorType })
      })
  })
}

/** Logging in is the one exchange without an API session. */
export function loginExchange(description: string, call: (url: string) => Promise<Client>): void {
  it(description, async () => {
    await pact
      .addInteraction()
      .given('a user')
      .uponReceiving(description)
      .withRequest('POST', '/api/session', (builder) => builder.headers({ authorization: given('authorization') }))
      .willRespondWith(201, (builder) => builder.jsonBody(string(example.token)))
      .executeTest(async ({ url }) => expect((await call(url)).token).toBe(example.token))
  })
}

/** What every operation refuses alike. */
export function refusesStrangers(operation: string, state: Given[], request: Asked, call: Call): void {
  for (const caller of ['nobody', 'somebody who has logged out'] as const)
    exchange(`${operation} by ${caller}`, {
      caller,
      given: state,
      request,
      call,
      refuses: 401,
      errorType: 'UNAUTHENTICATED',
    })
}

/** Ids and texts are the server's own; their form is the contract. */
export const message = {
  id: regex(/^[\w.-]+$/, 'com.vmware.vdcs.cls-main.some_message'),
  default_message: string('What there is to say.'),
  args: atLeastLike(string('an argument'), 0, 1),
}
export const id = regex(/^\S+$/, example.update_session_id)
export const moment = regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, '2026-10-01T12:00:00.000Z')
export const count = integer(0)
