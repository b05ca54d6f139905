import { describe, expect, it } from 'vitest'
import { ok, type Result } from '../../src/rules/failure.ts'
import { contentKeyOf, type File } from '../../src/rules/file.ts'
import { beginSession, concernsAll, isExpired, isOpen, shown, transition } from '../../src/rules/update-session.ts'
import type { Session, FileChange, SessionEvent } from '../../src/rules/update-session.ts'
import { aFile, REASON } from '../support/a-file.ts'

const CLS = 'com.vmware.vdcs.cls-main.'
const NOON = Date.UTC(2026, 0, 1, 12)
const IDLE_MS = 300_000
const RETENTION_MS = 3_600_000

const FACTS = {
  id: 's',
  libraryItemId: 'i',
  contentVersion: '1',
  warningBehavior: [],
  idleMs: IDLE_MS,
  retentionMs: RETENTION_MS,
}
const aSession = (state: Session['state'], files: File[] = [], itemType?: string): Session => {
  const active = beginSession({ ...FACTS, ...(itemType !== undefined && { itemType }), files }, NOON)
  return state === 'ERROR' ? { ...active, state, reason: REASON } : { ...active, state }
}
const events = {
  update: { type: 'update', warningBehavior: [] },
  keepAlive: { type: 'keepAlive' },
  complete: { type: 'complete' },
  cancel: { type: 'cancel' },
  fail: { type: 'fail', reason: REASON },
  delete: { type: 'delete' },
  expire: { type: 'expire' },
  add: { type: 'add', file: aFile('WAITING_FOR_TRANSFER'), otherFiles: 0 },
  remove: { type: 'remove', file: aFile('READY') },
  validate: { type: 'validate' },
  transfer: { type: 'transfer', file: aFile('READY') },
  settle: { type: 'settle' },
} satisfies Record<SessionEvent['type'], SessionEvent>
/** What the session becomes. */
const move = (session: Session, event: SessionEvent, now: number): Result<Session | null> => {
  const next = transition(session, event, now)
  return next.ok ? ok(next.value.session) : next
}
const outcomeOf = (session: Session, event: SessionEvent) => {
  const next = move(session, event, NOON)
  if (!next.ok) return next.failure.messages[0]?.id.replace(CLS, '')
  return next.value === null ? 'removed' : next.value.state
}
const refused = 'update_session_invalid_state_for_operation'
const refusedWithReason = `${refused}_reason`

const STATES = ['ACTIVE', 'COMPLETING', 'DONE', 'CANCELED', 'ERROR'] as const
/** What has ended takes nothing more. */
const ended = [refused, refused, refusedWithReason] as const
/** Reference 1.1 and 1.2, and our own choices where they are silent: every event in every state. */
const table: Record<SessionEvent['type'], readonly string[]> = {
  update: ['ACTIVE', refusedWithReason, ...ended],
  keepAlive: ['ACTIVE', 'COMPLETING', ...ended],
  complete: ['DONE', refusedWithReason, ...ended],
  cancel: ['CANCELED', 'CANCELED', ...ended],
  fail: ['ERROR', 'ERROR', ...ended],
  delete: [refused, refusedWithReason, 'removed', 'removed', 'removed'],
  expire: ['removed', 'removed', 'removed', 'removed', 'removed'],
  add: ['ACTIVE', refusedWithReason, ...ended],
  remove: ['ACTIVE', refusedWithReason, ...ended],
  validate: ['ACTIVE', refusedWithReason, ...ended],
  transfer: ['ACTIVE', 'DONE', ...ended],
  settle: [refused, 'DONE', ...ended],
}

