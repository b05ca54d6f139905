// Servers as processes of their own, and how long each takes from its start to an answer.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { ask, ITEM_ID, logIn, SESSIONS_PATH } from './load.ts'

const LISTENING = /http:\/\/\S*127\.0\.0\.1:\d+/

type Options = { cwd?: string; env?: NodeJS.ProcessEnv }

/** The time until what it started has been asked. */
export async function command(
  name: string,
  args: string[],
  use: (url: string) => Promise<unknown>,
  options: Options = {},
): Promise<number> {
  const startedAt = performance.now()
  const { url, stop } = await launch(name, args, options)
  try {
    await use(url)
    return performance.now() - startedAt
  } finally {
    await stop()
  }
}

/** Until it says where it listens. */
export async function launch(name: string, args: string[], options: Options = {}) {
  // A group of its own, which ends as one: npx has the command below it.
  const child = spawn(name, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
    // Prism names every operation's URL, and listens when it says so.
    const [url] = LISTENING.exec(text.includes('[CLI]') ? (text.split('listening on')[1] ?? '') : text) ?? []
    if (url !== undefined) resolve(url)
  })
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`${name} ended before it listened: ${text}`)))
  const stop = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  try {
    return { url: await promise, pid: child.pid ?? 0, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The first that a client does in the mock. */
export async function cancel(url: string): Promise<void> {
  const sessions = `${url}${SESSIONS_PATH}`
  const headers = await logIn(url, 'user')
  const id = await ask({ method: 'POST', url: sessions, headers, body: { library_item_id: ITEM_ID }, expect: 201 })
  await ask({ method: 'POST', url: `${sessions}/${JSON.parse(id)}?action=cancel`, headers, expect: 204 })
}

/** One that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  server.close()
  await once(server, 'close')
  return port
}
