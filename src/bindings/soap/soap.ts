// The handshake over SOAP that govc, Terraform and pyvmomi insist on before they use REST: what server this is, login, logout,
// and which datastore has a name.
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import * as z from 'zod'
import { apiSession, type ApiSessionInfo } from '../../operations/api-session.ts'
import { listDatastores } from '../../operations/datastore.ts'
import { explain, ok, quoted, soapFault, type Failure, type Result } from '../../rules/failure.ts'
import { readText } from '../../http/body.ts'
import { admit, invoke, originOf, requireSettings } from '../../http/call.ts'
import { BAD_PROOF, cookieIn } from '../../http/proof.ts'
import { bind, failBy, publicUrlOf, respond, type AppContext } from '../../http/request-record.ts'
import { FAULTS, reference, renderSoap, type FaultName, type SoapFacts, type Xml } from './envelope.ts'
import { isView, namesAsked, shownFrom, viewOf } from './inventory.ts'
import { pbmContent, PRODUCT, serviceVersions, vimContent } from './vcenter.ts'
import { elementsIn, parseXml } from './xml.ts'

/** Where a SOAP session's token travels. It is an API session like any other, so REST and SOAP share a sandbox. */
const COOKIE = 'vmware_soap_session'
/** Many times the size of any request this file answers. */
const LIMIT_BYTES = 65_536

const VIM = 'urn:vim25'
const PBM = 'urn:pbm'

type SoapResult = Result<Xml | undefined>
/** `on` is the managed object that has the method; nothing where several have it. */
type Method = { on?: string; run: (c: AppContext, parameters: unknown) => SoapResult | Promise<SoapResult> }

/** Who refused the request stays as it is known already. */
function failWith(c: AppContext, fault: FaultName, text: string): Result<never> {
  const known = c.get('known')
  Object.assign(known.facts, { fault })
  return failBy(c, known.refusedBy ?? 'rule', soapFault(FAULTS[fault], text))
}
const failAs = (c: AppContext, failure: Failure) => failWith(c, 'RuntimeFault', explain(failure))

