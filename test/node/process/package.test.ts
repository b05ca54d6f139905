// The package as others get it: packed, installed in an empty folder with what it needs to run, and used from there.
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { aCancel, kept } from '../../contract/verify.ts'
import { isRunning, refused, run as runToEnd, started } from '../../support/command.ts'
import { processesBelow } from '../../support/process.ts'

const run = promisify(execFile)
const root = new URL('../../..', import.meta.url).pathname
let folder: string
let tarball: string
const PACT = 'pacts/update-session-client-content-library.json'
const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'))
  await run('npm', ['run', '-s', 'build:node'], { cwd: root })
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: root })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  tarball = filename
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await run('npm', ['install', ...quietly, `./${filename}`], { cwd: folder })
}, 180_000)
afterAll(() => rm(folder, { recursive: true }))

const PACKAGE = 'node_modules/update-session-mock'
const SCRIPT = `${PACKAGE}/dist/node/command.js`
const ended = (...args: string[]) => runToEnd(SCRIPT, args, { cwd: folder })
const write = (name: string, text: string) => writeFile(join(folder, name), text)
/** The text of a file of the package. */
const read = (path: string) => readFile(join(folder, PACKAGE, path), 'utf8')

describe('the package', () => {
  it('needs two packages, and holds the licence of each that is in it', async () => {
    const { dependencies, ...others } = JSON.parse(await read('package.json')) as { dependencies: object }
    const licences = await read('dist/LICENSES.txt')

    expect(Object.keys(dependencies)).toEqual(['openapi-fetch', 'workerd'])
    // Yarn would leave it in its archive, where the runtime reads no files.
    expect(others).toMatchObject({ preferUnplugged: true })
    for (const name of ['hono', 'zod', 'preact', '@peculiar/x509', '@pactflow/openapi-pact-comparator'])
      expect(licences).toContain(`${name}\n\n`)
  })

  it('brings what it needs to run, one runtime, and nothing of its tests', async () => {
    const list = ['ls', 'workerd', 'vitest', 'wrangler', '--all', '--parseable']
    const { stdout } = await run('npm', list, { cwd: folder })

    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set([join(folder, 'node_modules/workerd')]))
  })

  it('has all that its pages link to, and the pages that its messages name', async () => {
    const files = await readdir(join(folder, PACKAGE), { recursive: true })
    const pages = files.filter((path) => path.endsWith('.md'))
    const links = await Promise.all(
      pages.map(async (page) => {
        return Array.from(
          (await read(page)).matchAll(/\]\(([^)#]+)|(?:src|srcset|href)="([^"#]+)|^\[[^\]]+\]: (\S+)/gm),
          (found) => join(page, '..', found.slice(1).find(Boolean) ?? ''),
        )
      }),
    )

    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'docs/clients.md', 'docs/deploy.md', 'docs/fidelity.md']),
    )
    expect(links.flat().filter((path) => !/^(?:docs\/)?https?:/.test(path) && !files.includes(path))).toEqual([])
  })

  it.each([false, true])('is typed, with skipLibCheck %j', async (skipLibCheck) => {
    await write(
      'typed.ts',
      `import { start, type ActiveFault, type Fault, type VCenter, type JournalEntry } from 'update-session-mock'
       import { login } from 'update-session-mock/client'
       export { verifyProvider } from 'update-session-mock/verify'
       import pact from 'update-session-mock/pact' with { type: 'json' }
       const vcenter: VCenter = await start()
       await vcenter.faults.add({ operation: 'cancel', error: 'SERVICE_UNAVAILABLE', times: 2 })
       const entries: JournalEntry[] = await vcenter.sandbox('other').journal.list()
       // @ts-expect-error -- there is no such field
       await vcenter.faults.add({ operatoin: 'cancel' })
       // @ts-expect-error -- regular expressions are refused
       await vcenter.journal.count({ urlPattern: '.*' })
       const { files, state: seenState } = await vcenter.sessions.add({ files: [{ name: 'a', status: 'READY' }] })
       // @ts-expect-error -- a size is a number
       export const size: string | undefined = files[0]?.size
       await vcenter.completeSessions(seenState === 'ACTIVE' ? 'at-once' : { after: '10s' })
       const fault: Fault = { error: 'NOT_FOUND', delay: '2s' }
       export const active: ActiveFault = await vcenter.faults.add(fault)
       // @ts-expect-error -- there is no such option
       await start({ prot: 1 })
       const client = await login(vcenter.url, { user: 'user', password: 'pass' })
       const { state } = await client.updateSessions.get(await client.updateSessions.create({ library_item_id: '1' }))
       // @ts-expect-error -- the state has one L
       export const isCanceled = state === 'CANCELLED'
       export const pactVersion: string = pact.metadata.pactSpecification.version
       export const names: (string | undefined)[] = entries.map(({ operation }) => operation)`,
    )
    const strictly = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck, noEmit: true }
    const lib = ['es2024', 'esnext.disposable', 'dom']
    const compilerOptions = { ...strictly, module: 'nodenext', target: 'es2024', lib, types: [] }
    await write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['typed.ts'] }))

    await expect(run(join(root, 'node_modules/.bin/tsc'), [], { cwd: folder })).resolves.toMatchObject({ stdout: '' })
  })
})

