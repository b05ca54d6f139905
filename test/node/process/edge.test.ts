// Who opens the admin API over real connections: nothing that a client can send does, and no name that leads here.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { start } from '../../../src/node/start.ts'

type Headers = Record<string, string>

/** What a client is answered that sends these headers as they are, Host too. */
const ask = (url: string, path: string, headers: Headers = {}) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sent = request(`${url}${path}`, { headers, agent: false }, (response) => {
      response.setEncoding('utf8')
      let text = ''
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
    sent.on('error', reject).end()
  })
const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status

/** The attacks: as another machine makes them, and as a page that a name of its own leads here. */
const attacks = (port: string): Headers[] => {
  const here = `http://localhost:${port}`
  const forged = `${here}/__admin/clock`
  return [
    { host: `localhost:${port}`, 'cf-connecting-ip': '127.0.0.1' },
    { host: `localhost:${port}`, 'cf-connecting-ip': '127.0.0.1', 'mf-original-url': forged },
    { host: `localhost:${port}`, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost' },
    { host: `evil.example:${port}` },
    { host: `evil.example:${port}`, 'mf-original-url': forged },
    { host: `evil.example:${port}`, 'mf-original-url': forged, 'cf-connecting-ip': '127.0.0.1' },
    { host: `evil.example:${port}`, 'mf-original-url': forged, origin: here, 'sec-fetch-site': 'same-origin' },
  ]
}
/** Those that no client on another machine can make against a server that other machines do not reach. */
const byName = (port: string) => attacks(port).filter(({ host }) => host?.startsWith('evil'))

/** An address of this machine by which other machines reach it. */
const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
const WITHOUT = 'this machine has no IPv4 address but loopback'

const PATHS = ['/__admin/clock', '/__admin/requests', '/__admin/sandboxes']

/** Starts a program that ends with the test, and waits for these words. */
async function started(words: RegExp, program: string, ...args: string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  let hasEnded = false
  const closed = once(child, 'close').then(() => (hasEnded = true))
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await closed
  })
  while (!words.test(text)) {
    if (hasEnded) throw new Error(text)
    await Promise.race([once(child.stdout, 'data'), closed])
  }
  return { text, child, closed }
}
const COMMAND = [process.execPath, 'src/node/command.ts', '--port', '0'] as const
const command = (...args: string[]) => started(/Ctrl-C/, ...COMMAND, ...args)
const portIn = (text: string) => /http:\/\/[\w.[\]:]+:(\d+)/.exec(text)?.[1] ?? ''

describe('the command on loopback', () => {
  it('opens the admin API by its address, and to no page that another name leads here', async () => {
    const { text } = await command()
    const port = portIn(text)
    const url = `http://127.0.0.1:${port}`

    for (const path of PATHS) {
      expect(await statusOf(url, path)).toBe(200)
      expect(await statusOf(url, path, { host: `localhost:${port}` })).toBe(200)
      for (const headers of byName(port)) expect([headers, await statusOf(url, path, headers)]).toEqual([headers, 403])
    }
    expect(await statusOf(url, '/__admin/')).toBe(200)
    expect(await statusOf(url, '/__admin/', { host: `evil.example:${port}` })).toBe(403)
  })

  it('lets no variable of its users open the admin API', async () => {
    await expect(command('--var', 'LOCAL_ADMIN=on')).rejects.toThrow('There is no variable LOCAL_ADMIN.')
  })

  it('tells a shell the token of a start in the background that other machines reach', async () => {
    const { child, text } = await started(/MOCK_TOKEN=.*\n/, ...COMMAND, '--env', '--host', '0.0.0.0')
    const told = (name: string) => new RegExp(`^export UPDATE_SESSION_MOCK_${name}='(.*)'$`, 'm').exec(text)?.[1] ?? ''
    onTestFinished(() => void process.kill(Number(told('PID'))))
    if (child.exitCode === null) await once(child, 'exit')

    expect(await statusOf(told('URL'), '/__admin/clock')).toBe(403)
    const authorization = `Bearer ${told('TOKEN')}`
    expect(await statusOf(told('URL'), '/__admin/clock', { authorization })).toBe(200)
  })

  it('wants the token that a variable sets', async () => {
    const { text } = await command('--var', 'ADMIN_TOKEN=mine')
    const url = `http://127.0.0.1:${portIn(text)}`

    expect(await statusOf(url, '/__admin/clock')).toBe(403)
    expect(await statusOf(url, '/__admin/clock', { authorization: 'Bearer mine' })).toBe(200)
  })
})

