import { describe, expect, it } from 'vitest'
import { fail, noSuch, ok, urlNotFound } from '../../src/rules/failure.ts'
import { describeSent, keep, shorten, type Output, type RequestRecord } from '../../src/rules/request-record.ts'
import type { Result } from '../../src/rules/failure.ts'

const TOKEN = `dXNlcg.${'0123456789abcdef'.repeat(4)}`

const aRecord = (result: Result<Output>, given: Partial<RequestRecord> = {}): RequestRecord => ({
  id: '1',
  at: 0,
  binding: 'json-rpc',
  facts: { headers: { allow: 'GET' }, said: { id: 7 } },
  sent: describeSent('POST', '/api?token=hunter2', new Headers({ accept: '*/*', cookie: 'hunter2' }), '{"a":1}'),
  durationMs: 3,
  isAuthenticated: true,
  ...shorten(result),
  ...given,
})

describe('a record', () => {
  it('keeps what was sent, and of a proof only that it was there', () => {
    expect(keep(aRecord(ok(undefined)))).toEqual({
      id: '1',
      at: 0,
      binding: 'json-rpc',
      facts: { headers: { allow: 'GET' }, said: { id: 7 } },
      durationMs: 3,
      method: 'POST',
      url: '/api?token=***',
      headers: { accept: '*/*', cookie: '***' },
      body: '{"a":1}',
      isTruncated: false,
      result: { ok: true },
    })
  })

  it('of a request that is not authenticated keeps method, path and result', () => {
    const kept = keep(aRecord(fail(urlNotFound()), { isAuthenticated: false }))

    expect(kept).toMatchObject({ method: 'POST', url: '/api', headers: {}, body: '', result: fail(urlNotFound()) })
    expect(kept.facts).toEqual({ headers: { allow: 'GET' } })
  })

  it.each([
    [4096, false],
    [4097, true],
  ])('of a body of %d characters says whether it was cut: %s', (length, isTruncated) => {
    const sent = describeSent('POST', '/', new Headers(), 'x'.repeat(length))

    expect(keep(aRecord(ok(undefined), { sent }))).toMatchObject({ body: 'x'.repeat(4096), isTruncated })
  })

  it('keeps of a fault what renders its answer, and not which requests it is for', () => {
    const fault = { id: 'f', operation: '*', match: { name: 'a' }, status: 503, body: 'busy', skip: 0, probability: 1 }

    expect(keep(aRecord(ok(undefined), { fault })).fault).toEqual({ id: 'f', status: 503, body: 'busy' })
  })

  it('takes secrets out of what its binding needs to render the answer', () => {
    const { facts } = keep(aRecord(ok(undefined), { facts: { said: { password: 'hunter2' }, id: TOKEN } }))

    expect(facts).toEqual({ said: { password: '***' }, id: '***' })
  })

  it.each<[string, Output, Output]>([
    ['a token', TOKEN, '***'],
    ['a member that is named like a secret', { password: 'hunter2', user: 'u' }, { password: '***', user: 'u' }],
    ['an address with a token', [{ uri: `http://h/cls/data/${TOKEN}/a` }], [{ uri: 'http://h/cls/data/***/a' }]],
    ['nothing of a member that is not set', { token: null, is_secret: false }, { token: null, is_secret: false }],
  ])('takes out of a result %s', (_, value, kept) => {
    expect(keep(aRecord(ok(value))).result).toEqual(ok(kept))
  })

  it('takes secrets out of the words of a failure', () => {
    const { result } = keep(aRecord(fail(noSuch('update_session', TOKEN))))

    expect(JSON.stringify(result)).not.toContain(TOKEN)
    expect(result).toMatchObject({ failure: { type: 'NOT_FOUND' } })
  })
})

describe('a result', () => {
  it('of 64 KiB is kept whole', () => {
    const value = 'a'.repeat(65_536 - JSON.stringify(ok('')).length)

    expect(keep(aRecord(ok(value))).result).toEqual(ok(value))
  })

  it('that is longer keeps its shape: 50 of each list, 512 characters of each text', () => {
    const long = { names: Array.from({ length: 400 }, (_, at) => `${at}`), text: 'b'.repeat(70_000), size: 1 }

    const { result } = keep(aRecord(ok([long])))

    expect(result).toEqual(ok([{ names: long.names.slice(0, 50), text: 'b'.repeat(512), size: 1 }]))
  })

  it('that is cut within a token keeps nothing of it', () => {
    const { result } = keep(aRecord(ok([`${' '.repeat(480)}${TOKEN}`, 'b'.repeat(70_000)])))

    expect(JSON.stringify(result)).not.toContain('0123456789')
  })
})