describe('the documents', () => {
  it('are the committed pact and the OpenAPI document that the mock serves', async () => {
    await write(
      'documents.js',
      `import { deepEqual } from 'node:assert/strict'
       import { readFile } from 'node:fs/promises'
       import { start } from 'update-session-mock'
       import openapi from 'update-session-mock/openapi.json' with { type: 'json' }
       import pact from 'update-session-mock/pact' with { type: 'json' }
       await using vcenter = await start()
       deepEqual(openapi, await (await fetch(vcenter.url + '/openapi.json')).json())
       deepEqual(pact, JSON.parse(await readFile('${join(root, PACT)}', 'utf8')))`,
    )

    await expect(run(process.execPath, ['documents.js'], { cwd: folder })).resolves.toMatchObject({ stderr: '' })
  })
})

describe('the command', () => {
  it.each([
    ['SIGINT', [130], []],
    ['SIGTERM', [143], []],
    // As npm sends one, after the terminal. Of two that have come, the system may hand over the later first.
    ['SIGHUP', [129, 143], ['SIGTERM']],
  ] as const)(
    'leaves no process behind on %s, and ends with %j, whatever comes then: %j',
    async (signal, expected, then) => {
      const { child, pid, closed } = await started(/Ctrl-C/, process.execPath, [SCRIPT, '--port', '0'], { cwd: folder })
      const children = processesBelow(pid)
      expect(children).not.toEqual([])

      for (const each of [signal, ...then]) child.kill(each)
      await closed

      expect(expected).toContain(child.exitCode)
      await expect.poll(() => children.filter(isRunning)).toEqual([])
    },
  )

  it.each([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--port', 'http'], '--port wants a number from 0 to 65535, not "http".'],
    [['--var', 'x'], '--var wants NAME=VALUE, not "x".'],
    [['--host', '192.0.2.1'], 'There is no listening on 192.0.2.1, which is no address of this machine'],
    [
      ['--state', 'package.json'],
      'is a file in place of a folder, or a folder in place of a file: move it, or name another directory.',
    ],
    [['start'], "Unexpected argument 'start'"],
    [['verify', 'pact.json'], 'verify needs Pact: npm install --save-dev @pact-foundation/pact'],
  ])('refuses %j in words', async (args, words) => {
    expect(await ended(...args)).toEqual(refused(words))
  })

  it('verifies a pact where Pact is installed', async () => {
    await write('pact.json', JSON.stringify(await aCancel()))
    const installed = join(folder, 'node_modules/@pact-foundation')
    await symlink(join(root, 'node_modules/@pact-foundation'), installed)
    onTestFinished(() => rm(installed))

    expect(await ended('verify', 'pact.json')).toEqual(kept(1))
  })

  it('gets its options by npx as the pages write it, which has options of these names', async () => {
    const pages = globSync(['README.md', 'docs/*.md'], { cwd: root })
    const texts = await Promise.all(pages.map((name) => readFile(join(root, name), 'utf8')))
    const ways = new Set(texts.flatMap((text) => text.match(/npx [^\n]*?update-session-mock\b(?! all)/g) ?? []))
    const [way = '', ...more] = [...ways].filter((words) => !words.includes('wrangler'))
    const [program = '', ...words] = way.split(' ')

    const { stdout } = await run(program, [...words, '--version'], { cwd: folder })

    expect(more).toEqual([])
    expect(stdout).toBe((await ended('--version')).said)
  })

  it('tells its version and its options', async () => {
    expect((await ended('--version')).said).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await ended('--help')).said).toContain('--https')
  })

  it('starts in the background for a shell, which then has its address and can stop it', async () => {
    const script = `eval "$(node ${SCRIPT} --env --port 0)"
      curl -sf -o /dev/null -w '%{http_code}' -u "$VSPHERE_USER:$VSPHERE_PASSWORD" -X POST "$UPDATE_SESSION_MOCK_URL/api/session"
      kill "$UPDATE_SESSION_MOCK_PID"
      while kill -0 "$UPDATE_SESSION_MOCK_PID" 2> /dev/null; do sleep 0.05; done`

    await expect(run('bash', ['-c', script], { cwd: folder })).resolves.toMatchObject({ stdout: '201' })
  })
})

