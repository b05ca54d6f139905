// The catalogue of every message is messages.txt: types, ids and texts are what clients read.
import { describe, expect, it } from 'vitest'
import * as failures from '../../src/rules/failure.ts'
import type { Failure, Message } from '../../src/rules/failure.ts'

/** A text says where in a message it is to stand. */
const PLACES = ['{0}', '{1}', '{2}', '{3}']
/** What those are given that take more than such texts. */
const GIVEN: Partial<Record<string, unknown[]>> = {
  notAllowed: ['{0}', '{1}'],
  filesMissing: [[]],
  wrongSettings: [['{0}'], ['{1}']],
  noSuch: ['update_session', '{0}'],
  versionMismatch: ['CONCURRENT_CHANGE', '{0}', '{1}'],
  notDescribed: ['service', '{0}'],
  invalidInput: ['{0}', []],
  soapFault: ['{fault}', 'NOT_FOUND', '{0}'],
  injected: ['RESOURCE_BUSY', '{0}', undefined, ['{0}']],
  injectedMessage: ['{0}', undefined, ['{0}']],
}
const NO_MESSAGE = ['ok', 'fail', 'explain', 'quoted', 'unavailableBecause']

const made = Object.entries(failures).flatMap(([name, make]) => {
  if (typeof make !== 'function' || NO_MESSAGE.includes(name)) return []
  const value = (make as (...given: unknown[]) => Failure | Message)(...(GIVEN[name] ?? PLACES)) // it makes one of both
  const [type, message] = 'type' in value ? [value.type, value.messages[0]] : ['message', value]
  return message ? [{ name, type, message }] : []
})

describe('a message of the catalogue', () => {
  it('is there, with its type, its id and its text', async () => {
    const lines = made.map(({ type, message }) => `${type} ${message.id}: ${message.default_message}\n`)
    await expect(lines.toSorted().join('')).toMatchFileSnapshot('messages.txt')
  })

  it.each(made)('has the arguments of $name in their order', ({ message: { default_message, args } }) => {
    const isTold = (place: string) => default_message.includes(place)
    expect(args.filter((each) => PLACES.includes(each) && isTold(each))).toEqual(PLACES.filter(isTold))
  })

  const reason = { id: 'x', default_message: 'the disk is full', args: [] }
  it.each<[string, Failure, string, string[]]>([
    ['the reason', failures.notAllowed('a', 'ERROR', reason), 'Reason: the disk', ['a', 'ERROR', 'the disk is full']],
    ['a status in short', failures.fileNotReceived('a', 'WAITING_FOR_TRANSFER'), '(status: WAITING)', ['a', 'WAITING']],
    ['any other status', failures.fileNotReceived('a', 'ERROR'), '(status: ERROR)', ['a', 'ERROR']],
    ['each missing file', failures.filesMissing(['a', 'b']), 'file(s):  or invalid file(s): a b .', ['', 'a b ']],
    ['no media type', failures.unsupportedMediaType(''), 'media type (none).', ['(none)']],
    [
      'several methods',
      failures.noOperation('PUT /', ['GET', 'POST']),
      'There are: GET, POST.',
      ['PUT /', 'GET, POST'],
    ],
    ['several settings', failures.wrongSettings(['A', 'B'], ['x', 'y']), 'right: A, B. x. y.', ['A, B', 'x. y']],
    ['an item that is not there', failures.noSuch('library_item', 'i'), 'The library item i was not found.', ['i']],
    ['what is injected', failures.injected('ERROR', 'words', 'id', ['a']), 'words', ['a']],
  ])('tells %s', (_, { messages: [message] }, text, args) => {
    expect(message?.default_message).toContain(text)
    expect(message?.args).toEqual(args)
  })

  it('quotes 512 characters of a text, and shows that there were more', () => {
    const [whole, cut] = ['x'.repeat(512), `${'x'.repeat(512)}…`]

    expect(failures.noSuchFile(whole).messages[0]?.args).toEqual([whole])
    expect(failures.noSuchFile(`${whole}x`).messages[0]).toMatchObject({
      default_message: `The file ${cut} was not found in the update session.`,
      args: [cut],
    })
  })

  it('cuts no character in halves', () => {
    expect(failures.quoted(`${'x'.repeat(511)}😀`)).toBe(`${'x'.repeat(511)}\ufffd…`)
  })

  it('fills in what it quotes as it is, even where that looks like a place to be filled', () => {
    expect(failures.fileNameInvalid('{1}$&', 'a reason').messages[0]?.default_message).toBe(
      'The file name {1}$& is not valid: a reason.',
    )
  })
})

describe('a failure', () => {
  it('of who has not logged in names the scheme to log in by, and no other one does', () => {
    expect(failures.unauthenticated().challenge).toBe('Basic realm="VAPI endpoint"')
    expect(failures.urlNotFound()).not.toHaveProperty('challenge')
  })

  it('of an input says first which operation was called, then at most ten things that are wrong', () => {
    const problems = Array.from({ length: 12 }, (_, index) => failures.invalidField(`field-${index}`))

    const [first, ...rest] = failures.invalidInput('create', problems).messages

    expect([first?.args, rest]).toEqual([['create'], problems.slice(0, 10)])
  })
})
