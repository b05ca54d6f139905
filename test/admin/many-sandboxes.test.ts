// Two hundred tests at once on one server, each in a sandbox of its own: all ask for the same item, and steer as they like.
import { beforeAll, describe, expect, it } from 'vitest'
import { admin } from '../support/admin.ts'
import { aSession } from '../support/bytes.ts'
import { Refusal, type Client } from '../support/client.ts'

const TESTS = 200
const JOURNAL_LIMIT = 500

/** What a test does with its sandbox between its create and its cancel, or after that. */
const ways = ['plain', 'has a fault', 'lets time pass', 'resets', 'is busy'] as const
type Way = (typeof ways)[number]
/** Two are busy: what they do takes long. */
const wayOf = (index: number): Way => ways[index % (TESTS / 2) === 0 ? 4 : index % 4] ?? 'plain'

type Test = { way: Way; client: Client; id: string; outcome: string }
type Seen = { sessions: string[] | string; journal: { total: number; users: string[]; sessions: string[] } }

const typeOf = (error: unknown) => String(error instanceof Refusal ? error.errorType : error)

async function act(way: Way): Promise<Test> {
  const { client, id } = await aSession()
  if (way === 'has a fault')
    await admin(client.user, 'POST', '/faults', { operation: 'cancel', error: 'SERVICE_UNAVAILABLE' })
  if (way === 'lets time pass') await admin(client.user, 'POST', '/clock/advance', { by: '10m' })
  const outcome = await client.cancel(id).then(() => 'done', typeOf)
  if (way === 'is busy') await Promise.all(Array.from({ length: JOURNAL_LIMIT }, () => client.whoAmI()))
  if (way === 'resets') await admin(client.user, 'POST', '/reset')
  return { way, client, id, outcome }
}

async function look({ way, client }: Test): Promise<Seen> {
  const reader = way === 'resets' ? await client.login() : client
  const sessions = await reader.list().catch(typeOf)
  const { body } = await admin(client.user, 'GET', '/requests')
  const { requests, meta } = body as unknown as { requests: { user?: string }[]; meta: { total: number } }
  const ids = JSON.stringify(requests).match(/[\da-f-]{36}:[\da-f-]{36}/g) ?? []
  return {
    sessions,
    journal: { total: meta.total, users: unique(requests.flatMap(({ user }) => user ?? [])), sessions: unique(ids) },
  }
}
const unique = (all: string[]) => Array.from(new Set(all))

describe(`of ${TESTS} tests at once`, () => {
  let tests: Test[]
  let seen: Seen[]
  beforeAll(async () => {
    tests = await Promise.all(Array.from({ length: TESTS }, (_, index) => act(wayOf(index))))
    // Once all have done what they do: also what came last may not have touched another's.
    seen = await Promise.all(tests.map(look))
  }, 120_000)

  const each = <T>(pick: (test: Test, seen: Seen | undefined) => T) =>
    tests.map((test, index) => pick(test, seen[index]))

  it('each is answered as its own fault and its own clock have it', () => {
    const outcomes: Partial<Record<Way, string>> = {
      'has a fault': 'SERVICE_UNAVAILABLE',
      'lets time pass': 'NOT_FOUND',
    }

    expect(each(({ outcome }) => outcome)).toEqual(each(({ way }) => outcomes[way] ?? 'done'))
  })

  it('each sees the session that it made and no other, and none once it has reset', () => {
    const gone: Way[] = ['lets time pass', 'resets']

    expect(each((_, its) => its?.sessions)).toEqual(each(({ way, id }) => (gone.includes(way) ? [] : [id])))
  })

  it('each has a journal of what it asked alone, and of no more than the last of it', () => {
    const totals: Partial<Record<Way, number>> = { resets: 2, 'is busy': JOURNAL_LIMIT }

    expect(each((_, its) => its?.journal)).toEqual(
      each(({ way, client, id }) => ({
        total: totals[way] ?? 4,
        users: [client.user],
        sessions: way === 'resets' ? [] : [id],
      })),
    )
  })
})
