// What every answer must be, whatever was asked: in the form of its binding, in time, and without anything that is not for the client.
import { XMLValidator } from 'fast-xml-parser'
import * as z from 'zod'
import type { Request } from './requests.ts'
import type { Answer } from './wire.ts'

export const SLOW_MS = 2000

/** Every answer of 500 and above that is documented. What is not here is a finding. */
const DOCUMENTED: ((answer: Answer, form: Form) => boolean)[] = [
  // SOAP 1.1 sends every fault with the status 500.
  ({ status, text }, form) => status === 500 && form === 'SOAP' && FAULT.test(text),
  // An item has one ACTIVE session: 500 RESOURCE_BUSY on /api (docs/fidelity.md).
  ({ status, text }) => status === 500 && errorType(text) === 'RESOURCE_BUSY',
  // A mock without its secrets, or a fault, answers 503 SERVICE_UNAVAILABLE.
  ({ status, text }) => status === 503 && errorType(text) === 'SERVICE_UNAVAILABLE',
  // The runtime knows no such method, and does not ask the worker.
  ({ status, text }) => status === 501 && text === 'ERROR: Unrecognized request method.',
]
const FAULT = /<faultcode>ServerFaultCode<\/faultcode>/

/** What the HTTP server of the runtime says to what is no HTTP; the worker is not asked. */
const RUNTIME_REFUSAL =
  /^(?:invalid (?:HTTP (?:version|header|method)|URI|content-length|transfer-encoding)(?: parsed)?|Bad Request|URI too long|message head is too large|ERROR: Unrecognized request method\.|ERROR: .{0,200})$/
/** The login of the stage whose requests meet faults. */
const BROKEN = '~broken.0~'
/** What no client is to see: our files, our stack, our storage. */
const INSIDES = /\n\s+at \S|\bat async |(?:index\.js|\.ts):\d|SQLITE_|\[object Object\]/

const Message = z.object({ id: z.string(), default_message: z.string(), args: z.array(z.string()) })
const ApiError = z.strictObject({
  error_type: z.string(),
  messages: z.array(Message).min(1),
  challenge: z.string().optional(),
})
const RestError = z.strictObject({ type: z.string().startsWith('com.vmware.vapi.std.errors.'), value: ApiError })
const RestValue = z.strictObject({ value: z.unknown() })
const Rpc = { jsonrpc: z.literal('2.0'), id: z.union([z.string(), z.number(), z.null()]) }
const RpcAnswer = z.union([
  z.strictObject({
    ...Rpc,
    result: z.union([
      z.strictObject({ output: z.unknown() }),
      z.strictObject({
        error: z.object({
          ERROR: z.record(
            z.string().startsWith('com.vmware.vapi.std.errors.'),
            z.looseObject({ messages: z.array(z.unknown()).min(1) }),
          ),
        }),
      }),
    ]),
  }),
  z.strictObject({
    ...Rpc,
    error: z.strictObject({ code: z.int(), message: z.string(), data: z.string().optional() }),
  }),
])
const AdminError = z.strictObject({
  errors: z
    .array(z.strictObject({ code: z.int(), title: z.string(), valid: z.array(z.string()).optional() }))
    .length(1),
})

type Form = 'api' | 'rest' | 'JSON-RPC' | 'SOAP' | 'admin' | 'any'