const vim = new Map<string, Method>([
  ['RetrieveServiceContent', { on: 'ServiceInstance', run: () => ok(vimContent) }],
  ['CurrentTime', { on: 'ServiceInstance', run: () => ok(new Date().toISOString()) }],
  ['Login', { on: 'SessionManager', run: logIn }],
  ['Logout', { on: 'SessionManager', run: logOut }],
  ['RetrievePropertiesEx', { on: 'propertyCollector', run: readProperties }],
  ['RetrieveProperties', { on: 'propertyCollector', run: readNames }],
  ['Fetch', { run: fetchProperty }],
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
  // Another proof than its own cookie means nothing over SOAP.
  bind(c, 'soap', { namespace } satisfies SoapFacts).proof = cookieIn(c.req.raw, COOKIE, publicUrlOf(c)) ?? BAD_PROOF
  return respond(c, renderSoap, await runMethod(c, namespace, methods))
}

async function runMethod(c: AppContext, namespace: string, methods: Map<string, Method>): Promise<SoapResult> {
  const request = await readMethod(c)
  if (typeof request === 'string') return failWith(c, 'InvalidRequest', request)
  const [name, parameters] = request
  bind(c, 'soap', { namespace, said: { method: name } } satisfies SoapFacts)
  const method = methods.get(name)
  if (!method)
    return failWith(
      c,
      'NotSupported',
      `${PRODUCT} does not implement ${name}; over SOAP it answers ${[...methods.keys()].join(', ')}.`,
    )
  const settings = requireSettings(c)
  if (!settings.ok) return failAs(c, settings.failure)
  const on = targetOf(parameters)
  return method.on === undefined || on === method.on ? method.run(c, parameters) : noObject(c, on)
}

const noObject = (c: AppContext, name: string) =>
  failWith(
    c,
    'ManagedObjectNotFound',
    `The object '${name}' has already been deleted or has not been completely created`,
  )

const Envelope = z.object({ Envelope: z.object({ Body: z.record(z.string(), z.unknown()) }) })
const ThisObject = z.object({ _this: z.string() })
const targetOf = (parameters: unknown): string => {
  const { _this: name = '' } = ThisObject.safeParse(parameters).data ?? {}
  return name
}

/** The one request in the body of the envelope, or why there is none. Its namespace is not read: the path decides. */
async function readMethod(c: AppContext): Promise<[method: string, parameters: unknown] | string> {
  const mediaType = c.req.header('content-type') ?? ''
  if (!isXml(mediaType))
    return `The request has the media type ${quoted(mediaType) || '(none)'}. Send text/xml, or another media type of XML.`
  const body = await readText(c.req.raw, LIMIT_BYTES)
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

const LoginParameters = z.object({ userName: z.string(), password: z.string() })

async function logIn(c: AppContext, parameters: unknown): Promise<SoapResult> {
  const { data } = LoginParameters.safeParse(parameters)
  const caller = await admit(c, data && { user: data.userName, password: data.password })
  const begun = await invoke(c, apiSession.create, caller, ok({}), false)
  if (!begun.ok && begun.failure.type !== 'UNAUTHENTICATED') return failAs(c, begun.failure)
  if (!caller.ok || !begun.ok)
    return failWith(c, 'InvalidLogin', 'Cannot complete login due to an incorrect user name or password.')
  const { sandbox, who } = caller.value
  setCookie(c, COOKIE, who.token, { path: '/', httpOnly: true, secure: originOf(c).startsWith('https:') })
  return ok(userSession(sandbox, new Date(c.get('known').loggedInAt ?? 0).toISOString()))
}

async function logOut(c: AppContext): Promise<SoapResult> {
  const ended = await invoke(c, apiSession.delete, await admit(c, c.get('known').proof), ok({}), false)
  return ended.ok ? ok(undefined) : notAuthenticated(c)
}

/** Of all the properties of a vCenter, the one by which a client learns whether its cookie is still good. */
const CurrentSession = z.object({
  specSet: z.object({
    objectSet: z.object({ obj: z.literal('SessionManager') }),
    propSet: z.object({ pathSet: z.literal('currentSession') }),
  }),
})

async function readProperties(c: AppContext, parameters: unknown): Promise<SoapResult> {
  if (CurrentSession.safeParse(parameters).success) {
    const session = await currentSession(c)
    if (!session) return notAuthenticated(c)
    return ok({
      objects: {
        obj: reference('SessionManager'),
        propSet: { name: 'currentSession', val: { '@xsi:type': 'UserSession', ...session } },
      },
    })
  }
  const named = await readNames(c, parameters)
  return named.ok ? ok({ objects: named.value }) : named
}

/** The datastores that are asked for, with their names. pyvmomi asks in an older way, too, whose answer has no page around them. */
async function readNames(c: AppContext, parameters: unknown): Promise<Result<Xml[]>> {
  if (!namesAsked(parameters, []))
    return failWith(
      c,
      'NotSupported',
      `${PRODUCT} has no inventory; it reads nothing but SessionManager.currentSession and the names of datastores.`,
    )
  const datastores = await datastoresOf(c)
  if (!datastores.ok) return datastores
  return ok(
    (namesAsked(parameters, datastores.value) ?? []).map((name) => ({
      obj: reference('Datastore', name),
      propSet: { name: 'name', val: { '@xsi:type': 'xsd:string', '#text': name } },
    })),
  )
}

async function datastoresOf(c: AppContext): Promise<Result<string[]>> {
  const found = await invoke(c, listDatastores, await admit(c, c.get('known').proof), ok({}), false)
  return found.ok ? ok(found.value as string[]) : notAuthenticated(c) // what this operation returns
}

async function createView(c: AppContext, parameters: unknown): Promise<SoapResult> {
  return (await currentSession(c)) ? ok(reference('ContainerView', viewOf(parameters))) : notAuthenticated(c)
}

function destroyView(c: AppContext, parameters: unknown): SoapResult {
  const name = targetOf(parameters)
  return isView(name) ? ok(undefined) : noObject(c, name)
}

const Property = z.object({ prop: z.string() })

/** One property of one object, as pyvmomi reads each. */
async function fetchProperty(c: AppContext, parameters: unknown): Promise<SoapResult> {
  const name = targetOf(parameters)
  const { prop = '' } = Property.safeParse(parameters).data ?? {}
  switch (`${name}.${prop}`) {
    case 'ServiceInstance.content':
      return ok(vimContent)
    case 'SessionManager.currentSession': {
      const session = await currentSession(c)
      // Without one it is not there, which is no refusal.
      return ok(session && { '@xsi:type': 'UserSession', ...session })
    }
    default: {
      const datastores = await datastoresOf(c)
      if (!datastores.ok) return datastores
      const shown = shownFrom(name, datastores.value)
      if (isView(name) && prop === 'view') return ok(shown.map((each) => reference('Datastore', each)))
      if (shown.includes(name) && prop === 'name') return ok({ '@xsi:type': 'xsd:string', '#text': name })
      return noObject(c, `${name}.${prop}`)
    }
  }
}

async function currentSession(c: AppContext): Promise<Record<string, Xml> | undefined> {
  const found = await invoke(c, apiSession.get, await admit(c, c.get('known').proof), ok({}), false)
  if (!found.ok) return undefined
  const { user, created_time, last_accessed_time } = found.value as ApiSessionInfo // what this operation returns
  return userSession(user, created_time, last_accessed_time)
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

const notAuthenticated = (c: AppContext) => failWith(c, 'NotAuthenticated', 'The session is not authenticated.')