describe('an update session', () => {
  it.each(
    Object.values(events).flatMap((event) =>
      STATES.map((state, index) => [state, event.type, table[event.type][index], event] as const),
    ),
  )('in state %s, on %s: %s', (state, _, outcome, event) => {
    expect(outcomeOf(aSession(state), event)).toBe(outcome)
  })

  it.each([
    ['ACTIVE', 'ACTIVE', true],
    ['COMPLETING', 'ACTIVE', true],
    ['DONE', 'DONE', false],
    ['ERROR', 'ERROR', false],
    ['CANCELED', 'CANCELED', false],
  ] as const)('in state %s is shown as %s; bytes may come: %s', (state, word, open) => {
    expect(shown(aSession(state))).toBe(word)
    expect(isOpen(aSession(state))).toBe(open)
  })

  it.each([
    ['ACTIVE', 'delete', ['delete', 'ACTIVE']],
    ['COMPLETING', 'add', ['add', 'ACTIVE', 'The session is being completed.']],
    ['DONE', 'remove', ['remove', 'DONE']],
    ['DONE', 'complete', ['complete', 'DONE']],
    ['DONE', 'cancel', ['cancel', 'DONE']],
    ['CANCELED', 'keepAlive', ['keepAlive', 'CANCELED']],
    ['CANCELED', 'validate', ['validate', 'CANCELED']],
    ['ERROR', 'cancel', ['cancel', 'ERROR', 'the disk is full']],
  ] as const)('in state %s refuses %s with the arguments %j', (state, type, args) => {
    expect(move(aSession(state), events[type], NOON)).toMatchObject({
      failure: { type: 'NOT_ALLOWED_IN_CURRENT_STATE', messages: [{ args }] },
    })
  })

  it('that fails says why', () => {
    expect(move(aSession('ACTIVE'), events.fail, NOON)).toMatchObject({ value: { reason: REASON } })
  })

  it('keeps its warnings where an update names none', () => {
    const warningBehavior = [{ type: 'EXPIRED_CERTIFICATE' as const, ignored: true }]
    const session = { ...aSession('ACTIVE'), warningBehavior }

    expect(move(session, { type: 'update' }, NOON)).toMatchObject({ value: { warningBehavior } })
    expect(move(session, events.update, NOON)).toMatchObject({ value: { warningBehavior: [] } })
  })
})

describe('the life of an update session', () => {
  it.each(['update', 'keepAlive', 'add', 'remove', 'validate', 'transfer'] as const)(
    'goes on for its idle time after %s',
    (type) => {
      const next = move(aSession('ACTIVE'), events[type], NOON + 1000)

      expect(next).toMatchObject({ value: { state: 'ACTIVE', expiresAt: NOON + 1000 + IDLE_MS } })
    },
  )

  it.each(['complete', 'cancel', 'fail'] as const)('goes on for its retention after %s', (type) => {
    const next = move(aSession('ACTIVE'), events[type], NOON + 1000)

    expect(next).toMatchObject({ value: { expiresAt: NOON + 1000 + RETENTION_MS } })
  })

  it('begins ACTIVE, without progress, with all that it was given', () => {
    const given = { ...FACTS, itemType: 'ovf', files: [aFile('READY')] }

    const begun = { state: 'ACTIVE', clientProgress: 0, expiresAt: NOON + IDLE_MS }
    expect(beginSession(given, NOON)).toEqual({ ...given, ...begun })
  })

  it('is over at the moment it was said to be, not before', () => {
    expect(isExpired(aSession('ACTIVE'), NOON + IDLE_MS - 1)).toBe(false)
    expect(isExpired(aSession('ACTIVE'), NOON + IDLE_MS)).toBe(true)
  })
})

describe('the progress that a client reports', () => {
  it.each([
    [0, 0, 0],
    [0, 1, 1],
    [0, 40, 40],
    [0, 100, 100],
    [40, 40, 40],
    [40, undefined, 40],
  ])('after %d is %s, and shown as %d', (clientProgress, reported, shownAs) => {
    const event = { type: 'keepAlive', ...(reported !== undefined && { clientProgress: reported }) } as const

    const next = move({ ...aSession('ACTIVE'), clientProgress }, event, NOON)

    expect(next).toMatchObject({ value: { clientProgress: shownAs } })
  })

  it.each([
    [-1, 'client_progress_out_of_range'],
    [101, 'client_progress_out_of_range'],
    [39, 'client_progress_decreased'],
  ])('after 40 is refused when it is %d', (clientProgress, id) => {
    const session = { ...aSession('ACTIVE'), clientProgress: 40 }

    expect(outcomeOf(session, { type: 'keepAlive', clientProgress })).toBe(id)
  })
})

