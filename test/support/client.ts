// What a test asks of the mock, whatever wire form carries it.

/** The well-known ids that every sandbox begins with. */
export const LIBRARY = '11111111-1111-4111-8111-111111111111'
export const ITEM = '22222222-2222-4222-8222-222222222222'

/** An id of the right form that nothing has. */
export const unknownId = (): string => `${crypto.randomUUID()}:${crypto.randomUUID()}`

/** A user nobody has seen, and so a sandbox of their own. */
export const freshUser = (): string => `user-${crypto.randomUUID()}`

export const basic = (user: string, password = 'secret'): string => `Basic ${btoa(`${user}:${password}`)}`

/** An answer other than a success. */
export class Refusal extends Error {
  readonly status: number
  readonly errorType: string
  readonly messages: Message[]

  constructor(status: number, errorType: string, messages: Message[]) {
    super(`${status} ${errorType}: ${messages.map(({ default_message }) => default_message).join(' ')}`)
    this.status = status
    this.errorType = errorType
    this.messages = messages
  }
}

export type Message = { id: string; default_message: string; args: string[] }
export type State = 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED'
export type UpdateSession = {
  id: string
  library_item_id: string
  library_item_content_version: string
  client_progress: number
  state: State
  expiration_time: string
  error_message?: Message
  preview_info?: object
  warning_behavior?: object[]
}
export type UpdateFile = {
  name: string
  source_type: 'NONE' | 'PUSH' | 'PULL'
  status: 'WAITING_FOR_TRANSFER' | 'TRANSFERRING' | 'READY' | 'ERROR'
  bytes_transferred: number
  size?: number
  checksum_info?: { algorithm?: string; checksum: string }
  source_endpoint?: { uri: string }
  upload_endpoint?: { uri: string }
  error_message?: Message
  keep_in_storage?: boolean
}
type ItemFile = {
  name: string
  size: number
  cached: boolean
  version: string
  checksum_info?: { algorithm: string; checksum: string }
  file_download_endpoint?: string
}
type Validation = {
  has_errors: boolean
  missing_files: string[]
  invalid_files: { name: string; error_message: Message }[]
}
type Item = { id: string; name: string; library_id: string; content_version: string; version: string }
type Library = { id: string; name: string; type: string; version: string }

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
