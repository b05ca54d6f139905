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

/** One API session of one user, with an operation of the API per method; a refusal is thrown. */
export type Client = {
  user: string
  token: string
  /** A further API session of the same user. */
  login: () => Promise<Client>
  logout: () => Promise<void>
  whoAmI: () => Promise<{ user: string; created_time: string; last_accessed_time: string }>

  create: (spec: object, clientToken?: string) => Promise<string>
  get: (id: string) => Promise<UpdateSession>
  list: (libraryItemId?: string) => Promise<string[]>
  update: (id: string, spec: object) => Promise<void>
  complete: (id: string) => Promise<void>
  keepAlive: (id: string, clientProgress?: number) => Promise<void>
  cancel: (id: string) => Promise<void>
  fail: (id: string, message: string) => Promise<void>
  delete: (id: string) => Promise<void>

  /** The files of an update session, by its id. */
  files: {
    list: (id: string) => Promise<UpdateFile[]>
    add: (id: string, spec: object) => Promise<UpdateFile>
    get: (id: string, name: string) => Promise<UpdateFile>
    remove: (id: string, name: string) => Promise<void>
    validate: (id: string) => Promise<Validation>
  }
  /** The files that an item has, and where they lie. */
  itemFiles: {
    list: (itemId: string) => Promise<ItemFile[]>
    get: (itemId: string, name: string) => Promise<ItemFile>
  }
  storage: {
    list: (itemId: string) => Promise<object[]>
    get: (itemId: string, name: string) => Promise<object[]>
  }
  items: Collection<Item> & { list: (libraryId: string) => Promise<string[]> }
  libraries: Collection<Library> & { list: () => Promise<string[]> }
}
type Collection<T> = {
  create: (spec: object, clientToken?: string) => Promise<string>
  get: (id: string) => Promise<T>
  find: (spec: object) => Promise<string[]>
  update: (id: string, spec: object) => Promise<void>
  delete: (id: string) => Promise<void>
}

/** A session brought into a state through the operations that lead there. */
export async function sessionIn(client: Client, state: State): Promise<string> {
  const id = await client.create({ library_item_id: ITEM })
  switch (state) {
    case 'ACTIVE':
      break
    case 'DONE':
      await client.complete(id)
      break
    case 'ERROR':
      await client.fail(id, 'the disk is full')
      break
    case 'CANCELED':
      await client.cancel(id)
      break
  }
  return id
}
