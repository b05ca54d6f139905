// What an operation is, and what its handler may ask of the sandbox it runs in.
import * as z from 'zod'
import type { ErrorType, Result } from '../rules/failure.ts'
import { ALGORITHMS, type File, type Received } from '../rules/file.ts'
import type { DeploymentSettings } from '../rules/settings.ts'
import type { FileChange, Session, SessionEvent, SessionHead } from '../rules/update-session.ts'

/** What a handler returns: JSON that crosses a Durable Object call, or nothing. */
export type Output = string | object | undefined

/** One vAPI operation. Every wire form, the OpenAPI document, fault rules and the journal are read off this entry. */
export type Operation = {
  /** The vAPI service id, as `com.vmware.content.library.item`. */
  service: string
  /** The vAPI operation id, in snake_case as on JSON-RPC. */
  name: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Of the `/api` form; a template over the input's fields. */
  path: string
  action?: string
  /** Input fields that travel in the query string. */
  query?: string[]
  /** The input field that is the whole `/api` body; without it the body is an object of the fields left over. */
  body?: string
  input: z.ZodObject
  output: z.ZodType
  /** The errors that the specification documents for it. */
  errors: ErrorType[]
  /** It makes something new: its success is 201 over /api, and a full sandbox refuses it. */
  creates?: true
  /** How the caller proves who they are: an API session, unless said otherwise. */
  login?: 'basic'
  /** Not part of /api: clients of the older bindings alone ask for it. */
  isLegacy?: true
  run: (store: Store, input: never) => Result<Output>
  /** What the Worker makes of the value when that takes the outside world, for which no sandbox waits. */
  afterwards?: (value: never, look: Look) => Promise<Output>
}

/** Asks a source for its headers: the status it answers with, or why there is none. */
export type Look = (uri: string) => Promise<{ status: number } | { why: string; isTimeout: boolean }>

export type Store = {
  /** Epoch milliseconds on the sandbox's clock. */
  now: number
  settings: Settings
  /** At a login the session that is about to begin. */
  caller: ApiSession
  newId: () => string
  /** A token that names this sandbox, for an upload endpoint. */
  newUploadToken: () => string
  /** Where clients reach this mock, without a slash at the end: what absolute URLs in answers begin with. */
  origin: string
  apiSessions: { insert: (session: ApiSession) => void; remove: (token: string) => void }
  replays: Replays
  libraries: Table<Library>
  items: Table<Item> & { inLibrary: (libraryId: string) => Item[] }
  itemFiles: { of: (itemId: string) => ItemFile[] }
  updateFiles: {
    of: (sessionId: string) => File[]
    find: (sessionId: string, name: string) => File | undefined
    /** How many files of other names the session has. */
    countOthers: (sessionId: string, name: string) => number
  }
  updateSessions: {
    list: (libraryItemId?: string) => string[]
    find: (id: string) => Session | undefined
    /** A new session, ACTIVE; refused where the item has one. `files` is what the item holds: a session changes a copy of it. */
    begin: (given: Pick<Session, 'id' | 'files' | 'warningBehavior'> & { item: Item }) => Result<Session>
    /** Lets the rules decide, and stores what they say with all that follows from it. */
    send: (id: string, event: SessionEvent) => Result<undefined>
    /** As find and send, where one file is all that matters: no other is read. */
    head: (id: string) => SessionHead | undefined
    change: (id: string, event: FileChange) => Result<undefined>
  }
}
type Table<T> = {
  list: () => T[]
  find: (id: string) => T | undefined
  insert: (row: T) => void
  save: (row: T) => void
  /** With everything that lies below it. */
  remove: (id: string) => void
}
/** What a `Client-Token` created, for as long as it exists. */
type Replays = {
  find: (operation: string, token: string) => { id: string; spec: string } | undefined
  insert: (operation: string, token: string, spec: string, id: string) => void
}

/** Those of the deployment, and over them what a test has set for its sandbox. */
export type Settings = DeploymentSettings & {
  /** How long after its completion a session is DONE; 0 is at once. */
  completionMs: number
}
/** Who asks: a token that the sandbox checks; or a user whom the Worker has let in, and the token it made for them. */
export type Caller = { token: string; user?: string }
export type ApiSession = { token: string; user: string; createdAt: number; lastAccessedAt: number }
export type Library = {
  id: string
  name: string
  description: string
  version: number
  createdAt: number
  modifiedAt: number
  /** The parts of the specification that are kept as they were given. */
  given: object
}
export type Item = {
  id: string
  libraryId: string
  name: string
  description: string
  type?: string
  sourceId?: string
  version: number
  contentVersion: number
  metadataVersion: number
  createdAt: number
  modifiedAt: number
}

