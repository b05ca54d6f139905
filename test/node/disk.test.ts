// Disks that are full, and files that are damaged: the mock says which, and goes on where it can.
import { execFile } from 'node:child_process'
import { mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { login, type Client } from '../../src/client/client.ts'
import { serve, type Embedded } from '../../src/node/server.ts'
import { ITEM } from '../support/client.ts'
import { aFolder } from '../support/folder.ts'
import { isThere } from '../support/gate.ts'

const run = promisify(execFile)
const DISK = '6m'
const MIB = 1024 * 1024

async function aMock(options: Parameters<typeof serve>[0]): Promise<Embedded> {
  const mock = await serve({ onLog: () => undefined, ...options })
  onTestFinished(mock.stop)
  return mock
}

const connect = ({ url }: Embedded, user: string) => login(url, { user, password: 'pass' })

const refusal = (status: number, id: string, text: string) => ({
  status,
  messages: [{ id: `update_session_mock.${id}`, default_message: expect.stringContaining(text) }],
})

/** A session with a file that waits. */
async function aSession({ updateSessions, updateSessionFiles }: Client) {
  const id = await updateSessions.create({ library_item_id: ITEM })
  const file = await updateSessionFiles.add(id, { name: 'a.iso', source_type: 'PUSH' })
  return { id, uri: file.upload_endpoint?.uri ?? '' }
}

async function put(uri: string, sizeBytes: number): Promise<{ status: number; text: string }> {
  const answer = await fetch(uri, { method: 'PUT', body: Buffer.alloc(sizeBytes) })
  return { status: answer.status, text: await answer.text() }
}

const runAsRoot = (command: string, ...args: string[]) =>
  process.getuid?.() === 0 ? run(command, args) : run('sudo', ['--non-interactive', command, ...args])

/** A small disk of its own, which only root can make. */
async function mountDisk(skip: (reason: string) => void): Promise<string> {
  const folder = await aFolder()
  try {
    await runAsRoot('mount', '-t', 'tmpfs', '-o', `size=${DISK},mode=1777`, 'tmpfs', folder)
  } catch (error) {
    if (process.env['GATE']) throw error
    skip(`a disk of its own cannot be mounted: ${String(error)}`)
  }
  onTestFinished(async () => void (await runAsRoot('umount', '--lazy', folder)))
  return folder
}

/** Answers how to make room again. */
async function fill(disk: string): Promise<() => Promise<void>> {
  const { bavail, bsize } = await statfs(disk)
  const ballast = join(disk, 'ballast')
  await writeFile(ballast, Buffer.alloc(bavail * bsize))
  return () => rm(ballast)
}

describe('a full disk', () => {
  it('is told by every call that has to write, with the folder of the state, until there is room', async ({ skip }) => {
    const disk = await mountDisk(skip)
    const state = join(disk, 'state')
    const mock = await aMock({ state })
    const client = await connect(mock, 'user')
    const { id, uri } = await aSession(client)
    const makeRoom = await fill(disk)
    const isFull = refusal(503, 'disk_full', state)

    await expect(client.updateSessions.cancel(id)).rejects.toMatchObject(isFull)
    await expect(connect(mock, 'another')).rejects.toMatchObject(isFull)
    const upload = await put(uri, MIB)
    expect(upload).toEqual({ status: 503, text: expect.stringContaining(state) })
    expect(upload.text).toContain('"error_type":"SERVICE_UNAVAILABLE"')
    const reset = await mock.ask('/__admin/reset', { method: 'POST' })
    expect(reset).toEqual({ status: 503, text: expect.stringContaining(state) })

    await makeRoom()
    expect(await put(uri, 1000)).toEqual({ status: 200, text: '' })
    await client.updateSessions.complete(id)
    await connect(mock, 'another')
  })

  it('of content alone is told by uploads alone', async ({ skip }) => {
    const { bavail, bsize } = await statfs('/dev/shm')
    skip(!isThere(bavail * bsize >= 512 * MIB, 'rows lie beside content where /dev/shm has less than 512 MiB free'))
    const disk = await mountDisk(skip)
    const tmp = join(disk, 'tmp')
    await mkdir(tmp)
    vi.stubEnv('TMPDIR', tmp)
    onTestFinished(() => void vi.unstubAllEnvs())
    const mock = await aMock({})
    const client = await connect(mock, 'user')
    const { id, uri } = await aSession(client)
    const makeRoom = await fill(disk)

    expect(await put(uri, MIB)).toEqual({ status: 503, text: expect.stringContaining(`can be written to ${tmp}`) })
    expect(await client.updateSessions.get(id)).toMatchObject({ state: 'ACTIVE' })

    await makeRoom()
    expect(await put(uri, MIB)).toEqual({ status: 200, text: '' })
    await client.updateSessions.complete(id)
  })
})

describe('a start on a full disk', () => {
  it('says so of its state, and starts when there is room', async ({ skip }) => {
    const disk = await mountDisk(skip)
    const state = join(disk, 'state')
    await mkdir(state)
    const makeRoom = await fill(disk)

    await expect(serve({ state })).rejects.toThrow(
      `State cannot be kept in ${state} (ENOSPC). The disk is full: make room, or name another directory.`,
    )

    await makeRoom()
    const lines: string[] = []
    await connect(await aMock({ state, onLog: (line) => lines.push(line) }), 'user')
    expect(lines.filter((line) => line.includes('Another version'))).toEqual([])
  })

  it('says so of its temporary files, and leaves nothing', async ({ skip }) => {
    const disk = await mountDisk(skip)
    vi.stubEnv('TMPDIR', disk)
    onTestFinished(() => void vi.unstubAllEnvs())
    await fill(disk)

    await expect(serve()).rejects.toThrow(
      `Temporary files cannot be kept in ${disk} (ENOSPC). Set TMPDIR to another directory.`,
    )

    expect(await readdir(disk)).toEqual(['ballast'])
  })
})

describe('a sandbox whose file is damaged', () => {
  it('names the file and what frees it, is removed as any other, and leaves the others alone', async () => {
    const state = await aFolder()
    const first = await serve({ state })
    const { token } = await connect(first, 'broken')
    const kept = (await aSession(await connect(first, 'whole'))).id
    await first.stop()
    const file = await damage(join(state, 'objects/Sandbox'), token)
    await writeMarkerAsBefore(join(state, 'bytes/sandboxes'), 'broken')
    const mock = await aMock({ state })
    expect((await mock.ask('/__admin/sandboxes')).text).toContain('broken')

    for (const words of [`its file ${file} is damaged`, 'DELETE /__admin/sandboxes/'])
      await expect(connect(mock, 'broken')).rejects.toMatchObject(refusal(500, 'sandbox_damaged', words))
    const journal = await mock.ask('/__admin/requests?sandbox=broken')
    expect(journal).toEqual({ status: 500, text: expect.stringContaining(file) })
    const whole = await connect(mock, 'whole')
    expect(await whole.updateSessions.list()).toEqual([kept])

    expect(await mock.ask('/__admin/sandboxes/broken', { method: 'DELETE' })).toEqual({ status: 200, text: '{}' })
    expect((await mock.ask('/__admin/sandboxes')).text).not.toContain('broken')
    expect(await (await connect(mock, 'broken')).updateSessions.list()).toEqual([])
    expect(await whole.updateSessions.list()).toEqual([kept])
  })
})

it.each([
  ['is gone', async (file: string) => rm(file)],
  [
    'lies beside a folder of that of its shared memory',
    async (file: string) => mkdir(join(`${file}-shm`, 'x'), { recursive: true }),
  ],
])('a sandbox whose file %s is removed as any other', async (_, spoil) => {
  const state = await aFolder()
  const first = await serve({ state })
  await connect(first, 'broken')
  await expect.poll(async () => (await first.ask('/__admin/sandboxes')).text).toContain('broken')
  await first.stop()
  const folder = join(state, 'objects/Sandbox')
  const file = (await readdir(folder)).find((name) => /^[0-9a-f]+\.sqlite$/.test(name)) ?? ''
  for (const log of ['-wal', '-shm']) await rm(join(folder, file + log), { force: true })
  await spoil(join(folder, file))
  const mock = await aMock({ state })

  expect(await mock.ask('/__admin/sandboxes/broken', { method: 'DELETE' })).toEqual({ status: 200, text: '{}' })

  expect((await mock.ask('/__admin/sandboxes')).text).toBe('{"sandboxes":[]}')
  expect(await (await connect(mock, 'broken')).updateSessions.list()).toEqual([])
})

it('a damaged file that keeps the runtime from its start is named, with what frees it', async () => {
  const state = await aFolder()
  await (await serve({ state })).stop()
  const [folder, name] = [join(state, 'objects/Sandbox'), 'metadata.sqlite']
  for (const each of await readdir(folder)) if (each.startsWith(name)) await rm(join(folder, each))
  await writeFile(join(folder, name), 'this is no database'.repeat(1000))

  const refusal = String(await serve({ state }).catch((error: unknown) => error))

  expect(refusal).toContain('SQLITE_NOTADB')
  expect(refusal).toContain(`It cannot use what lies in ${join(state, 'objects')}. Delete the files there whose names`)
  expect(refusal).not.toContain('glibc')
  await rm(join(folder, name))
  await connect(await aMock({ state }), 'user')
})

/** The marker of the sandbox in the form that it had once: its moment was a folder. */
async function writeMarkerAsBefore(folder: string, sandbox: string): Promise<void> {
  const suffix = `${Buffer.from(sandbox).toString('base64url')}~`
  const name = (await readdir(folder)).find((each) => each.endsWith(suffix)) ?? ''
  const moment = join(folder, name.slice(0, -suffix.length))
  await mkdir(moment)
  await rename(join(folder, name), join(moment, suffix))
}

/** The file of the sandbox in which the token is, with other content. */
async function damage(folder: string, token: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name))
  for (const name of names) {
    const path = join(folder, name)
    const { stdout } = await run('grep', ['-lF', token, path, `${path}-wal`]).catch(() => ({ stdout: '' }))
    if (stdout === '') continue
    await rm(`${path}-wal`, { force: true })
    await writeFile(path, 'this is no database'.repeat(1000))
    return path
  }
  throw new Error('No file has the token.')
}
