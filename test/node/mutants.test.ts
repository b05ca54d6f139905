// The verb `mutants`, and the client that `start()` hands out, with which such tests are written.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { start } from '../../src/node/start.ts'

const MAIN = 'src/node/command.ts'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'consumer-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the test of a client, which cancels a session and looks at the answers as it is told. */
async function mutants(
  checks: string,
  ...args: string[]
): Promise<{ code: unknown; said: string; complained: string }> {
  const test = join(folder, `${crypto.randomUUID()}.mjs`)
  await writeFile(
    test,
    `import { deepEqual, equal, rejects } from 'node:assert'
     import { start } from '${resolve('src/node/start.ts')}'
     await using vcenter = await start()
     const client = await vcenter.client()
     const { id } = await vcenter.sessions.add()
     ${checks}`,
  )
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, 'mutants', ...args, '--', process.execPath, test], (error, said, complained) =>
      done({ code: error ? error.code : 0, said, complained }),
    )
  })
}

describe('the verb mutants', () => {
  it('is satisfied with tests that notice', async () => {
    const run = await mutants(
      "await client.updateSessions.cancel(id); equal((await client.updateSessions.get(id)).state, 'CANCELED')",
      '--only',
      'state-kept',
    )

    expect(run).toMatchObject({ code: 0, complained: '' })
    expect(run.said).toContain('The tests notice 1 of 1 mutants.')
  })

  it('lists what tests miss', async () => {
    const run = await mutants('await client.updateSessions.cancel(id)', '--only', 'state-kept')

    expect(run.code).toBe(1)
    expect(run.said).toContain('MISSED  state-kept')
  })

  it.each([
    ['tests that fail without a mutant', 'throw 0', ['--only', 'body'], 'The tests fail without a mutant'],
    ['a mutant that there is not', '', ['--only', 'typo'], 'There is no mutant typo'],
    ['an option that there is not', '', ['--olny', 'body'], '--olny'],
  ])('says nothing of %s', async (_, checks, args, complaint) => {
    const run = await mutants(checks, ...args)

    expect(run).toMatchObject({ code: 2, said: '' })
    expect(run.complained).toContain(complaint)
  })
})

describe.each([{ https: false }, { https: true }])('the client of start(%j)', (options) => {
  it('is logged in to the sandbox that it is of', async () => {
    const vcenter = await start(options)
    onTestFinished(() => vcenter.stop())
    const other = vcenter.sandbox('ci-1')
    const { id } = await other.sessions.add()

    const client = await other.client()
    await client.updateSessions.cancel(id)

    expect((await client.whoAmI()).user).toBe('ci-1')
    await expect(client.updateSessions.cancel(id)).rejects.toMatchObject({ status: 400 })
    await expect((await vcenter.client()).updateSessions.get(id)).rejects.toMatchObject({ status: 404 })
  })
})
