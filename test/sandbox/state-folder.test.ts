// Why a call of a sandbox has failed, where the mock keeps its own state: told from the disks and from the sandbox itself.
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { whyStorageFails } from '../../src/sandbox/state-folder.ts'

/** What the runtime tells of an error that is its own. */
const OF_RUNTIME = new Error('internal error; reference = oi8g45atvddgqqjrtaoijmv0')
const OF_SQLITE = new Error('database disk image is malformed: SQLITE_CORRUPT')

/** As the command's, with disks that take everything, or nothing. */
const withDisks = (status: number): Env => {
  const disk = { fetch: async () => new Response(null, { status }) } as unknown as Fetcher // all that is asked of it
  return { ...env, OBJECTS: disk, BYTES: disk, OBJECTS_FOLDER: '/objects', BYTES_FOLDER: '/bytes' }
}
const failView = () => Promise.reject(OF_RUNTIME)
/** As the command's, where the file of each sandbox is no database. */
const damaged: Env = {
  ...withDisks(204),
  SANDBOXES: { getByName: () => ({ view: failView }), idFromName: () => 'id' } as unknown as Env['SANDBOXES'], // all that is asked of it
}

const idOf = async (...call: Parameters<typeof whyStorageFails>) => (await whyStorageFails(...call))?.messages[0]?.id

it.each([
  ['the sandbox answers', withDisks(204), OF_RUNTIME, undefined],
  ['the sandbox does not answer', damaged, OF_RUNTIME, 'update_session_mock.sandbox_damaged'],
  ['SQLite names the damage', withDisks(204), OF_SQLITE, 'update_session_mock.sandbox_damaged'],
  [
    'SQLite may not write',
    withDisks(204),
    new Error('attempt to write a readonly database: SQLITE_READONLY'),
    'update_session_mock.sandbox_damaged',
  ],
  ['the disk takes nothing', withDisks(500), OF_RUNTIME, 'update_session_mock.disk_full'],
  ['it is no matter of storage', damaged, new Error('x is not a function'), undefined],
  ['the mock has no folders', env, OF_RUNTIME, undefined],
])('a call that has failed in storage where %s', async (_, bindings, error, id) => {
  expect(await idOf(bindings, error, `sandbox-${crypto.randomUUID()}`)).toBe(id)
})
