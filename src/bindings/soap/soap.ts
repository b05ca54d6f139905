// The handshake over SOAP that govc, Terraform and pyvmomi insist on before they use REST: what server this is, login, logout,
// and which datastore has a name.
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import * as z from 'zod'
import { apiSession, type ApiSessionInfo } from '../../operations/api-session.ts'
import { listDatastores } from '../../operations/library.ts'
import type { Operation } from '../../operations/operation.ts'
import { explain, fail, ok, quoted, type Result } from '../../rules/failure.ts'
import type { Output } from '../../rules/request-record.ts'
import { readText } from '../../http/body.ts'
import { call, originOf } from '../../http/call.ts'
import { BAD_PROOF, cookieIn } from '../../http/proof.ts'
import { bind, failBy, publicUrlOf, respond, type AppContext } from '../../http/request-record.ts'
import { faultOf, reference, renderSoap, type SoapFacts, type Xml } from './envelope.ts'
import { isView, queryIn, shownFrom, viewOf } from './inventory.ts'
import { pbmContent, PRODUCT, serviceVersions, vimContent } from './vcenter.ts'
import { elementsIn, parseXml } from './xml.ts'

/** Where a SOAP session's token travels. It is an API session like any other, so REST and SOAP share a sandbox. */
const COOKIE = 'vmware_soap_session'
/** Many times the size of any request this file answers. */
const LIMIT = { bytes: 65_536, name: 'the limit of SOAP' }

const VIM = 'urn:vim25'
const PBM = 'urn:pbm'

type SoapResult = Result<Xml | undefined>
/** `on` is the managed object that has the method; nothing where several have it. */
type Method = { on?: string; run: (c: AppContext, parameters: unknown, on: string) => SoapResult | Promise<SoapResult> }

const vim = new Map<string, Method>([
  ['RetrieveServiceContent', { on: 'ServiceInstance', run: () => ok(vimContent) }],
  ['CurrentTime', { on: 'ServiceInstance', run: () => ok(new Date().toISOString()) }],
  ['Login', { on: 'SessionManager', run: logIn }],
  ['Logout', { on: 'SessionManager', run: async (c) => ask<undefined>(c, apiSession.delete) }],
  ['RetrievePropertiesEx', { on: 'propertyCollector', run: readPage }],
  ['RetrieveProperties', { on: 'propertyCollector', run: readObjects }],
  ['Fetch', { run: readProperty }],
  ['CreateContainerView', { on: 'ViewManager', run: createView }],
  ['DestroyView', { run: destroyView }],
])
const pbm = new Map<string, Method>([
  ['PbmRetrieveServiceContent', { on: 'ServiceInstance', run: () => ok(pbmContent) }],
])

export const soap = new Hono<{ Bindings: Env }>()
soap.post('/sdk', async (c) => answerMethod(c, VIM, vim))
// What pyvmomi asks first, to learn which version to speak.
soap.get('/sdk/vimServiceVersions.xml', (c) => c.body(serviceVersions(), 200, { 'content-type': 'text/xml' }))
soap.post('/pbm', async (c) => answerMethod(c, PBM, pbm))

async function answerMethod(c: AppContext, namespace: string, methods: Map<string, Method>): Promise<Response> {
  const known = bind(c, 'soap', { namespace } satisfies SoapFacts)
  // Another proof than its own cookie means nothing over SOAP.
  known.proof = cookieIn(c.req.raw, COOKIE, publicUrlOf(c)) ?? BAD_PROOF
  const result = await runMethod(c, namespace, methods)
  if (!result.ok) known.refusedBy ??= 'rule'
  return respond(c, renderSoap, result)
}

async function runMethod(c: AppContext, namespace: string, methods: Map<string, Method>): Promise<SoapResult> {
  const request = await readMethod(c)
  if (typeof request === 'string') return failBy(c, 'reading', faultOf('InvalidRequest', request))
  const [name, parameters] = request
  const method = methods.get(name)
  if (!method) {
    const text = `${PRODUCT} does not implement ${name}; over SOAP it answers ${[...methods.keys()].join(', ')}.`
    return failBy(c, 'routing', faultOf('NotSupported', text))
  }
  c.get('known').facts = { namespace, method: name } satisfies SoapFacts
  const { _this: on = '' } = ThisObject.safeParse(parameters).data ?? {}
  return method.on === undefined || on === method.on ? method.run(c, parameters, on) : fail(noObject(on))
}

const noObject = (name: string) =>
  faultOf('ManagedObjectNotFound', `The object '${name}' has already been deleted or has not been completely created`)

const Envelope = z.object({ Envelope: z.object({ Body: z.record(z.string(), z.unknown()) }) })
const ThisObject = z.object({ _this: z.string() })

/** The one request in the body of the envelope, or why there is none. Its namespace is not read: the path decides. */
async function readMethod(c: AppContext): Promise<[method: string, parameters: unknown] | string> {
  const mediaType = c.req.header('content-type') ?? ''
  if (!isXml(mediaType))
    return `The request has the media type ${quoted(mediaType) || '(none)'}. Send text/xml, or another media type of XML.`
  const body = await readText(c.req.raw, LIMIT)
  if (!body.ok) return explain(body.failure)
  const parsed = parseXml(body.value)
  if (!parsed.ok) return `The request is not XML that can be read: ${parsed.reason}`
  const { success, data } = Envelope.safeParse(parsed.root)
  const [request, ...more] = success ? elementsIn(data.Envelope.Body) : []
  return request && more.length === 0 ? request : 'The request is no SOAP envelope whose body holds one request.'
}

