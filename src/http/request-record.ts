// What the Worker knows of a request while it answers it: for the journal of its sandbox, and for the log.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { operations } from '../operations/index.ts'
import { fail, noOperation, type Failure, type Result } from '../rules/failure.ts'
import { describeSent } from '../rules/request-record.ts'
import type { Answer, Output, Binding, Facts, RefusedBy, RequestFacts } from '../rules/request-record.ts'
import type { DeploymentSettings } from '../rules/settings.ts'
import { bodyTextOf } from './body.ts'
import { applyFault } from './fault.ts'
import { askerOf, proofIn, type Proof } from './proof.ts'
import { renderFailure, type Render } from './render.ts'

export type AppContext = Context<{ Bindings: Env }>

/** Filled in on the way. */
export type KnownRequest = Partial<Answer> & {
  id: string
  /** Epoch milliseconds. */
  at: number
  /** Absent where the path belongs to no binding. */
  binding?: Binding
  facts: Facts
  /** What proves who asks, where the binding has a place of its own for it. */
  proof?: Proof
  /** An operation's id, `upload` or `download`. */
  operation?: string
  /** The sandbox that answered. */
  sandbox?: string
  /** Of a login. */
  loggedInAt?: number
  /** What the admin API refuses it for. */
  adminReason?: string
  /** The sandbox has it in its journal. */
  isRecorded: boolean
}
declare module 'hono' {
  interface ContextVariableMap {
    known: KnownRequest
    /** Where they are wrong, no call gets as far as to ask for them. */
    settings: DeploymentSettings
  }
}

export function beginRecord(c: Context): void {
  c.set('known', { id: crypto.randomUUID(), at: Date.now(), facts: {}, isRecorded: false })
}

/** Names the binding, and what it needs beside the result to render an answer. */
export const bind = (c: Context, binding: Binding, facts: Facts = {}): KnownRequest =>
  Object.assign(c.get('known'), { binding, facts })

/** A failure, and who refused. */
export function failBy(c: Context, refusedBy: RefusedBy, failure: Failure): Result<never> {
  c.get('known').refusedBy = refusedBy
  return fail(failure)
}

/** Refuses a method that a path does not have. A header names those that it has; the message, what they go with in a query. */
export function failByMethod(c: Context, methods: string[], selector = '', forms = methods): Result<never> {
  c.get('known').facts = { headers: { allow: [...new Set(methods)].join(', ') } }
  return failBy(c, 'routing', noOperation(`${c.req.method} ${c.req.path}${selector}`, [...new Set(forms)]))
}

/** Sends what the binding makes of the result. A stream takes the place of a body that is none. */
export function respond(c: Context, render: Render, result: Result<Output>, stream: ReadableStream | null = null) {
  const known = c.get('known')
  known.result = result
  if (!result.ok) known.refusedBy ??= result.failure.type === 'SERVICE_UNAVAILABLE' ? 'configuration' : 'bug'
  const rendered = render(result, operations.get(known.operation ?? ''), known.facts)
  const { status, headers, body } = known.fault ? applyFault(rendered, known.fault) : rendered
  return c.newResponse(body ?? stream, status as ContentfulStatusCode, headers) // one without a body has none, by its render
}

/** Answers what belongs to no binding, in the plainest form. */
export const respondPlainly = (c: Context, refusedBy: RefusedBy | undefined, failure: Failure): Response => {
  if (refusedBy) failBy(c, refusedBy, failure)
  return respond(c, (_, __, facts) => renderFailure(failure, facts), fail(failure))
}

/** Where the path begins in a request's URL, which the platform has made regular: taking it apart would cost more. */
export const pathAt = (url: string): number => url.indexOf('/', url.indexOf('://') + 3)

/** What a sandbox is told of the request with the call that answers it. */
export function factsOf(c: Context): RequestFacts {
  const { id, at, binding = 'api', operation, facts } = c.get('known')
  const { method, url, headers } = c.req.raw
  const sent = describeSent(method, url.slice(pathAt(url)), headers, bodyTextOf(c.req.raw))
  return { id, at, binding, operation, facts, sent }
}

/** Tells the sandbox of a request that no call has told it of; one that belongs to no sandbox is in the log alone. */
export function recordAfterwards(c: AppContext): void {
  if (!c.get('known').isRecorded) c.executionCtx.waitUntil(record(c))
}

async function record(c: AppContext): Promise<void> {
  const { user, result, refusedBy, fault, ...known } = c.get('known')
  const asker = await askerOf(proofOf(c), c.env)
  const sandbox = known.sandbox ?? asker?.sandbox
  if (sandbox === undefined || !result) return
  const answer = { user: user ?? asker?.user, result, refusedBy, fault }
  await c.env.SANDBOXES.getByName(sandbox).record(factsOf(c), answer, asker?.token)
}

/** The sandbox that a request was about, where its call has failed before it told. */
export const askedSandbox = async (c: AppContext): Promise<string | undefined> =>
  (await askerOf(proofOf(c), c.env))?.sandbox

/** Of a request that no sandbox was asked about: whose journal it belongs to. A password that is wrong leads nowhere. */
const proofOf = (c: AppContext): Proof | undefined =>
  c.get('known').proof ?? proofIn(c.req.raw, publicUrlOf(c)) ?? uploadProof(c.req.path)

/** Under which clients reach this mock, where the deployment says it. */
export const publicUrlOf = (c: AppContext): string => c.get('settings').publicUrl

const UPLOADS = '/cls/data/'
const uploadProof = (path: string): Proof | undefined =>
  path.startsWith(UPLOADS) ? { token: path.slice(UPLOADS.length).split('/', 1)[0] ?? '' } : undefined
