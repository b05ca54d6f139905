// What stands in for bindings and calls where a test runs inside workerd, and what it does within a sandbox.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, onTestFinished, vi } from 'vitest'
import { Watch, type Plan } from '../../src/content/watch.ts'
import type { Pull } from '../../src/content/pull.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Client } from './client.ts'

/** A call that fails. */
export const refuse = () => Promise.reject(new Error('out of order'))

/** Time passes when a test says so. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
}

/** A call that waits until it may go on. */
export function held<T extends unknown[]>(go: (...args: T) => unknown) {
  const asked = Promise.withResolvers<void>()
  const may = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const call = async (...args: T) => {
    asked.resolve()
    await may.promise
    const answer = await go(...args)
    done.resolve()
    return answer
  }
  return { call, asked: asked.promise, release: () => may.resolve(), done: done.promise }
}

/** What the code says went wrong in a test: expected by each that provokes it. */
export function complaintsOfEach(): unknown[] {
  const complaints: unknown[] = []
  beforeEach(() => {
    complaints.length = 0
    const spy = vi.spyOn(console, 'error').mockImplementation((...said) => void complaints.push(said[0]))
    onTestFinished(() => spy.mockRestore())
  })
  return complaints
}

/** A transfer of a file that nothing is known of. */
export const aPlan = (given: Partial<Plan> = {}): Plan => ({
  key: `test/${crypto.randomUUID()}`,
  name: 'a.iso',
  algorithms: ['SHA1'],
  retention: 'keep',
  roomBytes: Infinity,
  rowBytes: 0,
  leaseMs: 30_000,
  idleMs: 300_000,
  ...given,
})

/** The watch of a transfer whose sandbox answers this, and wants it for as long as is not said. */
export const watched = (
  plan: Plan,
  reportProgress: (key: string, bytes: number, isWaiting: boolean) => Promise<number | undefined> = async () =>
    Infinity,
  stopped: () => Promise<void> = () => new Promise<never>(() => undefined),
): Watch => new Watch(plan, () => ({ reportProgress, stopped }))

/** What the sandbox is to do for the store at a later time, it does now. */
export const hurry = (client: Client) =>
  within(client, async (sandbox, storage) => {
    storage.sql.exec('UPDATE content SET lease_until = MIN(lease_until, 1), purge_at = MIN(purge_at, 1)')
    storage.kv.put('orphans-at', 1)
    await sandbox.alarm()
  })

/** The same binding, with other methods in the place of these. */
export const instead = <T extends object>(whole: T, methods: Partial<Record<keyof T, unknown>>): T =>
  new Proxy(whole, {
    get: (target, name) => {
      const given: unknown = Reflect.get(Object.hasOwn(methods, name) ? methods : target, name)
      // A method of a stub has no `bind`: it would be asked of the other side.
      return typeof given === 'function' ? (...args: unknown[]): unknown => Reflect.apply(given, target, args) : given
    },
  })

/** From now on the object meets these in the place of its bindings. */
export const setEnv = (object: Sandbox | Pull, given: Partial<Env> = {}): unknown =>
  Object.defineProperty(object, 'env', { value: { ...env, ...given }, configurable: true })

/** The same of the user's sandbox, until it is bound anew or the test ends. */
export async function bind(client: Pick<Client, 'user'>, given?: Partial<Env>): Promise<void> {
  await within(client, (sandbox) => setEnv(sandbox, given))
  if (given) onTestFinished(() => bind(client))
}

/** The user's sandbox does this within one event, with its storage at hand. */
export const within = <T>(
  { user }: Pick<Client, 'user'>,
  run: (sandbox: Sandbox, storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> => runInDurableObject(env.SANDBOXES.getByName(user), (sandbox, { storage }) => run(sandbox, storage))
