// The binding of the vendor's SDKs: `POST /api` in JSON-RPC, with data values, all read off the operation table.
import { Hono, type Context } from 'hono'
import * as z from 'zod'
import { all } from '../../operations/index.ts'
import { id, type Operation } from '../../operations/operation.ts'
import { Id, LocalizableMessage } from '../../operations/schemas.ts'
import { validateInput } from '../../operations/validate.ts'
import * as failures from '../../rules/failure.ts'
import { explain, fail, ok, quoted, type Message, type Result } from '../../rules/failure.ts'
import type { Output } from '../../rules/request-record.ts'
import { call, changeCookie, readBody } from '../../http/call.ts'
import { BAD_PROOF, type Proof } from '../../http/proof.ts'
import { errorName, json, type Render } from '../../http/render.ts'
import { bind, failBy, respond, type AppContext } from '../../http/request-record.ts'
import { DataValue, decode, encode } from './data-value.ts'
import { introspection, type Introspection } from './introspection.ts'

const PASSWORD_SCHEME = 'com.vmware.vapi.std.security.user_pass'
const SESSION_SCHEME = 'com.vmware.vapi.std.security.session_id'

const CallId = z.object({ id: z.union([Id, z.int(), z.null()], 'expected a text, a whole number or null') })
/** `params` has a schema of its own. */
export const JsonRpcRequest = CallId.extend({ jsonrpc: z.literal('2.0'), method: Id })
/** What is wrong with a name or a password in it is a wrong login, and no more is told. */
const LoginText = z.string().max(16_384)
const SecurityContext = z.object({
  schemeId: Id,
  userName: LoginText.optional(),
  password: LoginText.optional(),
  sessionId: LoginText.optional(),
})
/** Whether the input is the operation's, and how long its texts are, is that schema's to say. */
export const InvokeParams = z.object({
  serviceId: Id,
  operationId: Id,
  input: DataValue,
  ctx: z.object({ appCtx: z.object({}).nullish(), securityCtx: SecurityContext.nullish() }).nullish(),
})
type JsonRpcRequest = z.output<typeof JsonRpcRequest>
type InvokeParams = z.output<typeof InvokeParams>

/** What can be wrong with a call before any operation is known. */
const PROTOCOL_ERRORS = {
  [-32700]: 'Parse error.',
  [-32600]: 'Invalid request.',
  [-32601]: 'Method not found.',
  [-32602]: 'Invalid params.',
  [-31001]: 'The headers vapi-service and vapi-operation name another operation than the body.',
}

/** What a call needs to be answered: its id, and what is wrong with it, if it is no call. */
type JsonRpcFacts = {
  said?: { id: JsonRpcRequest['id']; data?: string | undefined }
  problem?: { code: keyof typeof PROTOCOL_ERRORS }
}

export const jsonRpc = new Hono<{ Bindings: Env }>()
jsonRpc.post('/', async (c) => {
  bind(c, 'json-rpc')
  const body = await readBody(c)
  if (!body.ok) return failCall(c, null, -32700, explain(body.failure), body.failure)
  if (body.value === undefined) return failCall(c, null, -32700, 'There is no body.')
  const request = JsonRpcRequest.safeParse(body.value)
  if (!request.success) return failCall(c, idIn(body.value), -32600, z.prettifyError(request.error))
  const { id, method } = request.data
  if (method !== 'invoke') return failCall(c, id, -32601, `There is only invoke, not ${method}.`)
  const params = InvokeParams.safeParse((body.value as { params?: unknown }).params)
  if (!params.success) return failCall(c, id, -32602, z.prettifyError(params.error))
  if (contradicts(c, params.data)) return failCall(c, id, -31001)

  const known = bind(c, 'json-rpc', { said: { id } } satisfies JsonRpcFacts)
  const found = findOperation(params.data)
  const proof = proofInParams(params.data, found.ok && 'login' in found.value)
  if (proof) known.proof = proof
  const result = found.ok ? await perform(c, found.value, params.data.input) : failBy(c, 'routing', found.failure)
  return respond(c, renderJsonRpc, result)
})

