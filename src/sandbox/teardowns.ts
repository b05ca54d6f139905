// Teardown records: what the set-up of a provider state has made, kept until a verifier asks for the teardown.

/** `made` is for the admin API, which wrote it. */
export type Teardown = { name: string; made: object[] }

const KEY = 'teardowns'
/** Beyond this the oldest are dropped: what they made stays until the sandbox is reset. */
const LIMIT = 100

const all = ({ kv }: DurableObjectStorage): Teardown[] => kv.get<Teardown[]>(KEY) ?? []

export const addTeardown = (storage: DurableObjectStorage, teardown: Teardown): void =>
  storage.kv.put(KEY, [...all(storage), teardown].slice(-LIMIT))

/** The newest of this name, which is not kept any longer. */
export function takeTeardown(storage: DurableObjectStorage, name: string): Teardown | undefined {
  const teardowns = all(storage)
  const at = teardowns.findLastIndex((each) => each.name === name)
  const [found] = at === -1 ? [] : teardowns.splice(at, 1)
  if (found) storage.kv.put(KEY, teardowns)
  return found
}

export const dropTeardowns = ({ kv }: DurableObjectStorage): void => void kv.delete(KEY)
