// What an admin route is: declared once, so that the guard and the failures know all there are.
import type { Context } from 'hono'
import * as z from 'zod'
import { isUserName, USER_BYTES } from '../rules/credentials.ts'
import { quoted } from '../rules/failure.ts'
import type { Rendered } from '../http/render.ts'
import { once } from '../operations/once.ts'
import type { KeptRecord } from '../rules/request-record.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'

export type AdminContext = Context<{ Bindings: Env }>
export type SandboxStub = DurableObjectStub<Sandbox>

/** What a handler is given: the request, checked. */
export type AdminRequest<B = unknown, Q = unknown> = Given & {
  env: Env
  origin: string
  name: string
  sandbox: SandboxStub
  id: string
  query: Q
  body: B
  /** The mock itself, asked as a client asks it. */
  fetch: (request: Request) => Promise<Response>
}
/** What `app.ts` gives: of the bindings the answer of a request in the journal. */
export type Given = { version: string; render: (record: KeptRecord) => Rendered }
/** An object becomes JSON; nothing becomes an empty object, as WireMock's clients expect. */
type RouteAnswer = object | undefined | Response
type Run<B, Q> = (ask: AdminRequest<B, Q>) => Promise<RouteAnswer> | RouteAnswer
export type Route = {
  /** Open to any client, as a probe of health must be. */
  isPublic?: true
  /** As `GET /requests/:id`: method, and path below `/__admin` with at most one parameter, `:id`. */
  call: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`
  query: () => z.ZodObject
  body: () => z.ZodType
  run: Run<never, never>
}

const noBody = once(() => z.strictObject({}).optional())
const noQuery = once(() => z.strictObject({}))

/** Without a shape, neither query nor body have a field. */
export const route = <B extends z.ZodType = ReturnType<typeof noBody>, Q extends z.ZodObject = z.ZodObject>(
  call: Route['call'],
  { query, body, ...options }: Pick<Route, 'isPublic'> & { query?: () => Q; body?: () => B },
  run: Run<z.output<B>, z.output<Q>>,
): Route => ({ call, ...options, query: query ? once(query) : noQuery, body: body ? once(body) : noBody, run })

/** A failure of the admin API, in a form of its own: it must not be taken for one of vCenter's. */
export class AdminFailure extends Error {
  readonly status: 403 | 404 | 422 | 503
  readonly valid: string[] | undefined

  constructor(status: AdminFailure['status'], message: string, valid?: string[]) {
    super(quoted(message))
    this.status = status
    this.valid = valid
  }
}

export function nameOf(text: string): string {
  if (isUserName(text)) return text
  throw new AdminFailure(422, `A sandbox has a name of 1 to ${USER_BYTES} bytes in UTF-8, and none is named . or .. .`)
}

/** The schema itself, of one that may be left out or has a default. */
export const unwrapped = (schema: z.ZodType): z.ZodType =>
  'unwrap' in schema && !(schema instanceof z.ZodArray) ? unwrapped((schema.unwrap as () => z.ZodType)()) : schema
