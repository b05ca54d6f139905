// Types, ids and texts are what clients read: test/rules/messages.txt has each, with `[a]` and `[b]` for what it quotes.
// `vitest run -u` writes it anew.
import { describe, expect, it } from 'vitest'
import * as failures from '../../src/rules/failure.ts'
import type { Failure, Message } from '../../src/rules/failure.ts'

type Made = Failure | Message
const REASON: Message = { id: 'x', default_message: 'the disk is full', args: [] }
const QUOTED = ['[a]', '[b]', '[c]', '[d]', '[e]']

/** Those that take more than texts: what they make of what. Of the last nothing is made. */
const others: Record<string, Made[]> = {
  notAllowed: [failures.notAllowed('[a]', '[b]'), failures.notAllowed('[a]', '[b]', REASON)],
  fileNotReceived: ['WAITING_FOR_TRANSFER', 'ERROR'].map((status) => failures.fileNotReceived('[a]', status)),
  filesMissing: [failures.filesMissing(['[a]', '[b]'])],
  unsupportedMediaType: ['[a]', ''].map(failures.unsupportedMediaType),
  noOperation: [failures.noOperation('[a]', ['[b]', '[c]'])],
  wrongSettings: [failures.wrongSettings(['[a]', '[b]'], ['[c]', '[d]'])],
  unavailableBecause: [failures.unavailableBecause(REASON)],
  injected: [failures.injected('RESOURCE_BUSY', '[a]')],
  ...Object.fromEntries(['ok', 'fail', 'explain', 'quoted', 'invalidInput'].map((name) => [name, []])),
}

/** What it makes of so many texts as its own text has places for. */
function madeBy(make: (...texts: string[]) => Made): Made[] {
  const text = lineOf('', make(...QUOTED)).split(' |')[0] ?? ''
  return [make(...QUOTED.slice(0, 1 + Math.max(...QUOTED.map((each, at) => (text.includes(each) ? at : -1)))))]
}

const lineOf = (name: string, made: Made): string => {
  const [type, { id, default_message, args }] =
    'messages' in made ? [made.type, made.messages[0] ?? REASON] : ['', made]
  return `${name}: ${type} ${id}: ${default_message} | ${args.join(', ')}\n`
}

describe('a failure', () => {
  it('says what the catalogue has', async () => {
    const lines = Object.entries(failures).flatMap(([name, make]) =>
      typeof make === 'function'
        ? (others[name] ?? madeBy(make as (...texts: string[]) => Made)).map((made) => lineOf(name, made)) // as it takes texts
        : [],
    )

    await expect(lines.join('')).toMatchFileSnapshot('messages.txt')
  })

  it('of who has not logged in names the scheme to log in by, and no other one does', () => {
    expect(failures.unauthenticated().challenge).toBe('Basic realm="VAPI endpoint"')
    expect(failures.urlNotFound()).not.toHaveProperty('challenge')
  })

  it('of an input says first which operation was called, then at most ten things that are wrong', () => {
    const problems = Array.from({ length: 12 }, (_, index) => failures.invalidField(`field-${index}`))

    expect(failures.invalidInput('create', problems)).toEqual({
      type: 'INVALID_ARGUMENT',
      messages: [
        {
          id: 'vapi.invoke.input.invalid',
          default_message: 'Unable to validate input to method create.',
          args: ['create'],
        },
        ...problems.slice(0, 10),
      ],
    })
  })
})

describe('a message', () => {
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
