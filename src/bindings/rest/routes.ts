// From a request to the operation it means and the input it carries: what both REST bindings share.
import type { Hono } from 'hono'
import type { Operation } from '../../operations/operation.ts'
import { PATH_FIELD } from '../../rules/expressions.ts'
import * as failures from '../../rules/failure.ts'
import { fail, ok, type Result } from '../../rules/failure.ts'
import { hasBody, withoutNulls } from '../../http/body.ts'
import { call, changeCookie, readBody } from '../../http/call.ts'
import type { Render } from '../../http/render.ts'
import { bind, failBy, failByMethod, respond, type AppContext } from '../../http/request-record.ts'

/** How a binding spells one operation. Between them, path, query and body hold every field of its input. */
export type Form = Pick<Operation, 'method' | 'path' | 'action' | 'otherAction'> & {
  operation: Operation
  query: string[]
  /** A field that may be in the query, too, though the specification has it elsewhere. */
  otherQuery?: () => string | undefined
  /** Properties of a body that is an object of them; or the one field that is the whole body. */
  body: () => string[] | string
}

/** What all forms of one binding have in common. */
export type Dialect = {
  /** All its paths begin with its name. */
  binding: 'api' | 'rest'
  render: Render
  /** The query parameter that names an action. */
  action: string
  /** The value, decoded, of a field that is spelled like this in a path; nothing if none can be. */
  value: (text: string) => string | undefined
  /** The operation's input, of what path, query and body say. */
  input: (c: AppContext, operation: Operation, fields: Record<string, unknown>) => object
}

/** The input fields that a path carries, in order. */
export const pathFields = (path: string): string[] => Array.from(path.matchAll(PATH_FIELD), ([, name = '']) => name)

/** Serves each of these forms, and refuses what is on none of their paths. */
export function serveForms(app: Hono<{ Bindings: Env }>, forms: Form[], dialect: Dialect): void {
  const { binding, render } = dialect
  const base = `/${binding}` as const
  const paths = pathsOf(forms, base)
  app.all('*', async (c) => {
    bind(c, binding)
    const at = findPath(paths, c.req.path.split('/'), dialect.value)
    if (!at) return respond(c, render, failBy(c, 'routing', failures.urlNotFound()))
    const query = c.req.queries()
    const found = choose(at.forms, c, query, dialect)
    if (!found.ok) return respond(c, render, found)
    const { operation } = found.value
    const result = await call(c, operation, () => readInput(c, found.value, { query, values: at.values }, dialect))
    changeCookie(c, operation, result, base)
    return respond(c, render, result)
  })
}

/** The segments of a path, and what is served on it. */
type Path = { template: string[]; forms: Form[] }

/** What is spelled out comes before a field, whose brace stands behind all letters. Hono's router took an eighth of a cancel's time. */
function pathsOf(forms: Form[], base: string): Path[] {
  return [...Map.groupBy(forms, ({ path }) => path)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, forms]) => ({ template: `${base}${path}`.split('/'), forms }))
}

function findPath(paths: Path[], segments: string[], value: Dialect['value']) {
  for (const { template, forms } of paths) {
    const values = valuesIn(template, segments, value)
    if (values) return { forms, values }
  }
  return undefined
}

/** The values of a path's fields by name; nothing where it is another path. */
function valuesIn(template: string[], segments: string[], value: Dialect['value']): Record<string, string> | undefined {
  const values: Record<string, string> = {}
  const end = template.length - 1
  for (const [at, name] of template.entries()) {
    const segment = segments[at]
    const isField = name.startsWith('{')
    if (!isField && name === segment && (at < end || segments.length === template.length)) continue
    if (!isField || segment === undefined) return undefined
    // The last field of a path gets all of the rest, since an id on /rest may hold slashes.
    const found = value(at === end ? segments.slice(at).join('/') : segment)
    if (found === undefined) return undefined
    values[name.slice(1, -1)] = found
  }
  return values
}

/** Of the forms on one path, the one that this method and these query parameters mean. */
function choose(at: Form[], c: AppContext, query: Query, dialect: Dialect): Result<Form> {
  const action = query[dialect.action]?.[0]
  const names = Object.keys(query)
  // What answers a GET answers a HEAD: the body is dropped on the way out.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  let meant: Form | undefined
  for (const form of at) {
    if (form.method !== method || (form.action !== action && (action ?? '') !== form.otherAction)) continue
    // Reads of one thing and of all share a path and differ in their query: the one that uses most of it is meant.
    if (!meant || overlap(form, names) > overlap(meant, names)) meant = form
  }
  if (meant) return ok(meant)
  const suffix = (name: string | undefined) => (name === undefined ? '' : `?${dialect.action}=${name}`)
  const forms = at.map(({ method, action: known }) => [method, suffix(known)].filter(Boolean).join(' '))
  const methods = at.map(({ method }) => method)
  return failByMethod(c, methods, suffix(action), forms)
}

const overlap = ({ query }: Form, names: string[]) => query.filter((name) => names.includes(name)).length

type Query = Record<string, string[]>

/** The operation's input as this request spells it, unchecked but for what has no place in it. */
async function readInput(
  c: AppContext,
  form: Form,
  { query, values }: { query: Query; values: Record<string, string> },
  dialect: Dialect,
): Promise<Result<object>> {
  const given: Record<string, unknown> = { ...values }
  for (const [name, texts] of Object.entries(query)) {
    const isAction = name === dialect.action
    const isKnown = isAction || form.query.includes(name) || name === form.otherQuery?.()
    if (!isKnown) return fail(failures.unsupportedProperty(name))
    // Of two values the client means one, and we cannot know which.
    if (texts.length > 1) return fail(failures.repeatedParameter(name))
    if (!isAction) given[name] = texts[0]
  }

  if (!hasBody(c.req.raw)) return ok(dialect.input(c, form.operation, given))
  const body = await readBody(c)
  if (!body.ok) return body
  const fields = placed(form, withoutNulls(body.value))
  return fields.ok ? ok(dialect.input(c, form.operation, { ...fields.value, ...given })) : fields
}

/**
 * Where the body's value belongs in the input: whole, or property by property. A body that is null is none; so is an empty text
 * where none is due, which is what axios makes of one.
 */
function placed(form: Form, body: unknown): Result<object> {
  const fields = form.body()
  if (body === undefined || body === null || (body === '' && fields.length === 0)) return ok({})
  if (typeof fields === 'string') return ok({ [fields]: body })
  if (typeof body !== 'object' || Array.isArray(body)) return fail(failures.notAnObject())
  // A field that travels elsewhere is as unknown in the body as any other.
  const unknown = Object.keys(body).find((name) => !fields.includes(name))
  return unknown === undefined ? ok(body) : fail(failures.unsupportedProperty(unknown))
}
