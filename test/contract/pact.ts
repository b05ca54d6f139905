// What every consumer test needs: the pacts being written, their matchers, and one exchange at a time.
import { MatchersV3, Pact } from '@pact-foundation/pact'
import { describe, expect, it } from 'vitest'
import type { ErrorType } from '../../src/client/client.ts'
import { bindings, type Binding, type BindingName, type Client } from './bindings.ts'

const { atLeastLike, eachLike, integer, reify, regex, string } = MatchersV3

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
export type Call = (client: Client) => Promise<unknown>
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
  /** As `/api` has it; the binding knows what becomes of it. */
} & ({ answers: number; body?: unknown } | { refuses: number; errorType: ErrorType })

/** What one binding's part of the contract is written with. */
type Pen = {
  /** The client asks, and the pact records what it asked and what it takes for an answer. */
  exchange: (description: string, exchange: Exchange) => void
  /** Logging in is the one exchange without an API session. */
  loginExchange: (description: string, request: Asked) => void
  /** What every operation refuses alike. */
  refusesStrangers: (operation: string, state: Given[], request: Asked, call: Call) => void
}

/** The same contract in every wire form: a pact for each, of what each sends for an operation. */
export function contract<Requests>(
  requests: Record<BindingName, Requests>,
  write: (requests: Requests, pen: Pen) => void,
): void {
  describe.each(bindings)('through $name', (binding) => write(requests[binding.name], penOf(binding)))
}

function penOf({ consumer, login, clientOf, success, refusal }: Binding): Pen {
  const pact = new Pact({ consumer, provider: 'content-library', dir: 'pacts', logLevel: 'warn' })

  const exchange: Pen['exchange'] = (
    description,
    { given: states = [], caller = 'somebody with an API session', request, call, ...outcome },
  ) => {
    it(description, async () => {
      const interaction = pact.addInteraction()
      const token = callers[caller]
      if (token !== undefined) interaction.given(token)
      for (const [state, parameters] of states) interaction.given(state, parameters)
      const answer =
        'answers' in outcome
          ? success(outcome.answers, outcome.body)
          : refusal(outcome.refuses, { error_type: outcome.errorType, messages: eachLike(message) })
      await interaction
        .uponReceiving(description)
        .withRequest(request.method, request.path, (builder) => {
          if (request.query) builder.query(request.query)
          builder.headers({
            ...(token !== undefined && { 'vmware-api-session-id': given('token') }),
            ...request.headers,
          })
          if (request.body !== undefined) builder.jsonBody(request.body)
        })
        .willRespondWith(answer.status, (builder) => {
          if (answer.body !== undefined) builder.jsonBody(answer.body)
        })
        .executeTest(async ({ url }) => {
          const asked = call(clientOf(url, example.token))
          if ('answers' in outcome) expect(await asked).toEqual(outcome.body && reify(outcome.body))
          else await expect(asked).rejects.toMatchObject({ status: answer.status, errorType: outcome.errorType })
        })
    })
  }

  return {
    exchange,
    loginExchange: (description, request) => {
      it(description, async () => {
        const { status, body } = success(201, string(example.token))
        await pact
          .addInteraction()
          .given('a user')
          .uponReceiving(description)
          .withRequest(request.method, request.path, (builder) =>
            builder.headers({ authorization: given('authorization') }),
          )
          .willRespondWith(status, (builder) => builder.jsonBody(body))
          .executeTest(async ({ url }) => expect((await login(url)).token).toBe(example.token))
      })
    },
    refusesStrangers: (operation, state, request, call) => {
      for (const caller of ['nobody', 'somebody who has logged out'] as const)
        exchange(`${operation} by ${caller}`, {
          caller,
          given: state,
          request,
          call,
          refuses: 401,
          errorType: 'UNAUTHENTICATED',
        })
    },
  }
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