describe('with a file', () => {
  const notReceived = 'update_session_file_not_received'
  it.each([
    ['PUSH', 'WAITING_FOR_TRANSFER', notReceived, notReceived],
    ['PUSH', 'TRANSFERRING', notReceived, notReceived],
    ['PUSH', 'VALIDATING', notReceived, notReceived],
    ['PUSH', 'READY', 'DONE', 'ACTIVE'],
    ['PUSH', 'ERROR', notReceived, notReceived],
    ['PULL', 'WAITING_FOR_TRANSFER', 'COMPLETING', 'ACTIVE'],
    ['PULL', 'TRANSFERRING', 'COMPLETING', 'ACTIVE'],
    ['PULL', 'VALIDATING', 'COMPLETING', 'ACTIVE'],
    ['PULL', 'READY', 'DONE', 'ACTIVE'],
    ['NONE', 'READY', 'DONE', 'ACTIVE'],
  ] as const)('%s in status %s: on complete %s, on validate %s', (sourceType, status, completed, validated) => {
    const session = aSession('ACTIVE', [aFile('READY', { name: 'b.iso' }), aFile(status, { sourceType })])

    expect(outcomeOf(session, events.complete)).toBe(completed)
    expect(outcomeOf(session, events.validate)).toBe(validated)
  })

  it('that has not arrived, complete names it and its status', () => {
    const messages = [{ args: ['a.iso', 'WAITING'] }]
    expect(move(aSession('ACTIVE', [aFile('WAITING_FOR_TRANSFER')]), events.complete, NOON)).toMatchObject({
      failure: { messages },
    })
  })

  it('that is named by an OVF descriptor and not there, complete is refused, and names it', () => {
    const descriptor = aFile('READY', { name: 'vm.ovf', descriptor: { references: ['a.vmdk', 'b.vmdk'] } })
    const session = aSession('ACTIVE', [descriptor, aFile('READY', { name: 'a.vmdk' })], 'ovf')

    const messages = [{ id: `${CLS}session_has_missing_or_invalid_files`, args: ['', 'b.vmdk '] }]
    expect(move(session, events.complete, NOON)).toMatchObject({ failure: { messages } })
  })
})

it.each([
  [999, 'ACTIVE'],
  [1000, 'update_session_too_many_files'],
])('adding a file beside %d others: %s', (otherFiles, outcome) => {
  const event: SessionEvent = { type: 'add', file: aFile('WAITING_FOR_TRANSFER'), otherFiles }

  expect(outcomeOf(aSession('ACTIVE'), event)).toBe(outcome)
})

const pull = (status: File['status'], name = 'a.iso') => aFile(status, { name, sourceType: 'PULL' })
const moved = (file: File): FileChange => ({ type: 'transfer', file })

