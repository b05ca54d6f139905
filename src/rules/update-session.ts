// What is allowed to an update session: its states, its events, and the table of both (reference 1.1 and 1.2).
import * as failures from './failure.ts'
import { fail, ok, type Message, type Result } from './failure.ts'
import { contentKeyOf, dropped, type File } from './file.ts'
import { firstUnreceived, inspect, isKeptInStorage, isOvf, isUnderWay } from './validation.ts'

export const WARNING_TYPES = [
  'SELF_SIGNED_CERTIFICATE',
  'EXPIRED_CERTIFICATE',
  'NOT_YET_VALID_CERTIFICATE',
  'UNTRUSTED_CERTIFICATE',
] as const
type WarningBehavior = { type: (typeof WARNING_TYPES)[number]; ignored: boolean }

/** What is known of a session in every state, besides its files. Moments are epoch milliseconds, durations milliseconds. */
export type SessionFacts = {
  id: string
  libraryItemId: string
  /** The item's type decides what must be in it before it may complete. */
  itemType?: string
  /** The item's content version when the session was created. */
  contentVersion: string
  /** 0 to 100. */
  clientProgress: number
  warningBehavior: WarningBehavior[]
  /** Unfinished: the end of its idle time. Finished: the end of its retention. From then on it is gone. */
  expiresAt: number
  idleMs: number
  retentionMs: number
  /** COMPLETING: a test makes the completion wait until then, besides its pulls. */
  settlesAt?: number
  /** A test makes its completion end in ERROR, for this reason. */
  failsWith?: Message
}
/** A session without its files, which can be many. */
export type SessionHead = SessionFacts &
  // COMPLETING is ours: completed by the client, and not over yet. The API shows it as ACTIVE.
  ({ state: 'ACTIVE' | 'COMPLETING' | 'DONE' | 'CANCELED' } | { state: 'ERROR'; reason: Message })
export type Session = SessionHead & { files: File[] }

export type SessionEvent =
  | { type: 'update'; warningBehavior?: WarningBehavior[] }
  | { type: 'keepAlive'; clientProgress?: number }
  | { type: 'complete'; settlesAt?: number }
  | { type: 'cancel' }
  | { type: 'fail'; reason: Message }
  | { type: 'delete' }
  | { type: 'expire' }
  | { type: 'settle' }
  | { type: 'validate' }
  | { type: 'planFailure'; reason: Message }
  /** A transfer has an outcome in which all files have a say. `files` is what the session holds afterwards. */
  | { type: 'transfer'; files: File[] }
  | FileChange
/** What happens to one file, whatever the others are: its cells are given the session without files. */
export type FileChange =
  /** Beside it the session has so many files of other names. */
  | { type: 'add'; file: File; otherFiles: number }
  | { type: 'remove'; file: File }
  /** A transfer has brought the file to where it is now. */
  | { type: 'carry'; file: File }

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>
type Cell<E extends SessionEvent = SessionEvent> = (session: Session, event: E, now: number) => Result<Session | null>
type HeadCell<E extends FileChange> = <S extends SessionHead>(session: S, event: E, now: number) => Result<S>
type SessionRow = { [T in Exclude<SessionEvent, FileChange>['type']]?: Cell<EventOf<T>> } & {
  [T in FileChange['type']]?: HeadCell<Extract<FileChange, { type: T }>>
}

/** Its idle time begins when a completion that is waited for is over. */
const alive = <S extends SessionFacts>(session: S, now: number): S => ({
  ...session,
  expiresAt: Math.max(now, session.settlesAt ?? now) + session.idleMs,
})
/** It has ended, and waits for no completion: that would be due for as long as the session is kept. */
const kept = (before: Session, now: number) => {
  const { settlesAt: _, ...session } = before
  return { ...session, expiresAt: now + session.retentionMs }
}
const failed = (session: Session, reason: Message, now: number): Session => ({
  ...kept(session, now),
  state: 'ERROR',
  reason,
  files: session.files.map(dropped),
})
/** The end of a completion: DONE, unless a test has asked for a failure. */
const finish = (session: Session, now: number): Session =>
  session.failsWith ? failed(session, session.failsWith, now) : { ...kept(session, now), state: 'DONE' }

