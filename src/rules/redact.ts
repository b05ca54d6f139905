// What must not be kept of a request or an answer: passwords, tokens, the addresses bytes are sent to. Data is walked.
// Text is read once, from left to right; no look ahead passes again over what one of its kind has passed, so that the cost
// is that of the length. Where a secret's end is hard to tell, as in XML or JSON that is cut, nothing after it is kept.
import { CAPITAL, ESCAPE, HEX, NOT_ALPHANUMERIC } from './expressions.ts'

const REDACTED = '***'

/** A name that holds one of these is a secret's, however its words are joined: `api_token`, `sessionId`, `newPassword`. */
const SECRETS = (
  'password passwd passphrase pwd secret token sessionid signature credential apikey accesskey privatekey authorization ' +
  'cookie'
).split(' ')
/** These are secrets as a word of their own only: `sig` and `x-pass`, but not `design` and `bypass`. */
const SECRET_WORDS = ['sig', 'pass']
/** Ids of resources, and of requests that are sent again: nothing is opened by them. */
const RESOURCE_IDS = ['updatesessionid', 'downloadsessionid', 'clienttoken']

/** Headers whose values say how a client asks, and nothing of who it is: the journal keeps these. */
const HARMLESS_HEADERS = (
  'accept accept-encoding accept-language cache-control cf-connecting-ip client-token connection content-encoding ' +
  'content-length content-type expect host if-match if-none-match if-range origin range soapaction traceparent ' +
  'transfer-encoding user-agent vapi-operation vapi-service x-request-id'
).split(' ')
/** Of these it keeps only that they were sent. */
const PROOFS =
  'authorization cookie proxy-authorization vmware-api-session-id vmware-use-header-authn x-vmware-vapi-session-id'.split(
    ' ',
  )
export const KEPT_HEADERS: readonly string[] = [...HARMLESS_HEADERS, ...PROOFS]

const harmless = new Set(HARMLESS_HEADERS)
const proofs = new Set(PROOFS)
/** What is kept of the value of a header, whose name is in lower case; nothing of one that is in neither list. */
export function keptOf(name: string, value: string): string | undefined {
  if (harmless.has(name)) return value
  return proofs.has(name) ? REDACTED : undefined
}

/**
 * The text cut to `limit` characters, without its secrets: one that the cut has left unfinished is taken out as well. It
 * knows of the cut by the one character more that `beginningOf` leaves.
 */
export function excerpt(text: string, limit: number): { text: string; isTruncated: boolean } {
  const isTruncated = text.length > limit
  return { text: redact(text.slice(0, limit), isTruncated).slice(0, limit), isTruncated }
}

/** As much of a text as `excerpt` looks at. */
export const beginningOf = (text: string, limit: number): string => text.slice(0, limit + 1)

/** The same data without its secrets, and with a limit its texts cut to so many characters, as `excerpt` does. */
export function withoutSecrets(value: unknown, limit?: number): unknown {
  if (typeof value === 'string') return limit === undefined ? redact(value, false) : excerpt(value, limit).text
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, limit))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, each]: [string, unknown]) => {
    const isKept = each === null || typeof each === 'boolean' || !isSecretName(name)
    return [redact(name, false), isKept ? withoutSecrets(each, limit) : REDACTED]
  })
  return Object.fromEntries(members)
}

/** Without `to`, all that follows may belong to it. */
type Secret = { from: number; to?: number }
/** What the scan knows of the text before it. */
type Marks = {
  /** Where the characters that a token may have began, and the name of a parameter; and the last quotation mark. */
  run: number
  name: number
  quote: number
  /** Where the last look ahead of each kind ended. */
  userInfo: number
  parameter: number
}

function redact(text: string, isCut: boolean): string {
  const marks: Marks = { run: 0, name: 0, quote: -1, userInfo: 0, parameter: 0 }
  const secrets: Required<Secret>[] = []
  // A name that is read ahead may hold secrets of its own.
  let end = text.length
  for (let at = 0; at < end; at++) {
    const secret = secretAt(text, at, marks, isCut)
    if (secret?.to === undefined) end = Math.min(end, secret?.from ?? end)
    else secrets.push({ from: secret.from, to: secret.to })
    advance(text, at, marks)
  }
  if (end === text.length) return without(text, secrets)
  return redactJson(text) ?? without(text, [...secrets, { from: end, to: text.length }])
}

/** JSON as a whole is data; its spaces are lost. */
function redactJson(text: string): string | undefined {
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(text)))
  } catch {
    return undefined // it is no JSON, or nested too deep for a recursion
  }
}

/** Two that overlap are taken out as one. */
function without(text: string, secrets: Required<Secret>[]): string {
  let safe = ''
  let done = 0
  for (const { from, to } of secrets.toSorted((a, b) => a.from - b.from)) {
    if (from >= done) safe += text.slice(done, from) + REDACTED
    done = Math.max(done, to)
  }
  return safe + text.slice(done)
}

