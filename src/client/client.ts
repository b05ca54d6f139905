// A typed client of the update session services: the same calls for this mock and for a vCenter.
import createClient, { type Middleware } from 'openapi-fetch'
import type { components, paths } from './schema.d.ts'

type Schemas = components['schemas']
export type Item = Schemas['Content.Library.ItemModel']
export type Library = Schemas['Content.LibraryModel']
export type LocalizableMessage = Schemas['Vapi.Std.LocalizableMessage']
export type UpdateSession = Schemas['Content.Library.Item.UpdateSessionModel']
export type FileSpec = Schemas['Content.Library.Item.Updatesession.File.AddSpec']
export type FileInfo = Schemas['Content.Library.Item.Updatesession.File.Info']
export type Validation = Schemas['Content.Library.Item.Updatesession.File.ValidationResult']
type ApiError = Schemas['Vapi.Std.Errors.Error']
export type ErrorType = ApiError['error_type']

/** An answer other than a success, in the server's words. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** Absent where the answer is none of the API's: from a proxy, say. */
  readonly errorType: ErrorType | undefined
  readonly messages: LocalizableMessage[]

  constructor({ status, statusText, url }: Response, error: Partial<ApiError> | undefined) {
    const messages = Array.isArray(error?.messages) ? error.messages : []
    const text = messages.map(({ default_message }) => default_message).join(' ')
    // One that came from no network has no address.
    super(`${status} ${error?.error_type ?? statusText}${url && ` from ${url}`}: ${text}`)
    this.status = status
    this.errorType = error?.error_type
    this.messages = messages
  }
}

export type Fetch = (request: Request) => Promise<Response>
export type Credentials = { user: string; password: string }
export type Client = ReturnType<typeof clientOf>

/** Begins an API session with the server at `url`; end it with `logout`. */
export async function login(url: string, { user, password }: Credentials, fetch?: Fetch): Promise<Client> {
  const token = await valueOf(apiOf(url, { authorization: basic(user, password) }, fetch).POST('/session'))
  return clientOf(url, token, fetch)
}

/** Speaks within an API session that exists. Every method answers with the value, or throws a `Refusal`. */
export function clientOf(url: string, token: string, fetch?: Fetch) {
  const api = apiOf(url, { 'vmware-api-session-id': token }, fetch)
  return {
    token,
    whoAmI: () => valueOf(api.GET('/session')),
    logout: () => valueOf(api.DELETE('/session')),
    updateSessions: updateSessions(api),
    updateSessionFiles: updateSessionFiles(api),
    items: items(api),
    libraries: libraries(api),
  }
}

type Api = ReturnType<typeof apiOf>
const SESSIONS = '/content/library/item/update-session'
const SESSION = `${SESSIONS}/{updateSessionId}` as const
const sessionPath = (updateSessionId: string) => ({ params: { path: { updateSessionId } } })

const updateSessions = (api: Api) => ({
  list: (libraryItemId?: string) =>
    valueOf(
      api.GET(SESSIONS, { params: { query: libraryItemId === undefined ? {} : { library_item_id: libraryItemId } } }),
    ),
  create: (spec: UpdateSession, clientToken?: string) =>
    valueOf(api.POST(SESSIONS, { body: spec, ...idempotent(clientToken) })),
  get: (id: string) => valueOf(api.GET(SESSION, sessionPath(id))),
  update: (id: string, spec: UpdateSession) => valueOf(api.PATCH(SESSION, { ...sessionPath(id), body: spec })),
  complete: (id: string) => valueOf(api.POST(`${SESSION}?action=complete`, sessionPath(id))),
  keepAlive: (id: string, clientProgress?: number) =>
    valueOf(
      api.POST(`${SESSION}?action=keep-alive`, {
        ...sessionPath(id),
        ...(clientProgress !== undefined && { body: { client_progress: clientProgress } }),
      }),
    ),
  cancel: (id: string) => valueOf(api.POST(`${SESSION}?action=cancel`, sessionPath(id))),
  fail: (id: string, clientErrorMessage: string) =>
    valueOf(
      api.POST(`${SESSION}?action=fail`, { ...sessionPath(id), body: { client_error_message: clientErrorMessage } }),
    ),
  delete: (id: string) => valueOf(api.DELETE(SESSION, sessionPath(id))),
})