const keepAlive: Cell<EventOf<'keepAlive'>> = (session, { clientProgress }, now) => {
  if (clientProgress === undefined) return ok(alive(session, now))
  if (clientProgress < 0 || clientProgress > 100) return fail(failures.progressOutOfRange(clientProgress))
  // Clients repeat what holds (reference 14.3).
  if (clientProgress < session.clientProgress)
    return fail(failures.progressDecreased(clientProgress, session.clientProgress))
  return ok(alive({ ...session, clientProgress }, now))
}
const cancel: Cell<EventOf<'cancel'>> = (session, _, now) =>
  ok({ ...kept(session, now), state: 'CANCELED', files: session.files.map(dropped) })
const failByClient: Cell<EventOf<'fail'>> = (session, { reason }, now) => ok(failed(session, reason, now))
const complete: Cell<EventOf<'complete'>> = (session, { settlesAt }, now) => {
  const unreceived = firstUnreceived(session.files)
  if (unreceived) return fail(failures.fileNotReceived(unreceived.name, unreceived.status))
  const { missing } = inspect(session.itemType, session.files)
  if (missing.length > 0) return fail(failures.filesMissing(missing))
  if (settlesAt === undefined && !session.files.some(isUnderWay)) return ok(finish(session, now))
  const next: Session = { ...session, state: 'COMPLETING', ...(settlesAt !== undefined && { settlesAt }) }
  return ok(alive(next, now))
}
/** A completion waits for nothing but its pulls any more, and is over when they are. */
const settle = (before: Session, now: number): Result<Session> => {
  const { settlesAt: _, ...session } = before
  if (session.files.some(isUnderWay)) return ok(session)
  const { missing } = inspect(session.itemType, session.files)
  const [reason] = missing.length > 0 ? failures.filesMissing(missing).messages : []
  return ok(reason ? failed(session, reason, now) : finish(session, now))
}
const change: HeadCell<FileChange> = (session, _, now) => ok(alive(session, now))
/** Ours: a session is read as a whole. One file more is refused; another one under a known name is not. */
const FILES_LIMIT = 1000
const add: HeadCell<Extract<FileChange, { type: 'add' }>> = (session, event, now) =>
  event.otherFiles < FILES_LIMIT ? change(session, event, now) : fail(failures.tooManyFiles(FILES_LIMIT))
const validate: Cell<EventOf<'validate'>> = (session, _, now) => {
  const unreceived = firstUnreceived(session.files)
  return unreceived ? fail(failures.fileNotReceived(unreceived.name, unreceived.status)) : ok(alive(session, now))
}
/** One bad file ends the session, with that file's reason (ours). */
const judged = (session: Session, files: File[], now: number): Session => {
  const next = { ...session, files }
  const [bad] = inspect(session.itemType, files).invalid
  return bad ? failed(next, bad.reason, now) : alive(next, now)
}
const remove = () => ok(null)
const ended: SessionRow = { delete: remove, expire: remove }

/** Reference 1.1, cell for cell: a row per state, a cell per event it accepts. `null` leaves nothing behind. */
const transitions: Record<Session['state'], SessionRow> = {
  ACTIVE: {
    update: (session, { warningBehavior = session.warningBehavior }, now) =>
      ok(alive({ ...session, warningBehavior }, now)),
    keepAlive,
    complete,
    cancel,
    fail: failByClient,
    expire: remove,
    add,
    remove: change,
    validate,
    planFailure: (session, { reason }) => ok({ ...session, failsWith: reason }),
    transfer: (session, { files }, now) => ok(judged(session, files, now)),
    carry: change,
  },
  COMPLETING: {
    keepAlive,
    cancel,
    fail: failByClient,
    expire: remove,
    // What the client sends was all there when it completed, and is not sent again.
    carry: (session, { file }, now) => {
      const unreceived = firstUnreceived([file])
      return unreceived ? fail(failures.fileNotReceived(unreceived.name, unreceived.status)) : ok(alive(session, now))
    },
    transfer: (session, { files }, now) => {
      const unreceived = firstUnreceived(files)
      if (unreceived) return fail(failures.fileNotReceived(unreceived.name, unreceived.status))
      const next = judged(session, files, now)
      return next.state === 'COMPLETING' && next.settlesAt === undefined ? settle(next, now) : ok(next)
    },
    settle: (session, _, now) => settle(session, now),
  },
  DONE: ended,
  ERROR: ended,
  CANCELED: ended,
}

