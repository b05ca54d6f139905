// A sandbox of the mock with so many sessions in it, the floor, and what rounds do in both.
import { ITEM, LIBRARY } from '../test/support/client.ts'
import { each } from '../test/support/runner.ts'
import { ask, fetchBytes, logIn, SESSIONS_PATH, timed, type Round } from './load.ts'
import { runSql, type Statement } from './opened.ts'
import type { Server } from './servers.ts'

const API = '/api/content/library/item'
/** What a life sends, to the mock and to the floor. */
const begun = (item: string) => ({ library_item_id: item })
const FILE = { name: 'disk.vmdk', source_type: 'PUSH' }

/** One of so many at a time: from the creation of a session to its end. */
export type Lives = { cancel: (at: number) => Promise<void>; import: (at: number, content: Buffer) => Promise<void> }
export type Sandbox = Lives & { cancels: (atOnce: number) => Promise<Round> }

/**
 * `items` are for the rounds, a life each at a time; a crowd of ACTIVE sessions with a file each stands by. It wants a server
 * that is open.
 */
export async function sandbox(
  { url }: Server,
  user: string,
  { items: count, crowd = 0 }: { items: number; crowd?: number },
): Promise<Sandbox> {
  const headers = await logIn(url, user)
  const create = async (path: string, body: object) =>
    JSON.parse(await ask({ method: 'POST', url: `${url}${path}`, headers, body, expect: 201 })) as string

  if (crowd > 0) await runSql(url, user, crowdOf(crowd))
  const items: string[] = []
  await each(
    Array.from({ length: count }, (_, at) => `bench-${at}`),
    16,
    async (name) => items.push(await create(API, { library_id: LIBRARY, name })),
  )
  const begin = async (item: string) => `${url}${SESSIONS_PATH}/${await create(SESSIONS_PATH, begun(item))}`
  const end = (session: string) => ask({ method: 'DELETE', url: session, headers, expect: 204 })
  const act = (session: string, action: string) =>
    ask({ method: 'POST', url: `${session}?action=${action}`, headers, expect: 204 })
  const itemAt = (at: number) => items[at % count] ?? ''

  return {
    /** Of the cancel alone. */
    async cancels(atOnce) {
      const sessions: string[] = []
      await each(items, 16, async (item) => sessions.push(await begin(item)))
      const result = await timed(
        sessions.map((session) => () => act(session, 'cancel')),
        atOnce,
      )
      await each(sessions, 16, end)
      return result
    },
    async cancel(at) {
      const session = await begin(itemAt(at))
      await act(session, 'cancel')
      await end(session)
    },
    async import(at, content) {
      const session = await begin(itemAt(at))
      const added = await ask({ method: 'POST', url: `${session}/file`, headers, body: FILE, expect: 201 })
      const { uri } = (JSON.parse(added) as { upload_endpoint: { uri: string } }).upload_endpoint
      await ask({ method: 'PUT', url: uri, body: content, expect: 200 })
      await act(session, 'complete')
      await ask({ method: 'GET', url: session, headers, expect: 200 })
      const download = `${url}/cls/static/${LIBRARY}/${itemAt(at)}/${FILE.name}`
      sameSize(content, await fetchBytes({ method: 'GET', url: download, headers, expect: 200 }))
      await end(session)
    },
  }
}

/** Request by request what the mock is asked, but for the login, which the floor has not. */
export function livesInFloor(url: string): Lives {
  const create = async () =>
    JSON.parse(await ask({ method: 'POST', url: `${url}/life`, body: begun(ITEM), expect: 201 })) as string
  const act = (id: string, action: string) =>
    ask({ method: 'POST', url: `${url}/life/${id}?action=${action}`, expect: 204 })
  const end = (id: string) => ask({ method: 'DELETE', url: `${url}/life/${id}`, expect: 204 })
  return {
    async cancel() {
      const id = await create()
      await act(id, 'cancel')
      await end(id)
    },
    async import(_, content) {
      const id = await create()
      await ask({ method: 'POST', url: `${url}/life/${id}/file`, body: FILE, expect: 201 })
      await ask({ method: 'PUT', url: `${url}/life/${id}/bytes`, body: content, expect: 200 })
      await act(id, 'complete')
      await ask({ method: 'GET', url: `${url}/life/${id}`, expect: 200 })
      sameSize(content, await fetchBytes({ method: 'GET', url: `${url}/life/${id}/bytes`, expect: 200 }))
      await end(id)
    },
  }
}

function sameSize({ byteLength }: Buffer, bytes: number): void {
  if (bytes !== byteLength) throw new Error(`${byteLength} bytes were sent, and ${bytes} came back.`)
}

/** Through SQL, since a request each would take minutes. Their time is up long after the run. */
function crowdOf(count: number): Statement[] {
  const received = `json_object('key', 'crowd-' || rowid, 'sizeBytes', 1, 'digests', json_object('SHA1', hex(zeroblob(20))))`
  const ofCrowd = "FROM item WHERE name LIKE 'crowd-%'"
  const id = "'crowd-' || rowid || ':' || rowid"
  return [
    [
      `INSERT INTO item (id, library_id, name, document) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       SELECT 'item-' || i, ?2, 'crowd-' || i, json_object('id', 'item-' || i, 'libraryId', ?2, 'name', 'crowd-' || i, 'description', '',
       'version', 1, 'contentVersion', 1, 'metadataVersion', 1, 'createdAt', 0, 'modifiedAt', 0) FROM n`,
      count,
      LIBRARY,
    ],
    [
      `INSERT INTO update_session (id, item_id, is_open, document) SELECT ${id}, id, 1, json_object('id', ${id}, 'libraryItemId', id,
       'state', 'ACTIVE', 'contentVersion', '1', 'clientProgress', 0, 'warningBehavior', json_array(),
       'expiresAt', ?1 + rowid, 'idleMs', 300000, 'retentionMs', 3600000) ${ofCrowd}`,
      Date.now() + 3_600_000,
    ],
    [
      `INSERT INTO update_file (session_id, name, file, content_key) SELECT ${id}, 'a.iso', json_object(
       'name', 'a.iso', 'sourceType', 'PUSH', 'uploadToken', 'crowd-' || rowid, 'status', 'READY', 'received',
       ${received}), 'crowd-' || rowid ${ofCrowd}`,
    ],
    [`INSERT INTO content (key, bytes) SELECT 'crowd-' || rowid, 1 ${ofCrowd}`],
    ['UPDATE held SET bytes = bytes + ?', count],
  ]
}