export type ItemFile = { name: string; version: number; received: Received }

/** Declares an operation: the handler's input is what its schema says, its output what the other schema says. */
export const operation = <I extends z.ZodObject, O extends z.ZodType>(
  entry: Omit<Operation, 'input' | 'output' | 'run'> & {
    input: I
    output: O
    run: (store: Store, input: z.output<I>) => Result<z.input<O> & Output>
  },
): Operation => entry

export const id = (operation: Pick<Operation, 'service' | 'name'>): string => `${operation.service}.${operation.name}`

// What clients send is bounded: by the specification where it says how, else by limits of ours (docs/fidelity.md).

/** In UTF-16 units, and well-formed: storage would keep another text than one with half of a surrogate pair. */
export const text = (limit: number) =>
  z
    .string()
    .max(limit, { error: ({ input }) => `it has ${lengthOf(input)} characters; at most ${limit} are allowed` })
    .refine((given) => given.isWellFormed(), 'it has half of a character')
export const listOf = <T extends z.ZodType>(element: T, limit: number = LIST_LIMIT) =>
  z.array(element).max(limit, { error: ({ input }) => tooMany('elements', lengthOf(input), limit) })
export const mapOf = <T extends z.ZodType>(value: T, limit: number = LIST_LIMIT) =>
  z
    .record(text(ID_LIMIT), value)
    .refine((given) => Object.keys(given).length <= limit, {
      error: ({ input }) => tooMany('entries', Object.keys(input as object).length, limit),
    })
    .meta({ maxProperties: limit })
const ID_LIMIT = 255
const LIST_LIMIT = 100
const lengthOf = (input: unknown) => (input as { length: number }).length // of a text or a list, by its schema
const tooMany = (what: string, count: number, limit: number) => `it has ${count} ${what}; at most ${limit} are allowed`

// Forms that the specification uses everywhere.

/** An id, a type, a version, a token, and what else is short. */
export const Id = text(ID_LIMIT)
export const Name = text(255)
/** The specification's limit for items; for libraries ours. */
export const Description = text(2000)
export const Uri = text(4096).meta({ format: 'uri' })
/** In PEM, or as text. */
export const Certificate = text(16_384)
export const Password = text(1024).meta({ format: 'password' })
/** What a client has to say about a failure. */
export const MessageText = text(10_000)

export const int64 = z.int().meta({ format: 'int64' })
export const dateTime = z.iso.datetime().max(64)
export const nothing = z.undefined()
export const ids = z.array(z.string())
const NestedLocalizableMessage = z
  .object({
    id: Id,
    get params() {
      return LocalizationParams.optional()
    },
  })
  .meta({ id: 'Vapi.Std.NestedLocalizableMessage' })
const LocalizationParam = z
  .object({
    s: MessageText.optional(),
    dt: dateTime.optional(),
    i: int64.optional(),
    d: z.number().meta({ format: 'double' }).optional(),
    get l() {
      return NestedLocalizableMessage.optional()
    },
    format: z
      .enum(
        ['SHORT', 'MED', 'LONG', 'FULL'].flatMap((length) =>
          ['DATE', 'TIME', 'DATE_TIME'].map((what) => `${length}_${what}`),
        ),
      )
      .optional(),
    precision: int64.optional(),
  })
  .meta({ id: 'Vapi.Std.LocalizationParam' })
const LocalizationParams = mapOf(LocalizationParam)
export const LocalizableMessage = z
  .object({
    id: Id,
    default_message: MessageText,
    args: listOf(MessageText),
    params: LocalizationParams.optional(),
    localized: MessageText.optional(),
  })
  .meta({ id: 'Vapi.Std.LocalizableMessage' })

export const ChecksumInfo = z
  .strictObject({ algorithm: z.enum(ALGORITHMS).optional(), checksum: Id })
  .meta({ id: 'Content.Library.Item.File.ChecksumInfo' })
export const StorageBacking = z
  .strictObject({
    type: z.enum(['DATASTORE', 'OTHER']).optional(),
    datastore_id: Id.optional(),
    storage_uri: Uri.optional(),
  })
  .meta({ id: 'Content.Library.StorageBacking' })