export type Next<S extends SessionHead> = {
  /** `null` leaves nothing behind. */
  session: S | null
  /** What the item holds from now on, where the update becomes visible. */
  publish?: File[]
  /** Keys of content that the session does not hold any more; an item may. */
  release: string[]
}

export function transition(session: Session, event: SessionEvent, now: number): Result<Next<Session>> {
  const moved = move(session, event, now)
  if (!moved.ok) return moved
  const next = moved.value
  return ok({
    session: next,
    // One that is DONE has no event but its end.
    ...(next?.state === 'DONE' && { publish: next.files.filter(({ name }) => isKeptInStorage(next.itemType, name)) }),
    release: released(heldBy(session), next ? heldBy(next) : []),
  })
}

/** The same for an event of one file, which `before` was: the session's other files are not read. */
export function transitionFile(
  head: SessionHead,
  before: File | undefined,
  event: FileChange,
  now: number,
): Result<Next<SessionHead>> {
  const moved = move({ ...head, files: [] }, event, now)
  if (!moved.ok || !moved.value) return moved.ok ? ok({ session: null, release: [] }) : moved
  const { files: _, ...session } = moved.value
  const held = (file: File | undefined) => heldBy({ ...head, files: file ? [file] : [] })
  return ok({ session, release: released(held(before), event.type === 'remove' ? [] : held(event.file)) })
}

function move(session: Session, event: SessionEvent, now: number): Result<Session | null> {
  // The one cast: TypeScript cannot see that the cell and the event share their `type`.
  const cell = transitions[session.state][event.type] as Cell | undefined
  return cell
    ? cell(session, event, now)
    : fail(failures.notAllowed(event.type, shown(session), session.state === 'ERROR' ? session.reason : undefined))
}

/** Only an open session holds content; when it is DONE, its item does. */
const heldBy = (session: Session): string[] =>
  isOpen(session) ? session.files.flatMap((file) => contentKeyOf(file) ?? []) : []
const released = (before: string[], after: string[]): string[] => {
  const held = new Set(after)
  return before.filter((key) => !held.has(key))
}

/** Whether what a transfer has made of a file is for all files to judge (`transfer`), or for none of the others (`carry`). */
export const concernsAll = ({ state, itemType }: SessionHead, file: File): boolean =>
  file.status === 'ERROR' || (file.status === 'READY' && (state === 'COMPLETING' || isOvf(itemType)))

/** `files` is what the item holds now: a session changes a copy of it. */
export const beginSession = (
  session: Omit<SessionFacts, 'clientProgress' | 'expiresAt'> & Pick<Session, 'files'>,
  now: number,
): Session => alive({ ...session, state: 'ACTIVE', clientProgress: 0, expiresAt: now }, now)

/** The state in the API's words. */
export const shown = ({ state }: SessionHead): 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED' =>
  state === 'COMPLETING' ? 'ACTIVE' : state

/** Whether bytes may still arrive for it. */
export const isOpen = ({ state }: SessionHead): boolean => state === 'ACTIVE' || state === 'COMPLETING'

/** Exact at any moment, whether or not the alarm that removes the record has run. */
export const isExpired = (session: SessionHead, now: number): boolean => session.expiresAt <= now