const story = `
  const vcenter = await start()
  const login = async (user) => {
    const authorization = 'Basic ' + btoa(user + ':pass')
    const answer = await fetch(vcenter.url + '/api/session', { method: 'POST', headers: { authorization } })
    return answer.status === 201 ? await answer.json() : answer.status
  }
  try {
    await vcenter.faults.add({ operation: 'session.create', error: 'SERVICE_UNAVAILABLE', times: 1 })
    equal(await login('user'), 503)
    const token = await login('user')
    await vcenter.clock.advance('4h')
    const answer = await fetch(vcenter.url + '/api/session', { headers: { 'vmware-api-session-id': token } })
    equal(answer.status, 401)
    const [last] = await vcenter.journal.list()
    equal(last.why.by, 'authentication')
    equal(await vcenter.journal.count({ operation: 'session.create' }), 2)
    equal(await vcenter.sandbox('ci-1').journal.count(), 0)
    const { id } = await vcenter.sessions.add({ id: 'mine', state: 'CANCELED' })
    equal((await vcenter.sessions.list())[0].state, 'CANCELED')
    await vcenter.sessions.expire(id)
    equal((await vcenter.sessions.list()).length, 0)
    await vcenter.completeSessions({ after: '10s' })
    await vcenter.reset()
    equal(await vcenter.journal.count(), 0)
    equal(vcenter.env().VSPHERE_USER, 'user')
    await rejects(start({ port: Number(new URL(vcenter.url).port) }), /is in use/)
    await (await start({ state: 'a/new/folder' })).stop()
  } finally {
    await vcenter.stop()
    await vcenter.stop()
  }`

