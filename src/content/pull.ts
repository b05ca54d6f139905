// The Durable Object that fetches one source endpoint, once: the sandbox says whether there is another attempt. The transfer
// runs beside the alarm, which the platform ends after 15 minutes: it only supervises, and sets itself again.
import { DurableObject } from 'cloudflare:workers'
import { pullFailed, storeFull, transferRefused } from '../rules/failure.ts'
import type { Source } from '../rules/file.ts'
import { DIGITS } from '../rules/expressions.ts'
import { LOOP_ANSWER, LOOP_HEADER, LOOP_TOKEN } from '../rules/loop.ts'
import { readSettings, type DeploymentSettings } from '../rules/settings.ts'
import { mayPull, splitSource, type Unreached } from '../rules/source.ts'
import { Body, within } from './body.ts'
import { partsOf, whyRefused } from './bucket.ts'
import { CONTENT_LIMIT_BYTES } from './parts.ts'
import { discard, receive, type Outcome } from './store.ts'
import { tell, Watch, type Plan } from './watch.ts'

export type PullOrder = {
  sandbox: string
  plan: Plan
  source: Source
  /** A source that sends nothing for so long has failed this attempt. */
  stallMs: number
  /** For how long one alarm supervises the transfer. */
  superviseMs: number
}

const ORDER = 'order'
const BEGUN = 'begun'
const REDIRECTS_LIMIT = 5
const LOOK_MS = 250

export class Pull extends DurableObject<Env> {
  #attempt: Promise<void> | undefined

  /** Begins the transfer in the background; asking again changes nothing. */
  async start(order: PullOrder): Promise<void> {
    const { storage } = this.ctx
    if (storage.kv.get(ORDER) !== undefined) return
    storage.kv.put(ORDER, order)
    await storage.setAlarm(Date.now())
  }

  override async alarm(): Promise<void> {
    const { storage } = this.ctx
    const order = storage.kv.get<PullOrder>(ORDER)
    if (!order) return
    if (!this.#attempt) {
      // One that was begun, and is not under way in this memory, was killed.
      const wasKilled = storage.kv.get(BEGUN) !== undefined
      storage.kv.put(BEGUN, true)
      this.#attempt = this.#run(order, wasKilled).finally(() => (this.#attempt = undefined))
    }
    const isOver = await within(
      order.superviseMs,
      this.#attempt.then(() => true),
    )
    if (!isOver) await storage.setAlarm(Date.now())
  }

  async #run(order: PullOrder, wasKilled: boolean): Promise<void> {
    const { plan, source } = order
    const result = wasKilled ? transient('the mock was stopped meanwhile') : await fetchInto(this.env, order)
    const sandbox = () => this.env.SANDBOXES.getByName(order.sandbox)
    // Where it was told before the kill, the content is held already, and this changes nothing.
    const ending = endingOf(plan, source, result, whyRefused(this.env))
    const ended = await tell(plan.leaseMs, () => sandbox().endTransfer(plan.key, ending))
    await discard(partsOf(this.env), plan.key, ended.isHeld)
    await this.ctx.storage.deleteAll()
  }
}

function endingOf({ key, name }: Plan, source: Source, result: Pulled, whyRefused: string) {
  const { uri } = splitSource(source.uri)
  switch (result.type) {
    case 'interrupted':
      return { type: 'interrupt', reason: pullFailed(name, uri, result.why) } as const
    case 'refused':
      return { type: 'interrupt', reason: transferRefused(name, whyRefused) } as const
    case 'failed for good':
      return { type: 'abandon', reason: pullFailed(name, uri, result.why) } as const
    case 'received':
      return { ...result, type: 'receive' } as const
    case 'stopped':
      switch (result.why) {
        case 'store full':
          return { type: 'abandon', reason: storeFull() } as const
        case 'too large':
          return { type: 'abandon', reason: pullFailed(name, uri, TOO_LARGE) } as const
        case 'more than announced':
          return { type: 'receive', received: { key, sizeBytes: result.bytesTransferred, digests: {} } } as const
        case 'not wanted':
        case 'unheard':
          return { type: 'interrupt' } as const
      }
  }
}

type Pulled = Outcome | { type: 'failed for good'; why: string }
type Failed = Extract<Pulled, { type: 'interrupted' | 'failed for good' }> & { cause?: Unreached | undefined }
const permanent = (why: string, cause?: Unreached): Failed => ({ type: 'failed for good', why, cause })
const transient = (why: string, cause?: Unreached): Failed => ({ type: 'interrupted', why, cause })
const TOO_LARGE = `it is larger than ${CONTENT_LIMIT_BYTES} bytes: more parts than one request may store`
const broken = (error: unknown) => transient(error instanceof Error ? error.message : 'the connection failed')
const notTrusted = () => permanent('Server not trusted: no TLS connection can be made to it', 'CERTIFICATE_ERROR')
const silence = (stallMs: number) => `the source sent nothing for ${stallMs / 1000} seconds`
const unknownHost = (host: string) => transient(`the host ${host} cannot be found`, 'HOST_NOT_FOUND')

