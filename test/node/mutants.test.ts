// The verb `mutants`, and the client that `start()` hands out, with which such tests are written.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { start } from '../../src/node/start.ts'
import { COMMAND, refused, run, type Run } from '../support/command.ts'
import { aFolder } from '../support/folder.ts'

/** Runs the test of a client, which cancels a session and looks at the answers as it is told. */
async function mutants(checks: string, ...args: string[]): Promise<Run> {
  const test = join(await aFolder(), 'test.mjs')
  await writeFile(
    test,
    `import { deepEqual, equal, rejects } from 'node:assert'
     import { start } from '${resolve('src/node/start.ts')}'
     await using vcenter = await start()
     const client = await vcenter.client()
     const { id } = await vcenter.sessions.add()
     ${checks}`,
  )
  return run(COMMAND, ['mutants', ...args, '--', process.execPath, test])
}

describe('the verb mutants', () => {
  it('is satisfied with tests that notice', async () => {
    const found = await mutants(
      "await client.updateSessions.cancel(id); equal((await client.updateSessions.get(id)).state, 'CANCELED')",
      '--only',
      'state-kept',
    )

    const said = expect.stringContaining('The tests notice 1 of 1 mutants.')
    expect(found).toEqual({ code: 0, complained: '', said })
  })

  it('lists what tests miss', async () => {
    const found = await mutants('await client.updateSessions.cancel(id)', '--only', 'state-kept')

    expect(found.code).toBe(1)
    expect(found.said).toContain('MISSED  state-kept')
  })

  it.each([
    [
      'tests that fail without a mutant',
      'throw 0',
      ['--only', 'body'],
      'The tests fail without a mutant, with exit code 1.',
    ],
    ['a mutant that there is not', '', ['--only', 'typo'], 'There is no mutant typo'],
    ['an option that there is not', '', ['--olny', 'body'], '--olny'],
  ])('says nothing of %s', async (_, checks, args, complaint) => {
    expect(await mutants(checks, ...args)).toEqual(refused(complaint))
  })

  it('wants a command, which a variable that is not set is not', async () => {
    expect(await run(COMMAND, ['mutants', '--', ''])).toEqual(refused('Name the command that runs the tests'))
  })
})

describe.each([{}, { https: true, vars: { PLAIN_HTTP_LOGIN: 'off' } }])('the client of start(%j)', (options) => {
  it('is logged in to the sandbox that it is of, also where fetch is that of a page of another origin', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Cross-Origin Request Blocked')))
    onTestFinished(() => void vi.unstubAllGlobals())
    const vcenter = await start(options)
    onTestFinished(() => vcenter.stop())
    const other = vcenter.sandbox('ci-1')
    const { id } = await other.sessions.add()

    const client = await other.client()
    await client.updateSessions.cancel(id)

    expect((await client.whoAmI()).user).toBe('ci-1')
    const session = await other.sessions.add()
    const file = await client.updateSessionFiles.add(session.id, { name: 'a.iso', source_type: 'PUSH' })
    expect(new URL(file.upload_endpoint?.uri ?? '').origin).toBe(vcenter.url)
    await expect(client.updateSessions.cancel(id)).rejects.toMatchObject({ status: 400 })
    await expect((await vcenter.client()).updateSessions.get(id)).rejects.toMatchObject({ status: 404 })
  })
})
