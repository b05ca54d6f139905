// What is allowed to an update session: its states, its events, and the table of both (reference 1.1 and 1.2).
import {
  fail,
  fileNotReceived,
  filesMissing,
  notAllowed,
  ok,
  progressNotIncreased,
  progressOutOfRange,
  tooManyFiles,
  type Message,
  type Result,
} from './failure.ts'
import { dropped, type File } from './file.ts'
import { firstUnreceived, inspect, isUnderWay } from './validation.ts'

export const WARNING_TYPES = [
  'SELF_SIGNED_CERTIFICATE',
  'EXPIRED_CERTIFICATE',
  'NOT_YET_VALID_CERTIFICATE',
  'UNTRUSTED_CERTIFICATE',
] as const
export type WarningBehavior = { type: (typeof WARNING_TYPES)[number]; ignored: boolean }

/** What is known of a session in every state. Moments are epoch milliseconds, durations milliseconds. */
export type Facts = {
  id: string
  libraryItemId: string
  /** The item's type decides what must be in it before it may complete. */
  itemType?: string
  /** The item's content version when the session was created. */
  contentVersion: string
  /** 0 to 100. */
  clientProgress: number
  warningBehavior: WarningBehavior[]
  files: File[]
  /** Unfinished: the end of its idle time. Finished: the end of its retention. From then on it is gone. */
  expiresAt: number
  idleMs: number
  retentionMs: number
  settles?: Settling
}
/** What a test makes a completion wait for, besides its pulls: a moment, or so many reads that still see it ACTIVE. */
export type Settling = { at: number } | { reads: number }
/** COMPLETING is ours: completed by the client, and not over yet. The API shows it as ACTIVE. */
export type Session = Facts &
  ({ state: 'ACTIVE' | 'COMPLETING' | 'DONE' | 'CANCELED' } | { state: 'ERROR'; reason: Message })

export type SessionEvent =
  | { type: 'update'; warningBehavior?: WarningBehavior[] }
  | { type: 'keepAlive'; clientProgress?: number }
  | { type: 'complete'; settles?: Settling }
  | { type: 'cancel' }
  | { type: 'fail'; reason: Message }
  | { type: 'delete' }
  | { type: 'expire' }
  | { type: 'read' }
  | { type: 'settle' }
  // What happens to its files. `files` is what the session holds afterwards.
  | { type: 'add'; files: File[] }
  | { type: 'remove'; files: File[] }
  | { type: 'validate' }
  | { type: 'transfer'; files: File[] }

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>
type Cell<E extends SessionEvent = SessionEvent> = (session: Session, event: E, now: number) => Result<Session | null>
type Row = { [T in SessionEvent['type']]?: Cell<EventOf<T>> }

const alive = <S extends Facts>(session: S, now: number): S => ({ ...session, expiresAt: now + session.idleMs })
const done = (session: Facts, now: number): Session => ({
  ...session,
  state: 'DONE',
  expiresAt: now + session.retentionMs,
})
const failed = (session: Facts, reason: Message, now: number): Session => ({
  ...session,
  state: 'ERROR',
  reason,
  files: session.files.map(dropped),
  expiresAt: now + session.retentionMs,
})

const keepAlive: Cell<EventOf<'keepAlive'>> = (session, { clientProgress }, now) => {
  if (clientProgress === undefined) return ok(alive(session, now))
  if (clientProgress < 0 || clientProgress > 100) return fail(progressOutOfRange(clientProgress))
  if (clientProgress <= session.clientProgress)
    return fail(progressNotIncreased(clientProgress, session.clientProgress))
  return ok(alive({ ...session, clientProgress }, now))
}
const cancel: Cell<EventOf<'cancel'>> = (session, _, now) =>
  ok({ ...session, state: 'CANCELED', files: session.files.map(dropped), expiresAt: now + session.retentionMs })