/** Of what is no call, where it has one: by it the client finds its answer. */
const idIn = (value: unknown) => CallId.safeParse(value).data?.id ?? null

const services = Map.groupBy([...all, ...introspection], ({ service }) => service)

function findOperation({ serviceId, operationId }: InvokeParams): Result<Operation | Introspection> {
  const service = services.get(serviceId)
  const operation = service?.find(({ name }) => name === operationId)
  if (operation) return ok(operation)
  return fail(service ? failures.noMethod(serviceId, operationId) : failures.noService(serviceId))
}

async function perform(c: AppContext, found: Operation | Introspection, sent: DataValue): Promise<Result<Output>> {
  const read = () => inputOf(found, sent)
  if ('output' in found) {
    const result = await call(c, found, read)
    changeCookie(c, found, result, '/api')
    return result
  }
  const input = read()
  const valid = input.ok ? validateInput(found, input.value) : input
  if (!valid.ok) return failBy(c, 'validation', valid.failure)
  const described = await found.run(valid.value as never)
  // Each introspection answers a structure or a list.
  return described.ok ? ok(described.value as object) : failBy(c, 'routing', described.failure)
}

/** What the body shows outranks the headers (docs/fidelity.md), and must be what is due: a login wants a password. */
function proofInParams({ ctx }: InvokeParams, isLogin: boolean): Proof | undefined {
  const { schemeId, userName: user, password, sessionId } = ctx?.securityCtx ?? {}
  if (schemeId === PASSWORD_SCHEME)
    return isLogin && user !== undefined && password !== undefined ? { user, password } : BAD_PROOF
  if (schemeId === SESSION_SCHEME) return !isLogin && sessionId !== undefined ? { token: sessionId } : BAD_PROOF
  // One that this mock does not know proves nothing, as one that is wrong.
  return schemeId === undefined ? undefined : BAD_PROOF
}

function inputOf(operation: Introspection | Operation, value: DataValue): Result<object> {
  const problems: Message[] = []
  const input = decode(operation.input(), value, '', problems)
  return problems.length === 0 && typeof input === 'object' && input !== null
    ? ok(input)
    : fail(failures.invalidInput(id(operation), problems))
}

/** Some clients repeat in headers what is in the body, for proxies that do not read bodies. */
function contradicts(c: Context, { serviceId, operationId }: InvokeParams): boolean {
  const [service = serviceId, operation = operationId] = [c.req.header('vapi-service'), c.req.header('vapi-operation')]
  return service !== serviceId || operation !== operationId
}

/** Whatever became of an operation is a result with the status 200; a header tells an error from a success. */
export const renderJsonRpc: Render = (result, operation, facts) => {
  const { said: { id = null, data } = {}, problem } = facts as JsonRpcFacts // bound above
  if (problem)
    return json(200, { jsonrpc: '2.0', id, error: { ...problem, message: PROTOCOL_ERRORS[problem.code], data } })
  if (result.ok) {
    // An introspection answers in data values.
    const output = operation ? encode(operation.output(), result.value) : result.value
    return json(200, { jsonrpc: '2.0', id, result: { output } })
  }
  const { type, messages, challenge } = result.failure
  const name = errorName(type)
  const error = {
    ERROR: {
      [name]: {
        messages: messages.map((message) => encode(LocalizableMessage(), message)),
        data: { OPTIONAL: null },
        error_type: { OPTIONAL: type },
        ...(challenge !== undefined && { challenge: { OPTIONAL: challenge } }),
      },
    },
  } satisfies DataValue
  return json(200, { jsonrpc: '2.0', id, result: { error } }, { 'vapi-error': name })
}

/** What is no call fails in the protocol's own form. */
function failCall(
  c: AppContext,
  id: JsonRpcRequest['id'],
  code: keyof typeof PROTOCOL_ERRORS,
  text?: string,
  failure = failures.malformedBody(text || PROTOCOL_ERRORS[code]),
): Response {
  const data = text && quoted(text)
  bind(c, 'json-rpc', { said: { id, data }, problem: { code } } satisfies JsonRpcFacts)
  return respond(c, renderJsonRpc, failBy(c, 'reading', failure))
}