async function fetchInto(env: Env, { sandbox, plan, source, stallMs }: PullOrder): Promise<Pulled> {
  const settings = readSettings(env)
  if (!settings.ok) return transient('the settings of the mock are wrong')
  const watch = new Watch(plan, () => env.SANDBOXES.getByName(sandbox))
  const abort = new AbortController()
  let body: Body | undefined
  const look = setInterval(() => {
    if (Date.now() - (body?.waitsSince ?? Infinity) > stallMs) abort.abort(new Error(silence(stallMs)))
  }, LOOK_MS)
  try {
    const asked = follow(source.uri, settings.value.pullHosts, stallMs, { signal: abort.signal })
    const response = await Promise.race([asked, watch.stopped])
    if (!(response instanceof Response)) return response
    // 206 is a part, and none was asked for.
    const isWhole = response.ok && response.status !== 206
    if (!isWhole || !response.body) {
      await response.body?.cancel()
      const failed = [408, 429].includes(response.status) || response.status >= 500 ? transient : permanent
      return failed(`the source answered ${response.status} ${response.statusText}`.trim())
    }
    const lengthBytes = lengthOf(response)
    if ((lengthBytes ?? 0) > CONTENT_LIMIT_BYTES) return permanent(TOO_LARGE)
    body = new Body(response.body, lengthBytes)
    return await receive(partsOf(env), plan, body, lengthBytes, watch)
  } catch (error) {
    return broken(error)
  } finally {
    clearInterval(look)
    watch.end()
    abort.abort()
  }
}

/** Of the bytes that are read, as far as the source says it: what it sends encoded has another length, or none. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length') ?? ''
  const isEncoded = headers.has('content-encoding') || headers.has('transfer-encoding')
  return DIGITS.test(length) && !isEncoded ? Number(length) : undefined
}

/** The final response of the source, each hop held against the list of hosts, and marked as a request of this mock. */
async function follow(uri: string, hosts: string, stallMs: number, init: RequestInit): Promise<Response | Failed> {
  // Of a redirect the address alone counts: a password is for the host that it was given for.
  const first = splitSource(uri)
  let at = first.uri
  for (let hop = 0; hop <= REDIRECTS_LIMIT; hop += 1) {
    if (!mayPull(at, hosts))
      return permanent(`the mock pulls from hosts in PULL_HOSTS by http: and https: alone, not from ${at}`)
    const isFirstOrigin = URL.parse(at)?.origin === URL.parse(first.uri)?.origin
    const authorization = isFirstOrigin ? first.authorization : undefined
    const asked = ask(at, init, authorization).catch((error: unknown) => failureOf(at, init, error))
    const response = (await within(stallMs, asked)) ?? transient(silence(stallMs), 'TIMED_OUT')
    if (!(response instanceof Response)) return response
    const failed = failedBefore(response, at)
    if (failed) {
      await response.body?.cancel()
      return failed
    }
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return response
    await response.body?.cancel()
    const next = URL.parse(location, at)
    if (!next) return permanent(`the source redirects to ${splitSource(location).uri}, which is no URL`)
    at = splitSource(next.href).uri
  }
  return permanent(`the source redirects more than ${REDIRECTS_LIMIT} times`)
}

/** Where the answer is none of the source's own: of this mock, or of Cloudflare (docs/deploy.md, "Sources of a PULL"). */
function failedBefore({ url, status, headers }: Response, uri: string): Failed | undefined {
  if (headers.get(LOOP_ANSWER) === LOOP_TOKEN)
    return permanent(`${uri} is this mock or another, and a mock pulls from none`)
  if (status === 525 || status === 526) return notTrusted()
  if (CAUSES.has(status))
    return permanent(`Cloudflare does not reach the source (error ${status}). ${MORE}`, CAUSES.get(status))
  if (status === 403 && headers.get('server') === 'cloudflare' && isAddress(url))
    return permanent(`Cloudflare fetches from no IP address (error 1003): give the source a name. ${MORE}`)
  return undefined
}
/** https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const CAUSES = new Map<number, Unreached | undefined>([
  [521, undefined],
  [522, 'TIMED_OUT'],
  [523, undefined],
  [524, 'TIMED_OUT'],
  [530, 'HOST_NOT_FOUND'],
])
const MORE = 'docs/deploy.md has more in "Sources of a PULL"'

/** The URL parser has written an IPv4 address in four numbers. Names that end in a number are not valid. */
function isAddress(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  return host.startsWith('[') || !Number.isNaN(Number(host.split('.').at(-1) || NaN))
}

/** Asks a source for its headers, on the way that a pull would take. */
export async function look(uri: string, { pullHosts, pullStallMs }: DeploymentSettings) {
  const abort = new AbortController()
  try {
    const init = { method: 'HEAD', signal: abort.signal }
    const response = await follow(uri, pullHosts, pullStallMs, init).catch(broken)
    return response instanceof Response ? { status: response.status } : { why: response.why, cause: response.cause }
  } finally {
    abort.abort()
  }
}

/** What a cache holds may be another file. */
function ask(uri: string, init: RequestInit, authorization?: string): Promise<Response> {
  const headers = { [LOOP_HEADER]: LOOP_TOKEN, ...(authorization !== undefined && { authorization }) }
  return fetch(uri, { ...init, headers, redirect: 'manual', cache: 'no-store' })
}

const isTold = (error: unknown): error is Error => error instanceof Error && !error.message.startsWith('internal error')

/** The runtime gives TLS and unknown names a number, and no reason. A host that answers without TLS is known. */
async function failureOf(uri: string, init: RequestInit, error: unknown): Promise<Failed> {
  if (isTold(error)) return transient(error.message)
  const { protocol, host, port } = new URL(uri)
  if (protocol !== 'https:') return unknownHost(host)
  const plain = ask(`http://${host}${port === '' ? ':443' : ''}/`, { ...init, method: 'HEAD' })
  const isKnown = await plain.then(() => true, isTold)
  return isKnown ? notTrusted() : unknownHost(host)
}
