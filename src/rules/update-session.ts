// What is allowed to an update session: its states, its events, and the table of both (reference 1.1 and 1.2).
import * as failures from './failure.ts'
import { fail, ok, type Failure, type Message, type Result } from './failure.ts'
import { contentKeyOf, dropped, type File } from './file.ts'
import { brokenFile, isKeptInStorage, isOvf, isUnderWay, missingFiles, whyNotReceived } from './validation.ts'

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
  /** Now, or when it is completed. */
  | { type: 'fail'; reason: Message; isPlanned?: boolean }
  | { type: 'delete' }
  /** Its time is over; or it is to end before that, whatever it waits for. */
  | { type: 'expire'; isForced?: true }
  | { type: 'settle' }
  | { type: 'validate' }
  | FileChange
/** What happens to one file. Unless it `concernsAll`, a session without the others is all that its cells need. */
export type FileChange =
  /** Beside it the session has so many files of other names. */
  | { type: 'add'; file: File; otherFiles: number }
  | { type: 'remove'; file: File }
  /** A transfer has brought the file to where it is now. */
  | { type: 'transfer'; file: File }

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>
type Cell<E extends SessionEvent = SessionEvent> = (session: Session, event: E, now: number) => Result<Session | null>
type SessionRow = { [T in SessionEvent['type']]?: Cell<EventOf<T>> }

/** Its idle time begins when a completion that is waited for is over. */
const alive = (session: Session, now: number): Session => ({
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
const fails: Cell<EventOf<'fail'>> = (session, { reason, isPlanned }, now) =>
  ok(isPlanned ? { ...session, failsWith: reason } : failed(session, reason, now))
const complete: Cell<EventOf<'complete'>> = (session, { settlesAt }, now) => {
  const failure = whyNotReceived(session.files) ?? whyIncomplete(session)
  if (failure) return fail(failure)
  if (settlesAt === undefined && !session.files.some(isUnderWay)) return ok(finish(session, now))
  const next: Session = { ...session, state: 'COMPLETING', ...(settlesAt !== undefined && { settlesAt }) }
  return ok(alive(next, now))
}
function whyIncomplete({ itemType, files }: Session): Failure | undefined {
  const missing = missingFiles(itemType, files)
  return missing.length > 0 ? failures.filesMissing(missing) : undefined
}
/** A completion waits for nothing but its pulls any more, and is over when they are. */
const settle = (before: Session, now: number): Session => {
  const { settlesAt: _, ...session } = before
  if (session.files.some(isUnderWay)) return session
  const [reason] = whyIncomplete(session)?.messages ?? []
  return reason ? failed(session, reason, now) : finish(session, now)
}
const change: Cell<FileChange> = (session, { type, file }, now) => {
  const others = session.files.filter(({ name }) => name !== file.name)
  return ok(alive({ ...session, files: type === 'remove' ? others : [...others, file] }, now))
}
/** Ours: a session is read as a whole. One file more is refused; another one under a known name is not. */
const FILES_LIMIT = 1000
const add: Cell<EventOf<'add'>> = (session, event, now) =>
  event.otherFiles < FILES_LIMIT ? change(session, event, now) : fail(failures.tooManyFiles(FILES_LIMIT))
const validate: Cell<EventOf<'validate'>> = (session, _, now) => {
  const failure = whyNotReceived(session.files)
  return failure ? fail(failure) : ok(alive(session, now))
}
const withFile = (session: Session, file: File): Session => ({
  ...session,
  files: session.files.map((each) => (each.name === file.name ? file : each)),
})
/** One bad file ends the session, with that file's reason (ours). */
const judged = (session: Session, now: number): Session => {
  const bad = brokenFile(session.itemType, session.files)
  return bad ? failed(withFile(session, bad), bad.reason, now) : alive(session, now)
}
/** One whose pulls all wait is not idle: for the end of other pulls, or to be tried again. */
const expire: Cell<EventOf<'expire'>> = (session, { isForced }, now) => {
  const pulls = session.files.filter(isUnderWay)
  const isWaiting = pulls.length > 0 && pulls.every(({ status }) => status === 'WAITING_FOR_TRANSFER')
  return ok(isWaiting && !isForced ? alive(session, now) : null)
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
    fail: fails,
    expire,
    add,
    remove: change,
    validate,
    transfer: (session, { file }, now) => ok(judged(withFile(session, file), now)),
  },
  COMPLETING: {
    keepAlive,
    cancel,
    fail: fails,
    expire,
    // What the client sends was all there when it completed, and is not sent again.
    transfer: (before, { file }, now) => {
      const session = withFile(before, file)
      const failure = whyNotReceived(session.files)
      if (failure) return fail(failure)
      const next = judged(session, now)
      return ok(next.state === 'COMPLETING' && next.settlesAt === undefined ? settle(next, now) : next)
    },
    settle: (session, _, now) => ok(settle(session, now)),
  },
  DONE: ended,
  ERROR: ended,
  CANCELED: ended,
}

type Next = {
  /** `null` leaves nothing behind. */
  session: Session | null
  /** What the item holds from now on, where the update becomes visible. */
  publish?: File[]
  /** Keys of content that the session does not hold any more; an item may. */
  release: string[]
}

/** For a change of one file that does not concern all the session may come without the others: they stay as they are. */
export function transition(session: Session, event: SessionEvent, now: number): Result<Next> {
  // The one cast: TypeScript cannot see that the cell and the event share their `type`.
  const cell = transitions[session.state][event.type] as Cell | undefined
  if (!cell) return fail(failures.notAllowed(event.type, shown(session), reasonOf(session)))
  const moved = cell(session, event, now)
  if (!moved.ok) return moved
  const next = moved.value
  const held = new Set(next ? heldBy(next) : [])
  return ok({
    session: next,
    // One that is DONE has no event but its end.
    ...(next?.state === 'DONE' && { publish: next.files.filter(({ name }) => isKeptInStorage(next.itemType, name)) }),
    release: heldBy(session).filter((key) => !held.has(key)),
  })
}

/** Why it takes no change, besides the state that is shown. */
function reasonOf(session: SessionHead): Message | undefined {
  if (session.state === 'ERROR') return session.reason
  return session.state === 'COMPLETING' ? failures.beingCompleted() : undefined
}

/** Only an open session holds content; when it is DONE, its item does. */
const heldBy = (session: Session): string[] =>
  isOpen(session) ? session.files.flatMap((file) => contentKeyOf(file) ?? []) : []

/** Whether all files have a say in it: what a transfer has brought ends the session, or may be the last or contradict a manifest. */
export const concernsAll = ({ state, itemType }: SessionHead, { type, file: { status } }: FileChange): boolean =>
  type === 'transfer' && (status === 'ERROR' || (status === 'READY' && (state === 'COMPLETING' || isOvf(itemType))))

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
