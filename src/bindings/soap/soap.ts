// The handshake over SOAP that govc and Terraform insist on before they use REST: what server this is, login, logout.
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { XMLBuilder } from 'fast-xml-parser'
import * as z from 'zod'
import { apiSession, type ApiSessionInfo } from '../../operations/api-session.ts'
import { explain, ok, quoted, soapFault, type ErrorType, type Failure, type Result } from '../../rules/failure.ts'
import { readText } from '../../http/body.ts'
import { byPassword, byToken, invoke, originOf, requireSettings } from '../../http/call.ts'
import type { Render } from '../../http/render.ts'
import { bind, failBy, respond, type AppContext } from '../../http/request-record.ts'
import { elementsIn, parseXml } from './xml.ts'

/** Where a SOAP session's token travels. It is an API session like any other, so REST and SOAP share a sandbox. */
const COOKIE = 'vmware_soap_session'
/** Many times the size of any request this file answers. */
const LIMIT_BYTES = 65_536

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/'
const VIM = 'urn:vim25'
const PBM = 'urn:pbm'
const PRODUCT = 'update-session-mock'

/** Content of an element, in the builder's words: text, or elements by name; `@name` is an attribute. */
type Xml = string | Xml[] | { [name: string]: Xml }
type SoapResult = Result<Xml | undefined>
/** `on` is the managed object that has the method. */
type Method = { on: string; run: (c: AppContext, parameters: unknown) => SoapResult | Promise<SoapResult> }
/** The namespace of the service, the method that was asked, and the fault that it fails with. */
type SoapFacts = { namespace: string; fault?: FaultName; said?: { method: string } }

/** The faults of vim25 that this file answers with, as errors of the API. */
const FAULTS = {
  InvalidLogin: 'UNAUTHENTICATED',
  InvalidRequest: 'INVALID_REQUEST',
  ManagedObjectNotFound: 'NOT_FOUND',
  NotAuthenticated: 'UNAUTHENTICATED',
  NotSupported: 'UNSUPPORTED',
  RuntimeFault: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<string, ErrorType>
type FaultName = keyof typeof FAULTS

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
  ['RetrievePropertiesEx', { on: 'propertyCollector', run: readCurrentSession }],
])
const pbm = new Map<string, Method>([
  ['PbmRetrieveServiceContent', { on: 'ServiceInstance', run: () => ok(pbmContent) }],
])

export const soap = new Hono<{ Bindings: Env }>()
soap.post('/sdk', async (c) => answer(c, VIM, vim))
soap.post('/pbm', async (c) => answer(c, PBM, pbm))

async function answer(c: AppContext, namespace: string, methods: Map<string, Method>): Promise<Response> {
  bind(c, 'soap', { namespace } satisfies SoapFacts)
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
  const { _this: on = '' } = Target.safeParse(parameters).data ?? {}
  if (on === method.on) return method.run(c, parameters)
  return failWith(
    c,
    'ManagedObjectNotFound',
    `The object '${on}' has already been deleted or has not been completely created`,
  )
}

const Envelope = z.object({ Envelope: z.object({ Body: z.record(z.string(), z.unknown()) }) })
const Target = z.object({ _this: z.string() })

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
  const caller = await byPassword(c, data && { user: data.userName, password: data.password })
  const begun = await invoke(c, apiSession.create, caller, ok({}), false)
  if (!begun.ok && begun.failure.type !== 'UNAUTHENTICATED') return failAs(c, begun.failure)
  if (!caller || !begun.ok)
    return failWith(c, 'InvalidLogin', 'Cannot complete login due to an incorrect user name or password.')
  setCookie(c, COOKIE, caller.who.token, { path: '/', httpOnly: true, secure: originOf(c).startsWith('https:') })
  return ok(userSession(caller.sandbox, new Date(c.get('known').loggedInAt ?? 0).toISOString()))
}