/** What a form of another site's page can send is never one of these: with the cookie of a user, it would act for them. */
function isXml(mediaType: string): boolean {
  const [type = ''] = mediaType.toLowerCase().split(';', 1)
  return ['text/xml', 'application/xml'].includes(type.trim()) || type.trim().endsWith('+xml')
}

/** What an operation answers the caller whose proof is known; `T` is what it returns. */
async function ask<T extends Output>(
  c: AppContext,
  operation: Operation,
  unauthenticated = NOT_AUTHENTICATED,
): Promise<Result<T>> {
  const result = await call(c, operation, undefined, false)
  return result.ok || result.failure.type !== 'UNAUTHENTICATED' ? (result as Result<T>) : fail(unauthenticated)
}
const NOT_AUTHENTICATED = faultOf('NotAuthenticated', 'The session is not authenticated.')
const INVALID_LOGIN = faultOf('InvalidLogin', 'Cannot complete login due to an incorrect user name or password.')

const LoginParameters = z.object({ userName: z.string(), password: z.string() })

async function logIn(c: AppContext, parameters: unknown): Promise<SoapResult> {
  const known = c.get('known')
  const { data } = LoginParameters.safeParse(parameters)
  known.proof = data ? { user: data.userName, password: data.password } : BAD_PROOF
  const token = await ask<string>(c, apiSession.create, INVALID_LOGIN)
  if (!token.ok) return token
  setCookie(c, COOKIE, token.value, { path: '/', httpOnly: true, secure: originOf(c).startsWith('https:') })
  const { user = '', loggedInAt = 0 } = known
  return ok(userSession(user, new Date(loggedInAt).toISOString()))
}

async function createView(c: AppContext, parameters: unknown): Promise<SoapResult> {
  const session = await currentSession(c)
  return session.ok ? ok(reference('ContainerView', viewOf(parameters))) : session
}

function destroyView(_c: AppContext, _: unknown, name: string): SoapResult {
  return isView(name) ? ok(undefined) : fail(noObject(name))
}

async function readPage(c: AppContext, parameters: unknown): Promise<SoapResult> {
  const objects = await readObjects(c, parameters)
  return objects.ok ? ok({ objects: objects.value }) : objects
}

/** The objects that are asked for, each with its one property. pyvmomi asks in an older way, too, whose answer has no page around them. */
async function readObjects(c: AppContext, parameters: unknown): Promise<Result<Xml[]>> {
  const query = queryIn(parameters)
  if (!query) return fail(faultOf('NotSupported', NO_INVENTORY))
  const { property, starts } = query
  if (property === 'name') {
    const datastores = await ask<string[]>(c, listDatastores)
    if (!datastores.ok) return datastores
    const shown = starts.flatMap((each) => shownFrom(each, datastores.value))
    return ok(shown.map((id) => objectOf('Datastore', id, 'name', nameOf(id))))
  }
  const [on = ''] = starts
  const found = await propertyOf(c, on, property)
  if (!found.ok) return found
  const references = { '@xsi:type': 'ArrayOfManagedObjectReference', ManagedObjectReference: found.value }
  return ok([objectOf(OWNERS[property], on, property, Array.isArray(found.value) ? references : found.value)])
}

const OWNERS = { content: 'ServiceInstance', currentSession: 'SessionManager', view: 'ContainerView' }
const NO_INVENTORY = `${PRODUCT} has no inventory; it reads nothing but SessionManager.currentSession and the names of datastores.`

const Property = z.object({ prop: z.string() })

/** One property of one object, as pyvmomi reads each. */
async function readProperty(c: AppContext, parameters: unknown, on: string): Promise<SoapResult> {
  const { prop = '' } = Property.safeParse(parameters).data ?? {}
  const found = await propertyOf(c, on, prop)
  // Without a session it is not there, which is no refusal.
  return found.ok || prop !== 'currentSession' || found.failure !== NOT_AUTHENTICATED ? found : ok(undefined)
}

async function propertyOf(c: AppContext, on: string, name: string): Promise<Result<Xml>> {
  if (on === 'ServiceInstance' && name === 'content') return ok({ '@xsi:type': 'ServiceContent', ...vimContent })
  if (on === 'SessionManager' && name === 'currentSession') return currentSession(c)
  const datastores = await ask<string[]>(c, listDatastores)
  if (!datastores.ok) return datastores
  const shown = shownFrom(on, datastores.value)
  if (isView(on) && name === 'view') return ok(shown.map((id) => reference('Datastore', id)))
  if (name !== 'name') return fail(faultOf('NotSupported', NO_INVENTORY))
  return shown.includes(on) ? ok(nameOf(on)) : fail(noObject(on))
}

const objectOf = (type: string, id: string, name: string, val: Xml): Xml => ({
  obj: reference(type, id),
  propSet: { name, val },
})
/** A datastore is called as its id is. */
const nameOf = (datastore: string): Xml => ({ '@xsi:type': 'xsd:string', '#text': datastore })

async function currentSession(c: AppContext): Promise<Result<Xml>> {
  const found = await ask<ApiSessionInfo>(c, apiSession.get)
  if (!found.ok) return found
  const { user, created_time, last_accessed_time } = found.value
  return ok({ '@xsi:type': 'UserSession', ...userSession(user, created_time, last_accessed_time) })
}

const userSession = (user: string, createdAt: string, lastAccessedAt = createdAt): Record<string, Xml> => ({
  // Names the session without giving its token away.
  key: `${user}/${createdAt}`,
  userName: user,
  fullName: user,
  loginTime: createdAt,
  lastActiveTime: lastAccessedAt,
  locale: 'en',
  messageLocale: 'en',
})
