import { describe, expect, it } from 'vitest'
import type { File } from '../../src/rules/file.ts'
import {
  begin,
  shown,
  transition,
  type Session,
  type SessionEvent,
  type Settling,
} from '../../src/rules/update-session.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const REASON = { id: 'x', default_message: 'the disk is full', args: [] }

const aSession = (state: Session['state']): Session => {
  const active = begin(
    {
      id: 's',
      libraryItemId: 'i',
      contentVersion: '1',
      warningBehavior: [],
      files: [],
      idleMs: 300_000,
      retentionMs: 3_600_000,
    },
    NOON,
  )
  return state === 'ERROR' ? { ...active, state, reason: REASON } : { ...active, state }
}
const events: Record<SessionEvent['type'], SessionEvent> = {
  update: { type: 'update', warningBehavior: [] },
  keepAlive: { type: 'keepAlive' },
  complete: { type: 'complete' },
  cancel: { type: 'cancel' },
  fail: { type: 'fail', reason: REASON },
  delete: { type: 'delete' },
  expire: { type: 'expire' },
  add: { type: 'add', files: [] },
  remove: { type: 'remove', files: [] },
  validate: { type: 'validate' },
  transfer: { type: 'transfer', files: [] },
  read: { type: 'read' },
  settle: { type: 'settle' },
}
const outcomeOf = (session: Session, event: SessionEvent) => {
  const next = transition(session, event, NOON)
  if (!next.ok) return next.failure.messages[0]?.id.replace('com.vmware.vdcs.cls-main.', '')
  return next.value === null ? 'removed' : next.value.state
}
const refused = 'update_session_invalid_state_for_operation'
const refusedWithReason = `${refused}_reason`

describe('an update session', () => {
  it.each([
    ['ACTIVE', 'update', 'ACTIVE'],
    ['ACTIVE', 'keepAlive', 'ACTIVE'],
    ['ACTIVE', 'complete', 'DONE'],
    ['ACTIVE', 'cancel', 'CANCELED'],
    ['ACTIVE', 'fail', 'ERROR'],
    ['ACTIVE', 'delete', refused],
    ['ACTIVE', 'expire', 'removed'],
    ['DONE', 'update', refused],
    ['DONE', 'keepAlive', refused],
    ['DONE', 'complete', refused],
    ['DONE', 'cancel', refused],
    ['DONE', 'fail', refused],
    ['DONE', 'delete', 'removed'],
    ['DONE', 'expire', 'removed'],
    ['ERROR', 'update', refusedWithReason],
    ['ERROR', 'keepAlive', refusedWithReason],
    ['ERROR', 'complete', refusedWithReason],
    ['ERROR', 'cancel', refusedWithReason],
    ['ERROR', 'fail', refusedWithReason],
    ['ERROR', 'delete', 'removed'],
    ['ERROR', 'expire', 'removed'],
    ['CANCELED', 'update', refused],
    ['CANCELED', 'keepAlive', refused],
    ['CANCELED', 'complete', refused],
    ['CANCELED', 'cancel', refused],
    ['CANCELED', 'fail', refused],
    ['CANCELED', 'delete', 'removed'],
    ['CANCELED', 'expire', 'removed'],
  ] as const)('in state %s, on %s: %s', (state, type, outcome) => {
    expect(outcomeOf(aSession(state), events[type])).toBe(outcome)
  })

  it('lives for its idle time after each sign of life', () => {
    const next = transition(aSession('ACTIVE'), { type: 'keepAlive', clientProgress: 40 }, NOON + 1000)

    expect(next).toMatchObject({ ok: true, value: { clientProgress: 40, expiresAt: NOON + 301_000 } })
  })

  it.each([
    [-1, 'client_progress_out_of_range'],
    [101, 'client_progress_out_of_range'],
    [0, 'client_progress_not_increased'],
  ])('refuses the client progress %d', (clientProgress, id) => {
    expect(outcomeOf(aSession('ACTIVE'), { type: 'keepAlive', clientProgress })).toBe(id)
  })

  it('names operation, state and reason when it refuses in ERROR', () => {
    expect(transition(aSession('ERROR'), { type: 'cancel' }, NOON)).toMatchObject({
      failure: { messages: [{ args: ['cancel', 'ERROR', 'the disk is full'] }] },
    })
  })
})

const completing = (settles: Settling, from: Session = aSession('ACTIVE')): Session => {
  const next = transition(from, { type: 'complete', settles }, NOON)
  if (!next.ok || !next.value) throw new Error('It is completed.')
  return next.value
}

describe('a completion that takes its time', () => {
  it('is seen as ACTIVE by as many reads as were asked for, and then it is DONE', () => {
    let session = completing({ reads: 2 })
    const seen = Array.from({ length: 3 }, () => {
      const next = transition(session, { type: 'read' }, NOON)
      if (next.ok && next.value) session = next.value
      return shown(session)
    })

    expect(seen).toEqual(['ACTIVE', 'ACTIVE', 'DONE'])
  })

  it('is DONE when its time has come, and kept from then on', () => {
    const session = completing({ at: NOON + 600_000 })

    expect(session).toMatchObject({ state: 'COMPLETING', expiresAt: NOON + 900_000 })
    expect(transition(session, { type: 'settle' }, NOON + 600_000)).toMatchObject({
      value: { state: 'DONE', expiresAt: NOON + 600_000 + 3_600_000 },
    })
  })

  it.each([
    ['update', refused],
    ['keepAlive', 'COMPLETING'],
    ['complete', refused],
    ['cancel', 'CANCELED'],
    ['fail', 'ERROR'],
    ['delete', refused],
    ['expire', 'removed'],
    ['add', refused],
    ['remove', refused],
    ['validate', refused],
    ['transfer', 'COMPLETING'],
    ['settle', 'DONE'],
  ] as const)('on %s: %s', (type, outcome) => {
    expect(outcomeOf(completing({ reads: 2 }), events[type])).toBe(outcome)
  })

  it('goes on to wait for a pull that is under way', () => {
    const pull: File = { name: 'disk', sourceType: 'PULL', status: 'WAITING_FOR_TRANSFER' }
    const session = completing({ at: NOON }, { ...aSession('ACTIVE'), files: [pull] })

    const settled = transition(session, { type: 'settle' }, NOON)

    expect(settled).toMatchObject({ value: { state: 'COMPLETING' } })
    expect(settled.ok && settled.value?.settles).toBeUndefined()
  })
})
