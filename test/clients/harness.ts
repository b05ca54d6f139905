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
import { all } from '../../src/operations/index.ts'
import { id } from '../../src/operations/operation.ts'
import { listen } from '../support/listen.ts'

export const server = inject('server')
setDefaultCACertificates([readFileSync(server.caFile, 'utf8')])

export const ITEM = '22222222-2222-4222-8222-222222222222'
export const PASSWORD = 'secret'

export type User = { name: string; api: Api }
/** What the users of this run are called, so that the journals of their sandboxes can be read. */
const names: string[] = []

/** A new user, and so a new sandbox, logged in to see what the server holds. */
export async function newUser(prefix: string): Promise<User> {
  const name = `${prefix}-${randomUUID()}`
  names.push(name)
  return { name, api: await login(server.url, { user: name, password: PASSWORD }) }
}

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

/** The operations that a client can ask for; what is not there has a name in the journal, too. */
const known = new Set(all.map(id))

const SEEN = new URL('seen.json', import.meta.url)
type Seen = Record<string, string[]>
type Journal = { requests: { operation?: string; request: { headers: Record<string, string> } }[] }

/** When the tests of this file are over, writes into seen.json which operations the client has asked for. */
export function recordSeen(client: string): void {
  afterAll(async () => {
    // A client that could not be had has nothing to say.
    if (names.length === 0) return
    const operations = new Set<string>()
    for (const name of names) {
      const answer = await fetch(`${server.url}/__admin/requests?sandbox=${name}`)
      const { requests } = (await answer.json()) as Journal
      for (const { operation, request } of requests)
        if (operation !== undefined && known.has(operation) && request.headers['user-agent'] !== OURS)
          operations.add(operation)
    }
    const seen = JSON.parse(readFileSync(SEEN, 'utf8')) as Seen
    seen[client] = [...operations].toSorted()
    writeFileSync(SEEN, `${JSON.stringify(seen, null, 2)}\n`)
  })
}
