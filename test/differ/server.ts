// A revision's own build of the worker, started alike for each: whatever the rest of that revision looks like.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { readWorker, runWorker, type Worker } from '../support/miniflare.ts'
import type { Answer } from './comparison.ts'
import type { Request } from '../support/spelling.ts'
import { ADMIN_TOKEN } from './step.ts'

const run = promisify(execFile)
const BUILD = ['run', '-s', 'build:worker']
const ANSWER_MS = 60_000

/** A folder with the files of a revision, its packages and its built worker. */
export async function checkOut(revision: string): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'differ-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const archive = join(folder, 'files.tar')
    await run('git', ['archive', '--output', archive, revision])
    await run('tar', ['-xf', archive, '-C', folder])
    const locks = await Promise.all(['.', folder].map((each) => readFile(join(each, 'package-lock.json'), 'utf8')))
    if (locks[0] === locks[1]) await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder })
    await run('npm', BUILD, { cwd: folder })
    return { folder, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

export const buildHere = () => run('npm', BUILD)

export type Server = { ask: (sent: Request) => Promise<Answer>; stop: () => Promise<void> }

/** By miniflare alone, with the bindings that the build has written beside the bundle, and no pages. */
export async function start(folder: string): Promise<Server> {
  const vars = {
    PULL_HOSTS: 'loopback',
    PULL_RETRY_SECONDS: '0.01',
    ADMIN_TOKEN,
    LOG_REQUESTS: 'off',
    // Nothing stands between it and its caller here.
    OWN_CONNECTIONS: 'on',
  }
  const { config } = await readWorker(pathToFileURL(`${resolve(folder, 'dist/worker')}/`), vars)
  const ASSETS: NonNullable<Worker['config']['env']>[string] = {
    type: 'node-handler',
    handler: (_, response) => void response.writeHead(404).end(),
  }
  // What a bad input makes the runtime say is in the answer.
  const { url, stop } = await runWorker({ config: { ...config, env: { ...config.env, ASSETS } } }, () => undefined)
  return { ask: (sent) => send(url, sent), stop }
}

/** On a connection of its own, so that none is asked twice; the path goes out as it is, which no other client does. */
function send(origin: string, sent: Request): Promise<Answer> {
  const { promise, resolve: settle } = Promise.withResolvers<Answer>()
  const { method, path, headers, body } = sent
  const asked = request(origin, { agent: false, method, path, headers, timeout: ANSWER_MS }, (response) => {
    const chunks: Buffer[] = []
    const answer = (brokenBy?: string) => {
      const pairs = response.rawHeaders
      settle({
        status: response.statusCode ?? 0,
        headers: pairs.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, pairs[at + 1] ?? '']] : [])),
        body: Buffer.concat(chunks).toString(),
        ...(brokenBy !== undefined && { brokenBy }),
      })
    }
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('end', () => answer())
    response.on('error', (error) => answer('code' in error ? String(error.code) : error.message))
  })
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS} ms`)))
  asked.on('error', (error) => {
    settle({ status: 0, headers: [], body: '', brokenBy: 'code' in error ? String(error.code) : error.message })
  })
  // Node leaves it out of a request whose method usually has no body, and the body would be taken for the next request.
  if (body !== undefined && !('transfer-encoding' in headers))
    asked.setHeader('content-length', Buffer.byteLength(body))
  asked.end(body)
  return promise
}