describe.skipIf(elsewhere === undefined)(elsewhere ? `from ${elsewhere}` : `from elsewhere (${WITHOUT})`, () => {
  it.each([[[]], [['--admin-token', '']]])(
    'the command on all addresses opens to its token alone: %j',
    async (args) => {
      const { text } = await command('--host', '0.0.0.0', ...args)
      const port = portIn(text)
      const url = `http://${elsewhere}:${port}`
      const token = /token +(\S+) opens/.exec(text)?.[1] ?? ''

      for (const path of PATHS) {
        for (const headers of attacks(port))
          expect([headers, await statusOf(url, path, headers)]).toEqual([headers, 403])
        expect(await statusOf(url, path, { authorization: `Bearer ${token}` })).toBe(200)
      }
    },
  )

  it.each([{}, { ADMIN_TOKEN: '' }])('start() on all addresses opens to its own methods alone: %j', async (vars) => {
    await using vcenter = await start({ host: '0.0.0.0', vars })
    const { port } = new URL(vcenter.url)

    for (const headers of attacks(port))
      expect([headers, await statusOf(`http://${elsewhere}:${port}`, '/__admin/clock', headers)]).toEqual([
        headers,
        403,
      ])
    await expect(vcenter.clock.now()).resolves.toBeInstanceOf(Date)
  })
})

describe('start()', () => {
  it.each([{}, { host: 'localhost' }, { https: true }, { vars: { ADMIN_TOKEN: '' } }, { vars: { ADMIN_TOKEN: 'a' } }])(
    'reaches its own admin API: %j',
    async (options) => {
      await using vcenter = await start(options)

      await expect(vcenter.journal.list()).resolves.toEqual([])
    },
  )

  it('opens the admin API to no client without its token, and to no other name even where it wants none', async () => {
    await using kept = await start()
    await using open = await start({ vars: { ADMIN_TOKEN: '' } })

    expect(await statusOf(kept.url, '/__admin/clock')).toBe(403)
    expect(await statusOf(open.url, '/__admin/clock')).toBe(200)
    for (const { url } of [kept, open])
      for (const headers of byName(new URL(url).port))
        expect([headers, await statusOf(url, '/__admin/clock', headers)]).toEqual([headers, 403])
  })
})

describe('npm run dev', () => {
  it(
    'opens the admin API to the link that it prints, and to nothing that a client can forge',
    { timeout: 180_000 },
    async () => {
      // Any free port: wrangler takes 0 for that.
      const args = ['--ip', '0.0.0.0', '--port', '0', '--inspector-port', '0']
      const { text, child, closed } = await started(/export ADMIN_TOKEN='[^']+'/, 'npm', 'run', 'dev', '--', ...args)
      const { origin, port, hash } = new URL(/http:\S+#token=\S+/.exec(text)?.[0] ?? '')
      const token = decodeURIComponent(hash.replace('#token=', ''))

      expect(text).toContain(`export ADMIN_TOKEN='${token}'`)
      expect(await statusOf(origin, '/__admin/')).toBe(200)
      // wrangler's own page, with an API that reads and writes all storage.
      for (const path of ['/cdn-cgi/explorer', '/cdn-cgi/explorer/api', '/cdn-cgi/local/explorer/api'])
        expect([path, await statusOf(origin, path, { host: `localhost:${port}` })]).toEqual([path, 404])
      for (const url of [origin, ...(elsewhere === undefined ? [] : [`http://${elsewhere}:${port}`])])
        for (const path of PATHS) {
          for (const headers of attacks(port))
            expect([headers, await statusOf(url, path, headers)]).toEqual([headers, 403])
          expect(await statusOf(url, path, { authorization: `Bearer ${token}` })).toBe(200)
        }

      // Of npm alone: it tells what it has started, down to the runtime.
      child.kill('SIGTERM')
      await closed
      await expect(ask(origin, '/__admin/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    },
  )
})