function advance(text: string, at: number, marks: Marks): void {
  const character = text.charAt(at)
  if (character === '"') marks.quote = at
  if (!isTokenCharacter(character)) marks.run = at + 1
  if (NAME_ENDS.includes(character)) marks.name = at + 1
  // After a space begins another name; but `name = value` has a space behind its name.
  else if (!isSpace(character) && isSpace(text.charAt(at - 1))) marks.name = at
}

const NAME_ENDS = `?&;="'<>,{}()`
const isSpace = (character: string) => character <= ' '
const isSlash = (character: string) => character === '/' || character === '\\'
const isTokenCharacter = (character: string) =>
  (character >= 'a' && character <= 'z') ||
  (character >= 'A' && character <= 'Z') ||
  (character >= '0' && character <= '9') ||
  character === '-' ||
  character === '_'

function skip(text: string, from: number, fits: (character: string) => boolean): number {
  let at = from
  while (at < text.length && fits(text.charAt(at))) at++
  return at
}

function secretAt(text: string, at: number, marks: Marks, isCut: boolean): Secret | undefined {
  switch (text.charAt(at)) {
    case '.':
      return tokenAt(text, at + 1, marks, isCut)
    case '%':
      return text.slice(at, at + 3).toLowerCase() === '%2e' ? tokenAt(text, at + 3, marks, isCut) : undefined
    case ':':
      return userInfoAt(text, at, marks, isCut)
    case '"':
      return memberAt(text, at, marks)
    case '=':
      return parameterAt(text, at, marks)
    case '<':
      return elementAt(text, at)
    default:
      return undefined
  }
}

const TOKEN_DIGITS = 64
/** Every token of this mock, API session and upload alike, has this shape wherever it stands (rules/token.ts). */
function tokenAt(text: string, from: number, { run }: Marks, isCut: boolean): Secret | undefined {
  const to = skip(text, from, (each) => HEX.test(each))
  const isUnfinished = isCut && to === text.length && to > from
  return isUnfinished || to - from >= TOKEN_DIGITS ? { from: run, to } : undefined
}

/** User and password of `scheme://user:password@host`, whose slashes JSON may have escaped. */
function userInfoAt(text: string, colon: number, marks: Marks, isCut: boolean): Secret | undefined {
  // A URL parser takes any run of these for the two slashes.
  const from = skip(text, colon + 1, isSlash)
  const slashes = text.slice(colon + 1, from)
  if (from < marks.userInfo || (!slashes.includes('/') && slashes.length < 2)) return undefined
  let sign: number | undefined
  let at = from
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    const isQuoteEnd = character === '"' && text[at - 1] !== '\\'
    if (isQuoteEnd || isSpace(character) || '/<>'.includes(character)) break
    if (character === '@') sign = at
  }
  marks.userInfo = at
  if (isCut && at === text.length) return { from, to: at }
  return sign === undefined ? undefined : { from, to: sign }
}

/** The value of a member of a JSON object, seen at the mark that ends its name; the JSON may be within other JSON. */
function memberAt(text: string, at: number, { quote }: Marks): Secret | undefined {
  const colon = skip(text, at + 1, isSpace)
  return quote !== -1 && text[colon] === ':' && isSecretName(text.slice(quote + 1, at))
    ? { from: colon + 1 }
    : undefined
}

/** `name=value`: of a query, a form, or an attribute in XML. */
function parameterAt(text: string, at: number, marks: Marks): Secret | undefined {
  if (!isSecretName(text.slice(marks.name, at), 'key')) return undefined
  const from = skip(text, at + 1, isSpace)
  if (`"'\\`.includes(text.charAt(from))) return { from }
  if (from < marks.parameter) return undefined
  marks.parameter = skip(text, from, (each) => !isSpace(each) && !'&"<'.includes(each))
  return { from, to: marks.parameter }
}

/** The attributes and the content of an element of XML. */
function elementAt(text: string, at: number): Secret | undefined {
  const from = skip(text, at + 1, (each) => !isSpace(each) && !'/<>'.includes(each))
  const name = text.slice(at + 1, from)
  return isSecretName(name.slice(name.lastIndexOf(':') + 1)) ? { from } : undefined
}

/** Whether what has this name is a secret, or holds one of these words more. */
function isSecretName(name: string, ...more: string[]): boolean {
  const words = wordsOf(name)
  const letters = words.join('')
  if (RESOURCE_IDS.includes(letters)) return false
  return (
    [...SECRETS, ...more].some((each) => letters.includes(each)) || words.some((each) => SECRET_WORDS.includes(each))
  )
}

/** In lower case: `x-goog_Signature` and `xGoogSignature` are three words. JSON may write `\\u0077` for w, a URL `%77`. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(ESCAPE, (_, json?: string, url = '') => String.fromCharCode(Number.parseInt(json ?? url, 16)))
    .replaceAll('\\', '')
    .replaceAll(CAPITAL, ' $&')
    .toLowerCase()
    .split(NOT_ALPHANUMERIC)
