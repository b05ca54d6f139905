// What a verifier had made and will want to have removed, in a request of its own: kept here until it asks.

/** `made` is for whoever made it: nobody here reads it. */
export type Memory = { name: string; made: object[] }

const KEY = 'memories'
/** Beyond this the oldest are forgotten: what they made stays until the sandbox is reset. */
const LIMIT = 100

const all = (storage: DurableObjectStorage): Memory[] => storage.kv.get<Memory[]>(KEY) ?? []

export const remember = (storage: DurableObjectStorage, memory: Memory): void =>
  storage.kv.put(KEY, [...all(storage), memory].slice(-LIMIT))

export function recall(storage: DurableObjectStorage, name: string): Memory | undefined {
  const memories = all(storage)
  const at = memories.findLastIndex((memory) => memory.name === name)
  const [found] = at === -1 ? [] : memories.splice(at, 1)
  if (found) storage.kv.put(KEY, memories)
  return found
}

export const forgetAll = (storage: DurableObjectStorage): void => void storage.kv.delete(KEY)
