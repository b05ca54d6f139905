// What a test has set for its sandbox, until the next reset: its clock, its settings, and the teardown records of provider states.
import type { Settings } from '../operations/store.ts'
import type { Clock } from '../rules/clock.ts'
import { explain } from '../rules/failure.ts'
import { readSettings } from '../rules/settings.ts'

/** `settings` are instead of the deployment's. */
export type Steering = { clock: Clock; settings: Partial<Settings>; teardowns: Teardown[] }
/** What the set-up of a provider state has made, kept until a verifier asks for the teardown. `made` is for the admin API. */
export type Teardown = { name: string; made: object[] }

const STEERING = 'steering'
/** Beyond this the oldest teardown records are dropped: what they made stays until the sandbox is reset. */
const TEARDOWNS_LIMIT = 100

export const steeringIn = ({ kv }: DurableObjectStorage): Steering =>
  kv.get<Steering>(STEERING) ?? { clock: { offsetMs: 0 }, settings: {}, teardowns: [] }

export const steer = (storage: DurableObjectStorage, change: Partial<Steering>): void =>
  storage.kv.put<Steering>(STEERING, { ...steeringIn(storage), ...change })

export const dropSteering = ({ kv }: DurableObjectStorage): void => void kv.delete(STEERING)

/** The deployment's settings, and over them what a test has set for its sandbox. */
export function settingsOf(env: Env, { settings }: Steering): Settings {
  const deployed = readSettings(env)
  // No call reaches the sandboxes of a mock with wrong settings; an alarm does, and is tried again by the platform.
  if (!deployed.ok) throw new Error(explain(deployed.failure))
  return { ...deployed.value, completionMs: 0, ...settings }
}

export const addTeardown = (storage: DurableObjectStorage, teardown: Teardown): void =>
  steer(storage, { teardowns: [...steeringIn(storage).teardowns, teardown].slice(-TEARDOWNS_LIMIT) })

/** The newest of this name, which is not kept any longer. */
export function takeTeardown(storage: DurableObjectStorage, name: string): Teardown | undefined {
  const { teardowns } = steeringIn(storage)
  const found = teardowns.findLast((each) => each.name === name)
  if (found) steer(storage, { teardowns: teardowns.filter((each) => each !== found) })
  return found
}
