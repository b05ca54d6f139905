// What a test asks of the mock, whatever binding carries it.
import {
  basic as basicOf,
  type FileInfo,
  type Item as ItemModel,
  type Library as LibraryModel,
  type LocalizableMessage,
  type UpdateSession as SessionModel,
  type Validation,
} from '../../src/client/client.ts'
import type { components } from '../../src/client/schema.d.ts'

export { Refusal } from '../../src/client/client.ts'

/** The well-known ids that every sandbox begins with. */
export const LIBRARY = '11111111-1111-4111-8111-111111111111'
export const ITEM = '22222222-2222-4222-8222-222222222222'

/** An id of the right form that nothing has. */
export const unknownId = (): string => `${crypto.randomUUID()}:${crypto.randomUUID()}`

/** A new user, and so a new sandbox. */
export const freshUser = (): string => `user-${crypto.randomUUID()}`

export const basic = (user: string, password = 'secret'): string => basicOf(user, password)

export type Message = LocalizableMessage
export type State = NonNullable<SessionModel['state']>
/** What a model may leave out in a request is there in every answer. */
type Answered<T, K extends keyof T> = T & Required<Pick<T, K>>
type UpdateSession = Answered<
  SessionModel,
  'id' | 'library_item_id' | 'library_item_content_version' | 'client_progress' | 'state' | 'expiration_time'
>
export type UpdateFile = FileInfo
type ItemFile = components['schemas']['Content.Library.Item.File.Info']
type Item = Answered<ItemModel, 'id' | 'name' | 'library_id' | 'content_version' | 'version'>
type Library = Answered<LibraryModel, 'id' | 'name' | 'type' | 'version'>

/** Asks for an operation by its id without `com.vmware.`; a refusal is thrown. */
export type Ask = <T = void>(operation: string, input?: object) => Promise<T>

const SESSION = 'cis.session'
const UPDATE = 'content.library.item.update_session'
const FILE = 'content.library.item.updatesession.file'

/** The operations of the API, a method for each. */
export const methodsOf = (ask: Ask) => ({
  logout: () => ask(`${SESSION}.delete`),
  whoAmI: () => ask<{ user: string; created_time: string; last_accessed_time: string }>(`${SESSION}.get`),

  create: (create_spec: object, client_token?: string) =>
    ask<string>(`${UPDATE}.create`, { create_spec, client_token }),
  get: (update_session_id: string) => ask<UpdateSession>(`${UPDATE}.get`, { update_session_id }),
  list: (library_item_id?: string) => ask<string[]>(`${UPDATE}.list`, { library_item_id }),
  update: (update_session_id: string, update_spec: object) =>
    ask(`${UPDATE}.update`, { update_session_id, update_spec }),
  complete: (update_session_id: string) => ask(`${UPDATE}.complete`, { update_session_id }),
  keepAlive: (update_session_id: string, client_progress?: number) =>
    ask(`${UPDATE}.keep_alive`, { update_session_id, client_progress }),
  cancel: (update_session_id: string) => ask(`${UPDATE}.cancel`, { update_session_id }),
  fail: (update_session_id: string, client_error_message: string) =>
    ask(`${UPDATE}.fail`, { update_session_id, client_error_message }),
  delete: (update_session_id: string) => ask(`${UPDATE}.delete`, { update_session_id }),

  /** The files of an update session, by its id. */
  files: {
    list: (update_session_id: string) => ask<UpdateFile[]>(`${FILE}.list`, { update_session_id }),
    add: (update_session_id: string, file_spec: object) =>
      ask<UpdateFile>(`${FILE}.add`, { update_session_id, file_spec }),
    get: (update_session_id: string, file_name: string) =>
      ask<UpdateFile>(`${FILE}.get`, { update_session_id, file_name }),
    remove: (update_session_id: string, file_name: string) => ask(`${FILE}.remove`, { update_session_id, file_name }),
    validate: (update_session_id: string) => ask<Validation>(`${FILE}.validate`, { update_session_id }),
  },
  /** The files that an item has, and where they lie. */
  itemFiles: {
    list: (library_item_id: string) => ask<ItemFile[]>('content.library.item.file.list', { library_item_id }),
    get: (library_item_id: string, name: string) =>
      ask<ItemFile>('content.library.item.file.get', { library_item_id, name }),
  },
  storage: {
    list: (library_item_id: string) => ask<object[]>('content.library.item.storage.list', { library_item_id }),
    get: (library_item_id: string, file_name: string) =>
      ask<object[]>('content.library.item.storage.get', { library_item_id, file_name }),
  },
  items: {
    ...collection<Item>(ask, 'content.library.item', 'content.library.item', 'library_item_id'),
    list: (library_id: string) => ask<string[]>('content.library.item.list', { library_id }),
  },
  libraries: {
    ...collection<Library>(ask, 'content.library', 'content.local_library', 'library_id'),
    list: () => ask<string[]>('content.library.list'),
  },
})

/** What may be read, and what may be changed, of one kind. */
const collection = <T>(ask: Ask, read: string, changed: string, id: string) => ({
  create: (create_spec: object, client_token?: string) =>
    ask<string>(`${changed}.create`, { create_spec, client_token }),
  get: (of: string) => ask<T>(`${read}.get`, { [id]: of }),
  find: (spec: object) => ask<string[]>(`${read}.find`, { spec }),
  update: (of: string, update_spec: object) => ask(`${changed}.update`, { [id]: of, update_spec }),
  delete: (of: string) => ask(`${changed}.delete`, { [id]: of }),
})

/** One API session of one user; `login` makes a further one. */
export type Client = ReturnType<typeof methodsOf> & { user: string; token: string; login: () => Promise<Client> }

type Changes = Record<'complete' | 'cancel', (id: string) => Promise<unknown>> & {
  create: (spec: { library_item_id: string }) => Promise<string>
  fail: (id: string, message: string) => Promise<unknown>
}
/** A session brought into a state through the operations that lead there. */
export async function sessionIn(client: Changes, state: State, library_item_id = ITEM): Promise<string> {
  const id = await client.create({ library_item_id })
  if (state === 'DONE') await client.complete(id)
  if (state === 'ERROR') await client.fail(id, 'the disk is full')
  if (state === 'CANCELED') await client.cancel(id)
  return id
}
