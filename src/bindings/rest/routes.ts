// From a request to the operation it means and the input it carries: what both REST bindings share.
import type { Hono } from 'hono'
import { tryDecodeURIComponent } from 'hono/utils/url'
import type { Operation } from '../../operations/operation.ts'
import { anyOf, PATH_FIELD } from '../../rules/expressions.ts'
import {
  fail,
  noOperation,
  notAnObject,
  ok,
  repeatedParameter,
  unsupportedProperty,
  urlNotFound,
  type Result,
} from '../../rules/failure.ts'
import { hasBody, readJson, withoutNulls } from '../../http/body.ts'
import { call } from '../../http/call.ts'
import type { Render } from '../../http/render.ts'
import { bind, refuse, respond, type AppContext } from '../../http/request-record.ts'

/** How a binding spells one operation. Between them, path, query and body hold every field of its input. */
export type Form = {
  operation: Operation
  method: Operation['method']
  /** A template over the input's fields. */
  path: string
  action?: string
  query: string[]
  /** Properties of a body that is an object of them; or the one field that is the whole body. */
  body: string[] | string
}

/** What all forms of one binding have in common. */
export type Dialect = {
  binding: 'api' | 'rest'
  render: Render
  /** What all its paths begin with. */
  base: string
  /** The query parameter that names an action. */
  action: string
  /** What a field in a path looks like: the source of a regular expression without groups of its own. */
  parameter: string
  /** What a field in a path says, once decoded. */
  value: (text: string) => string
  /** The operation's input, of what path, query and body say. */
  input: (c: AppContext, operation: Operation, fields: object) => object
}

/** The input fields that the path of an operation carries, in order. */
export const pathFields = ({ path }: Pick<Form, 'path'>): string[] =>
  Array.from(path.matchAll(PATH_FIELD), ([, name = '']) => name)

/** Serves each of these forms, and refuses what is on none of their paths. */
export function serve(app: Hono<{ Bindings: Env }>, forms: Form[], dialect: Dialect): void {
  let find: ReturnType<typeof finder> | undefined
  const { binding, render } = dialect
  app.all('*', async (c) => {
    const known = bind(c, binding)
    const at = (find ??= finder(forms, dialect))(c.req.path)
    if (!at) return respond(c, render, refuse(c, 'routing', urlNotFound()))
    const query = c.req.queries()
    const found = choose(at.forms, c, query, dialect)
    if (!found.ok) {
      known.facts = { headers: { allow: [...new Set(at.forms.map(({ method }) => method))].join(', ') } }
      return respond(c, render, refuse(c, 'routing', found.failure))
    }
    const { operation } = found.value
    const result = await call(c, operation, () => read(c, found.value, { query, path: at.fields }, dialect))
    return respond(c, render, result)
  })
}

/**
 * What is on a path: the forms, and the fields that it carries. All paths are one expression, since Hono's router for
 * paths like these walks a tree, which took an eighth of the time of a cancel.
 */
function finder(forms: Form[], { base, parameter }: Dialect) {
  // In the order in which they are to be tried: what is spelled out comes before what is a parameter.
  const paths = [...Map.groupBy(forms, ({ path }) => path)].toSorted(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))
  // Behind each path stands an empty group: which of them took part tells which path it was.
  const sources = paths.map(([path]) => `${base}${path.replaceAll(PATH_FIELD, `(${parameter})`)}()`)
  const expression = anyOf(sources)
  const byGroup = new Map<number, { names: string[]; forms: Form[] }>()
  let group = 0
  for (const [path, at] of paths) {
    const names = pathFields({ path })
    group += names.length + 1
    byGroup.set(group, { names, forms: at })
  }
  return (path: string): { forms: Form[]; fields: Record<string, string> } | undefined => {
    const match = expression.exec(path)
    const end = match?.indexOf('', 1) ?? -1
    const at = byGroup.get(end)
    if (!match || !at) return undefined
    const fields: Record<string, string> = {}
    let position = end - at.names.length
    for (const name of at.names) fields[name] = tryDecodeURIComponent(match[position++] ?? '')
    return { forms: at.forms, fields }
  }
}

const rank = (path: string) => path.replaceAll('{', '\u{10ffff}{')

/** Of the forms on one path, the one that this method and these query parameters mean. */
function choose(at: Form[], c: AppContext, query: Query, dialect: Dialect): Result<Form> {
  const action = query[dialect.action]?.[0]
  const names = Object.keys(query)
  let meant: Form | undefined
  for (const form of at) {
    if (form.method !== c.req.method || form.action !== action) continue
    // Reads of one thing and of all share a path and differ in their query: the one that uses most of it is meant.
    if (!meant || overlap(form, names) > overlap(meant, names)) meant = form
  }
  if (meant) return ok(meant)
  const suffix = (name: string | undefined) => (name === undefined ? '' : `?${dialect.action}=${name}`)
  return fail(
    noOperation(
      `${c.req.method} ${c.req.path}${suffix(action)}`,
      at.map(({ method, action: known }) => [method, suffix(known)].filter(Boolean).join(' ')),
    ),
  )
}

const overlap = ({ query }: Form, names: string[]) => query.filter((name) => names.includes(name)).length

type Query = Record<string, string[]>

/** The operation's input as this request spells it, unchecked but for what has no place in it. */
async function read(
  c: AppContext,
  form: Form,
  { query, path }: { query: Query; path: Record<string, string> },
  dialect: Dialect,
): Promise<Result<object>> {
  const given: Record<string, unknown> = {}
  let repeated: string | undefined
  for (const [name, values] of Object.entries(query)) {
    if (values.length > 1) repeated ??= name
    if (name === dialect.action) continue
    if (!form.query.includes(name)) return fail(unsupportedProperty(name))
    given[name] = values[0]
  }
  // Of two values the client means one, and we cannot know which.
  if (repeated !== undefined) return fail(repeatedParameter(repeated))
  for (const [name, value] of Object.entries(path)) given[name] = dialect.value(value)

  if (!hasBody(c.req.raw)) return ok(dialect.input(c, form.operation, given))
  const body = await readJson(c.req.raw, Number(c.env.MAX_BODY_BYTES))
  if (!body.ok) return body
  const fields = placed(form, withoutNulls(body.value))
  return fields.ok ? ok(dialect.input(c, form.operation, { ...fields.value, ...given })) : fields
}

/** Where the body's value belongs in the input: whole, or property by property. */
function placed({ body: fields }: Form, body: unknown): Result<object> {
  if (body === undefined) return ok({})
  if (typeof fields === 'string') return ok({ [fields]: body })
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return fail(notAnObject())
  // A field that travels elsewhere is as unknown in the body as any other.
  const unknown = Object.keys(body).find((name) => !fields.includes(name))
  return unknown === undefined ? ok(body) : fail(unsupportedProperty(unknown))
}
