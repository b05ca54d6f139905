// What an operation's handler may ask of the sandbox it runs in.
import type { Result } from '../rules/failure.ts'
import type { File, Received } from '../rules/file.ts'
import type { DeploymentSettings } from '../rules/settings.ts'
import type { FileChange, Session, SessionEvent, SessionHead } from '../rules/update-session.ts'

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
  /** What a `Client-Token` created, for as long as it exists. */
  replays: {
    find: (operation: string, token: string) => { id: string; spec: string } | undefined
    insert: (operation: string, token: string, spec: string, id: string) => void
  }
  libraries: Documents<Library>
  items: Documents<Item> & {
    idsIn: (libraryId: string) => string[]
    isNameTaken: (libraryId: string, name: string) => boolean
  }
  /** Those of an item; where a name is given, the one of that name alone. */
  itemFiles: { of: (itemId: string, name?: string) => ItemFile[] }
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
    /** As find and send, where one file is all that matters: no other is read. `file` is the one of that name that is there now. */
    head: (id: string) => SessionHead | undefined
    change: (session: SessionHead, file: File | undefined, event: FileChange) => Result<undefined>
  }
}
type Documents<T> = {
  list: () => T[]
  ids: () => string[]
  find: (id: string) => T | undefined
  insert: (row: T) => void
  save: (row: T) => void
  /** With everything that lies below it. */
  remove: (id: string) => void
}

/** Those of the deployment, and over them what a test has set for its sandbox. */
export type Settings = DeploymentSettings & {
  /** How long after its completion a session is DONE; 0 is at once. */
  completionMs: number
}
/** A token that the sandbox checks; or a user whose password the Worker has checked, and the token it made for them. */
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
  type?: string | undefined
  sourceId?: string | undefined
  version: number
  contentVersion: number
  metadataVersion: number
  createdAt: number
  modifiedAt: number
}

export type ItemFile = { name: string; version: number; received: Received }
