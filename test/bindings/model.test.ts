// Whatever is asked, in whatever order and after whatever time: the sandbox answers as the model of its rules does.
import * as fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { bindings, freshUser } from '../support/api.ts'
import { ITEM, LIBRARY, Refusal, unknownId, type Client } from '../support/client.ts'
import { Model, Refused, TICK_MS } from '../support/model.ts'
import { advanceClock, advanceClockOnly, evict, freezeClock } from '../support/sandbox.ts'

const RUNS = 10 * inject('rounds')

const op = <const K extends string[]>(...names: K): fc.Arbitrary<K[number]> => fc.constantFrom(...names)
/** Mostly the one, sometimes another: what is done seldom hits what exists when everything is as likely. */
const mostly = <T, U>(one: fc.Arbitrary<T>, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: other })
const seldom = <T>(value: fc.Arbitrary<T>) => mostly(fc.constant(undefined), value)
/** Counts back from the newest session; where there are not so many, it is one that never was. */
const session = mostly(fc.constant(0), fc.nat({ max: 3 }))
/** One of two items, or one that does not exist. */
const item = mostly(fc.constant(0), fc.nat({ max: 2 }))
const token = fc.nat({ max: 1 })
const warnings = fc.constantFrom([], [{ type: 'SELF_SIGNED_CERTIFICATE', ignored: true }])
/** Below, at and above each of the limits: 30 ticks of an idle session, 180 of a login, 360 of a finished session. */
const ticks = fc.oneof(
  fc.constantFrom(1, 10),
  fc.constantFrom(1, 29),
  fc.constantFrom(30, 31, 149, 150, 180, 329, 330, 360),
)

const progress = fc.option(fc.constantFrom(-1, 0, 1, 50, 100, 101), { nil: undefined, freq: 2 })
const asked = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: op('create'), item, token: seldom(token), warnings: seldom(warnings) }) },
  { weight: 4, arbitrary: fc.record({ op: op('complete', 'cancel', 'delete'), session }) },
  { weight: 3, arbitrary: fc.record({ op: op('keepAlive'), session, progress }) },
  { weight: 1, arbitrary: fc.record({ op: op('fail'), session, message: fc.constantFrom('no', 'the disk is full') }) },
  { weight: 1, arbitrary: fc.record({ op: op('update'), session, warnings: seldom(warnings) }) },
  { weight: 1, arbitrary: fc.record({ op: op('get'), session }) },
  { weight: 1, arbitrary: fc.record({ op: op('list'), item: seldom(item) }) },
  { weight: 1, arbitrary: fc.record({ op: op('contentVersion'), item }) },
)
const happens = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: op('pass', 'passUnnoticed'), ticks }) },
  { weight: 1, arbitrary: fc.record({ op: op('evict') }) },
  { weight: 1, arbitrary: fc.record({ op: op('logout') }) },
)
type Asked = { op: 'logout' } | (typeof asked extends fc.Arbitrary<infer T> ? T : never)
type Step = Asked | (typeof happens extends fc.Arbitrary<infer T> ? T : never)
const anyStep = fc.oneof({ weight: 8, arbitrary: asked }, { weight: 1, arbitrary: happens })
const steps = fc.array(anyStep, { maxLength: 100, size: 'max' })

/** The model's methods, of the sandbox. */
type Subject = { [K in Asked['op']]: (...args: never[]) => unknown }

function sandbox(client: Client, startedAt: number) {
  const tick = (at: string) => (Date.parse(at) - startedAt) / TICK_MS
  return {
    ...client,
    get: async (id: string) => {
      const found = await client.get(id)
      return {
        id: found.id,
        item: found.library_item_id,
        state: found.state,
        version: Number(found.library_item_content_version),
        progress: found.client_progress,
        warnings: found.warning_behavior ?? [],
        reason: found.error_message?.default_message,
        until: tick(found.expiration_time),
      }
    },
    contentVersion: async (id: string) => Number((await client.items.get(id)).content_version),
  }
}

/** What was answered: a value, or the type of the refusal. */
type Outcome = { value: unknown } | { refused: string }
const told = async (ask: () => unknown): Promise<Outcome> => {
  try {
    return { value: await ask() }
  } catch (reason) {
    if (reason instanceof Refusal) return { refused: String(reason.errorType) }
    if (reason instanceof Refused) return { refused: reason.message }
    throw reason
  }
}

let asks = 0

async function hold(given: Step[]): Promise<void> {
  const user = freshUser()
  let logins = 0
  const login = async () => {
    const binding = bindings[logins % bindings.length]
    logins += 1
    return binding?.connect(user) ?? expect.fail('there is no binding')
  }
  let client = await login()
  const startedAt = await freezeClock(user)
  const other = await client.items.create({ library_id: LIBRARY, name: 'other' })
  const model = new Model([ITEM, other])
  const items = [ITEM, other, crypto.randomUUID()]
  const tokens = [crypto.randomUUID(), crypto.randomUUID()]
  const ids: string[] = []
  const none = unknownId()

  const args = (step: Asked): unknown[] => {
    const id = 'session' in step ? (ids.at(-1 - step.session) ?? none) : none
    const spec = 'warnings' in step && step.warnings ? { warning_behavior: step.warnings } : {}
    switch (step.op) {
      case 'create':
        return [{ library_item_id: items[step.item], ...spec }, tokens[step.token ?? -1]]
      case 'list':
      case 'contentVersion':
        return [items[step.item ?? -1]]
      case 'keepAlive':
        return [id, step.progress]
      case 'update':
        return [id, spec]
      case 'fail':
        return [id, step.message]
      case 'logout':
        return []
      case 'get':
      case 'complete':
      case 'cancel':
      case 'delete':
        return [id]
    }
  }

  const compare = async (name_: Asked['op'], given_: unknown[]): Promise<Outcome> => {
    asks += 1
    // The arguments were made for this name above, which TypeScript cannot see.
    const call = (subject: Subject) => (subject[name_] as (...all: unknown[]) => unknown)(...given_)
    const answered = await told(() => call(sandbox(client, startedAt)))
    if (name_ === 'create' && 'value' in answered) model.given = String(answered.value)
    const expected = await told(() => call(model))

    expect({ asked: name_, given: given_, ...answered }).toEqual({ asked: name_, given: given_, ...expected })
    return answered
  }

  for (const step of given) {
    if (step.op === 'evict') await evict(user)
    else if ('ticks' in step) {
      await (step.op === 'pass' ? advanceClock : advanceClockOnly)(user, step.ticks * TICK_MS)
      model.pass(step.ticks)
    } else {
      const answered = await compare(step.op, args(step))
      const refused = 'refused' in answered ? answered.refused : undefined
      if (step.op === 'create' && !refused && !ids.includes(model.given)) ids.push(model.given)
      if (refused === 'UNAUTHENTICATED') {
        client = await login()
        model.login()
      }
      if ('session' in step && refused !== 'NOT_FOUND') await compare('get', [ids.at(-1 - step.session) ?? none])
    }
  }
  client = await login()
  model.login()
  await compare('list', [])
}

it('a sandbox answers as the model of its rules', { timeout: 300_000 }, async () => {
  await fc.assert(fc.asyncProperty(steps, hold), { numRuns: RUNS })
  expect(asks).toBeGreaterThan(RUNS * 10) // not a run of empty lists
})
