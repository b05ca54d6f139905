// What must not be kept of a request or an answer: passwords, tokens, the addresses bytes are sent to. Data is walked.
// Text is searched once for each kind of secret; no search for an end passes again over what one of its kind has passed, so
// that the cost is that of the length. Where a secret's end is hard to tell, as in XML or JSON that is cut, nothing after it is
// kept.
import {
  CAPITAL,
  ELEMENT_END_NAME,
  ELEMENT_NAME,
  ESCAPE,
  MEMBER_NAME,
  NOT_ALPHANUMERIC,
  LABEL,
  LABELLED_END,
  PARAMETER_NAME,
  SEALED_DIGITS,
  URL_SLASHES,
  USER_INFO_END,
  VALUE_END,
} from './expressions.ts'

const REDACTED = '***'

/** A name that holds one of these is a secret's, however its words are joined: `api_token`, `sessionId`, `newPassword`. */
const SECRETS = (
  'password passwd passphrase pwd secret token sessionid signature credential apikey accesskey privatekey authorization ' +
  'cookie'
).split(' ')
/** These are secrets as a word of their own only: `sig` and `x-pass`, but not `design` and `bypass`. */
const SECRET_WORDS = ['sig', 'pass']
/** Ids of resources, and of requests that are sent again, and a manager of SOAP: nothing is opened by them. */
const HARMLESS_NAMES = ['updatesessionid', 'downloadsessionid', 'clienttoken', 'authorizationmanager']

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

/** The text cut to `limit` characters, without its secrets; one that the cut leaves unfinished goes, too. */
export const excerpt = (text: string, limit: number): string =>
  redact(text.slice(0, limit), text.length > limit).slice(0, limit)

/** As much of a text as `excerpt` looks at. */
export const beginningOf = (text: string, limit: number): string => text.slice(0, limit + 1)

/** The same data without its secrets, and with a limit its texts cut to so many characters, as `excerpt` does. */
export function withoutSecrets(value: unknown, limit?: number): unknown {
  if (typeof value === 'string') return limit === undefined ? redact(value) : excerpt(value, limit)
  if (Array.isArray(value)) return value.map((each) => withoutSecrets(each, limit))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, each]: [string, unknown]) => {
    const isKept = each === null || typeof each === 'boolean' || !isSecretName(name)
    return [redact(name), isKept ? withoutSecrets(each, limit) : REDACTED]
  })
  return Object.fromEntries(members)
}

/** What follows a secret whose `to` is infinite may all belong to it. */
type Secret = { from: number; to: number }

/** The text without its secrets, and where it is cut without one that the cut leaves unfinished. */
export function redact(text: string, isCut = false): string {
  const secrets = Array.from(secretsIn(text, isCut)).filter(({ from, to }) => to < Infinity || from < text.length)
  const isOpen = secrets.some(({ to }) => to === Infinity)
  return (isOpen ? redactJson(text) : undefined) ?? without(text, secrets)
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
function without(text: string, secrets: Secret[]): string {
  let safe = ''
  let done = 0
  for (const { from, to } of secrets.toSorted((a, b) => a.from - b.from)) {
    if (from >= done) safe += text.slice(done, from) + REDACTED
    done = Math.max(done, to)
  }
  return safe + text.slice(done)
}

const TOKEN_DIGITS = 64

function* secretsIn(text: string, isCut: boolean): Generator<Secret> {
  const isUnfinished = (to: number) => isCut && to === text.length
  // Every token of this mock, API session and upload alike, has this shape wherever it stands (rules/token.ts).
  for (const { 0: digits, 1: beginning = '', index } of text.matchAll(SEALED_DIGITS)) {
    const to = index + digits.length
    if (digits.length >= TOKEN_DIGITS || isUnfinished(to)) yield { from: index - beginning.length, to }
  }
  // User and password of `scheme://user:password@host`.
  let done = 0
  for (const { 0: slashes, index } of text.matchAll(URL_SLASHES)) {
    const from = index + slashes.length
    if (from < done) continue
    done = placeOf(USER_INFO_END, text, from)
    const length = isUnfinished(done) ? done - from : text.slice(from, done).lastIndexOf('@')
    if (length !== -1) yield { from, to: from + length }
  }
  // `name=value`: of a query, a form, or an attribute in XML.
  yield* valuesIn(text, text.matchAll(PARAMETER_NAME), `"'\\`, VALUE_END, 'key')
  // `name: value`: of a header, of YAML, or of what Python and JavaScript write for an object.
  yield* valuesIn(text, text.matchAll(LABEL), `"'\\{[`, LABELLED_END)
  // A member of a JSON object, which may be within other JSON; the attributes and the content of an element of XML.
  for (const { 0: name, 1: colon = '', index } of text.matchAll(MEMBER_NAME))
    if (isSecretName(name)) yield { from: index + name.length + colon.length, to: Infinity }
  for (const { 0: name, index } of text.matchAll(ELEMENT_NAME))
    if (isSecretName(withoutPrefix(name))) yield { from: index + name.length, to: Infinity }
  // The content of one whose beginning cannot be read.
  for (const { 0: name, index } of text.matchAll(ELEMENT_END_NAME)) {
    const to = index - '</'.length
    const from = text.lastIndexOf('<', to - 1) + 1
    if (to > 0 && isSecretName(withoutPrefix(name)) && !text.startsWith(name, from)) yield { from, to }
  }
}
const withoutPrefix = (element: string): string => element.slice(element.lastIndexOf(':') + 1)

/** The values behind the names of secrets, each up to its end. All that follows one that begins with such a mark may be its own. */
function* valuesIn(text: string, names: Iterable<RegExpExecArray>, marks: string, end: RegExp, ...more: string[]) {
  let done = 0
  for (const { 0: all, 1: name = '', index } of names) {
    const from = index + all.length
    if (!isSecretName(name, ...more)) continue
    if (marks.includes(text.charAt(from))) yield { from, to: Infinity }
    else if (from >= done) yield { from, to: (done = placeOf(end, text, from)) }
  }
}

/** Where the first such character stands, from there on. */
function placeOf(end: RegExp, text: string, from: number): number {
  end.lastIndex = from
  return end.exec(text)?.index ?? text.length
}

/** Whether what has this name is a secret, or holds one of these words more. */
function isSecretName(name: string, ...more: string[]): boolean {
  const words = wordsOf(name)
  const letters = words.join('')
  if (HARMLESS_NAMES.includes(letters)) return false
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