describe('a transfer', () => {
  it.each([
    ['ACTIVE', 'WAITING_FOR_TRANSFER', 'ACTIVE'],
    ['ACTIVE', 'TRANSFERRING', 'ACTIVE'],
    ['ACTIVE', 'READY', 'ACTIVE'],
    ['ACTIVE', 'ERROR', 'ERROR'],
    ['COMPLETING', 'WAITING_FOR_TRANSFER', 'COMPLETING'],
    ['COMPLETING', 'TRANSFERRING', 'COMPLETING'],
    ['COMPLETING', 'READY', 'DONE'],
    ['COMPLETING', 'ERROR', 'ERROR'],
  ] as const)('of a session in state %s that leaves its file %s: %s', (state, status, outcome) => {
    const session = aSession(state, [pull('READY', 'b.iso'), pull('TRANSFERRING')])

    expect(outcomeOf(session, moved(pull(status)))).toBe(outcome)
  })

  it('of what the client sends, after it has completed, is refused', () => {
    const session = aSession('COMPLETING', [aFile('READY'), pull('TRANSFERRING', 'b.iso')])

    expect(outcomeOf(session, moved(aFile('TRANSFERRING')))).toBe('update_session_file_not_received')
  })

  it('is a matter of its own file unless it has an outcome that others wait for or that a package must agree with', () => {
    const statuses = ['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY', 'ERROR'] as const
    const manifest = [{ name: 'a.iso', algorithm: 'SHA1', checksum: 'x' } as const]
    const others: File[][] = [
      [],
      ...(['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY'] as const).map((status) => [pull(status, 'b.iso')]),
      [aFile('READY', { name: 'b.mf', descriptor: { manifest } })],
      [aFile('READY', { name: 'b.ovf', descriptor: { references: ['c.vmdk'] } })],
    ]
    let alone = 0
    for (const state of ['ACTIVE', 'COMPLETING', 'DONE', 'CANCELED', 'ERROR'] as const)
      for (const itemType of [undefined, 'ovf'])
        for (const other of others)
          for (const file of statuses.flatMap((status) => [aFile(status), pull(status)])) {
            const session = aSession(state, [pull('TRANSFERRING')], itemType)
            const event = moved(file)
            if (!isOpen(session) || concernsAll(session, event)) continue
            alone += 1
            expect(outcomeOf(session, event)).toBe(
              outcomeOf({ ...session, files: [...session.files, ...other] }, event),
            )
          }
    expect(alone).toBeGreaterThan(100)
  })

  it('that fails gives its reason to the session, and the other files are dropped', () => {
    const held = aFile('READY', { name: 'c.iso', sourceType: 'NONE' })
    const session = aSession('ACTIVE', [pull('TRANSFERRING'), aFile('READY', { name: 'b.iso' }), held])

    expect(move(session, moved(pull('ERROR')), NOON + 1000)).toMatchObject({
      value: {
        state: 'ERROR',
        reason: REASON,
        expiresAt: NOON + 1000 + RETENTION_MS,
        files: [{ status: 'ERROR' }, { status: 'WAITING_FOR_TRANSFER' }, { status: 'READY' }],
      },
    })
  })

  it('that ends last, without what the OVF descriptor names, ends its session in ERROR', () => {
    const session = aSession('COMPLETING', [pull('TRANSFERRING', 'vm.ovf')], 'ovf')
    const file = aFile('READY', { name: 'vm.ovf', sourceType: 'PULL', descriptor: { references: ['a.vmdk'] } })

    expect(move(session, moved(file), NOON)).toMatchObject({
      value: { state: 'ERROR', reason: { args: ['', 'a.vmdk '] } },
    })
  })

  it.each(['cancel', 'fail'] as const)('that is under way is dropped by %s, and so is what had arrived', (type) => {
    const session = aSession('ACTIVE', [aFile('TRANSFERRING'), pull('READY', 'b.iso')])

    expect(move(session, events[type], NOON)).toMatchObject({
      value: { files: [{ status: 'WAITING_FOR_TRANSFER' }, { status: 'WAITING_FOR_TRANSFER' }] },
    })
  })
})

const after = (event: SessionEvent, from: Session): Session => {
  const next = move(from, event, NOON)
  if (!next.ok || !next.value) throw new Error('It goes on.')
  return next.value
}
const completing = (settlesAt: number, from = aSession('ACTIVE')) => after({ type: 'complete', settlesAt }, from)

