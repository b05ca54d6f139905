// The Durable Object that fetches one source endpoint, driven by its alarm.
import { DurableObject } from 'cloudflare:workers'
import { pullFailed } from '../rules/failure.ts'
import type { Source } from '../rules/file.ts'
import { LOOP_ANSWER, LOOP_HEADER, LOOP_TOKEN } from '../rules/loop.ts'
import { readSettings } from '../rules/settings.ts'
import { mayPull, splitSource } from '../rules/source.ts'
import { Body } from './body.ts'
import { discard, receive, type Outcome, type Plan, type Report } from './store.ts'

export type PullOrder = {
  sandbox: string
  plan: Plan
  source: Source
  /** How long to wait after the first attempt that failed; after each further one twice as long. */
  retryMs: number
  /** A source that sends nothing for so long has failed this attempt. */
  stallMs: number
  /** How much the client said to expect, if it did. */
  announcedBytes: number | undefined
}

const ORDER = 'order'
const ATTEMPT = 'attempt'
const ATTEMPTS_LIMIT = 5
const REDIRECTS_LIMIT = 5
const ASK_MS = 250

export class Pull extends DurableObject<Env> {
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
    const { plan } = order
    const attempt = (storage.kv.get<number>(ATTEMPT) ?? 0) + 1
    storage.kv.put(ATTEMPT, attempt)

    const sandbox = this.env.SANDBOXES.getByName(order.sandbox)
    const result = await fetchInto(this.env, order, (bytes) => sandbox.reportProgress(plan.key, bytes))
    if (result.type === 'failed for now' && attempt < ATTEMPTS_LIMIT) {
      await storage.setAlarm(Date.now() + order.retryMs * 2 ** (attempt - 1))
      return
    }
    // This may be the second run, of a pull that was killed after its end was told: then the bytes are held already.
    const ended = await sandbox.endTransfer(plan.key, endingOf(order, result))
    await discard(this.env.CONTENT, plan.key, ended.content)
    await storage.deleteAll()
  }
}

function endingOf({ plan, source }: PullOrder, result: Pulled) {
  switch (result.type) {
    case 'failed for now':
    case 'failed for good':
      return { type: 'abandon', reason: pullFailed(plan.name, splitSource(source.uri).uri, result.why) } as const
    case 'received':
      return { type: 'receive', received: result.received } as const
    case 'stopped':
      return { type: 'interrupt' } as const
  }
}

type Pulled = Exclude<Outcome, { type: 'interrupted' }> | Failed
type Failed = { type: 'failed for now' | 'failed for good'; why: string }
const permanent = (why: string): Failed => ({ type: 'failed for good', why })
const transient = (why: string): Failed => ({ type: 'failed for now', why })

async function fetchInto(env: Env, order: PullOrder, report: Report): Promise<Pulled> {
  const { plan, source, stallMs, announcedBytes = Infinity } = order
  const abort = new AbortController()
  let sizeBytes = 0
  // What is more than announced can never be right, and a source that has no end would fill the bucket.
  const untilTooMuch: Report = async (bytes) => {
    sizeBytes = bytes
    return bytes <= announcedBytes && report(bytes)
  }
  const watched = untilStalled(untilTooMuch, stallMs)
  const settings = readSettings(env)
  if (!settings.ok) return transient('the settings of the mock are wrong')
  try {
    if (!(await report(0))) return { type: 'stopped' }
    const response = await follow(source.uri, settings.value.pullHosts, { signal: abort.signal }, watched)
    if (!(response instanceof Response)) return response
    if (!response.ok || !response.body) {
      await response.body?.cancel()
      const failed = [408, 429].includes(response.status) || response.status >= 500 ? transient : permanent
      return failed(`the source answered ${response.status} ${response.statusText}`.trim())
    }
    const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length')
    const outcome = await receive(
      env.CONTENT,
      plan,
      new Body(response.body),
      length === null ? undefined : Number(length),
      watched,
    )
    if (sizeBytes > announcedBytes) return { type: 'received', received: { key: plan.key, sizeBytes, digests: {} } }
    return outcome.type === 'interrupted' ? transient(outcome.why) : outcome
  } catch (error) {
    return transient(error instanceof Error ? error.message : 'the connection failed')
  } finally {
    abort.abort()
  }
}

/** Gives up on a source that sends nothing. */
export function untilStalled(report: Report, stallMs: number): Report {
  let seenBytes = 0
  let seenAt = Date.now()
  return async (bytes) => {
    if (bytes !== seenBytes) [seenBytes, seenAt] = [bytes, Date.now()]
    if (Date.now() - seenAt > stallMs) throw new Error(`the source sent nothing for ${stallMs / 1000} seconds`)
    return report(bytes)
  }
}

/** The final response of the source, each hop held against the list of hosts, and marked as a request of this mock. */
export async function follow(
  uri: string,
  hosts: string,
  init: RequestInit,
  report: Report,
): Promise<Response | Failed | { type: 'stopped' }> {
  // Of a redirect the address alone counts: a password is for the host that it was given for.
  const first = splitSource(uri)
  let at = first.uri
  for (let hop = 0; hop <= REDIRECTS_LIMIT; hop += 1) {
    if (!mayPull(at, hosts)) return permanent(`the mock may not pull from ${at}: its host is not in PULL_HOSTS`)
    const isFirstOrigin = URL.parse(at)?.origin === URL.parse(first.uri)?.origin
    const headers = {
      [LOOP_HEADER]: LOOP_TOKEN,
      ...(isFirstOrigin && first.authorization !== undefined && { authorization: first.authorization }),
    }
    const marked = { ...init, headers, redirect: 'manual' } as const
    const response = await untilStopped(fetch(at, marked), report)
    if (response === 'stopped') return { type: 'stopped' }
    if (response.headers.get(LOOP_ANSWER) === LOOP_TOKEN) {
      await response.body?.cancel()
      return permanent(`${at} is this mock itself, which pulls nothing from itself`)
    }
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return response
    await response.body?.cancel()
    const next = URL.parse(location, at)
    if (!next) return permanent(`the source redirects to ${location}, which is no URL`)
    at = splitSource(next.href).uri
  }
  return permanent(`the source redirects more than ${REDIRECTS_LIMIT} times`)
}

/** A source that has not even answered must not keep a cancelled pull alive. */
async function untilStopped(response: Promise<Response>, report: Report): Promise<Response | 'stopped'> {
  for (;;) {
    const { promise: tick, resolve } = Promise.withResolvers<'tick'>()
    const timer = setTimeout(resolve, ASK_MS, 'tick')
    const first = await Promise.race([response, tick]).finally(() => clearTimeout(timer))
    if (first !== 'tick') return first
    if (await report(0)) continue
    return 'stopped'
  }
}