const failByClient: Cell<EventOf<'fail'>> = (session, { reason }, now) => ok(failed(session, reason, now))
const complete: Cell<EventOf<'complete'>> = (session, { settles }, now) => {
  const unreceived = firstUnreceived(session.files)
  if (unreceived) return fail(fileNotReceived(unreceived.name, unreceived.status))
  const { missing } = inspect(session.itemType, session.files)
  if (missing.length > 0) return fail(filesMissing(missing))
  if (!settles && !session.files.some(isUnderWay)) return ok(done(session, now))
  const latest = settles && 'at' in settles ? settles.at : now
  return ok({ ...alive(session, latest), state: 'COMPLETING', ...(settles && { settles }) })
}
/** A completion waits for nothing but its pulls any more, and is over when they are. */
const settle = (before: Session, now: number): Result<Session> => {
  const { settles: _, ...session } = before
  if (session.files.some(isUnderWay)) return ok(session)
  const { missing } = inspect(session.itemType, session.files)
  const [reason] = missing.length > 0 ? filesMissing(missing).messages : []
  return ok(reason ? failed(session, reason, now) : done(session, now))
}
const change: Cell<{ type: 'add' | 'remove'; files: File[] }> = (session, { files }, now) =>
  ok(alive({ ...session, files }, now))
/** Ours: a session is read as a whole. One file more is refused; another one under a known name is not. */
const FILES_LIMIT = 1000
const add: Cell<EventOf<'add'>> = (session, event, now) =>
  event.files.length > Math.max(FILES_LIMIT, session.files.length)
    ? fail(tooManyFiles(FILES_LIMIT))
    : change(session, event, now)
const validate: Cell<EventOf<'validate'>> = (session, _, now) => {
  const unreceived = firstUnreceived(session.files)
  return unreceived ? fail(fileNotReceived(unreceived.name, unreceived.status)) : ok(alive(session, now))
}
/** One bad file ends the session, with that file's reason (ours). */
const transfer: Cell<EventOf<'transfer'>> = (session, { files }, now) => {
  const next = { ...session, files }
  const [bad] = inspect(session.itemType, files).invalid
  return ok(bad ? failed(next, bad.reason, now) : alive(next, now))
}
const remove = () => ok(null)
const ended: Row = { delete: remove, expire: remove }

/** Reference 1.1, cell for cell: a row per state, a cell per event it accepts. `null` leaves nothing behind. */
const transitions: Record<Session['state'], Row> = {
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
    transfer,
  },
  COMPLETING: {
    keepAlive,
    cancel,
    fail: failByClient,
    expire: remove,
    transfer: (session, event, now) => {
      // What the client sends was all there when it completed, and is not sent again.
      const unreceived = firstUnreceived(event.files)
      if (unreceived) return fail(fileNotReceived(unreceived.name, unreceived.status))
      const next = transfer(session, event, now)
      return next.ok && next.value?.state === 'COMPLETING' && !next.value.settles ? settle(next.value, now) : next
    },
    settle: (session, _, now) => settle(session, now),
    read: (session, _, now) => {
      const { settles } = session
      if (!settles || !('reads' in settles)) return ok(session)
      return settles.reads > 0 ? ok({ ...session, settles: { reads: settles.reads - 1 } }) : settle(session, now)
    },
  },
  DONE: ended,
  ERROR: ended,
  CANCELED: ended,
}

export function transition(session: Session, event: SessionEvent, now: number): Result<Session | null> {
  // The one cast: TypeScript cannot see that the cell and the event share their `type`.
  const cell = transitions[session.state][event.type] as Cell | undefined
  return cell
    ? cell(session, event, now)
    : fail(notAllowed(event.type, shown(session), session.state === 'ERROR' ? session.reason : undefined))
}

/** `files` is what the item holds now: a session changes a copy of it. */
export const begin = (session: Omit<Facts, 'clientProgress' | 'expiresAt'>, now: number): Session =>
  alive({ ...session, state: 'ACTIVE', clientProgress: 0, expiresAt: now }, now)

/** The state in the API's words. */
export const shown = ({ state }: Session): 'ACTIVE' | 'DONE' | 'ERROR' | 'CANCELED' =>
  state === 'COMPLETING' ? 'ACTIVE' : state

/** Whether bytes may still arrive for it. */
export const isOpen = ({ state }: Session): boolean => state === 'ACTIVE' || state === 'COMPLETING'

/** Exact at any moment, whether or not the alarm that removes the record has run. */
export const isExpired = (session: Session, now: number): boolean => session.expiresAt <= now