describe('a completion that takes its time', () => {
  it('is DONE when its time has come, and kept from then on', () => {
    const session = completing(NOON + 600_000)

    expect(session).toMatchObject({ state: 'COMPLETING', expiresAt: NOON + 900_000 })
    expect(move(session, { type: 'settle' }, NOON + 600_000)).toMatchObject({
      value: { state: 'DONE', expiresAt: NOON + 600_000 + 3_600_000 },
    })
  })

  it('is not ended before by the last of its transfers', () => {
    expect(outcomeOf(completing(NOON + 600_000), events.transfer)).toBe('COMPLETING')
  })

  it.each([...Object.values(events), moved(pull('ERROR'))])(
    'on $type: is due while it waits, and no longer',
    (event) => {
      const session = { ...completing(NOON + 600_000), files: [pull('READY')] }

      const next = move(session, event, NOON)

      const { state, settlesAt } = (next.ok ? next.value : session) ?? {}
      expect(settlesAt).toBe(state === 'COMPLETING' ? NOON + 600_000 : undefined)
    },
  )

  it.each([events.keepAlive, events.transfer])('on $type: does not expire before it is over', (event) => {
    expect(move(completing(NOON + 600_000), event, NOON)).toMatchObject({ value: { expiresAt: NOON + 900_000 } })
  })

  it.each([
    ['before', completing(NOON, after({ ...events.fail, isPlanned: true }, aSession('ACTIVE')))],
    ['meanwhile', after({ ...events.fail, isPlanned: true }, completing(NOON))],
  ])('is ERROR when its time has come, where a test has asked for it %s', (_, session) => {
    expect(move(session, events.settle, NOON)).toMatchObject({ value: { state: 'ERROR', reason: REASON } })
  })

  it('goes on to wait for a pull that is under way', () => {
    const session = completing(NOON, aSession('ACTIVE', [pull('WAITING_FOR_TRANSFER')]))

    const settled = move(session, { type: 'settle' }, NOON)

    expect(settled).toMatchObject({ value: { state: 'COMPLETING' } })
    expect(settled.ok && settled.value?.settlesAt).toBeUndefined()
  })
})

describe('a session whose time is over', () => {
  const waiting = pull('WAITING_FOR_TRANSFER')

  it.each(['ACTIVE', 'COMPLETING'] as const)('in state %s, is not idle where its pulls wait', (state) => {
    const session = aSession(state, [aFile('READY'), waiting])

    expect(move(session, events.expire, NOON + IDLE_MS)).toEqual(ok({ ...session, expiresAt: NOON + 2 * IDLE_MS }))
  })

  it.each([
    ['a pull is under way', events.expire, [waiting, pull('TRANSFERRING')]],
    ['no pull is left', events.expire, [pull('READY'), aFile('WAITING_FOR_TRANSFER')]],
    ['it is to end, whatever it waits for', { ...events.expire, isForced: true }, [waiting]],
  ] as const)('is gone where %s', (_, event, files) => {
    expect(outcomeOf(aSession('ACTIVE', [...files]), event)).toBe('removed')
  })
})

describe('what follows from an event', () => {
  const ready = aFile('READY')
  const key = contentKeyOf(ready) ?? ''
  const next = (state: Session['state'], event: SessionEvent, files = [ready], itemType?: string) => {
    const moved = transition(aSession(state, files, itemType), event, NOON)
    return moved.ok ? moved.value : undefined
  }

  it('is that a session which is DONE publishes what its item keeps, and holds nothing any more', () => {
    expect(next('ACTIVE', events.complete)).toMatchObject({ publish: [ready], release: [key] })
    const files = ['a.cert', 'a.ovf'].map((name) => ({ ...ready, name }))
    expect(next('ACTIVE', events.complete, files, 'ovf')?.publish).toMatchObject([{ name: 'a.ovf' }])
  })

  it.each(['cancel', 'fail', 'expire'] as const)('is that %s releases content, and publishes nothing', (type) => {
    const { publish, release } = next('ACTIVE', events[type]) ?? {}

    expect([publish, release]).toEqual([undefined, [key]])
  })

  it('is nothing where the session goes on, and nothing where it has ended', () => {
    expect(next('ACTIVE', events.keepAlive)).toMatchObject({ release: [] })
    expect(next('DONE', events.delete)).toEqual({ session: null, release: [] })
  })

  it('is that a file which is removed or replaced releases its content, and the others are as they were', () => {
    const waiting = aFile('WAITING_FOR_TRANSFER')
    const other = { ...waiting, name: 'b.iso' }
    const add = { type: 'add', file: waiting, otherFiles: 1 } as const

    expect(next('ACTIVE', events.remove, [ready, other])).toMatchObject({ session: { files: [other] }, release: [key] })
    expect(next('ACTIVE', add, [ready, other])).toMatchObject({ session: { files: [other, waiting] }, release: [key] })
    expect(next('ACTIVE', events.transfer, [waiting, other])).toMatchObject({
      session: { files: [ready, other] },
      release: [],
    })
  })
})
