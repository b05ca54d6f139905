// A revision's own build of the worker, started alike for each: whatever the rest of that revision looks like.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { exchange } from '../fuzz/wire.ts'
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

/** On a connection of its own, so that none is asked twice; path and headers go out as they are, which no client library does. */
async function send(origin: string, { method, path, headers, body }: Request): Promise<Answer> {
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
  const all = Object.entries({ host: new URL(origin).host, connection: 'close', ...length, ...headers })
  const head = `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const got = await exchange(origin, Buffer.from(head + (body ?? '')), { answerMs: ANSWER_MS })
  const brokenBy = got.isWhole ? {} : { brokenBy: 'an end that came early' }
  return { status: got.status, headers: [...got.headers], body: got.text, ...brokenBy }
}
