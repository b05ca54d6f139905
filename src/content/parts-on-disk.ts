// A store of parts on the runtime's own disk service: where the command and `start()` keep bytes.
import type { Parts } from './parts.ts'

/** So many files are deleted in one turn, each in some milliseconds on a busy disk. */
const TURN_FILES = 8

/** A prefix ends where a folder does: all keys of it are the files in that folder; or it is a key. */
export function partsOnDisk(disk: Fetcher): Parts {
  const send = (method: string, path: string, init: RequestInit = {}) =>
    disk.fetch(`http://disk/${path}`, { ...init, method })
  return {
    // A put is one rename: one that breaks off leaves no file.
    put: async (key, bytes) => {
      const { ok, status } = await send('PUT', key, { body: bytes })
      if (!ok) throw new Error(`the disk answered ${status}`)
    },
    get: async (key, offset, lengthBytes) => {
      const headers = { range: `bytes=${offset}-${offset + lengthBytes - 1}` }
      const { ok, body, headers: said } = await send('GET', key, { headers })
      // 206, or 200 where that is all of the file.
      if (ok && body && said.get('content-length') === `${lengthBytes}`) return body
      await body?.cancel()
      return undefined
    },
    async *list(prefix) {
      yield (await keysIn(send, prefix)).toSorted()
    },
    // The disk deletes a folder in one step, for which all requests wait: of 6 GiB, seconds. So its files go first, and others have
    // their turn in between. The folder goes with what no listing shows: what is left of a put that was killed.
    deleteByPrefix: async (prefix) => {
      const keys = prefix.endsWith('/') ? await keysIn(send, prefix) : []
      for (const [at, key] of keys.entries()) {
        await send('DELETE', key)
        if (at % TURN_FILES === TURN_FILES - 1) await scheduler.wait(0)
      }
      const { ok, status } = await send('DELETE', folderOf(prefix))
      if (!ok && status !== 404) throw new Error(`the disk answered ${status}`)
    },
  }
}

async function keysIn(send: (method: string, path: string) => Promise<Response>, prefix: string): Promise<string[]> {
  const response = await send('GET', folderOf(prefix))
  if (response.status === 404) return []
  const entries: { name: string; type: 'file' | 'directory' }[] = await response.json()
  const found = await Promise.all(
    entries.map(async ({ name, type }) => (type === 'file' ? [prefix + name] : keysIn(send, `${prefix}${name}/`))),
  )
  return found.flat()
}

const folderOf = (prefix: string): string => (prefix.endsWith('/') ? prefix.slice(0, -1) : prefix)
