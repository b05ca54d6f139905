// What the test of every client needs: users of its own, what the server has seen, the record of what was asked.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { afterAll, inject } from 'vitest'
import { login, type Client as Api } from '../../src/client/client.ts'
import { listen } from '../support/listen.ts'
import type { Client } from './install.ts'

export const server = inject('server')
setDefaultCACertificates([readFileSync(server.caFile, 'utf8')])

export const PASSWORD = 'secret'

export type User = { name: string; api: Api }
/** The users of each client, so that the journals of their sandboxes can be read. */
const usersOf = new Map<string, string[]>()

/** A new user of a client, and so a new sandbox, logged in to see what the server holds. */
export async function newUser(client: string): Promise<User> {
  const name = `${client.replaceAll(/\W+/g, '-')}-${randomUUID()}`
  usersOf.set(client, [...(usersOf.get(client) ?? []), name])
  return { name, api: await login(server.url, { user: name, password: PASSWORD }) }
}

/** Where a client is that could be had. */
export const pathOf = (client: Client): string => ('path' in client ? client.path : '')

/** A folder that only this run knows. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'update-session-mock-'))

/** What Python's programs need, to trust the server and to write nothing into the user's home. */
export const python = (home: string): Record<string, string> => ({
  HOME: home,
  REQUESTS_CA_BUNDLE: server.caFile,
  SSL_CERT_FILE: server.caFile,
  PYTHONWARNINGS: 'ignore',
  PYTHONDONTWRITEBYTECODE: '1',
})

export type Ran = { code: number; stdout: string; stderr: string }

/** Runs a program to its end; whatever it exits with is an answer. */
export const run = (command: string, args: string[], env: Record<string, string>, cwd?: string): Promise<Ran> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { env: { ...process.env, ...env }, cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error)
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })

/** A source of one image to pull from, for as long as the work takes. */
export async function serving(answer: RequestListener, work: (url: string) => Promise<void>): Promise<void> {
  const { url, stop } = await listen(answer)
  try {
    await work(`${url}/boot.iso`)
  } finally {
    await stop()
  }
}

/** By this name the client goes that looks at the server's side. */
const OURS = 'node'

type Journal = { requests: { operation?: string; request: { headers: Record<string, string> } }[] }

export async function journalOf(user: string, part = ''): Promise<Journal['requests']> {
  const answer = await fetch(`${server.url}/__admin/requests${part}?sandbox=${user}`)
  return ((await answer.json()) as Journal).requests
}

const PAGE = new URL('../../docs/coverage.md', import.meta.url)
const cellsOf = (line: string) => line.slice(2, -2).split(' | ')

/** When the tests of a file are over, writes into the page which operations those clients have asked for that it names. */
afterAll(async () => {
  let lines = readFileSync(PAGE, 'utf8').split('\n')
  const heading = cellsOf(lines.find((line) => line.startsWith('| operation ')) ?? '')
  for (const [client, users] of usersOf) {
    const requests = (await Promise.all(users.map((user) => journalOf(user)))).flat()
    const asked = requests
      .filter(({ request }) => request.headers['user-agent'] !== OURS)
      .map(({ operation }) => `\`${operation?.replace('com.vmware.', '')}\``)
    const column = heading.indexOf(client)
    if (column > 0)
      lines = lines.map((line) => {
        const cells = cellsOf(line)
        const mark = asked.includes(cells[0] ?? '') ? '✓' : ''
        return line.startsWith('| `') ? `| ${cells.with(column, mark).join(' | ')} |` : line
      })
  }
  writeFileSync(PAGE, lines.join('\n'))
})
