// What is allowed to an update session: its states, its events, and the table of both (reference 1.1 and 1.2).
import { fail, notAllowed, ok, progressNotIncreased, progressOutOfRange, type Message, type Result } from './failure.ts'

export type WarningBehavior = { type: string; ignored: boolean }

/** What is known of a session in every state. Moments are epoch milliseconds, durations milliseconds. */
export type Facts = {
  id: string
  libraryItemId: string
  /** The item's content version when the session was created. */
  contentVersion: string
  /** 0 to 100. */
  clientProgress: number
  warningBehavior: WarningBehavior[]
  /** ACTIVE: the end of its idle time. Finished: the end of its retention. From then on it is gone. */
  expiresAt: number
  idleMs: number
  retentionMs: number
}
export type Session = Facts & ({ state: 'ACTIVE' | 'DONE' | 'CANCELED' } | { state: 'ERROR'; reason: Message })
export type State = Session['state']

export type SessionEvent =
  | { type: 'update'; warningBehavior?: WarningBehavior[] }
  | { type: 'keepAlive'; clientProgress?: number }
  | { type: 'complete' }
  | { type: 'cancel' }
  | { type: 'fail'; reason: Message }
  | { type: 'delete' }
  | { type: 'expire' }

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>
type Cell<E extends SessionEvent = SessionEvent> = (session: Session, event: E, now: number) => Result<Session | null>
type Row = { [T in SessionEvent['type']]?: Cell<EventOf<T>> }

const active = (session: Facts, now: number): Session => ({
  ...session,
  state: 'ACTIVE',
  expiresAt: now + session.idleMs,
})
const finished = (session: Facts, state: 'DONE' | 'CANCELED', now: number): Session => ({
  ...session,
  state,
  expiresAt: now + session.retentionMs,
})
const remove = () => ok(null)
const ended: Row = { delete: remove, expire: remove }

/** Reference 1.1, cell for cell: a row per state, a cell per event it accepts. `null` leaves nothing behind. */
const transitions: Record<State, Row> = {
  ACTIVE: {
    update: (session, { warningBehavior = session.warningBehavior }, now) =>
      ok(active({ ...session, warningBehavior }, now)),
    keepAlive: (session, { clientProgress }, now) => {
      if (clientProgress === undefined) return ok(active(session, now))
      if (clientProgress < 0 || clientProgress > 100) return fail(progressOutOfRange(clientProgress))
      if (clientProgress <= session.clientProgress)
        return fail(progressNotIncreased(clientProgress, session.clientProgress))
      return ok(active({ ...session, clientProgress }, now))
    },
    complete: (session, _, now) => ok(finished(session, 'DONE', now)),
    cancel: (session, _, now) => ok(finished(session, 'CANCELED', now)),
    fail: (session, { reason }, now) =>
      ok({ ...session, state: 'ERROR', reason, expiresAt: now + session.retentionMs }),
    expire: remove,
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
    : fail(notAllowed(event.type, session.state, session.state === 'ERROR' ? session.reason : undefined))
}

export const begin = (session: Omit<Facts, 'clientProgress' | 'expiresAt'>, now: number): Session =>
  active({ ...session, clientProgress: 0, expiresAt: now }, now)

/** Exact at any moment, whether or not the alarm that removes the record has run. */
export const isExpired = (session: Session, now: number): boolean => session.expiresAt <= now
