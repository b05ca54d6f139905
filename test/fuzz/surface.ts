// What the mock itself says that can be asked of it, where the operation table does not: so that what is new is asked, too.
import { envelope } from '../support/soap-call.ts'
import { askOf } from './stage.ts'

export type Surface = {
  /** Of the OpenAPI document: `GET /content/library`. */
  documented: { method: string; path: string }[]
  admin: { method: string; path: string; fields: string[] }[]
  states: { name: string; parameters: { name: string }[] }[]
  soap: { path: string; namespace: string; methods: string[] }[]
}

type Document = { paths: Record<string, Record<string, unknown>> }

export async function learn(url: string): Promise<Surface> {
  const ask = askOf(url)
  const document = (await ask('GET', '/openapi.json')) as Document
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: `/api${path}` })),
  )
  const { states } = (await ask('GET', '/__admin/pact/provider-states')) as Pick<Surface, 'states'>
  const routes = (await validOf(url, 'GET', '/__admin/nothing')).map((route) => route.split(' '))
  const admin = await Promise.all(
    routes.map(async ([method = '', path = '']) => ({
      method,
      path,
      fields: method === 'GET' ? [] : await validOf(url, method, path),
    })),
  )
  const soap = await Promise.all(
    [
      { path: '/sdk', namespace: 'urn:vim25' },
      { path: '/pbm', namespace: 'urn:pbm' },
    ].map(async (service) => ({ ...service, methods: await methodsOf(url, service.path) })),
  )
  const found = { documented, admin, states, soap }
  if (Object.values(found).some((list) => list.length === 0))
    throw new Error(`The mock says too little: ${JSON.stringify(found)}`)
  return found
}

/** A refusal of the admin API names what would have been right. */
async function validOf(url: string, method: string, path: string): Promise<string[]> {
  const body = method === 'GET' ? {} : { body: '{"?":1}' }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}${path}`, { method, headers, ...body })
  const { errors = [] } = (await answer.json()) as { errors?: { valid?: string[] }[] }
  return errors[0]?.valid ?? []
}

/** A fault of SOAP names the methods that there are. */
async function methodsOf(url: string, path: string): Promise<string[]> {
  const body = envelope('<Nothing xmlns="urn:nothing"/>')
  const answer = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'text/xml' }, body })
  const [, methods = ''] = /answers ([^.]+)\./.exec(await answer.text()) ?? []
  return methods.split(', ')
}
