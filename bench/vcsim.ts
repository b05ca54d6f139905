// vcsim, which speaks /rest: what it does of the lives that the mock is measured by.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ask, fetchBytes } from './load.ts'
import type { Lives } from './sandbox.ts'

/** Its model begins with this one. */
const DATASTORE = 'datastore-59'
/** Where Go installs itself, which not every shell looks at. */
const GO = '/usr/local/go/bin'

export async function buildVcsim(path: string): Promise<void> {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:${GO}` }
  await promisify(execFile)('go', ['build', '-C', 'bench/vcsim', '-o', path, '.'], { env })
}

/** A login and a library in it. */
async function begin(address: string) {
  const { host } = new URL(address)
  const rest = `http://${host}/rest/com/vmware`
  const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`
  const login = await ask({ method: 'POST', url: `${rest}/cis/session`, headers: { authorization }, expect: 200 })
  const headers = { 'vmware-api-session-id': String(value(login)) }
  const post = (path: string, body?: object) =>
    ask({ method: 'POST', url: `${rest}/content/${path}`, headers, ...(body && { body }), expect: 200 })
  const create = async (path: string, create_spec: object) => String(value(await post(path, { create_spec })))
  const library_id = await create('local-library', {
    name: 'bench',
    type: 'LOCAL',
    storage_backings: [{ type: 'DATASTORE', datastore_id: DATASTORE }],
  })
  return { host, rest, headers, post, create, library_id }
}

const value = (text: string): unknown => (JSON.parse(text) as { value: unknown }).value
const SESSION = 'library/item/update-session'

export async function cancelInVcsim(address: string): Promise<void> {
  const { create, post, library_id } = await begin(address)
  const library_item_id = await create('library/item', { library_id, name: 'bench' })
  const id = await create(SESSION, { library_item_id })
  await post(`${SESSION}/id:${id}?~action=cancel`)
}

/** The same requests in its words, where it has them. */
export async function livesInVcsim(address: string, count: number): Promise<Lives> {
  const { host, rest, headers, post, create, library_id } = await begin(address)
  const items: string[] = []
  for (let at = 0; at < count; at += 1) items.push(await create('library/item', { library_id, name: `bench-${at}` }))
  const start = (at: number) => create(SESSION, { library_item_id: items[at % count] })
  const end = (id: string) =>
    ask({ method: 'DELETE', url: `${rest}/content/${SESSION}/id:${id}`, headers, expect: 200 })
  return {
    async cancel(at) {
      const id = await start(at)
      await post(`${SESSION}/id:${id}?~action=cancel`)
      await end(id)
    },
    /** It has no download without a session of its own, and that is left out. */
    async import(at, content) {
      const id = await start(at)
      const file_spec = { name: 'disk.iso', source_type: 'PUSH', size: content.byteLength }
      const added = await post(`library/item/updatesession/file/id:${id}?~action=add`, { file_spec })
      const { pathname } = new URL((value(added) as { upload_endpoint: { uri: string } }).upload_endpoint.uri)
      await fetchBytes({ method: 'PUT', url: `http://${host}${pathname}`, headers, body: content, expect: 200 })
      await post(`${SESSION}/id:${id}?~action=complete`)
      await ask({ method: 'GET', url: `${rest}/content/${SESSION}/id:${id}`, headers, expect: 200 })
      await end(id)
    },
  }
}