async function logOut(c: AppContext): Promise<SoapResult> {
  const ended = await invoke(c, apiSession.delete, await byToken(c, getCookie(c, COOKIE)), ok({}), false)
  return ended.ok ? ok(undefined) : notAuthenticated(c)
}

/** Of all the properties of a vCenter, the one by which a client learns whether its cookie is still good. */
const CurrentSession = z.object({
  specSet: z.object({
    objectSet: z.object({ obj: z.literal('SessionManager') }),
    propSet: z.object({ pathSet: z.literal('currentSession') }),
  }),
})

async function readCurrentSession(c: AppContext, parameters: unknown): Promise<SoapResult> {
  if (!CurrentSession.safeParse(parameters).success)
    return failWith(
      c,
      'NotSupported',
      `${PRODUCT} has no inventory; it reads nothing but SessionManager.currentSession.`,
    )
  const found = await invoke(c, apiSession.get, await byToken(c, getCookie(c, COOKIE)), ok({}), false)
  if (!found.ok) return notAuthenticated(c)
  const { user, created_time, last_accessed_time } = found.value as ApiSessionInfo // what this operation returns
  const session = userSession(user, created_time, last_accessed_time)
  return ok({
    objects: {
      obj: reference('SessionManager'),
      propSet: { name: 'currentSession', val: { '@xsi:type': 'UserSession', ...session } },
    },
  })
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

const reference = (type: string, value = type): Xml => ({ '@type': type, '#text': value })

/**
 * What a vCenter says of itself before any login. The search index answers nothing here, but govc crashes where
 * it is not named.
 */
const vimContent: Xml = {
  rootFolder: reference('Folder', 'group-d1'),
  propertyCollector: reference('PropertyCollector', 'propertyCollector'),
  about: {
    name: 'VMware vCenter Server',
    fullName: `VMware vCenter Server 9.1.0 (${PRODUCT})`,
    vendor: PRODUCT,
    version: '9.1.0',
    build: '0',
    osType: 'linux-x64',
    productLineId: 'vpx',
    // By these clients tell a vCenter from a host.
    apiType: 'VirtualCenter',
    apiVersion: '9.1.0.0',
    instanceUuid: '00000000-0000-4000-8000-000000000000',
  },
  sessionManager: reference('SessionManager'),
  searchIndex: reference('SearchIndex'),
}
const pbmContent: Xml = {
  aboutInfo: { name: 'PBM', version: '2.0', instanceUuid: '00000000-0000-4000-8000-000000000000' },
  sessionManager: reference('PbmSessionManager', 'SessionManager'),
  capabilityMetadataManager: reference('PbmCapabilityMetadataManager', 'CapabilityMetadataManager'),
  profileManager: reference('PbmProfileProfileManager', 'ProfileManager'),
  complianceManager: reference('PbmComplianceManager', 'complianceManager'),
  placementSolver: reference('PbmPlacementSolver', 'placementSolver'),
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true })

export const renderSoap: Render = (result, _, facts) => {
  const { namespace, said, fault = 'RuntimeFault' } = facts as SoapFacts // bound above
  const value = result.ok ? (result.value as Xml | undefined) : undefined // as each method answers
  const content: Xml = result.ok
    ? { [`${said?.method}Response`]: { '@xmlns': namespace, ...(value !== undefined && { returnval: value }) } }
    : {
        'soapenv:Fault': {
          faultcode: 'ServerFaultCode',
          faultstring: explain(result.failure),
          detail: { [`${fault}Fault`]: { '@xmlns': namespace, '@xsi:type': fault } },
        },
      }
  const envelope = {
    'soapenv:Envelope': {
      '@xmlns:soapenv': ENVELOPE,
      '@xmlns:xsd': 'http://www.w3.org/2001/XMLSchema',
      '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'soapenv:Body': content,
    },
  }
  return {
    status: result.ok ? 200 : 500,
    headers: { 'content-type': 'text/xml; charset="utf-8"' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(envelope)}`,
  }
}
