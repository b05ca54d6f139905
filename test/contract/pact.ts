// What every consumer test needs: the pact being written, its matchers, and one exchange at a time.
import { MatchersV3, Pact } from '@pact-foundation/pact'
import { expect, it } from 'vitest'
import { clientOf, type Client, type ErrorType } from '../../src/client/client.ts'

const { eachLike, regex, string } = MatchersV3

const pact = new Pact({
  consumer: 'update-session-client',
  provider: 'content-library',
  dir: 'pacts',
  logLevel: 'warn',
})

const TOKEN = 'dXNlcg.0123456789abcdef'
export const SESSION_ID = '33333333-3333-4333-8333-333333333333:44444444-4444-4444-8444-444444444444'

/**
 * A value that the provider state supplies on verification. Pact's own `fromProviderState` matches any string in the
 * mock server, so that a client asking for a wrong path stays green (pact-js issue 1088): this one keeps a pattern.
 */
export const injected = (expression: string, pattern: RegExp, example: string) => ({
  ...regex(pattern, example),
  'pact:generator:type': 'ProviderState',
  expression,
})

type Matcher = ReturnType<typeof injected>
type Given = [state: string, parameters?: Record<string, string>]
type Exchange = {
  /** Besides an API session. */
  given?: Given[]
  /** Instead of a live API session: none, or one that has ended. */
  caller?: 'nobody' | 'somebody who has logged out'
  request: { method: string; path: string | Matcher; query?: Record<string, string | Matcher>; body?: unknown }
  call: (client: Client) => Promise<unknown>
} & ({ answers: number; body?: unknown; so?: unknown } | { refuses: number; errorType: ErrorType })

/** The client asks, and the pact records what it asked and what it takes for an answer. */
export function exchange(description: string, { given = [], caller, request, call, ...outcome }: Exchange): void {
  it(description, async () => {
    const interaction = pact.addInteraction()
    if (caller === undefined) interaction.given('an API session')
    if (caller === 'somebody who has logged out') interaction.given('an API session that has ended')
    for (const [state, parameters] of given) interaction.given(state, parameters)
    const { method, path, query, body } = request
    await interaction
      .uponReceiving(description)
      .withRequest(method, path, (builder) => {
        if (query) builder.query(query)
        if (caller !== 'nobody') builder.headers({ 'vmware-api-session-id': injected('${token}', /^\S+$/, TOKEN) })
        if (body !== undefined) builder.jsonBody(body)
      })
      .willRespondWith('answers' in outcome ? outcome.answers : outcome.refuses, (builder) => {
        if ('errorType' in outcome) builder.jsonBody({ error_type: outcome.errorType, messages: someMessages })
        else if (outcome.body !== undefined) builder.jsonBody(outcome.body)
      })
      .executeTest(async ({ url }) => {
        const asked = call(clientOf(url, TOKEN))
        if ('answers' in outcome) expect(await asked).toEqual(outcome.so)
        else await expect(asked).rejects.toMatchObject({ status: outcome.refuses, errorType: outcome.errorType })
      })
  })
}

/** Ids and texts are the server's own; their form is the contract. */
const someMessages = eachLike({
  id: regex(/^[\w.-]+$/, 'com.vmware.vdcs.cls-main.some_message'),
  default_message: string('What was wrong.'),
  args: [],
})
