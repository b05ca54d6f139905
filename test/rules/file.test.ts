import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/rules/failure.ts'
import { bytesTransferred, checksumOf, dropped, isDigest, markFile, transfer } from '../../src/rules/file.ts'
import type { Algorithm, File, FileEvent } from '../../src/rules/file.ts'
import { aFile, DIGESTS, REASON } from '../support/a-file.ts'

const received = { key: 'k', sizeBytes: 5, digests: DIGESTS }
const events: Record<FileEvent['type'], FileEvent> = {
  begin: { type: 'begin', transferId: 'new' },
  progress: { type: 'progress', transferId: 't', bytesTransferred: 4 },
  receive: { type: 'receive', transferId: 't', received },
  interrupt: { type: 'interrupt', transferId: 't' },
  abandon: { type: 'abandon', transferId: 't', reason: REASON },
}
const refused = 'transfer_superseded'

const STATUSES = ['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'VALIDATING', 'READY', 'ERROR'] as const
/** What each event makes of a file in each of these. */
const table: Record<FileEvent['type'], readonly string[]> = {
  begin: ['TRANSFERRING', 'TRANSFERRING', 'TRANSFERRING', 'TRANSFERRING', refused],
  progress: [refused, 'TRANSFERRING', refused, refused, refused],
  receive: [refused, 'READY', refused, refused, refused],
  interrupt: [refused, 'WAITING_FOR_TRANSFER', refused, refused, refused],
  abandon: [refused, 'ERROR', refused, refused, refused],
}

const outcomeOf = (next: Result<File>) =>
  next.ok ? next.value.status : next.failure.messages[0]?.id.replace('com.vmware.vdcs.cls-main.', '')

describe('the transfer of a file', () => {
  it.each(
    Object.values(events).flatMap((event) =>
      STATUSES.map((status, index) => [status, event.type, table[event.type][index], event] as const),
    ),
  )('in status %s, on %s: %s', (status, _, outcome, event) => {
    expect(outcomeOf(transfer(aFile(status), event))).toBe(outcome)
  })

  it.each(['progress', 'receive', 'interrupt', 'abandon'] as const)('that another replaced hears so on %s', (type) => {
    const begun = transfer(aFile('TRANSFERRING'), events.begin)

    expect(begun).toMatchObject({ value: { transferId: 'new', bytesTransferred: 0 } })
    expect(begun.ok && outcomeOf(transfer(begun.value, events[type]))).toBe(refused)
  })

  it('that starts anew keeps nothing of what had arrived', () => {
    const facts = { name: 'a.iso', sourceType: 'PUSH', uploadToken: 'u' }
    const value = { ...facts, status: 'TRANSFERRING', transferId: 'new', bytesTransferred: 0 }
    expect(transfer(aFile('READY'), events.begin)).toEqual({ ok: true, value })
  })

  it('of a PUSH that breaks off waits for another try, and says why where that is known', () => {
    const value = { status: 'WAITING_FOR_TRANSFER', name: 'a.iso', sourceType: 'PUSH', uploadToken: 'u' }
    expect(transfer(aFile('TRANSFERRING'), events.interrupt)).toEqual({ ok: true, value })
    expect(transfer(aFile('TRANSFERRING'), { ...events.interrupt, reason: REASON } as FileEvent)).toEqual({
      ok: true,
      value: { ...value, reason: REASON },
    })
  })

  it('of a PULL that breaks off for the fifth time has failed, whatever came between', () => {
    let file: File = { name: 'a.iso', sourceType: 'PULL', status: 'WAITING_FOR_TRANSFER' }
    const send = (event: FileEvent) => {
      const next = transfer(file, event)
      if (next.ok) file = next.value
    }
    for (const failures of [1, 2, 3, 4]) {
      send({ type: 'begin', transferId: 't' })
      send({ type: 'interrupt', transferId: 't', reason: REASON, retryAt: 1000 * failures })
      expect(file).toMatchObject({ status: 'WAITING_FOR_TRANSFER', failures, reason: REASON, retryAt: 1000 * failures })
    }
    send({ type: 'begin', transferId: 't' })
    expect(file).not.toHaveProperty('reason')
    send({ type: 'interrupt', transferId: 't' })
    expect(file).toMatchObject({ status: 'WAITING_FOR_TRANSFER', failures: 4 })
    send({ type: 'begin', transferId: 't' })
    send({ type: 'progress', transferId: 't', bytesTransferred: 7 })
    send({ type: 'interrupt', transferId: 't', reason: REASON })

    expect(file).toMatchObject({ status: 'ERROR', bytesTransferred: 7, reason: REASON })
  })
})

const digest = (algorithm: Algorithm, checksum: string) => ({ checksum: { algorithm, checksum } })

describe('what has arrived', () => {
  const { SHA1: checksum = '' } = DIGESTS
  it.each([
    ['as many bytes as were said', { sizeBytes: 5 }, 'READY', undefined],
    ['fewer bytes than were said', { sizeBytes: 6 }, 'ERROR', ['a.iso', '6', '5']],
    ['more bytes than were said', { sizeBytes: 4 }, 'ERROR', ['a.iso', '4', '5']],
    ['bytes where none were said', { sizeBytes: 0 }, 'ERROR', ['a.iso', '0', '5']],
    ['the digest that was said', digest('SHA1', checksum), 'READY', undefined],
    ['it in capitals', digest('SHA1', checksum.toUpperCase()), 'READY', undefined],
    ['another digest', digest('SHA1', 'b'), 'ERROR', ['a.iso', 'SHA1', 'b', checksum]],
    ['a digest that was not computed', digest('MD5', 'b'), 'ERROR', ['a.iso', 'MD5', 'b', '']],
    ['another size and another digest', { sizeBytes: 6, ...digest('SHA1', 'b') }, 'ERROR', ['a.iso', '6', '5']],
  ] as const)('with %s', (_, said, status, args) => {
    const next = transfer(aFile('TRANSFERRING', said), events.receive)

    expect(next).toMatchObject({ value: { status, ...(args && { bytesTransferred: 5, reason: { args } }) } })
  })
})

describe('a digest', () => {
  it.each([
    ['SHA1', 40],
    ['MD5', 32],
    ['SHA256', 64],
    ['SHA512', 128],
  ] as const)('of %s has %d digits', (algorithm, digits) => {
    const right = [0, digits - 1, digits, digits + 1].filter((length) =>
      isDigest({ algorithm, checksum: 'aB'.repeat(65).slice(0, length) }),
    )
    expect(right).toEqual([digits])
  })

  it('is hexadecimal', () => {
    expect(isDigest({ algorithm: 'MD5', checksum: `${'a'.repeat(31)}g` })).toBe(false)
  })
})

describe('a file', () => {
  it.each([
    ['WAITING_FOR_TRANSFER', 0],
    ['TRANSFERRING', 3],
    ['READY', 5],
    ['ERROR', 5],
  ] as const)('in status %s has %d bytes', (status, bytes) => {
    expect(bytesTransferred(aFile(status))).toBe(bytes)
  })

  it.each([
    ['PUSH', 'WAITING_FOR_TRANSFER', 'WAITING_FOR_TRANSFER'],
    ['PUSH', 'TRANSFERRING', 'WAITING_FOR_TRANSFER'],
    ['PUSH', 'READY', 'WAITING_FOR_TRANSFER'],
    ['PUSH', 'ERROR', 'ERROR'],
    ['PULL', 'READY', 'WAITING_FOR_TRANSFER'],
    ['PULL', 'TRANSFERRING', 'WAITING_FOR_TRANSFER'],
    ['NONE', 'READY', 'READY'],
  ] as const)('%s in status %s of a session that ended without it is %s', (sourceType, status, after) => {
    const file = dropped(aFile(status, { sourceType }))

    expect(file).toMatchObject({ name: 'a.iso', sourceType, status: after })
    expect('transferId' in file).toBe(false)
  })
})

describe('what is known of a file in every status', () => {
  const facts = {
    name: 'a.iso',
    sourceType: 'PULL',
    sizeBytes: 0,
    checksum: { algorithm: 'SHA1', checksum: 'b' },
    source: { uri: 'http://h/a.iso' },
    uploadToken: 'u',
    failures: 1,
  } as const

  it('stays, and nothing else does', () => {
    const file: File = { ...facts, status: 'TRANSFERRING', transferId: 't', bytesTransferred: 3 }

    expect(dropped(file)).toStrictEqual({ ...facts, status: 'WAITING_FOR_TRANSFER' })
  })
})

it.each([
  ['SHA1, where the client gave none', {}, { algorithm: 'SHA1', checksum: 'a' }],
  ['that of which the client gave one', { shown: 'SHA256' }, { algorithm: 'SHA256', checksum: 'b' }],
  ['none that was not computed', { shown: 'MD5' }, undefined],
] as const)('the checksum of what has arrived is %s', (_, given, expected) => {
  expect(checksumOf({ key: 'k', sizeBytes: 1, digests: { SHA1: 'a', SHA256: 'b', SHA512: 'c' }, ...given })).toEqual(
    expected,
  )
})

describe('a test', () => {
  const notReceived = 'update_session_file_not_received'

  it.each([
    ['WAITING_FOR_TRANSFER', 'ERROR', 'ERROR'],
    ['TRANSFERRING', 'ERROR', 'ERROR'],
    ['READY', 'ERROR', 'ERROR'],
    ['VALIDATING', 'ERROR', 'ERROR'],
    ['ERROR', 'ERROR', 'ERROR'],
    ['READY', 'VALIDATING', 'VALIDATING'],
    ['VALIDATING', 'VALIDATING', 'VALIDATING'],
    ['VALIDATING', 'READY', 'READY'],
    ['READY', 'READY', 'READY'],
    ['WAITING_FOR_TRANSFER', 'VALIDATING', notReceived],
    ['TRANSFERRING', 'READY', notReceived],
    ['ERROR', 'READY', notReceived],
  ] as const)('makes a file that is %s %s: %s', (status, wanted, outcome) => {
    expect(outcomeOf(markFile(aFile(status), wanted, REASON))).toBe(outcome)
  })

  it('makes no file of the item wait that its session only holds', () => {
    expect(outcomeOf(markFile(aFile('READY', { sourceType: 'NONE' }), 'VALIDATING', REASON))).toBe(notReceived)
  })
})