/** By its first segment an address belongs to a binding; one that a URL parser writes otherwise may belong to any. */
function formOf(head: string): Form {
  const [, method, path = ''] = /^(\w+) ([^ ?#]+)[^ ]* HTTP\/1\.1\r\n/.exec(head) ?? []
  if (!/^\/[\w-]*(?:\/|$)/.test(path) || /\/\.|\\|%2e|\/\//i.test(path)) return 'any'
  if (path === '/api' && method === 'POST') return 'JSON-RPC'
  if ((path === '/sdk' || path === '/pbm') && method === 'POST') return 'SOAP'
  if (path.startsWith('/rest/')) return 'rest'
  if (path.startsWith('/__admin/')) return 'admin'
  return /^\/(?:docs|__admin|rest)(?:\/|$)/.test(path) ? 'any' : 'api'
}

/** What is wrong with an answer that came in time, or nothing. `head` is what was sent. */
export function flawOf(request: Request, head: string, answer: Answer, secrets: string[]): string | undefined {
  const { status, headers, text, isWhole } = answer
  const leak = secrets.find(
    (secret) => text.includes(secret) || [...headers.values()].some((value) => value.includes(secret)),
  )
  if (leak !== undefined) return `the answer tells a secret: ${leak}`
  if (INSIDES.test(text) && !headers.get('content-type')?.startsWith('text/html') && !isScript(headers))
    return `the answer tells of the insides: ${INSIDES.exec(text)?.[0]}`
  // A client that has not sent all of its request may get no answer; nor one whose answer a fault breaks off.
  if (status === 0) return request.isCut || request.head.includes(BROKEN) ? undefined : 'no answer came'
  // A test has asked for it, whatever it is.
  if (headers.has('x-mock-fault')) return undefined
  // The runtime asks the worker for connect(), which it has not.
  if (head.startsWith('CONNECT ')) return undefined
  const form = formOf(head)
  if (status >= 500 && !DOCUMENTED.some((isThis) => isThis(answer, form)))
    return `the status ${status}, which is not documented`
  const isStream = headers.get('content-type') === 'text/event-stream'
  // A download whose condition does not hold, or whose range is not there, says so by its status.
  const isNoPiece = [412, 416].includes(status) && headers.has('accept-ranges')
  const isBodiless = head.startsWith('HEAD ') || [204, 304].includes(status) || isNoPiece
  if (isBodiless) return text === '' ? undefined : `a body, where there is none: ${text.slice(0, 100)}`
  if (!isWhole && !isStream && !request.isCut) return 'the answer ends before its length'
  if (RUNTIME_REFUSAL.test(text) && headers.get('content-type') !== 'application/json') return undefined
  const isForm = form === 'any' || request.isCut ? isAny(answer) : FORMS[form](answer, request)
  return isForm ? undefined : `not the form of ${form}`
}

const isScript = (headers: Answer['headers']) => /javascript|css/.test(headers.get('content-type') ?? '')

const FORMS: Record<Exclude<Form, 'any'>, (answer: Answer, request: Request) => boolean> = {
  api: ({ status, text, headers }, { output }) => {
    if (status >= 400) return fits(ApiError, text)
    // Bytes, documents and pages are no answers of an operation.
    if (output === undefined) return headers.get('content-type') === 'application/json' ? parsed(text).isJson : true
    return fits(output, text)
  },
  rest: ({ status, text }) => (status >= 400 ? fits(RestError, text) : text === '' || fits(RestValue, text)),
  'JSON-RPC': ({ status, text }) =>
    status === 200 && fits(RpcAnswer, text) && !/"code":-32603|errors\.internal_server_error"/.test(text),
  SOAP: ({ status, text }) => {
    const isXml = XMLValidator.validate(text) === true && text.includes('<soapenv:Envelope')
    return isXml && (status === 200 || status === 500) && FAULT.test(text) === (status === 500)
  },
  admin: ({ status, text, headers }) => {
    if (status === 302 || headers.get('content-type') === 'text/event-stream') return true
    if (headers.get('content-type')?.startsWith('text/html') || isScript(headers)) return status === 200
    if (status < 400) return headers.get('content-type') === 'image/svg+xml' || parsed(text).isJson
    // A page that is not there is nothing of the API's; one that may not be seen says why in words.
    return (
      fits(AdminError, text) ||
      fits(ApiError, text) ||
      text === '' ||
      headers.get('content-type')?.startsWith('text/plain') === true
    )
  },
}
const isAny = (answer: Answer): boolean =>
  Object.values(FORMS).some((isForm) => isForm(answer, { binding: 'routing', what: '', head: '', body: '' }))

function parsed(text: string): { isJson: boolean; value?: unknown } {
  try {
    return { isJson: true, value: JSON.parse(text) as unknown }
  } catch {
    return { isJson: false }
  }
}
const fits = (schema: z.ZodType, text: string): boolean => {
  const { isJson, value } = parsed(text)
  return isJson && schema.safeParse(value).success
}
function errorType(text: string): unknown {
  const { value } = parsed(text)
  return typeof value === 'object' && value !== null && 'error_type' in value ? value.error_type : undefined
}