const filePath = (updateSessionId: string, fileName: string) => ({ params: { path: { updateSessionId, fileName } } })

const updateSessionFiles = (api: Api) => ({
  list: (sessionId: string) => valueOf(api.GET(`${SESSION}/file`, sessionPath(sessionId))),
  add: (sessionId: string, spec: FileSpec) =>
    valueOf(api.POST(`${SESSION}/file`, { ...sessionPath(sessionId), body: spec })),
  get: (sessionId: string, name: string) => valueOf(api.GET(`${SESSION}/file/{fileName}`, filePath(sessionId, name))),
  remove: (sessionId: string, name: string) =>
    valueOf(api.DELETE(`${SESSION}/file/{fileName}`, filePath(sessionId, name))),
  validate: (sessionId: string) => valueOf(api.POST(`${SESSION}/file?action=validate`, sessionPath(sessionId))),
})

const ITEMS = '/content/library/item'
const ITEM = `${ITEMS}/{libraryItemId}` as const
const itemPath = (libraryItemId: string) => ({ params: { path: { libraryItemId } } })

const items = (api: Api) => ({
  list: (libraryId: string) =>
    valueOf(api.GET(`${ITEMS}?library_id`, { params: { query: { library_id: libraryId } } })),
  create: (spec: Item, clientToken?: string) => valueOf(api.POST(ITEMS, { body: spec, ...idempotent(clientToken) })),
  get: (id: string) => valueOf(api.GET(ITEM, itemPath(id))),
  find: (spec: Schemas['Content.Library.Item.FindSpec']) => valueOf(api.POST(`${ITEMS}?action=find`, { body: spec })),
  /** What its content is, and where it is to be had. */
  files: (id: string) => valueOf(api.GET(`${ITEM}/file`, itemPath(id))),
  update: (id: string, spec: Item) => valueOf(api.PATCH(ITEM, { ...itemPath(id), body: spec })),
  delete: (id: string) => valueOf(api.DELETE(ITEM, itemPath(id))),
})

const LOCAL_LIBRARY = '/content/local-library/{libraryId}'
const libraryPath = (libraryId: string) => ({ params: { path: { libraryId } } })

/** Reads any library; makes, changes and removes local ones. */
const libraries = (api: Api) => ({
  list: () => valueOf(api.GET('/content/library')),
  create: (spec: Library, clientToken?: string) =>
    valueOf(api.POST('/content/local-library', { body: spec, ...idempotent(clientToken) })),
  get: (id: string) => valueOf(api.GET('/content/library/{libraryId}', libraryPath(id))),
  find: (spec: Schemas['Content.Library.FindSpec']) =>
    valueOf(api.POST('/content/library?action=find', { body: spec })),
  update: (id: string, spec: Library) => valueOf(api.PATCH(LOCAL_LIBRARY, { ...libraryPath(id), body: spec })),
  delete: (id: string) => valueOf(api.DELETE(LOCAL_LIBRARY, libraryPath(id))),
})

function apiOf(url: string, headers: Record<string, string>, fetch: Fetch | undefined) {
  const api = createClient<paths>({ baseUrl: `${url.replace(/\/$/, '')}/api`, headers, ...(fetch && { fetch }) })
  api.use(oneQuery)
  return api
}

/** The specification's keys name the query that selects an operation, `item?library_id`; its value comes behind. */
const oneQuery: Middleware = {
  onRequest: ({ request }) => {
    const url = request.url.replace(/\?\w+\?/, '?')
    // A body that is carried over becomes a stream, which browsers send by HTTP/2 only.
    return url === request.url ? undefined : new Request(url, request)
  },
}

/** A UUID that makes a repeated create answer with what the first one made. */
const idempotent = (clientToken: string | undefined) =>
  clientToken === undefined ? {} : { params: { header: { 'Client-Token': clientToken } } }

export function basic(user: string, password: string): string {
  // The user ends at the first colon (RFC 7617).
  if (user.includes(':')) throw new Error(`The user name "${user}" has a colon, and by Basic it would be another user.`)
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`
}

async function valueOf<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer
  if (response.ok) return data as T // undefined exactly where the API has nothing to say
  throw new Refusal(response, typeof error === 'object' && error !== null ? error : undefined)
}
