// Who opens the admin API over real connections: nothing that a client can send does, and no name that leads here.
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { start } from '../../../src/node/start.ts'
import { started, startedCommand } from '../../support/command.ts'
import { isThere } from '../../support/gate.ts'
import { send } from '../send.ts'

type Headers = Record<string, string>

/** What a client gets that sends these headers as they are, Host too. */
const statusOf = async (url: string, path: string, headers: Headers = {}) =>
  (await send(`${url}${path}`, { headers })).status

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
isThere(elsewhere !== undefined, WITHOUT)

const PATHS = ['/__admin/clock', '/__admin/requests', '/__admin/sandboxes']

/** None of these headers opens it. */
async function expectShut(url: string, path: string, all: Headers[]): Promise<void> {
  for (const headers of all) expect([headers, await statusOf(url, path, headers)]).toEqual([headers, 403])
}

describe('the command on loopback', () => {
  it('opens the admin API by its address, and to no page that another name leads here', async () => {
    const { url } = await startedCommand([])
    const { port } = new URL(url)

    for (const path of PATHS) {
      expect(await statusOf(url, path)).toBe(200)
      expect(await statusOf(url, path, { host: `localhost:${port}` })).toBe(200)
      await expectShut(url, path, byName(port))
    }
    expect(await statusOf(url, '/__admin/')).toBe(200)
    expect(await statusOf(url, '/__admin/', { host: `evil.example:${port}` })).toBe(403)
  })

  it('lets no variable of its users open the admin API', async () => {
    await expect(startedCommand(['--var', 'LOCAL_ADMIN=on'])).rejects.toThrow('There is no variable LOCAL_ADMIN.')
  })

  it('tells a shell the token of a start in the background that other machines reach', async () => {
    const { child, text } = await startedCommand(['--env', '--host', '0.0.0.0'], {}, /MOCK_TOKEN=.*\n/)
    const told = (name: string) => new RegExp(`^export UPDATE_SESSION_MOCK_${name}='(.*)'$`, 'm').exec(text)?.[1] ?? ''
    onTestFinished(() => void process.kill(Number(told('PID'))))
    if (child.exitCode === null) await once(child, 'exit')

    expect(await statusOf(told('URL'), '/__admin/clock')).toBe(403)
    const authorization = `Bearer ${told('TOKEN')}`
    expect(await statusOf(told('URL'), '/__admin/clock', { authorization })).toBe(200)
  })

  it('wants the token that a variable sets', async () => {
    const { url } = await startedCommand(['--var', 'ADMIN_TOKEN=mine'])

    expect(await statusOf(url, '/__admin/clock')).toBe(403)
    expect(await statusOf(url, '/__admin/clock', { authorization: 'Bearer mine' })).toBe(200)
  })
})

describe.skipIf(elsewhere === undefined)(elsewhere ? `from ${elsewhere}` : `from elsewhere (${WITHOUT})`, () => {
  it.each([[[]], [['--admin-token', '']]])(
    'the command on all addresses opens to its token alone: %j',
    async (args) => {
      const { text, url: own } = await startedCommand(['--host', '0.0.0.0', ...args])
      const { port } = new URL(own)
      const url = `http://${elsewhere}:${port}`
      const token = /token +(\S+) opens/.exec(text)?.[1] ?? ''

      for (const path of PATHS) {
        await expectShut(url, path, attacks(port))
        expect(await statusOf(url, path, { authorization: `Bearer ${token}` })).toBe(200)
      }
    },
  )
})

describe('start()', () => {
  it.each([
    {},
    { host: 'localhost' },
    { host: '0.0.0.0' },
    { host: '0.0.0.0', vars: { ADMIN_TOKEN: '' } },
    { https: true },
    { vars: { ADMIN_TOKEN: '' } },
    { vars: { ADMIN_TOKEN: 'a' } },
  ])('reaches its own admin API: %j', async (options) => {
    await using vcenter = await start(options)

    await expect(vcenter.journal.list()).resolves.toEqual([])
  })

  it('opens the admin API to no client without its token, and to no other name even where it wants none', async () => {
    await using kept = await start()
    await using open = await start({ vars: { ADMIN_TOKEN: '' } })

    expect(await statusOf(kept.url, '/__admin/clock')).toBe(403)
    expect(await statusOf(open.url, '/__admin/clock')).toBe(200)
    for (const { url } of [kept, open]) await expectShut(url, '/__admin/clock', byName(new URL(url).port))
  })
})

describe('npm run dev', () => {
  it(
    'opens the admin API to the link that it prints, and to nothing that a client can forge',
    { timeout: 180_000 },
    async () => {
      // Any free port: wrangler takes 0 for that.
      const args = ['--ip', '0.0.0.0', '--port', '0', '--inspector-port', '0']
      const { text, child, closed } = await started(/export ADMIN_TOKEN='[^']+'/, 'npm', ['run', 'dev', '--', ...args])
      const { origin, port, hash } = new URL(/http:\S+#token=\S+/.exec(text)?.[0] ?? '')
      const token = decodeURIComponent(hash.replace('#token=', ''))

      expect(text).toContain(`export ADMIN_TOKEN='${token}'`)
      expect(await statusOf(origin, '/__admin/')).toBe(200)
      // wrangler's own page, with an API that reads and writes all storage.
      for (const path of ['/cdn-cgi/explorer', '/cdn-cgi/explorer/api', '/cdn-cgi/local/explorer/api'])
        expect([path, await statusOf(origin, path, { host: `localhost:${port}` })]).toEqual([path, 404])
      for (const url of [origin, ...(elsewhere === undefined ? [] : [`http://${elsewhere}:${port}`])])
        for (const path of PATHS) {
          await expectShut(url, path, attacks(port))
          expect(await statusOf(url, path, { authorization: `Bearer ${token}` })).toBe(200)
        }

      // Of npm alone: it tells what it has started, down to the runtime.
      child.kill('SIGTERM')
      await closed
      await expect(statusOf(origin, '/__admin/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    },
  )
})