/** Each runner of tests: what a test imports of it, and how it is run. */
const RUNNERS: Record<string, { imports: string; args: string[]; env?: Record<string, string>; passed: RegExp }> = {
  'node:test': { imports: "import { test } from 'node:test'", args: ['--test'], passed: /pass 1/ },
  vitest: {
    imports: `import { test } from '${join(root, 'node_modules/vitest/dist/index.js')}'`,
    args: [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.'],
    passed: /1 passed/,
  },
  'vitest in a context of its own': {
    imports: `import { test } from '${join(root, 'node_modules/vitest/dist/index.js')}'`,
    args: [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.', '--pool', 'vmThreads'],
    passed: /1 passed/,
  },
  // Installed here, and not among our own: it would bring more than all the rest.
  'jest@30.5.2': {
    imports: '',
    args: ['node_modules/jest/bin/jest.js'],
    env: { NODE_OPTIONS: '--experimental-vm-modules' },
    passed: /Tests: +1 passed, 1 total/,
  },
}

describe('the library', () => {
  it.for(Object.entries(RUNNERS))('is used from %s', { timeout: 240_000 }, async ([name, runner], { skip }) => {
    const home = await mkdtemp(join(folder, 'runner-'))
    await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module", "jest": { "transform": {} } }')
    await writeFile(
      join(home, 'story.test.js'),
      `import { equal, rejects } from 'node:assert/strict'
       import { start } from 'update-session-mock'
       ${runner.imports}
       test('a vCenter', async () => {${story}}, 30_000)`,
    )
    if (name.startsWith('jest'))
      await run('npm', ['install', ...quietly, name], { cwd: home }).catch((error: unknown) => {
        if (process.env['GATE']) throw error
        skip(`Jest could not be installed from the npm registry: ${String(error)}`)
      })
    const own = Object.entries(process.env).filter(([each]) => !/^VITEST|^NODE_TEST/.test(each))
    const env = { ...Object.fromEntries(own), ...runner.env }

    const { stdout, stderr } = await run(process.execPath, [...runner.args, 'story.test.js'], { cwd: home, env })

    expect(stdout + stderr).toMatch(runner.passed)
  })

  it('is trusted by its authority, let go by await using, and then the process ends', async () => {
    await write(
      'using.ts',
      `import tls from 'node:tls'
       import { start } from 'update-session-mock'
       {
         await using vcenter = await start({ https: true })
         // As README.md says.
         tls.setDefaultCACertificates([...tls.getCACertificates(), vcenter.ca])
         console.log(vcenter.url.split(':')[0], (await fetch(vcenter.url + '/__admin/health')).status)
       }`,
    )

    await expect(run(process.execPath, ['using.ts'], { cwd: folder, timeout: 30_000 })).resolves.toMatchObject({
      stdout: 'https 200\n',
    })
  })
})

describe('the action', () => {
  it.each([
    ['a tarball', () => tarball],
    ['an installed package', () => 'node_modules/update-session-mock'],
    ['a checkout', () => relative(folder, root)],
  ])('starts the mock of %s, and tells the steps that follow where it is', async (_, path) => {
    const { told, output } = await act(path())
    onTestFinished(() => void process.kill(Number(/^UPDATE_SESSION_MOCK_PID=(\d+)$/m.exec(told)?.[1])))

    const url = /^UPDATE_SESSION_MOCK_URL=(.*)$/m.exec(told)?.[1] ?? ''
    expect(output).toBe(`url=${url}\n`)
    expect(told).toContain("\nVSPHERE_USER=o'hara\n")
    expect((await fetch(`${url}/__admin/health`)).status).toBe(200)
  })

  it.each([
    ['nothing', ''],
    ['the name of the package', 'update-session-mock'],
    ['a name with a version', 'update-session-mock@latest'],
    ['an address', 'https://registry.npmjs.org/update-session-mock/-/update-session-mock-0.1.0.tgz'],
    ['a tarball that is not there', 'nothing.tgz'],
    ['a file that is no tarball', 'package.json'],
    ['a folder of something else', '.'],
    ['an option', '--help'],
    ['a command', '$(touch harm); touch harm'],
    ['a command in quotes', '"; touch harm; "'],
  ])('asks no registry for %s, and says what it takes', async (_, input) => {
    const bin = await mkdtemp(join(folder, 'bin-'))
    for (const name of ['npm', 'npx']) await writeFile(join(bin, name), '#!/bin/sh\ntouch asked\n', { mode: 0o755 })

    await expect(act(input, bin)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^::error::The input "package" .*path of a \.tgz made by npm pack/),
    })

    expect(await readdir(folder)).not.toContain('asked')
    expect(await readdir(folder)).not.toContain('harm')
  })
})

/** Its script, as a runner would run it. */
async function act(input: string, bin = '') {
  const action = await readFile(join(root, '.github/actions/start/action.yml'), 'utf8')
  const script = /run: \|\n([\s\S]*)$/.exec(action)?.[1]?.replaceAll(/^ {8}/gm, '') ?? ''
  const place = await mkdtemp(join(folder, 'runner-'))
  const [GITHUB_ENV, GITHUB_OUTPUT] = [join(place, 'env'), join(place, 'output')]
  await run('bash', ['-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      npm_config_prefer_offline: 'true',
      GITHUB_WORKSPACE: folder,
      GITHUB_ENV,
      GITHUB_OUTPUT,
      PACKAGE: input,
      OPTIONS: "--port 0 --user o'hara",
    },
  })
  return { told: await readFile(GITHUB_ENV, 'utf8'), output: await readFile(GITHUB_OUTPUT, 'utf8') }
}
