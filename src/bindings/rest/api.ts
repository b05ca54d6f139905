// The `/api` binding: paths, statuses and {messages, data, error_type}, all read off the operation table.
import { Hono } from 'hono'
import { tryDecodeURIComponent } from 'hono/utils/url'
import { current } from '../../operations/index.ts'
import type { Operation } from '../../operations/operation.ts'
import { withoutBody, json, renderFailure, type Render } from '../../http/render.ts'
import { pathFields, serveForms, type Form } from './routes.ts'

/** What a success answers: a creation 201, nothing to say 204, else 200. */
export const successStatus = (operation: Operation): 200 | 201 | 204 =>
  operation.output().type === 'undefined' ? 204 : operation.creates ? 201 : 200

export const bodyFields = (operation: Operation): string[] => {
  const elsewhere = [...pathFields(operation.path), ...(operation.query ?? []), CLIENT_TOKEN]
  return Object.keys(operation.input().shape).filter((field) => !elsewhere.includes(field))
}

const CLIENT_TOKEN = 'client_token'

export const renderApi: Render = (result, operation, facts) => {
  if (!result.ok) return renderFailure(result.failure, facts)
  const status = operation ? successStatus(operation) : 200
  return status === 204 ? withoutBody(204) : json(status, result.value ?? null)
}

export const formOf = (operation: Operation): Form => ({
  ...operation,
  operation,
  query: operation.query ?? [],
  // Specifications before 9 have the token in the query.
  otherQuery: () => (CLIENT_TOKEN in operation.input().shape ? CLIENT_TOKEN : undefined),
  body: () => operation.body ?? bodyFields(operation),
})

export const api = new Hono<{ Bindings: Env }>()
serveForms(api, current.map(formOf), {
  binding: 'api',
  render: renderApi,
  action: 'action',
  value: (text) => (text === '' || text.includes('/') ? undefined : tryDecodeURIComponent(text)),
  input: (c, operation, fields) => {
    const inHeader = operation.input().shape[CLIENT_TOKEN] && c.req.header('client-token')
    const { [CLIENT_TOKEN]: inQuery } = fields
    if (inHeader === undefined || inHeader === inQuery) return fields
    // Of two the client means one, and we cannot know which: as two headers of that name they are no UUID.
    return { ...fields, [CLIENT_TOKEN]: typeof inQuery === 'string' ? `${inQuery}, ${inHeader}` : inHeader }
  },
})
